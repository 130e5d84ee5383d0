"""XNAS: searches for neural networks that are accurate and explainable.

``xnas.search`` searches, ``xnas.confirm`` trains what was found again, ``xnas.load``
reads a run, ``xnas.explain`` explains one of its networks, ``xnas.export`` takes a run
to other programs, ``xnas.NaProblem`` states a task.
"""

import importlib
from typing import Any

from xnas import old_names

__version__ = "1.0.0"

_FACE = {
    "search": "xnas.face.search",
    "confirm": "xnas.face.confirm",
    "explain": "xnas.face.explain",
    "export": "xnas.face.export",
    "load": "xnas.results",
    "NaProblem": "xnas.problem",
    "Objective": "xnas.objectives",
}
"""What is loaded when it is first asked for: name to module."""

old_names.install()


def __getattr__(name: str) -> Any:
    """Load a name of the Python face."""
    if name not in _FACE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_FACE[name]), name)
