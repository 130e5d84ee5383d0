"""The evaluations of one search, in DeepHyper's form and in the table's."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from deephyper.evaluator import HPOJob, JobStatus
from deephyper.hpo._search import SearchHistory

from xnas.nas_deephyper.resuming import Earlier
from xnas.results import Columns, Row
from xnas.searches.candidates import Candidate, Evaluated, Genotype, front_of


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
        self._earlier = Earlier()
        self._numbers: dict[Genotype, int] = {}

    def take_over(self, earlier: Earlier) -> None:
        """Begin with the rows of a run that is resumed."""
        self._earlier = earlier
        for one in earlier.evaluated:
            self.add(one.id, one.candidate)

    def add(self, number: int, candidate: Candidate) -> None:
        """Note a candidate that is handed out under a number."""
        self.candidates[number] = candidate
        self._numbers[candidate.genotype] = number

    def number_of(self, args: Mapping[str, Any]) -> int:
        """Return the number of an evaluation; DeepHyper's own restarts with it.

        Args:
            args: what the job was handed out with.
        """
        return self._numbers[tuple(args["arch_seq"])]

    def extend(self, jobs: list[HPOJob]) -> None:
        """Add finished jobs; cancelled ones were never evaluated."""
        self.jobs.extend(job for job in jobs if job.status is not JobStatus.CANCELLED)

    def evaluated(self, job: HPOJob) -> Evaluated:
        """Return the outcome of a finished job with its lineage."""
        number = self.number_of(job.args)
        objectives = read_objectives(job.objective, self.columns.n_objectives)
        return Evaluated(number, self.candidates[number], objectives)

    def compute_pareto_efficiency(self) -> None:
        """Flag the evaluations that no other dominates, earlier ones included."""
        evaluated = [*self._earlier.evaluated, *map(self.evaluated, self.jobs)]
        front = {one.id for one in front_of(evaluated)}
        self.pareto_efficient = [one.id in front for one in evaluated]

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

    @property
    def n_rows(self) -> int:
        """How many evaluations have a row, earlier ones included."""
        return len(self._earlier.rows) + len(self.jobs)

    def rows(self) -> list[Row]:
        """Return all rows, with ``pareto_efficient`` once it is known."""
        rows = [*map(dict, self._earlier.rows), *map(self.row, self.jobs)]
        if len(self.pareto_efficient) == len(rows):
            for row, flag in zip(rows, self.pareto_efficient, strict=True):
                row["pareto_efficient"] = flag
        return rows

    def to_dataframe(self) -> pd.DataFrame:
        """Return all rows as a data frame."""
        return pd.DataFrame(self.rows(), columns=self.columns.header)
