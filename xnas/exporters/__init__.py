"""Runs in the programs where people already keep results; one module an exporter.

Each has ``NEEDED``, the packages that it needs beside those of XNAS, and
``export(content, output)``, which writes what is new of a run and says where.
"""

import importlib
import importlib.util
from types import ModuleType

from xnas.errors import UsageError
from xnas.names import installing

TARGETS = ("csv", "json", "mlflow", "tensorboard")

OF_A_MODEL = {
    "keras": "train",
    "onnx": "train RUN_DIR --pick PICK --export onnx",
    "saved-model": "train RUN_DIR --pick PICK --export saved-model",
}
"""Formats of trained models, which are no targets, and the command that writes each."""


def wrong_target(target: str) -> str | None:
    """Say that something else writes what is asked for, ``None`` where nothing does."""
    name = target.lower().replace("_", "-").replace("savedmodel", "saved-model")
    command = OF_A_MODEL.get(name)
    if command is None:
        return None
    return (
        f"{target!r} is a format of trained models, which `{command}` writes, expected "
        f"one of {', '.join(TARGETS)}"
    )


def exporter(target: str) -> ModuleType:
    """Load an exporter.

    Args:
        target: one of :data:`TARGETS`.

    Raises:
        UsageError: there is none of that name, or a package is missing.
    """
    if said := wrong_target(target):
        raise UsageError(f"--to: {said}")
    if target not in TARGETS:
        raise UsageError(f"--to is {target!r}, expected one of {', '.join(TARGETS)}")
    found = importlib.import_module(f"xnas.exporters.to_{target}")
    for name in found.NEEDED:
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                f"--to is {target}, but the Python package {name} is not installed "
                f"here, expected it: {installing(target)}"
            )
    return found
