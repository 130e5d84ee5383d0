"""Data, training and what belongs to it; TensorFlow loads when training starts."""

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


def __getattr__(name: str) -> Any:
    if name in ("TrainingResult", "fresh_session", "train"):
        from xnas.training import loop

        return getattr(loop, name)
    if name == "fresh_network":
        from xnas.training import initial

        return initial.fresh_network
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
