"""New tasks: what the data are like, and the three files that suit them."""

from xnas.new_task.arrays import inspect_npz
from xnas.new_task.found import Found
from xnas.new_task.pictures import inspect_folder
from xnas.new_task.placeholder import invent
from xnas.new_task.texts import task_files
from xnas.new_task.writing import free_folder, write_task

__all__ = [
    "Found",
    "free_folder",
    "inspect_folder",
    "inspect_npz",
    "invent",
    "task_files",
    "write_task",
]
