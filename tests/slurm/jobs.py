"""Jobs of the tests: searches whose evaluations only sleep."""

import re
import shlex
from pathlib import Path

import pandas as pd
from machines import wait_until
from slurm_cluster import REPOSITORY, SlurmCluster

BATCH_SCRIPT = """\
#!/bin/bash
cd {repository}
exec ./xnas-ray-job.sh --run-dir {folder} {own} -- nas {search}
"""


class Job:
    """A submitted job.

    Args:
        cluster: runs it.
        number: what Slurm calls it.
        folder: its run folder.
        output: file of what its batch script prints.
    """

    def __init__(
        self, cluster: SlurmCluster, number: str, folder: Path, output: Path
    ) -> None:
        self.cluster = cluster
        self.number = number
        self.folder = folder
        self._output = output

    def output(self) -> str:
        """Return what the batch script has printed, in all of its starts."""
        return self._output.read_text() if self._output.exists() else ""

    def rows(self) -> pd.DataFrame:
        """Return the rows of its results."""
        return pd.read_csv(self.folder / "results.csv")

    def count(self) -> int:
        """Return how many rows there are."""
        try:
            return len((self.folder / "results.csv").read_bytes().splitlines()) - 1
        except OSError:
            return 0

    def wait_for_rows(self, count: int) -> None:
        """Wait until the results have so many rows."""
        self._wait(lambda: self.count() >= count, 300, f"row {count}")

    def wait_for_end(self, seconds: float = 600) -> int:
        """Wait until the job has ended for good, and return its exit status."""
        self._wait(lambda: self.state() in ENDS, seconds, "the end")
        text = self.cluster.about(self.number)["ExitCode"]
        return int(text.partition(":")[0])

    def wait_for_restart(self, count: int = 1) -> None:
        """Wait until the job runs again after it was requeued so often."""
        self._wait(
            lambda: self.restarts() >= count and self.state() == "RUNNING",
            300,
            f"restart {count}",
        )

    def state(self) -> str:
        """Return its state, such as RUNNING."""
        return self.cluster.about(self.number)["JobState"]

    def restarts(self) -> int:
        """Return how often it was requeued."""
        return int(self.cluster.about(self.number)["Restarts"])

    def head(self) -> str:
        """Return the node that its batch script runs on."""
        return self.cluster.about(self.number)["BatchHost"]

    def others(self) -> list[str]:
        """Return its other nodes."""
        nodes = self.cluster.about(self.number)["NodeList"]
        names = self.cluster.ask("scontrol", "show", "hostnames", nodes).split()
        return [name for name in names if name != self.head()]

    def cancel(self, *flags: str) -> None:
        """Cancel or signal the job."""
        self.cluster.ask("scancel", *flags, self.number)

    def near_its_time_limit(self) -> None:
        """Signal what Slurm signals when the time limit comes near."""
        self.cancel("--batch", "--signal=USR1")

    def _wait(self, condition, seconds, what):
        try:
            wait_until(condition, seconds, f"{what} of job {self.number}")
        except TimeoutError as error:
            error.add_note(self.everything())
            raise

    def everything(self) -> str:
        """Return all that a failed test needs to be understood."""
        logs = sorted(self.folder.glob("logs/ray-*.log"))
        texts = [f"== {log.name}\n{log.read_text()[-3000:]}" for log in logs]
        about = f"== job {self.number}: {self.cluster.about(self.number)}"
        return "\n".join([about, self.output(), *texts])


ENDS = {
    "COMPLETED",
    "FAILED",
    "CANCELLED",
    "TIMEOUT",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
}


class Jobs:
    """Submits jobs.

    Args:
        cluster: runs them.
        folder: an empty folder that all machines share.
    """

    def __init__(self, cluster: SlurmCluster, folder: Path) -> None:
        self.cluster = cluster
        self._folder = folder
        self.submitted: list[Job] = []

    def submit(
        self,
        *search: str,
        folder: Path | None = None,
        nodes: int = 2,
        sbatch: tuple[str, ...] = ("--exclusive",),
        own: tuple[str, ...] = (),
        max_evals: int = 64,
        seconds: float = 0.2,
        **environment: str,
    ) -> Job:
        """Submit a search whose evaluations only sleep.

        Args:
            *search: further flags of the search.
            folder: the run folder.
            nodes: how many.
            sbatch: further flags of ``sbatch``.
            own: further flags of ``xnas-ray-job.sh``.
            max_evals: evaluations in all.
            seconds: how long each takes.
            **environment: variables of the job.
        """
        name = f"job-{len(self.submitted)}"
        folder = folder or self._folder / name
        flags = f"""nsga2 --problem experiments.digits.problem.Problem
            --run sleeping.run --population-size 16 --seed 1
            --max-evals {max_evals}""".split()
        script = self._folder / f"{name}.sh"
        script.write_text(
            BATCH_SCRIPT.format(
                repository=shlex.quote(str(REPOSITORY)),
                folder=shlex.quote(str(folder)),
                own=shlex.join(own),
                search=shlex.join([*flags, *search]),
            )
        )
        output = self._folder / f"{name}.out"
        number = self.cluster.ask(
            "sbatch",
            "--parsable",
            f"--nodes={nodes}",
            "--ntasks-per-node=1",
            "--requeue",
            "--no-kill",
            "--open-mode=append",
            f"--output={output}",
            *sbatch,
            script,
            PYTHONPATH=str(REPOSITORY / "tests" / "slurm"),
            SLEEPING_SECONDS=str(seconds),
            XNAS_RAY_WAIT="300",
            **environment,
        )
        job = Job(self.cluster, number, folder, output)
        self.submitted.append(job)
        return job

    def follow(self, told: str, repository: Path) -> Job:
        """Return the job that ``submit_job.sh`` has submitted.

        Args:
            told: what it printed.
            repository: its folder.
        """
        number = re.search(r"Submitted job (\d+)", told)[1]
        folder = repository / re.search(r"Run folder +(\S+)", told)[1]
        output = repository / re.search(r"Log +(\S+)", told)[1]
        self.submitted.append(Job(self.cluster, number, folder, output))
        return self.submitted[-1]

    def end(self) -> None:
        """Cancel the jobs that still run, and have all machines ready for others."""
        for job in self.submitted:
            if job.state() not in ENDS:
                job.cancel()
        for machine in self.cluster.nodes.values():
            if not machine.is_on():
                machine.boot()
        self.cluster.wait_for_nodes()


def expect_nothing_left(cluster: SlurmCluster) -> None:
    """Wait until no process and no temporary file of jobs is on any machine."""
    try:
        wait_until(lambda: not _leftovers(cluster), 60, "the end of all")
    except TimeoutError as error:
        error.add_note("\n".join(_leftovers(cluster)))
        raise


def _leftovers(cluster: SlurmCluster) -> list[str]:
    found = []
    for machine in cluster.nodes.values():
        found += [f"{machine.name}: {process}" for process in machine.processes()]
        for pattern in ("xnas*", "ray*"):
            found += map(str, machine.private_tmp.glob(pattern))
    return found
