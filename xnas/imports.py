"""Objects named by import paths, such as ``experiments.mnist.problem.Problem``."""

import importlib
import pkgutil
import sys
import traceback
from pathlib import Path
from typing import Any

from xnas.errors import TaskError, UsageError, XNASError, one_line
from xnas.names import program

OF_2021 = ("deephyper", "tensorflow_addons", "xnas")
"""Packages whose modules of 2021 are gone."""


TASKS = "experiments"
"""Package whose sub-packages are tasks."""


def path_of_task(name: str) -> str:
    """Return the import path of a task's ``Problem``.

    Args:
        name: its short name, such as ``digits``, or the path already.
    """
    return f"{TASKS}.{name}.problem.Problem" if name.isidentifier() else name


def _known_tasks() -> str:
    package = sys.modules.get(TASKS)
    found = pkgutil.iter_modules(package.__path__) if package else ()
    names = sorted(one.name for one in found if one.ispkg)
    return f"; tasks there are: {', '.join(names)}" if names else ""


def load_object(path: str, flag: str) -> Any:
    """Import the object that a flag names.

    Args:
        path: dotted path of a module followed by the name of an attribute.
        flag: the flag to name in errors.

    Returns:
        The object.

    Raises:
        UsageError: the path names no module, or nothing in it.
        TaskError: importing the module fails.
    """
    module_name, _, attribute = path.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in path.split(".")):
        raise UsageError(
            f"{flag} is {path!r}, expected a dotted path such as "
            "experiments.digits.problem.Problem"
        )
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        _refuse_shadowed(path, flag)
        if error.name and f"{module_name}.".startswith(f"{error.name}."):
            raise UsageError(
                f"{flag} is {path!r}, but there is no module {error.name!r}"
                + (_known_tasks() if module_name.startswith(f"{TASKS}.") else "")
            ) from error
        raise TaskError(_message(error, module_name)) from error
    except XNASError:
        raise
    except Exception as error:
        raise TaskError(_message(error, module_name)) from error
    if not hasattr(module, attribute):
        raise UsageError(
            f"{flag} is {path!r}, but {module.__file__} defines no {attribute!r}"
        )
    return getattr(module, attribute)


def _refuse_shadowed(path: str, flag: str) -> None:
    """Tell of a folder that Python does not find since a module has its name.

    Raises:
        UsageError: that is the case.
    """
    name = path.partition(".")[0]
    folder = Path(name).resolve()
    module = sys.modules.get(name)
    if module is None or not folder.is_dir():
        return
    where = getattr(module, "__file__", None)
    found = [where] if where else list(getattr(module, "__path__", []))
    if not any(Path(one).resolve().is_relative_to(folder) for one in found):
        raise UsageError(
            f"{flag} is {path!r}, but folder {folder} has the name of a module that "
            f"Python already has ({found[0] if found else 'built in'}), expected "
            "another name: rename the folder"
        )


def _message(error: Exception, module_name: str) -> str:
    """Name the innermost line of the user's own files, in one sentence."""
    package = module_name.partition(".")[0]
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if f"/{package}/" in frame.filename or f"/{package}.py" in frame.filename
    ]
    if isinstance(error, SyntaxError):
        where = f"{error.filename}, line {error.lineno}"
    elif frames:
        where = f"{frames[-1].filename}, line {frames[-1].lineno}"
    else:
        where = f"module {module_name}"
    reason = one_line(error)
    if str(getattr(error, "name", None)).startswith(OF_2021):
        reason += f" ({program()} port DIR names what to change in a 2021 task)"
    return f"{where}: {type(error).__name__}: {reason}"
