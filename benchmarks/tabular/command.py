"""What the commands of this folder share."""

import argparse
import sys
from collections.abc import Callable

from xnas.cli.exit_status import FAILED, INTERRUPTED, WRONG_USAGE
from xnas.errors import XNASError, is_disk_full


def positive(text: str) -> int:
    """Read a whole number above 0.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number above 0")
    return int(text)


def run_command(
    action: Callable[[argparse.Namespace], int],
    arguments: argparse.Namespace,
    program: str = "tabular",
    when_repeated: str = "the same command carries on",
) -> int:
    """Run a command; what its user can mend is told in one sentence.

    Args:
        action: does it and returns the exit status.
        arguments: its flags.
        program: its name, before what is told.
        when_repeated: what to know about repeating it after an interruption.

    Returns:
        The exit status.
    """
    try:
        return action(arguments)
    except XNASError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        print(f"{program}: interrupted; {when_repeated}", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        if not is_disk_full(error):
            raise
        print(
            f"{program}: no space is left on the disk; make room, then repeat",
            file=sys.stderr,
        )
        return FAILED
