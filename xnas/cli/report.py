"""``deephyper_xnas report``: write a page on one run or several.

Write one page of HTML that shows what a run has found, also while it searches, or how
several compare. Tables and figures go to a folder beside it.

Args:
    run_dirs: a run folder, or a folder of run folders; latest: the run below results/
        that was started last; results/<task>/latest: the newest of one task
    output: the page (default: report.html in the run folder; of several runs:
        report.html here)
"""

import argparse
from pathlib import Path

from xnas.cli.exit_status import DONE
from xnas.cli.flags import Flags
from xnas.errors import UsageError

NAME = "report.html"

FLAGS: Flags = {
    "": {
        "run_dirs": {"nargs": "+", "metavar": "RUN_DIR"},
        "-o --output": {"metavar": "FILE"},
    }
}


def run(arguments: argparse.Namespace) -> int:
    """Write the page, and print where it is."""
    # Here and not above: other commands must not wait for numpy.
    from xnas.results import load
    from xnas.results.latest import named_runs
    from xnas.results.storing import store_estimates

    named = [named_runs(name) for name in arguments.run_dirs]
    folders = [folder.root for found in named for folder in found]
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError("a run folder is named twice, expected each once")
    runs = [load(folder) for folder in folders]
    page = _page(arguments.output, folders)
    for one in runs:
        store_estimates(one)

    from xnas.report import write_report

    print(write_report(runs, page))
    return DONE


def _page(output: str | None, folders: list[Path]) -> Path:
    """Return where the page goes, which nothing must stand in the way of."""
    if output is None:
        return (folders[0] if len(folders) == 1 else Path.cwd()) / NAME
    page = Path(output)
    if page.is_dir() or output.endswith("/"):
        raise UsageError(f"--output: {output} is a folder, expected a file")
    if not page.parent.is_dir():
        raise UsageError(f"--output: there is no folder {page.parent}")
    return page
