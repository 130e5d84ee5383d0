"""The command line ``./deephyper_xnas``."""

import argparse
import io
import os
import select
import sys
from collections.abc import Sequence
from typing import NoReturn

import xnas
from xnas.cli import cell, check, nas, new_task, report, status, train, values
from xnas.cli.exit_status import FAILED, INTERRUPTED, STOPPED, WRONG_USAGE
from xnas.cli.flags import add_command
from xnas.cli.signals import StoppedEarly, handle_early_signals
from xnas.errors import XNASError, is_disk_full

PROGRAM = "deephyper_xnas"


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence instead of printing the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Leave with status 2."""
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
    for module in (status, report, cell, train):
        add_command(commands, module)
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
        arguments = make_parser(words).parse_args(words)
        arguments.argv = words
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
