"""``deephyper_xnas new-task``: write a new task for your own data.

Write experiments/NAME/ with load_data.py, search_space.py and problem.py, which work at
once and are yours to edit.

Args:
    name: of the task, such as flowers
    from_folder: pictures in one subfolder a class
    from_npz: arrays: X and y, data and labels, or x_train and y_train, perhaps x_valid
        and y_valid, x_test and y_test
    input_shape: random placeholder data: height,width,channels of pictures, or a number
        of features
    classes: number of classes of placeholder data
    size: height and width that pictures of a folder are resized to (default: their
        medians, at most 64)
    kind: what arrays hold (default: told by their shape where it tells)
    test_share: share of each class, 0 to 0.9, that is set apart to test and that a
        search never sees (default: 0.15 from 20 examples a class on, else 0)
"""

import argparse
import re

from xnas.cli import values
from xnas.cli.exit_status import DONE
from xnas.cli.flags import Flags
from xnas.errors import UsageError
from xnas.names import program

MAX_SIDE = 4096
MOST_TESTED = 0.9


def _share(text: str) -> float:
    """Read a share of all examples."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= MOST_TESTED:
        raise argparse.ArgumentTypeError(
            f"{text!r} found, expected a share from 0 to {MOST_TESTED} such as 0.15"
        )
    return value


def _sizes(example: str) -> "values.Callable[[str], tuple[int, ...]]":
    """Make the type of whole numbers between commas."""

    def read(text: str) -> tuple[int, ...]:
        good = re.fullmatch(r"[0-9]{1,6}(,[0-9]{1,6})*", text, re.ASCII)
        sizes = tuple(int(word) for word in text.split(",")) if good else (0,)
        if not 1 <= min(sizes) <= max(sizes) <= MAX_SIDE:
            raise argparse.ArgumentTypeError(
                f"{text!r} found, expected whole numbers from 1 to {MAX_SIDE} such as "
                f"{example}"
            )
        return sizes

    return read


FLAGS: Flags = {
    "": {"name": {"metavar": "NAME"}},
    "data, exactly one of": {
        "--from-folder": {"metavar": "DIR"},
        "--from-npz": {"metavar": "FILE"},
        "--input-shape": {"type": _sizes("28,28,1"), "metavar": "N[,N,N]"},
    },
    "more about them": {
        "--classes": {"type": values.whole_number(2), "metavar": "N"},
        "--size": {"type": _sizes("48,64"), "metavar": "H,W"},
        "--kind": {"choices": ("pictures", "series", "features")},
        "--test-share": {"type": _share, "metavar": "SHARE"},
    },
}


def run(arguments: argparse.Namespace) -> int:
    """Write the task, and tell what was found and how to go on.

    Args:
        arguments: of the command.

    Returns:
        The exit status.

    Raises:
        UsageError: the flags do not go together, or the name cannot be used.
        TaskError: the data cannot be used.
    """
    _check_flags(arguments)
    # Here and not above: --help must not wait for NumPy.
    from xnas import new_task

    folder = new_task.free_folder(arguments.name)
    if arguments.from_folder is not None:
        found = new_task.inspect_folder(
            arguments.from_folder, arguments.size, arguments.test_share
        )
    elif arguments.from_npz is not None:
        found = new_task.inspect_npz(
            arguments.from_npz, arguments.kind, arguments.test_share
        )
    else:
        found = new_task.invent(arguments.input_shape, arguments.classes)
    new_task.write_task(folder, new_task.task_files(arguments.name, found))
    print("\n".join(_summary(arguments.name, found.summary, found.is_regression)))
    return DONE


def _check_flags(arguments: argparse.Namespace) -> None:
    sources = {
        "--from-folder": arguments.from_folder,
        "--from-npz": arguments.from_npz,
        "--input-shape": arguments.input_shape,
    }
    given = [flag for flag, value in sources.items() if value is not None]
    if len(given) != 1:
        raise UsageError(
            f"{' and '.join(given) or 'no data'} found, expected exactly one of "
            f"{', '.join(sources)}"
        )
    for flag, value, *owners in (
        ("--classes", arguments.classes, "--input-shape"),
        ("--size", arguments.size, "--from-folder"),
        ("--kind", arguments.kind, "--from-npz"),
        ("--test-share", arguments.test_share, "--from-folder", "--from-npz"),
    ):
        if value is not None and given[0] not in owners:
            owner = " or ".join(owners)
            raise UsageError(f"{flag} found beside {given[0]}, expected {owner} there")
    if arguments.input_shape is not None:
        if arguments.classes is None:
            raise UsageError("--input-shape found alone, expected --classes beside it")
        if len(arguments.input_shape) not in (1, 3):
            raise UsageError(
                f"--input-shape has {len(arguments.input_shape)} numbers, expected one "
                "(features) or three (height,width,channels)"
            )
    if arguments.size is not None and len(arguments.size) != 2:
        raise UsageError(
            f"--size has {len(arguments.size)} numbers, expected two (height,width)"
        )


def _summary(name: str, found: list[str], is_regression: bool) -> list[str]:
    problem = f"--problem experiments.{name}.problem.Problem"
    size = "--max-evals 64"
    search = f"nas nsga2 {problem} --evaluator process {size} --population-size 16"
    hint = []
    if is_regression:
        search += " --multiobjective-explainability false"
        hint = [
            "A search has to leave introspectability out, which tells classes apart:"
            " there are none.",
        ]
    return [
        *found,
        f"Written: experiments/{name}/ with load_data.py, search_space.py, problem.py.",
        *hint,
        "Next:",
        f"  {program()} check {problem} {size}",
        f"  {program()} {search}",
    ]
