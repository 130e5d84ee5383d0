"""What every XNAS search shares, on top of DeepHyper's search loop."""

import abc
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from deephyper.evaluator import Evaluator, MaximumJobsSpawnReached
from deephyper.hpo import Search

from xnas.nas_deephyper.candidates import Candidate, Evaluated, Genotype, front_of
from xnas.nas_deephyper.history import XNASHistory, read_objectives
from xnas.nas_deephyper.infos import describe_run
from xnas.problem import NaProblem
from xnas.results import Columns, ResultsTable, RunFolder, write_json

logger = logging.getLogger(__name__)

MAX_SEED = 2**31 - 1

OnRows = Callable[[Sequence[Evaluated]], None]


class XNASSearch(Search):
    """A search that writes a run folder and evaluates no genotype twice.

    Subclasses say which candidates come next (:meth:`_propose`) and learn what
    became of them (:meth:`_observe`).

    Args:
        problem: the task.
        random_state: seed of everything random; drawn and recorded if ``None``.
        log_dir: the run folder; must not hold a run yet.
        verbose: passed to DeepHyper.
        n_objectives: 2 to maximise task metric and introspectability, 1 for the
            task alone.
        infos: more to record in ``init_infos.json``.
        on_rows: called with evaluations once their rows are on the disk.

    Raises:
        UsageError: the folder holds a run.
        ValueError: another argument cannot be used.
    """

    def __init__(
        self,
        problem: NaProblem,
        random_state: int | None = None,
        log_dir: str | Path = ".",
        verbose: int = 0,
        *,
        n_objectives: int = 2,
        infos: Mapping[str, Any] | None = None,
        on_rows: OnRows | None = None,
    ) -> None:
        if not isinstance(problem, NaProblem):
            raise ValueError(
                f"problem is a {type(problem).__name__}, expected an NaProblem"
            )
        if n_objectives < 1:
            raise ValueError(f"n_objectives is {n_objectives}, expected 1 or more")
        self.seed = _checked_seed(random_state)
        self.folder = RunFolder(log_dir)
        self.folder.refuse_if_taken()
        self.na_problem = problem
        self.space = problem.build_space()
        super().__init__(
            problem.hp_problem(self.space),
            random_state=self.seed,
            log_dir=str(self.folder.root),
            verbose=verbose,
            checkpoint_history_to_csv=False,
        )
        self.variable_names = tuple(node.name for node in self.space.variable_nodes)
        self.n_choices = [high + 1 for _, high in self.space.choices()]
        self.history = XNASHistory(
            self._problem, Columns(self.variable_names, n_objectives)
        )
        self.exhausted = False
        self._infos = dict(infos or {})
        self._on_rows = on_rows
        self._is_connected = cache(self.space.is_connected)
        self._seen: set[Genotype] = set()
        self._in_flight: dict[Genotype, int] = {}
        self._budget: int | None = None
        self._written = 0
        self._activation_front: list[Evaluated] = []
        self._table: ResultsTable | None = None

    @staticmethod
    def draw_seed() -> int:
        """Draw a seed from the system's randomness."""
        return secrets.randbelow(MAX_SEED + 1)

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the search's course, as recorded in ``init_infos.json``."""
        return {"type": type(self).__name__, "seed": self.seed}

    @abc.abstractmethod
    def _propose(self, count: int) -> list[Candidate]:
        """Name up to ``count`` new candidates to evaluate now.

        An empty list means: none before some running evaluation ends; with none
        running, that the space is exhausted.
        """

    @abc.abstractmethod
    def _observe(self, evaluated: Evaluated) -> None:
        """Learn the outcome of a candidate."""

    def is_new(self, genotype: Genotype) -> bool:
        """Whether a genotype is connected and was not handed out yet."""
        return genotype not in self._seen and self._is_connected(genotype)

    def search(
        self,
        evaluator: Evaluator | Callable,
        max_evals: int = -1,
        timeout: int | None = None,
        max_evals_strict: bool = False,
    ) -> pd.DataFrame | None:
        """Run the search, DeepHyper's way.

        Args:
            evaluator: an evaluator of this package or of DeepHyper, used by this
                search alone, or a run function.
            max_evals: number of evaluations to stop after; −1 for no limit.
            timeout: seconds to stop after, dropping what runs then.
            max_evals_strict: has no effect, ``max_evals`` is always exact.

        Returns:
            The rows, or ``None`` without any.
        """
        self.folder.claim()
        try:
            if self._table is None:
                self.folder.refuse_if_taken()
                write_json(self.folder.init_infos, self._describe(max_evals))
            self._table = ResultsTable(self.folder.results, self.history.columns)
            try:
                return super().search(evaluator, max_evals, timeout)
            finally:
                self.history.compute_pareto_efficiency()
                self._table.finish(self.history.rows())
        finally:
            self.folder.release()

    def _describe(self, max_evals: int) -> dict[str, Any]:
        settings = {**self.settings, "max_evals": max_evals}
        n_objectives = self.history.columns.n_objectives
        run = describe_run(self.na_problem, self.space, settings, n_objectives)
        return {**run, **self._infos}

    def _search(
        self, max_evals: int, timeout: int | None, max_evals_strict: bool = False
    ) -> None:
        handed_out = len(self.history.candidates)
        self._budget = None if max_evals < 0 else handed_out + max_evals
        super()._search(max_evals, timeout, max_evals_strict)

    def _ask(self, n: int = 1) -> list[dict[str, Any]]:
        # DeepHyper asks for as many as it just gathered; what counts is free workers.
        count = self._evaluator.num_workers - len(self._in_flight)
        if self._budget is not None:
            count = min(count, self._budget - len(self.history.candidates))
        candidates = self._propose(count) if count > 0 else []
        if not candidates and not self._in_flight:
            self.exhausted = True
            logger.info("every network of the search space has been evaluated")
            raise MaximumJobsSpawnReached
        return self._hand_out(candidates)

    def _hand_out(self, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
        now = time.time()
        started = []
        for candidate in candidates:
            number = len(self.history.candidates)
            self.history.candidates[number] = candidate
            self._seen.add(candidate.genotype)
            self._in_flight[candidate.genotype] = number
            started.append(
                {
                    "id": number,
                    "arch_seq": candidate.genotype,
                    "generation": candidate.generation,
                    "parent_ids": candidate.parent_ids,
                    "time": now,
                }
            )
        self.folder.append_started(started)
        return [
            {
                **dict(zip(self.variable_names, candidate.genotype, strict=True)),
                "arch_seq": list(candidate.genotype),
            }
            for candidate in candidates
        ]

    def _tell(self, results: list[tuple[dict[str, Any], Any]]) -> None:
        for config, objective in results:
            number = self._in_flight.pop(tuple(config["arch_seq"]))
            objectives = read_objectives(objective, self.history.columns.n_objectives)
            self._observe(
                Evaluated(number, self.history.candidates[number], objectives)
            )

    def dump_jobs_done_to_csv(self, flush: bool = False) -> None:
        """Write the rows of jobs that finished since the last call.

        DeepHyper calls this after each gathering and before it hands out more.

        Args:
            flush: has no effect, rows are never kept back.
        """
        jobs = self.history.jobs[self._written :]
        if not jobs or self._table is None:
            return
        self._table.append([self.history.row(job) for job in jobs])
        self._written += len(jobs)
        evaluated = [self.history.evaluated(job) for job in jobs]
        self._prune_activations(evaluated)
        if self._on_rows is not None:
            self._on_rows(evaluated)

    def _prune_activations(self, evaluated: Sequence[Evaluated]) -> None:
        """Delete activations of what is dominated within its own generation."""
        for one in evaluated:
            rivals = [
                rival
                for rival in self._activation_front
                if rival.candidate.generation == one.candidate.generation
            ]
            self._activation_front = front_of([*rivals, one])
            for loser in [*rivals, one]:
                if loser not in self._activation_front:
                    self.folder.activations(loser.id).unlink(missing_ok=True)


def _checked_seed(seed: int | None) -> int:
    if seed is None:
        return XNASSearch.draw_seed()
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise ValueError(f"the seed is {seed!r}, expected 0 to {MAX_SEED}")
    return seed
