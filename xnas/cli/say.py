"""Lines beside the results."""

import sys


def say(line: str) -> None:
    """Show a line on standard error at once."""
    print(line, file=sys.stderr, flush=True)
