"""What carrying on a run of 16,000 rows costs, and looking at it.

Run as ``python -m benchmarks.resuming``.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bookkeeping import instant, make_problem
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import NSGAII
from xnas.results import RunFolder

ROWS = 16_000


def make_run(folder: str) -> float:
    """Search with instant evaluations.

    Args:
        folder: the run folder.

    Returns:
        Seconds it took.
    """
    evaluator = create_evaluator("serial", instant)
    try:
        started = time.perf_counter()
        search = NSGAII(make_problem(), random_state=0, log_dir=folder)
        search.search(evaluator, max_evals=ROWS)
        return time.perf_counter() - started
    finally:
        evaluator.close()


def resume(folder: str) -> float:
    """Take a run over.

    Args:
        folder: the run folder.

    Returns:
        Seconds it took.
    """
    started = time.perf_counter()
    search = NSGAII(make_problem(), random_state=0, log_dir=folder, resume=True)
    search.take_over()
    seconds = time.perf_counter() - started
    search.folder.release()
    return seconds


def status(folder: str) -> float:
    """Ask how a run is doing, in a process of its own.

    Args:
        folder: the run folder.

    Returns:
        Seconds it took.
    """
    program = Path(__file__).parents[1] / "deephyper_xnas"
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, str(program), "status", folder],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def main() -> None:
    """Print all three."""
    with tempfile.TemporaryDirectory() as folder:
        made = make_run(folder)
        # As a kill leaves it: without the front of the final table's last write.
        rows = RunFolder(folder).results.read_text().splitlines(keepends=True)
        RunFolder(folder).results.write_text("".join(rows[:-7]))
        resumed = resume(folder)
        print(
            f"{ROWS:,} rows: searched in {made:.1f} s, taken over in {resumed:.2f} s "
            f"({made / resumed:.0f} times faster), status in {status(folder):.2f} s"
        )


if __name__ == "__main__":
    main()
