"""What was searched and trained, in one folder, and what is still to do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.paper.tasks import POPULATION, VARIANTS, Variant, problem_of
from xnas.results import Run, load, write_json

MINUTES = {"digits": (2.0, 1.0), "mnist": (6.0, 2.5)}
"""Of a search of 64 networks, and of what is measured on its network; one thread."""


@dataclass(frozen=True)
class Cell:
    """One search and the network that is taken from it.

    Args:
        store: the folder of all.
        task: ``digits`` or ``mnist``.
        variant: the kind of search.
        seed: of the search.
        evaluations: that it makes.
    """

    store: Path
    task: str
    variant: Variant
    seed: int
    evaluations: int

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.store / self.task / self.variant.folder / str(self.seed)

    @property
    def measured(self) -> Path:
        """The file of what was measured on the network."""
        return self.folder.with_suffix(".json")

    def run(self) -> Run | None:
        """Read the search, if it is finished."""
        if not (self.folder / "init_infos.json").exists():
            return None
        run = load(self.folder)
        return run if len(run.records) >= self.evaluations else None

    def network(self) -> dict[str, Any] | None:
        """Read what was measured on the network, if that is done."""
        if not self.measured.exists():
            return None
        found: dict[str, Any] = json.loads(self.measured.read_text())
        return found

    def minutes(self) -> float:
        """Estimate what is left to do, in minutes."""
        search, network = MINUTES[self.task]
        searching = 0.0 if self.run() is not None else search * self.evaluations / 64
        return searching + (0.0 if self.network() is not None else network)

    def search(self) -> Run:
        """Search, or carry on."""
        import xnas

        problem = problem_of(self.task, self.variant)
        if (self.folder / "init_infos.json").exists():
            xnas.search(problem, resume=str(self.folder), report=False, progress=False)
        else:
            xnas.search(
                problem,
                search="nsga2",
                population_size=min(POPULATION, self.evaluations),
                record_mo_xai_only=not self.variant.is_multi,
                group_by="label",
                max_evals=self.evaluations,
                trainer="compiled",
                evaluator="process",
                num_workers=1,
                seed=self.seed,
                log_dir=str(self.folder),
                report=False,
                progress=False,
            )
        return load(self.folder)

    def complete(self) -> None:
        """Search and measure what is missing."""
        run = self.run() or self.search()
        if self.network() is not None:
            return
        from benchmarks.paper.networks import study

        # The best of what was searched for.
        pick = "knee" if self.variant.is_multi else "accuracy"
        record = run.record(run.pick(pick, "observed"))
        found = study(self.task, self.variant, record.genotype, self.seed)
        values = dict(
            zip(
                ("accuracy", "introspectability"),
                run.points(run.axes)[
                    [one.id for one in run.networks].index(record.id)
                ].tolist(),
                strict=True,
            )
        )
        write_json(
            self.measured,
            {"id": record.id, "genotype": list(record.genotype), **values, **found},
        )


def cells(store: Path, tasks: list[str], seeds: int, evaluations: int) -> list[Cell]:
    """List everything, seed by seed, so that every table grows a seed at a time."""
    return [
        Cell(store, task, variant, seed, evaluations)
        for seed in range(seeds)
        for task in tasks
        for variant in VARIANTS
    ]


def complete(wanted: list[Cell], say: Callable[[str], None]) -> None:
    """Do what is missing.

    Args:
        wanted: of :func:`cells`.
        say: told how long it takes, and what is being done.
    """
    for cell, left in remaining(wanted):
        say(
            f"{left / 60:.1f} h left: {cell.task}, {cell.variant.name}, "
            f"seed {cell.seed}"
        )
        cell.complete()


def remaining(wanted: list[Cell]) -> Iterator[tuple[Cell, float]]:
    """List what is not done, each with the minutes from it to the end."""
    minutes = [cell.minutes() for cell in wanted]
    for number, cell in enumerate(wanted):
        if minutes[number]:
            yield cell, sum(minutes[number:])
