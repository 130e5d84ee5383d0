"""Data, training and what belongs to it; TensorFlow loads when training starts."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xnas.training.data import TaskData

if TYPE_CHECKING:
    from xnas.training.initial import fresh_network
    from xnas.training.loop import TrainingResult, fresh_session, train

__all__ = [
    "TaskData",
    "TrainingResult",
    "fresh_network",
    "fresh_session",
    "train",
]


_MODULES = {
    "TrainingResult": "loop",
    "fresh_network": "initial",
    "fresh_session": "loop",
    "train": "loop",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
