"""What every XNAS search shares, on top of DeepHyper's search loop."""

import abc
import logging
import secrets
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from deephyper.evaluator import Evaluator, MaximumJobsSpawnReached
from deephyper.hpo import Search

from xnas.nas_deephyper.evaluator.base import XNASEvaluator
from xnas.nas_deephyper.history import XNASHistory, read_objectives
from xnas.nas_deephyper.hp_problem import hp_problem
from xnas.nas_deephyper.infos import describe_run
from xnas.nas_deephyper.resuming import Earlier, read_earlier, refuse_differences
from xnas.problem import NaProblem
from xnas.results import Columns, ResultsTable, RunFolder, write_json
from xnas.searches.candidates import Candidate, Evaluated, Genotype, front_of
from xnas.space import KSearchSpace
from xnas.tasks import space_of

logger = logging.getLogger(__name__)

MAX_SEED = 2**31 - 1
DEDUPLICATE = ("isomorphic", "genotype")

OnRows = Callable[[Sequence[Evaluated]], None]


class XNASSearch(Search):
    """A search that writes a run folder and evaluates no network twice.

    Subclasses say which candidates come next (:meth:`_propose`) and learn what
    became of them (:meth:`_observe`).

    Args:
        problem: the task.
        random_state: seed of everything random; drawn and recorded if ``None``.
        log_dir: the run folder; must not hold a run yet.
        verbose: passed to DeepHyper.
        population_size: members of the population.
        n_objectives: 2 to maximise task metric and introspectability, 1 for the
            task alone.
        infos: more to record in ``init_infos.json``.
        on_rows: called with evaluations once their rows are on the disk.
        deduplicate: what counts as the same network: ``isomorphic``, whatever computes
            the same function for suitably permuted weights, or ``genotype``, equal
            choices only.
        resume: whether to carry on the run that the folder holds, however it ended;
            the folder stays locked until :meth:`search` ends.
        space: the task's, where it is made already; made of the task by default.

    Raises:
        UsageError: the folder holds a run and is not to be resumed; or it cannot be
            resumed as this search.
        ValueError: another argument cannot be used.
    """

    def __init__(
        self,
        problem: NaProblem,
        random_state: int | None = None,
        log_dir: str | Path = ".",
        verbose: int = 0,
        *,
        population_size: int = 64,
        n_objectives: int = 2,
        infos: Mapping[str, Any] | None = None,
        on_rows: OnRows | None = None,
        deduplicate: Literal["isomorphic", "genotype"] = "isomorphic",
        resume: bool = False,
        space: KSearchSpace | None = None,
    ) -> None:
        if not isinstance(problem, NaProblem):
            raise ValueError(
                f"problem is a {type(problem).__name__}, expected an NaProblem"
            )
        if population_size < 2:
            raise ValueError(
                f"population_size is {population_size}, expected 2 or more"
            )
        if n_objectives < 1:
            raise ValueError(f"n_objectives is {n_objectives}, expected 1 or more")
        if deduplicate not in DEDUPLICATE:
            raise ValueError(
                f"deduplicate is {deduplicate!r}, expected one of {DEDUPLICATE}"
            )
        self.population_size = population_size
        self.deduplicate = deduplicate
        self.folder = RunFolder(log_dir)
        recorded = self.folder.infos() if resume else None
        if recorded is None:
            self.folder.refuse_if_taken()
        elif random_state is None:
            random_state = recorded["search"]["seed"]
        self.seed = _checked_seed(random_state)
        self.na_problem = problem
        self.space = space or space_of(problem)
        super().__init__(
            hp_problem(self.space),
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
        self.stopping = False
        self.earlier = Earlier()
        self.next_id = 0
        self.n_observed = 0
        self._infos = dict(infos or {})
        self._on_rows = on_rows
        self._is_connected = cache(self.space.is_connected)
        self._forms: dict[Genotype, Hashable] = {}
        self._seen: set[Hashable] = set()
        self._in_flight: dict[Genotype, int] = {}
        self._to_repeat: dict[int, Candidate] = {}
        self._budget: int | None = None
        self._written = 0
        self._activation_front: list[Evaluated] = []
        self._table: ResultsTable | None = None
        self._recorded = recorded

    @staticmethod
    def draw_seed() -> int:
        """Draw a seed from the system's randomness."""
        return secrets.randbelow(MAX_SEED + 1)

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the search's course, as recorded in ``init_infos.json``."""
        return {
            "type": type(self).__name__,
            "seed": self.seed,
            "population_size": self.population_size,
            "deduplicate": self.deduplicate,
        }

    @abc.abstractmethod
    def _propose(self, count: int) -> list[Candidate]:
        """Name up to ``count`` new candidates to evaluate now.

        An empty list means: none before some running evaluation ends; with none
        running, that the space is exhausted.
        """

    @abc.abstractmethod
    def _observe(self, evaluated: Evaluated) -> None:
        """Learn the outcome of a candidate."""

    @abc.abstractmethod
    def _restore(self, earlier: Earlier) -> dict[int, Candidate]:
        """Become what the search was when a run ended.

        Returns:
            By id, what is to be handed out before anything new.
        """

    def observe(self, evaluated: Evaluated) -> None:
        """Count the outcome of a candidate and learn from it."""
        self._observe(evaluated)
        self.n_observed += 1

    def is_new(self, genotype: Genotype) -> bool:
        """Whether a genotype is connected and its network was not handed out yet."""
        return self._is_connected(genotype) and self.form_of(genotype) not in self._seen

    def form_of(self, genotype: Genotype) -> Hashable:
        """Return what a connected genotype shares with all that count as the same."""
        if self.deduplicate == "genotype":
            return genotype
        if genotype not in self._forms:
            self._forms[genotype] = self.space.canonical_form(genotype)
        return self._forms[genotype]

    def forbid(self, genotypes: Iterable[Genotype]) -> None:
        """Count genotypes as handed out."""
        self._seen.update(map(self.form_of, genotypes))

    def stop(self) -> None:
        """Hand out nothing more; :meth:`search` ends once nothing runs."""
        self.stopping = True

    def take_over(self) -> None:
        """Become the search that the folder's run was, with all its rows.

        Raises:
            UsageError: another process writes here, or the run was another search's.
        """
        if self._recorded is None:
            raise ValueError("there is nothing to take over without resume=True")
        self.folder.claim()
        try:
            refuse_differences(self._recorded, self._describe(-1), self.folder.root)
            self.folder.remove_drafts()
            self.earlier = read_earlier(self.folder, self.history.columns)
            self.history.take_over(self.earlier)
            self._forms.update(self.earlier.forms)
            self._to_repeat = self._restore(self.earlier)
        except BaseException:
            self.folder.release()
            raise
        self.n_observed = len(self.earlier.evaluated)
        self.forbid(one.candidate.genotype for one in self.earlier.evaluated)
        # With more workers than that, children are bred beside these.
        self.forbid(candidate.genotype for candidate in self._to_repeat.values())
        self.next_id = 1 + max([*self.history.candidates, *self._to_repeat, -1])
        self._keep_front_activations()

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
        if self._recorded is None:
            self.folder.claim()
        elif not self.folder.is_claimed:
            self.take_over()
        try:
            if self._table is None:
                self._record(max_evals)
            self._table = ResultsTable(self.folder.results, self.history.columns)
            if isinstance(evaluator, XNASEvaluator):
                evaluator.number_of = self.history.number_of
            try:
                return super().search(evaluator, max_evals, timeout)
            finally:
                self.conclude()
        finally:
            self.folder.release()

    def _record(self, max_evals: int) -> None:
        """Write ``init_infos.json`` before the first row; add to it when resumed."""
        total = max_evals if max_evals < 0 else len(self.earlier.rows) + max_evals
        infos = self._describe(total)
        if self._recorded is None:
            self.folder.refuse_if_taken()
        else:
            start = {key: infos[key] for key in ("started", "xnas", "environment")}
            start |= {"max_evals": total, "workers": infos.get("workers")}
            resumed = [*self._recorded.get("resumed", []), start]
            search = {**self._recorded["search"], "max_evals": total}
            renewed = {key: infos.get(key) for key in ("arguments", "workers")}
            infos = {**self._recorded, **renewed, "search": search, "resumed": resumed}
        write_json(self.folder.init_infos, infos)

    def conclude(self) -> None:
        """Write the final table, with the front flagged."""
        self.history.compute_pareto_efficiency()
        if self._table is None:
            self._table = ResultsTable(self.folder.results, self.history.columns)
        self._table.finish(self.history.rows())

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
        candidates = self._next(0 if self.stopping else max(count, 0))
        if not candidates and not self._in_flight:
            if not self.stopping:
                self.exhausted = True
                logger.info("every network of the search space has been evaluated")
            raise MaximumJobsSpawnReached
        return self._hand_out(candidates)

    def _next(self, count: int) -> dict[int, Candidate]:
        """Name up to ``count`` candidates by id: first what a resumed run left."""
        numbers = sorted(self._to_repeat)[:count]
        repeated = {number: self._to_repeat.pop(number) for number in numbers}
        if len(repeated) == count:
            return repeated
        proposed = self._propose(count - len(repeated))
        new = dict(enumerate(proposed, self.next_id))
        self.next_id += len(new)
        return repeated | new

    def _hand_out(self, candidates: Mapping[int, Candidate]) -> list[dict[str, Any]]:
        now = time.time()
        started = []
        for number, candidate in candidates.items():
            self.history.add(number, candidate)
            self.forbid([candidate.genotype])
            self._in_flight[candidate.genotype] = number
            started.append(
                {
                    "id": number,
                    "arch_seq": candidate.genotype,
                    "generation": candidate.generation,
                    "parent_ids": candidate.parent_ids,
                    "after_rows": self.n_observed,
                    "time": now,
                    **self._form_to_record(candidate.genotype),
                }
            )
        self.folder.append_started(started)
        return [
            {
                **dict(zip(self.variable_names, candidate.genotype, strict=True)),
                "arch_seq": list(candidate.genotype),
            }
            for candidate in candidates.values()
        ]

    def _form_to_record(self, genotype: Genotype) -> dict[str, str]:
        """Spare a resumed run of thousands the time to work the forms out again."""
        form = self.form_of(genotype)
        return {"form": form.hex()} if isinstance(form, bytes) else {}

    def _tell(self, results: list[tuple[dict[str, Any], Any]]) -> None:
        for config, objective in results:
            number = self._in_flight.pop(tuple(config["arch_seq"]))
            objectives = read_objectives(objective, self.history.columns.n_objectives)
            self.observe(Evaluated(number, self.history.candidates[number], objectives))

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

    def _keep_front_activations(self) -> None:
        """Do for earlier evaluations what a kill may have come before."""
        generations: dict[int | None, list[Evaluated]] = {}
        for one in self.earlier.evaluated:
            generations.setdefault(one.candidate.generation, []).append(one)
        kept: set[int] = set()
        for members in generations.values():
            self._activation_front = front_of(members)
            kept.update(one.id for one in self._activation_front)
        for number in self.folder.stored_activations() - kept:
            self.folder.activations(number).unlink(missing_ok=True)


def _checked_seed(seed: int | None) -> int:
    if seed is None:
        return XNASSearch.draw_seed()
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise ValueError(f"the seed is {seed!r}, expected 0 to {MAX_SEED}")
    return seed
