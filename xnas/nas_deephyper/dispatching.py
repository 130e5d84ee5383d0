"""Candidates of an algorithm as jobs of DeepHyper, and back."""

from collections.abc import Mapping, Sequence
from time import time
from typing import Any

from deephyper.evaluator import HPOJob, JobStatus

from xnas.errors import EvaluationError, SearchError
from xnas.records import Candidate, Evaluation, evaluated, failed
from xnas.results import Recorder
from xnas.results.confirmations import Confirmations
from xnas.searches import Search
from xnas.searches.confirming import Confirming


class Dispatcher:
    """Hands candidates out, takes back what became of them, and records both.

    Args:
        algorithm: asked for candidates and told of their evaluations.
        recorder: of the run.
        names: of the variable nodes.

    Attributes:
        waiting: by id, what was begun and has no outcome; it comes before anything new.
        is_confirming: whether networks already trained are trained again, as
            :class:`~xnas.searches.confirming.Confirming` asks, instead of new ones.
    """

    def __init__(
        self, algorithm: Search, recorder: Recorder, names: Sequence[str]
    ) -> None:
        self.waiting: dict[int, Candidate] = {}
        self.is_confirming = False
        self._search = self._algorithm = algorithm
        self._recorder = recorder
        self._names = names
        self._in_flight: dict[int, tuple[Candidate, float]] = {}
        self._unwritten: list[Evaluation] = []
        self._ids: set[int] = set()

    @property
    def n_in_flight(self) -> int:
        """How many candidates were handed out and are not back."""
        return len(self._in_flight)

    def begin_searching(self) -> None:
        """Ask the search from now on."""
        self.is_confirming, self._algorithm = False, self._search

    def begin_confirming(self, replicates: int) -> None:
        """Ask for further trainings of networks from now on, instead of new ones.

        Numbers are set apart for them, on record.

        Args:
            replicates: how many there are to be after the search's last evaluation,
                those included that were begun before.
        """
        recorder, search = self._recorder, self._search
        before = recorder.confirmations
        after = before.topped_up(replicates, self._known, search.next_id)
        if after != before:
            recorder.begin({**recorder.infos, **after.to_json()})
            search.skip(after.ids[len(before.ids) :])
        ids = self.latest_confirmations.ids
        self._algorithm = Confirming(
            search.networks, search.objectives, search.seed, ids=ids
        )
        self.is_confirming = True
        due = [self.waiting[number] for number in self._due()]
        self._algorithm.restore(recorder.evaluations, due)

    def n_unconfirmed(self, replicates: int) -> int:
        """Count the trainings that are still to follow the search's last evaluation.

        Args:
            replicates: how many there are to be at least.
        """
        done = self._recorder.evaluations
        return self.latest_confirmations.n_missing(done, replicates)

    @property
    def latest_confirmations(self) -> Confirmations:
        """Those that follow the search's last evaluation."""
        return self._recorder.confirmations.latest(self._known)

    @property
    def _known(self) -> list[Candidate]:
        in_flight = [one for one, _ in self._in_flight.values()]
        return [*self._recorder.evaluations, *self.waiting.values(), *in_flight]

    def _due(self) -> list[int]:
        """Return the numbers of what waits for being asked as now, ascending."""
        confirmations = self._recorder.confirmations
        if self.is_confirming:
            return sorted(filter(self.latest_confirmations.hold, self.waiting))
        return sorted(n for n in self.waiting if not confirmations.hold(n))

    def hand_out(self, count: int) -> list[dict[str, Any]]:
        """Return up to ``count`` jobs, recorded as handed out."""
        first = self._due()[:count] if self.waiting else []
        candidates = [self.waiting.pop(number) for number in first]
        if len(candidates) < count:
            candidates += self._new(count - len(candidates))
        now = time()
        form_of = self._algorithm.networks.form_of
        forms = {one.id: form_of(one.genotype) for one in candidates}
        self._in_flight.update((one.id, (one, now)) for one in candidates)
        self._recorder.start(candidates, self._algorithm.n_told, now, forms)
        return [job_of(candidate, self._names) for candidate in candidates]

    def prepare(self) -> None:
        """Do ahead what handing out the next job will take."""
        if not self.waiting:
            self._algorithm.prepare()

    def _new(self, count: int) -> list[Candidate]:
        """Ask for candidates.

        Raises:
            SearchError: their numbers are not new, and would spoil the table.
        """
        if not self._ids:
            rows = self._recorder.evaluations
            self._ids = {*self.waiting, *self._in_flight, *(one.id for one in rows)}
        candidates = self._algorithm.ask(count)
        for one in candidates:
            if one.id in self._ids:
                raise SearchError(
                    f"{type(self._algorithm).__name__}.ask gave evaluation {one.id} "
                    "twice, expected a new number each time, as new_candidate gives"
                )
            self._ids.add(one.id)
        return candidates

    def take_jobs(self, jobs: Sequence[HPOJob]) -> None:
        """Learn what became of jobs; cancelled ones will be handed out again."""
        for job in jobs:
            if job.status is JobStatus.CANCELLED:
                number = job.args["evaluation_id"]
                self.waiting[number], _ = self._in_flight.pop(number)
            else:
                self.take(job.args, job.objective, job)

    def take(
        self, args: Mapping[str, Any], objective: Any, job: HPOJob | None = None
    ) -> None:
        """Learn what became of one candidate.

        Args:
            args: what it was handed out with.
            objective: in DeepHyper's form.
            job: where there is one.
        """
        candidate, submitted = self._in_flight.pop(args["evaluation_id"])
        n_objectives = len(self._algorithm.objectives)
        evaluation = evaluation_of(candidate, submitted, objective, n_objectives, job)
        self._algorithm.tell(evaluation)
        self._unwritten.append(evaluation)

    def give_up(self) -> None:
        """Expect no outcome any more of what is in flight."""
        self.waiting |= {one.id: one for one, _ in self._in_flight.values()}
        self._in_flight.clear()

    def record(self) -> list[Evaluation]:
        """Write the rows of what came back since the last call, and return it."""
        evaluations, self._unwritten = self._unwritten, []
        if evaluations:
            self._recorder.record(evaluations)
        return evaluations


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
