"""All files of a task."""

from xnas.new_task.found import Found
from xnas.new_task.problems import problem_text
from xnas.new_task.spaces import search_space_text


def task_files(name: str, found: Found) -> dict[str, str]:
    """Write the files of a task.

    Args:
        name: of the task.
        found: what is known of its data.

    Returns:
        Name to text.
    """
    return {
        "__init__.py": f'"""The task ``{name}``, written by new-task."""\n',
        "load_data.py": found.load_data,
        "search_space.py": search_space_text(found),
        "problem.py": problem_text(name, found),
    }
