"""Logging helpers that task folders of 2021 import."""

import functools
import logging
from collections.abc import Callable
from typing import Any


def get_logger(name: str | None = None) -> logging.Logger:
    """Return the logger of that name."""
    return logging.getLogger(name)


def configure_logging(level: int = logging.INFO) -> None:
    """Show log messages with time and level, unless logging is configured already.

    Args:
        level: the least that is shown.
    """
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)-8s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )


def log_exceptions(
    func: Callable[..., Any] | None = None, logger: logging.Logger | None = None
) -> Callable[..., Any]:
    """Log what a function raises, and let it pass; with or without arguments.

    Args:
        func: the function, ``None`` to get a decorator.
        logger: gets the traceback; that of this module by default.
    """
    if func is None:
        return functools.partial(log_exceptions, logger=logger)
    log = logger or get_logger(__name__)

    @functools.wraps(func)
    def logging_function(*args: Any, **kwargs: Any) -> Any:
        try:
            return func(*args, **kwargs)
        except Exception:
            log.exception("%s failed", getattr(func, "__name__", func))
            raise

    return logging_function
