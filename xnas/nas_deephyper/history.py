"""The evaluations of one search, in DeepHyper's form and in the table's."""

from typing import Any

import numpy as np
import pandas as pd
from deephyper.evaluator import HPOJob, JobStatus
from deephyper.hpo._search import SearchHistory

from xnas.nas_deephyper.candidates import Candidate, Evaluated, front_of
from xnas.results import Columns, Row


def job_number(job: HPOJob) -> int:
    """Return the number of a job, which counts from 0."""
    return int(job.id.rpartition(".")[2])


def read_objectives(objective: Any, n_objectives: int) -> tuple[float, ...] | None:
    """Read the objective of a finished job.

    Args:
        objective: a number, a sequence of numbers, or ``"F_<reason>"``.
        n_objectives: how many numbers are expected.

    Returns:
        The numbers, −inf included; ``None`` for a failure, NaN and +inf included.

    Raises:
        ValueError: another number of objectives than the search maximises.
    """
    if isinstance(objective, str):
        return None
    values = tuple(np.atleast_1d(np.asarray(objective, dtype=float)).tolist())
    if len(values) != n_objectives:
        raise ValueError(
            f"the run function returned {len(values)} objective(s), the search "
            f"maximises {n_objectives}"
        )
    return None if any(np.isnan(v) or np.isposinf(v) for v in values) else values


class XNASHistory(SearchHistory):
    """DeepHyper's history, with lineage, XNAS's columns and XNAS's front.

    Args:
        problem: DeepHyper's problem.
        columns: columns of the table.
    """

    def __init__(self, problem: Any, columns: Columns) -> None:
        super().__init__(problem)
        self.columns = columns
        # Known before the first row: a failed first row must not decide it.
        self.num_objective = columns.n_objectives
        self.candidates: dict[int, Candidate] = {}

    def extend(self, jobs: list[HPOJob]) -> None:
        """Add finished jobs; cancelled ones were never evaluated."""
        self.jobs.extend(job for job in jobs if job.status is not JobStatus.CANCELLED)

    def evaluated(self, job: HPOJob) -> Evaluated:
        """Return the outcome of a finished job with its lineage."""
        number = job_number(job)
        objectives = read_objectives(job.objective, self.columns.n_objectives)
        return Evaluated(number, self.candidates[number], objectives)

    def compute_pareto_efficiency(self) -> None:
        """Flag the jobs that no other job dominates."""
        front = {one.id for one in front_of([self.evaluated(job) for job in self.jobs])}
        self.pareto_efficient = [job_number(job) in front for job in self.jobs]

    def row(self, job: HPOJob) -> Row:
        """Put a finished job into the table's form."""
        outcome = self.evaluated(job)
        candidate = outcome.candidate
        failed = outcome.objectives is None
        return self.columns.row(
            candidate.genotype,
            (job.objective if isinstance(job.objective, str) else "F_nan")
            if failed
            else outcome.objectives,
            outcome.id,
            job.status.name,
            {
                **job.metadata,
                "id": outcome.id,
                "arch_seq": str(list(candidate.genotype)),
                "generation": candidate.generation,
                "parent_ids": str(list(candidate.parent_ids)),
            },
        )

    def rows(self) -> list[Row]:
        """Return all rows, with ``pareto_efficient`` once it is known."""
        rows = [self.row(job) for job in self.jobs]
        if len(self.pareto_efficient) == len(rows):
            for row, flag in zip(rows, self.pareto_efficient, strict=True):
                row["pareto_efficient"] = flag
        return rows

    def to_dataframe(self) -> pd.DataFrame:
        """Return all rows as a data frame."""
        return pd.DataFrame(self.rows(), columns=self.columns.header)
