"""Data, training and what belongs to it; TensorFlow loads when training starts."""

from xnas.training.data import TaskData

__all__ = ["TaskData"]
