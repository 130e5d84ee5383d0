"""``--resume``: the run to carry on, and its flags."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from xnas.errors import UsageError
from xnas.results import RunFolder
from xnas.results.latest import LATEST, RESULTS, latest_run, named_run, task_name

OF_THIS_PROCESS = (
    "argv",
    "parser",
    "run_command",
    "log_dir",
    "no_report",
    "resume",
    "verbose",
)
"""Arguments that say nothing about the run."""


def flags_to_record(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flags that a resumed run takes over where they are not given.

    Args:
        arguments: of ``deephyper_xnas nas``.
    """
    return {
        name: value
        for name, value in vars(arguments).items()
        if name not in OF_THIS_PROCESS
    }


def flags_of_run(arguments: argparse.Namespace) -> argparse.Namespace:
    """Put the flags of the run to carry on in the place of defaults.

    Args:
        arguments: of ``deephyper_xnas nas``, ``resume`` among them.

    Returns:
        The arguments with ``log_dir``, the run folder; ``resume`` is ``None`` where no
        run had begun there and the search is to start anew.

    Raises:
        UsageError: there is nothing to carry on.
    """
    if arguments.log_dir is not None:
        raise UsageError("--log-dir is given beside --resume, expected one of them")
    folder = _find(arguments.resume, arguments.problem)
    if not folder.holds_run:
        return _afresh(arguments, folder)
    recorded = folder.infos().get("arguments")
    if recorded is None:
        raise UsageError(
            f"--resume: {folder.init_infos} holds no flags, expected a run of "
            "./deephyper_xnas nas"
        )
    given = given_flags(arguments.parser, arguments.argv)
    # Which search it is is always said, and compared later.
    merged = vars(arguments) | recorded | given | {"search": arguments.search}
    return argparse.Namespace(**merged | {"log_dir": str(folder.root)})


def given_flags(parser: argparse.ArgumentParser, argv: Sequence[str]) -> dict[str, Any]:
    """Tell the flags that were given from those that were left to their defaults.

    Args:
        parser: of the command.
        argv: the whole command line.

    Returns:
        Name to value.
    """
    names = [action.dest for action in parser._actions]
    blank = argparse.Namespace(**dict.fromkeys(names))
    found, _ = parser.parse_known_args(list(argv), blank)
    return {
        name: value
        for name, value in vars(found).items()
        if name in names and value is not None
    }


def _find(named: str, problem: str | None) -> RunFolder:
    if named == LATEST and problem is not None:
        return latest_run(RESULTS, task_name(problem))
    folder = named_run(named)
    if not folder.root.is_dir():
        raise UsageError(f"--resume: there is no folder {folder.root}")
    return folder


def _afresh(arguments: argparse.Namespace, folder: RunFolder) -> argparse.Namespace:
    if folder.results.exists() and folder.results.stat().st_size:
        raise UsageError(
            f"--resume: {folder.root} has a results.csv but no init_infos.json to say "
            "which search it belongs to, expected both"
        )
    if arguments.problem is None:
        raise UsageError(
            f"--resume: no run has begun in {folder.root}, expected one, or --problem "
            "and the other flags to begin it with"
        )
    print(f"No run had begun in {folder.root}: it begins now.", file=sys.stderr)
    return argparse.Namespace(
        **vars(arguments) | {"log_dir": str(folder.root), "resume": None}
    )
