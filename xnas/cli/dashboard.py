"""``deephyper_xnas dashboard``: watch all runs in a browser.

Serve pages on all runs of a folder, which follow searches under way, to a browser on
this machine. The address that is printed holds a secret: whoever has it can look at the
runs, other users of the machine have not. Nothing is written. Ctrl-C ends it.

Args:
    results: a folder of results, of one task's runs, or of one run (default: results)
    port: of 127.0.0.1 (default: one that is free)
"""

import argparse
import asyncio
from pathlib import Path

from xnas.cli.exit_status import DONE
from xnas.cli.flags import Flags
from xnas.cli.values import whole_number
from xnas.errors import UsageError

FLAGS: Flags = {
    "": {
        "results": {"nargs": "?", "metavar": "RESULTS", "default": "results"},
        "--port": {"type": whole_number(0, 65_535), "metavar": "NUMBER", "default": 0},
    }
}


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    results = Path(arguments.results)
    if not results.is_dir():
        raise UsageError(f"there is no folder {results}, expected one of results")
    # Here and not above: other commands must not wait for pandas.
    from xnas.dashboard.server import make_token, serve

    try:
        asyncio.run(serve(results, arguments.port, make_token()))
    except KeyboardInterrupt:
        print()
    return DONE
