"""The evaluations of one search, in DeepHyper's form."""

from collections.abc import Callable, Sequence
from time import time
from typing import Any

import pandas as pd
from deephyper.evaluator import HPOJob
from deephyper.hpo import HpProblem
from deephyper.hpo._search import SearchHistory

from xnas.errors import EvaluationError
from xnas.records import Candidate, Evaluation, evaluated, failed
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


def job_of(candidate: Candidate, names: Sequence[str]) -> dict[str, Any]:
    """Put a candidate into DeepHyper's form of a job.

    Args:
        candidate: what is handed out.
        names: of the variable nodes.
    """
    return {
        **dict(zip(names, candidate.genotype, strict=True)),
        "arch_seq": list(candidate.genotype),
        "evaluation_id": candidate.id,
        "replicate": candidate.replicate,
    }


def evaluation_of(
    candidate: Candidate,
    submitted: float,
    objective: Any,
    n_objectives: int,
    job: HPOJob | None = None,
) -> Evaluation:
    """Record what became of a candidate.

    Args:
        candidate: what was evaluated.
        submitted: when it was handed out, Unix time in seconds.
        objective: of the job.
        n_objectives: how many numbers are expected.
        job: where there is one; evaluators of this package attach the evaluation.

    Returns:
        The evaluation with its lineage; a failure if the objective is none.
    """
    found = getattr(job, "evaluation", None)
    if found is None:
        # DeepHyper counts seconds since its evaluator was made.
        metadata = {
            key: value
            for key, value in (job.metadata if job else {}).items()
            if key not in ("timestamp_submit", "timestamp_gather")
        }
        output = {"objective": objective, "metadata": metadata}
        try:
            found = evaluated(candidate, output, n_objectives)
        except EvaluationError as error:
            found = failed(candidate, error.reason)
    return found.having(
        parent_ids=candidate.parent_ids,
        generation=candidate.generation,
        times=found.times._replace(submitted=submitted, gathered=time()),
    )
