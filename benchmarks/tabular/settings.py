"""What the table is made with: the one place that says so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xnas
from xnas.errors import UsageError
from xnas.evaluation.settings import MAX_SCORED_EXAMPLES, Trainer
from xnas.imports import load_object
from xnas.nas_deephyper.infos import describe_environment
from xnas.problem import NaProblem
from xnas.results import write_json

FILE = "settings.json"

DECISIVE_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn")
"""Their versions decide what rows hold."""


@dataclass(frozen=True)
class TableSettings:
    """Settings of one table; the defaults are those of the shipped one.

    Args:
        trainer: ``compiled`` or ``plain``.
        problem: import path of the task, whose own file sets epochs, batch size and
            the number of cells a stage.
        hyperparameters: values that replace the task's own.
        run_seeds: the first is for all cells, the others for those that are repeated.
        n_cells: how many cells, spread over the space; ``None`` for all.
        n_noise_cells: cells drawn at random to be repeated, from which the noise
            between seeds is estimated.
        n_near_front: how many cells the best fronts hold at least that are repeated.
        n_rounds: how often, at most, such cells are looked for anew.
    """

    trainer: Trainer = "compiled"
    problem: str = "experiments.digits.problem.Problem"
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    run_seeds: tuple[int, ...] = (0, 1, 2, 3)
    n_cells: int | None = None
    n_noise_cells: int = 80
    n_near_front: int = 30
    n_rounds: int = 20

    def load_problem(self) -> NaProblem:
        """Import the task, with its hyperparameters replaced."""
        problem = load_object(self.problem, "problem")
        return problem.with_hyperparameters(**self.hyperparameters)

    def to_json(self) -> dict[str, Any]:
        """Return the settings, and what else decides rows, as JSON has them."""
        packages = describe_environment()["packages"]
        description = {
            "problem": self.problem,
            "task": self.load_problem().to_json(),
            "trainer": self.trainer,
            "scoring": {
                "explainability_type": "activations",
                "group_by": "prediction",
                "max_scored_examples": MAX_SCORED_EXAMPLES,
            },
            "hyperparameters": dict(self.hyperparameters),
            "run_seeds": self.run_seeds,
            "n_cells": self.n_cells,
            "n_noise_cells": self.n_noise_cells,
            "n_near_front": self.n_near_front,
            "n_rounds": self.n_rounds,
            "versions": {
                "xnas": xnas.__version__,
                **{name: packages[name] for name in DECISIVE_PACKAGES},
            },
        }
        # Through JSON, which knows no tuples, so that it equals what is read back.
        return json.loads(json.dumps(description))

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> "TableSettings":
        """Return the settings that :meth:`to_json` wrote."""
        return cls(
            trainer=description["trainer"],
            problem=description["problem"],
            hyperparameters=description["hyperparameters"],
            run_seeds=tuple(description["run_seeds"]),
            n_cells=description["n_cells"],
            n_noise_cells=description["n_noise_cells"],
            n_near_front=description["n_near_front"],
            n_rounds=description["n_rounds"],
        )


def begin(folder: Path, settings: TableSettings) -> None:
    """Record the settings of a table, or check that they are those it began with.

    Args:
        folder: the table under way; must exist.
        settings: what it is to be made with.

    Raises:
        UsageError: it was begun with others; names the first that differs.
    """
    now = settings.to_json()
    if not (folder / FILE).exists():
        write_json(folder / FILE, now)
        return
    begun = read_settings(folder)
    for name, value in now.items():
        if begun.get(name) != value:
            raise UsageError(
                f"{name} is {_short(value)}, but the table in {folder} was begun with "
                f"{_short(begun.get(name))}, expected the same, or another --folder"
            )


def read_settings(folder: Path) -> dict[str, Any]:
    """Read what a table was begun with.

    Raises:
        UsageError: no table was begun there, or the file cannot be read.
    """
    try:
        return json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        raise UsageError(
            f"no table was begun in {folder}, expected one of benchmarks.tabular.make"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder / FILE} cannot be read: {error}") from error


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 300 else text[:297] + "..."
