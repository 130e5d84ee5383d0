"""What a task supplies, read and checked; TensorFlow loads with the data."""

from xnas.tasks.loading import load_task_data, space_of

__all__ = ["load_task_data", "space_of"]
