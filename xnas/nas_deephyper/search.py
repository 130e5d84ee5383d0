"""Searches of this package as searches of DeepHyper."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from deephyper.evaluator import Evaluator, MaximumJobsSpawnReached
from deephyper.hpo import Search

from xnas.evaluation.settings import RunSettings
from xnas.nas_deephyper.dispatching import Dispatcher
from xnas.nas_deephyper.history import XNASHistory
from xnas.nas_deephyper.hp_problem import make_hp_problem
from xnas.nas_deephyper.infos import default_objectives, describe_run
from xnas.nas_deephyper.resuming import begin, take_over
from xnas.objectives import Objective
from xnas.problem import NaProblem
from xnas.records import Evaluation
from xnas.results import Columns, Recorder
from xnas.searches import Networks
from xnas.searches import Search as Algorithm
from xnas.searches.base import checked_seed
from xnas.space import KSearchSpace
from xnas.tasks import space_of

logger = logging.getLogger(__name__)

OnRows = Callable[[Sequence[Evaluation]], None]


class XNASSearch(Search):
    """Runs an algorithm that asks and tells in DeepHyper's loop, and records it.

    Args:
        problem: the task.
        random_state: seed of everything random; drawn and recorded if ``None``.
        log_dir: the run folder; must not hold a run yet.
        verbose: passed to DeepHyper.
        objectives: what is looked for; by default the task's objective and
            introspectability.
        n_objectives: how many of those two, if ``objectives`` is not given.
        recorded: names of metadata that get a column of their own.
        run_settings: of the run function, to record them; those that the evaluator
            hands on if ``None``.
        infos: more to record in ``init_infos.json``.
        on_rows: called with evaluations once their rows are on the disk.
        deduplicate: one of :data:`~xnas.searches.networks.DEDUPLICATE`.
        resume: whether to carry on the run that the folder holds, however it ended;
            the folder stays locked until :meth:`search` ends.
        space: the task's, where it is made already.
        **options: of the algorithm.

    Raises:
        UsageError: the folder holds a run and is not to be resumed; or it cannot be
            resumed as this search.
        ValueError: another argument cannot be used.
    """

    algorithm_class: ClassVar[type[Algorithm]]

    def __init__(
        self,
        problem: NaProblem,
        random_state: int | None = None,
        log_dir: str | Path = ".",
        verbose: int = 0,
        *,
        objectives: Sequence[Objective] | None = None,
        n_objectives: int = 2,
        recorded: Sequence[str] = (),
        run_settings: RunSettings | None = None,
        infos: Mapping[str, Any] | None = None,
        on_rows: OnRows | None = None,
        deduplicate: str = "isomorphic",
        resume: bool = False,
        space: KSearchSpace | None = None,
        **options: Any,
    ) -> None:
        if not isinstance(problem, NaProblem):
            raise ValueError(
                f"problem is a {type(problem).__name__}, expected an NaProblem"
            )
        self.na_problem = problem
        self.space = space or space_of(problem)
        self.objectives = tuple(
            objectives or default_objectives(problem, self.space, n_objectives)
        )
        names = [node.name for node in self.space.variable_nodes]
        columns = Columns.of_run(names, len(self.objectives), recorded)
        self.recorder = Recorder(log_dir, columns)
        self.folder = self.recorder.folder
        self._to_resume = self.folder.infos() if resume else None
        if self._to_resume is None:
            self.folder.refuse_if_taken()
        elif random_state is None:
            random_state = self._to_resume["search"]["seed"]
        self.seed = checked_seed(random_state)
        networks = Networks(self.space, deduplicate)
        self.algorithm = self.algorithm_class(
            networks, self.objectives, self.seed, **options
        )
        hp_problem = make_hp_problem(self.space)
        super().__init__(
            hp_problem,
            random_state=self.seed,
            log_dir=str(self.folder.root),
            verbose=verbose,
            checkpoint_history_to_csv=False,
        )
        self.dispatcher = Dispatcher(self.algorithm, self.recorder, names)
        take_jobs = self.dispatcher.take_jobs
        self.history = XNASHistory(hp_problem, self.recorder, take_jobs)
        self.exhausted = False
        self.no_more: str | None = None
        self.stopping = False
        self._run_settings = run_settings
        self._infos = dict(infos or {})
        self._on_rows = on_rows
        self._budget: int | None = None
        self._to_confirm = 0
        self._is_searching = False

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the search's course, as recorded in ``init_infos.json``."""
        return {
            "type": type(self).__name__,
            "seed": self.seed,
            **self.algorithm.settings,
            "deduplicate": self.algorithm.networks.deduplicate,
        }

    def stop(self) -> None:
        """Hand out nothing more; :meth:`search` ends once nothing runs."""
        self.stopping = True

    def take_over(self) -> None:
        """Become the search that the folder's run was, with all its rows.

        Raises:
            UsageError: another process writes here, or the run was another search's.
        """
        if self._to_resume is None:
            raise ValueError("there is nothing to take over without resume=True")
        now = self._describe(-1)
        left = take_over(self.recorder, self.algorithm, self._to_resume, now)
        self.dispatcher.waiting, self._to_resume = left, None

    def search(
        self,
        evaluator: Evaluator | Callable,
        max_evals: int = -1,
        timeout: int | None = None,
        max_evals_strict: bool = False,
        confirm: int = 0,
    ) -> pd.DataFrame | None:
        """Run the search, DeepHyper's way.

        Args:
            evaluator: an evaluator of this package or of DeepHyper, used by this
                search alone, or a run function.
            max_evals: number of evaluations to stop after; −1 for no limit.
            timeout: seconds to stop after, dropping what runs then.
            max_evals_strict: has no effect, ``max_evals`` is always exact.
            confirm: how many further trainings of networks follow, where it is least
                certain whether they are on the front; those included that followed the
                last evaluation before. Neither limit counts for them.

        Returns:
            The rows, or ``None`` without any.
        """
        handed_on = getattr(evaluator, "run_function_kwargs", {}).get("settings")
        if self._run_settings is None and isinstance(handed_on, RunSettings):
            self._run_settings = handed_on
        if self._to_resume is not None:
            self.take_over()
        elif not self.folder.is_claimed:
            self.folder.claim()
        try:
            # What an earlier call left behind when it failed has no outcome either.
            self.dispatcher.give_up()
            self._budget, self._to_confirm = None, confirm
            if max_evals >= 0:
                self._budget = len(self.recorder.evaluations) + max_evals
            limit = self.recorder.n_searched + max_evals if max_evals > 0 else max_evals
            begin(self.recorder, self._describe(limit))
            self._is_searching = True
            try:
                super().search(evaluator, -1 if confirm else max_evals, timeout)
                if self._to_confirm and not self.stopping:  # its time was up before
                    self._budget = 0
                    super().search(self._evaluator)
            finally:
                self._is_searching = False
                self.dispatcher.begin_searching()
                table = self.conclude()
            return table if len(table) else None
        finally:
            self.folder.release()

    def conclude(self) -> pd.DataFrame:
        """Write the final table, with the front flagged, and return its rows."""
        return self.recorder.conclude()

    def _describe(self, max_evals: int) -> dict[str, Any]:
        settings = {**self.settings, "max_evals": max_evals}
        run = describe_run(
            self.na_problem, self.space, settings, self.objectives, self._run_settings
        )
        return {**run, **self._infos}

    def _ask(self, n: int = 1) -> list[dict[str, Any]]:
        # DeepHyper asks for as many as it just gathered; what counts is free workers.
        n_in_flight = self.dispatcher.n_in_flight
        count = self._evaluator.num_workers - n_in_flight if self._is_searching else n
        if self._budget is not None:
            n_known = len(self.recorder.evaluations) + n_in_flight
            count = min(count, self._budget - n_known)
        count = 0 if self.stopping else count
        is_single = self.algorithm.one_by_one and self._is_searching
        jobs = self.dispatcher.hand_out(1 if is_single else count) if count > 0 else []
        self.gather_batch_size = 0 if is_single and jobs else 1  # 0: do not wait
        if is_single and n_in_flight == self._evaluator.num_workers:
            self.dispatcher.prepare()
        if jobs or n_in_flight:
            return jobs
        if count > 0 and not self.dispatcher.is_confirming:
            networks = self.algorithm.networks
            self.exhausted, self.no_more = networks.exhausted, networks.why_no_more()
            logger.info(self.no_more)
        if self._to_confirm and not self.stopping:
            self.dispatcher.begin_confirming(self._to_confirm)
            self._budget, self._to_confirm, self._evaluator.timeout = None, 0, None
            return self._ask(n)
        raise MaximumJobsSpawnReached

    def _tell(self, results: list[tuple[dict[str, Any], Any]]) -> None:
        # In a search, jobs tell more than their objectives: the history passes them on.
        if not self._is_searching:
            for args, objective in results:
                self.dispatcher.take(args, objective)

    def dump_jobs_done_to_csv(self, flush: bool = False) -> None:
        """Write the rows of jobs that finished since the last call.

        DeepHyper calls this after each gathering; ``flush`` has no effect.
        """
        evaluations = self.dispatcher.record()
        if evaluations and self._on_rows is not None:
            self._on_rows(evaluations)
