"""``python -m xnas.slurm.ray_node``: Ray on one node of a job.

Ray ends when it ends itself, at SIGTERM, when a line ``end`` comes on our standard
input, and when that is closed: whoever started us holds the other end, and however they
go, Ray goes with them.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from xnas.slurm.lost_head import outlive

MARK = "XNAS_RAY_DIRECTORY"
"""Variable of Ray's processes, by which they are found wherever they hide."""


def run(directory: Path, arguments: list[str]) -> int:
    """Run Ray until it has to end, then leave no process and no file of it.

    Args:
        directory: for Ray's files; made here, and removed. Others beside it that
            differ in the suffix alone are of earlier starts, and removed as well.
        arguments: of ``ray start``.

    Returns:
        Ray's exit status; negative: the signal that ended it.
    """
    for other in directory.parent.glob(f"{directory.stem}.*"):
        shutil.rmtree(other, ignore_errors=True)
    directory.mkdir(mode=0o700)
    ray = subprocess.Popen(
        ["ray", "start", "--block", f"--temp-dir={directory}", *arguments],
        stdin=subprocess.DEVNULL,
        env=os.environ | {MARK: str(directory)},
    )
    is_over = threading.Event()

    def end(*_: object) -> None:
        is_over.set()
        ray.kill()

    def listen() -> None:
        for line in sys.stdin:
            if line == "end\n":
                end()
        ray.kill()

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=listen, daemon=True).start()
    status = ray.wait()
    end_processes(directory)
    shutil.rmtree(directory, ignore_errors=True)
    for argument in arguments:
        if argument.startswith("--address="):
            outlive(argument.partition("=")[2], is_over)
    return status


def end_processes(directory: Path) -> None:
    """End all processes that came of the Ray of a directory.

    Args:
        directory: Ray's.
    """
    while True:
        found = [
            process for process in psutil.process_iter() if _is_of(process, directory)
        ]
        if not found:
            return
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=1)


def _is_of(process: psutil.Process, directory: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(directory)
    except (psutil.Error, OSError):  # it has ended, or is not ours
        return False


def main(arguments: list[str]) -> int:
    """Run Ray.

    Args:
        arguments: the directory, then the arguments of ``ray start``.

    Returns:
        The exit status.
    """
    # A Ray process that is killed would leave some 300 MB.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = run(Path(arguments[0]), arguments[1:])
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
