"""``deephyper_xnas status``: look at a run.

Tell how far a run is, what it has found and how to carry it on. Reads only, so it may
be used while the search runs.

Args:
    run_dir: the run folder, or a folder of run folders, which are listed; latest: the
        run below results/ that was started last; results/<task>/latest: the newest of
        one task
    json: print one JSON object (of several runs, with one entry: runs); what is unknown
        or infinite is null, times are Unix times in seconds
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
    from xnas.results.latest import named_runs
    from xnas.results.status import list_lines, report_lines, resuming_command
    from xnas.results.summary import summarise

    folders = named_runs(arguments.run_dir)
    if not folders[0].root.is_dir():
        raise UsageError(f"there is no folder {folders[0].root}, expected a run folder")
    found = [summarise(folder) for folder in folders]
    if arguments.json:
        each = [{**one.to_json(), "resume": resuming_command(one)} for one in found]
        content = each[0] if len(each) == 1 else {"runs": each}
        print(json.dumps(content, indent=2, allow_nan=False))
    else:
        lines = report_lines(found[0]) if len(found) == 1 else list_lines(found)
        print(*lines, sep="\n")
    return DONE
