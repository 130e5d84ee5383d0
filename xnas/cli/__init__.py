"""The command line ``./deephyper_xnas``."""

import argparse
import io
import os
import re
import select
import sys
from collections.abc import Sequence
from typing import NoReturn

import xnas
from xnas.cli import (
    cell,
    check,
    confirm,
    dashboard,
    explain,
    export,
    nas,
    new_task,
    port,
    report,
    status,
    train,
    values,
)
from xnas.cli.exit_status import FAILED, INTERRUPTED, STOPPED, WRONG_USAGE
from xnas.cli.flags import add_command, refuse_repeated
from xnas.cli.signals import StoppedEarly, handle_early_signals
from xnas.errors import XNASError, did_you_mean, is_disk_full

PROGRAM = "deephyper_xnas"

_SUBPARSERS = argparse._SubParsersAction


CALLED_ELSEWHERE = {
    **dict.fromkeys(("search", "run", "hpo", "tune", "optimize", "fit"), "nas"),
    **dict.fromkeys(("new", "init", "create", "new-problem"), "new-task"),
    **dict.fromkeys(("validate", "test", "dry-run"), "check"),
    **dict.fromkeys(("replicate", "reproduce"), "confirm"),
    **dict.fromkeys(("migrate", "upgrade"), "port"),
    **dict.fromkeys(("list", "ls", "show", "info"), "status"),
    **dict.fromkeys(("plot", "visualise", "visualize", "analyse", "analyze"), "report"),
    **dict.fromkeys(("watch", "monitor", "serve", "ui"), "dashboard"),
    **dict.fromkeys(("draw", "network", "architecture"), "cell"),
    **dict.fromkeys(("retrain", "evaluate"), "train"),
    **dict.fromkeys(("explainability", "interpret", "xai"), "explain"),
    "resume": "nas SEARCH --resume RUN_DIR",
}
"""Commands, by what other programs of the field call what they do."""

_CHOICE = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)")


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence instead of printing the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Leave with status 2, naming the help of the command that was meant."""
        found = _CHOICE.search(message)
        if found is not None:
            choices = [word.strip(" '") for word in found[2].split(",")]
            others = CALLED_ELSEWHERE if self.prog == PROGRAM else {}
            message += did_you_mean(found[1], choices, others)
        message = "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
        self.exit(WRONG_USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def make_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Describe all commands and their flags.

    Args:
        argv: the command line, without the program's name; flags of a search are
            described only if it names that search.

    Raises:
        UsageError: it names no search.
    """
    parser = _Parser(
        prog=PROGRAM,
        description="Search for neural networks that are accurate and explainable.",
    )
    parser.add_argument(
        "--version", action="version", version=f"{PROGRAM} {xnas.__version__}"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    nas.add_searches(add_command(commands, nas), argv)
    add_command(commands, new_task)
    check.add_check_flags(add_command(commands, check), argv)
    confirm.add_confirm_flags(add_command(commands, confirm), argv)
    for module in (port, status, report, dashboard, cell, train, explain, export):
        add_command(commands, module)
    return parser


def refuse_unknown(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> argparse.ArgumentParser:
    """Leave with status 2 at an unknown flag, one given twice, or without a search.

    argparse would name the program's help, and complain of what else is missing first.

    Args:
        parser: of the program.
        words: the command line.

    Returns:
        What parses the command, or the program's words where it is none.
    """
    rest = list(words)
    while True:
        commands = next(
            (one for one in parser._actions if isinstance(one, _SUBPARSERS)), None
        )
        if commands is None or not rest or not commands.choices:
            break
        is_flag = rest[0].startswith("-") and rest[0] not in ("-h", "--help")
        if is_flag and commands.dest == "search":
            names = ", ".join(commands.choices)
            parser.error(f"{rest[0]} found, expected a search first: {names}")
        chosen = commands.choices.get(rest[0])
        if chosen is None and is_flag:
            break
        if chosen is None:
            return parser
        parser = chosen
        del rest[0]
    if "--" in rest:
        del rest[rest.index("--") :]
    flags = [flag for one in parser._actions for flag in one.option_strings]
    for word in rest:
        name = word.partition("=")[0]
        if name.startswith("--") and not any(flag.startswith(name) for flag in flags):
            near = did_you_mean(name, flags)
            parser.error(f"unrecognized arguments: {name}{near}")
    refuse_repeated(parser, rest)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments, without the program's name; ``sys.argv`` if ``None``.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong usage or a broken task, 75 stopped
        ahead of a time limit, 130 interrupted.
    """
    handle_early_signals()
    _print_anything()
    try:
        words = values.joined(sys.argv[1:] if argv is None else argv)
        parser = make_parser(words)
        command = refuse_unknown(parser, words)
        arguments, further = parser.parse_known_args(words)
        if further:
            command.error(f"unrecognized arguments: {' '.join(further)}")
        status: int = arguments.run_command(arguments)
    except XNASError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return WRONG_USAGE
    except OSError as error:
        if isinstance(error, BrokenPipeError) and _reader_left():
            return FAILED
        if not is_disk_full(error):
            raise
        print(f"{PROGRAM}: no space is left to write to ({error})", file=sys.stderr)
        return FAILED
    except StoppedEarly:
        print(f"{PROGRAM}: stopped before anything was written", file=sys.stderr)
        return STOPPED
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted before anything was written", file=sys.stderr)
        return INTERRUPTED
    finally:
        _flush()
    return status


def _print_anything() -> None:
    """Escape what the output's encoding lacks, such as × in ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _flush() -> None:
    """Write out what was printed, unless what reads it has closed it."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        # Python tries again at exit, and tells of it.
        pass


def _reader_left() -> bool:
    """Tell whether what reads the output, such as ``head``, has closed it."""
    try:
        output = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return False
    poll = select.poll()
    poll.register(output, select.POLLOUT)
    closed = select.POLLERR | select.POLLHUP
    return any(event & closed for _, event in poll.poll(0))
