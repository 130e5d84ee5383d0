"""``deephyper_xnas port``: name what to change in a task folder of 2021.

Name every line of a task folder of the 2021 tool that has to change, and to what. The
files are read, neither run nor written.

Args:
    folder: the task's folder, or one of several tasks
"""

import argparse

from xnas.cli.exit_status import DONE
from xnas.cli.flags import Flags
from xnas.names import program

FLAGS: Flags = {"": {"folder": {"metavar": "DIR"}}}


def run(arguments: argparse.Namespace) -> int:
    """Print the lines."""
    # Here and not above: other commands need no search spaces.
    from xnas.new_task.porting import changes_of

    changes = changes_of(arguments.folder)
    shown = None
    for one in changes:
        if shown != (one.file, one.line):
            print(f"{one.file}:{one.line}: {one.old}")
        print(f"    -> {one.new}" if one.is_needed else f"    ({one.new})")
        shown = (one.file, one.line)
    n_needed = len({(one.file, one.line) for one in changes if one.is_needed})
    n_files = len({one.file for one in changes if one.is_needed})
    if n_needed:
        print(f"{n_needed} line(s) of {n_files} file(s) have to change.")
    else:
        print(f"Nothing has to change in {arguments.folder}; try it with")
        print(f"{program()} check --problem experiments.TASK.problem.Problem")
    return DONE
