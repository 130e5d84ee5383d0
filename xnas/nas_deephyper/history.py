"""The evaluations of one search, in DeepHyper's form."""

from collections.abc import Callable, Sequence

import pandas as pd
from deephyper.evaluator import HPOJob
from deephyper.hpo import HpProblem
from deephyper.hpo._search import SearchHistory

from xnas.results import Recorder


class XNASHistory(SearchHistory):
    """DeepHyper's history; hands jobs on to the search, and has its recorder's rows.

    Args:
        problem: DeepHyper's problem.
        recorder: of the run.
        take_jobs: called with jobs that ended or were cancelled.
    """

    def __init__(
        self,
        problem: HpProblem,
        recorder: Recorder,
        take_jobs: Callable[[Sequence[HPOJob]], None],
    ) -> None:
        super().__init__(problem)
        self._recorder = recorder
        self._take_jobs = take_jobs
        # Known before the first row: a failed first row must not decide it.
        self.num_objective = len(recorder.columns.objectives)

    def __len__(self) -> int:
        """Count the evaluations that have a row, or will have one in a moment."""
        return len(self._recorder.evaluations) + len(self.jobs)

    def extend(self, jobs: list[HPOJob]) -> None:
        """Hand jobs on."""
        self._take_jobs(jobs)

    def compute_pareto_efficiency(self) -> None:
        """Do nothing: the front is found when the final table is written."""

    def to_dataframe(self) -> pd.DataFrame:
        """Return as many rows as there are; the search concludes them."""
        return pd.DataFrame(index=range(len(self)))
