"""``deephyper_xnas status``: look at a run.

Tell how far a run is, what it has found and how to carry it on. Reads only, so it may
be used while the search runs.

Args:
    run_dir: the run folder; latest: the newest results/<task>/<time stamp>;
        results/<task>/latest: the newest of one task
    json: print one JSON object; what is unknown or infinite is null, times are Unix
        times in seconds
"""

import argparse
import json

from xnas.cli.exit_status import DONE
from xnas.cli.flags import SWITCH, Flags
from xnas.errors import UsageError

FLAGS: Flags = {"": {"run_dir": {"metavar": "RUN_DIR"}, "--json": SWITCH}}


def run(arguments: argparse.Namespace) -> int:
    """Print what is known of the run."""
    # Here and not above: other commands must not wait for numpy.
    from xnas.cli.status_report import report_lines, resuming_command
    from xnas.results.latest import named_run
    from xnas.results.summary import summarise

    folder = named_run(arguments.run_dir)
    if not folder.root.is_dir():
        raise UsageError(f"there is no folder {folder.root}, expected a run folder")
    summary = summarise(folder)
    if arguments.json:
        content = {**summary.to_json(), "resume": resuming_command(summary)}
        print(json.dumps(content, indent=2, allow_nan=False))
    else:
        for line in report_lines(summary):
            print(line)
    return DONE
