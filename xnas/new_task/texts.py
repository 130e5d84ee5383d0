"""The files of a task, out of the templates beside this module."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from xnas.new_task.found import SEED, VALID_FRACTION, Found
from xnas.new_task.literals import assignment, text_assignment
from xnas.new_task.problems import problem_values


def task_files(name: str, found: Found) -> dict[str, str]:
    """Write the files of a task.

    Args:
        name: of the task.
        found: what is known of its data.

    Returns:
        Name to text.
    """
    space = "search_features.py"
    if found.are_pictures or found.are_series:
        space = "search_pictures.py" if found.are_pictures else "search_series.py"
    return {
        "__init__.py": f'"""The task ``{name}``, written by new-task."""\n',
        "load_data.py": render(found.loader, found.loader_values),
        "search_space.py": render(space, {"found": found}),
        "problem.py": render("problem.py", {"name": name, **problem_values(found)}),
    }


def render(template: str, values: dict[str, Any]) -> str:
    """Fill in a template.

    Args:
        template: its name, without the ending.
        values: what it asks for, by name.
    """
    text = _environment().get_template(f"{template}.j2")
    return text.render(values, valid_fraction=VALID_FRACTION, seed=SEED)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("xnas.new_task"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["assign"] = _assigned
    return environment


def _assigned(value: str | tuple[float, ...], name: str) -> str:
    if isinstance(value, str):
        return text_assignment(name, value)
    return assignment(name, [repr(number) for number in value], "()")
