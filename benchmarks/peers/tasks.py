"""What is searched for: spaces of which the whole front is known."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import landscape
from benchmarks.chain import Chain
from benchmarks.known_space import KnownSpace, Point
from benchmarks.peers.objective import Space
from xnas.imports import load_object
from xnas.nas_deephyper import tabular
from xnas.searches.regularized_evolution import WEIGHT_PERF, WEIGHT_XAI

ACCURACY, INTROSPECTABILITY, PARAMETERS = "accuracy", "introspectability", "parameters"

REFERENCE = {ACCURACY: 0.1, INTROSPECTABILITY: 0.0}
"""Accuracy of guessing among ten classes, and no introspectability."""

LANDSCAPES, CHAIN = "landscapes", "chain"

TABLES = {
    "accuracy, introspectability": (ACCURACY, INTROSPECTABILITY),
    "accuracy, −parameters": (ACCURACY, PARAMETERS),
    "introspectability, −parameters": (INTROSPECTABILITY, PARAMETERS),
    "accuracy, introspectability, −parameters": (
        ACCURACY,
        INTROSPECTABILITY,
        PARAMETERS,
    ),
}
"""Tasks on the table of all cells, with their objectives."""

TASKS = (LANDSCAPES, *TABLES, CHAIN)


@functools.lru_cache(maxsize=2)
def space_of(task: str, seed: int) -> Space:
    """Make the space of a task; those that a seed changes, once a seed.

    Args:
        task: one of :data:`TASKS`, or the import path of a run function that knows
            every connected cell of NAS-Bench-201.
        seed: of landscapes and chains.
    """
    if task == LANDSCAPES:
        return KnownSpace(landscape.run_of(seed), by_network=True)
    if task == CHAIN:
        return Chain(seed)
    return _cells(task)


@functools.lru_cache(maxsize=2)
def _cells(task: str) -> KnownSpace:
    """Read a table through once a process."""
    if task in TABLES:
        return KnownSpace(functools.partial(look_up, names=TABLES[task]))
    return KnownSpace(load_object(task, "--run"))


def reference_of(task: str, space: Space) -> Point:
    """Return the worst values that count, the worst of all where none is known."""
    names = TABLES.get(task, (ACCURACY, INTROSPECTABILITY))
    if task == CHAIN:
        return tuple(space.worst)
    return tuple(
        REFERENCE.get(name, worst)
        for name, worst in zip(names, space.worst, strict=True)
    )


def weights_of(task: str, space: Space) -> tuple[float, ...]:
    """Return the weights of a sum of objectives, for searches that maximise one.

    Those that are shipped where the objectives are accuracy and introspectability, or
    stand for them; else such that what lies between the worst and the mean of a space
    weighs the same in every objective.
    """
    if task == CHAIN or PARAMETERS in TABLES.get(task, ()):
        return tuple((1 / (np.asarray(space.mean) - space.worst)).tolist())
    return WEIGHT_PERF, WEIGHT_XAI


def look_up(job: Mapping[str, Any], names: Sequence[str]) -> Point:
    """Look objectives of a cell up in the table that is shipped.

    Args:
        job: ``arch_seq``.
        names: of the objectives, whose order is theirs.

    Raises:
        EvaluationError: the cell failed.
    """
    found = tabular.run(job)
    accuracy, introspectability = found["objective"]
    values: dict[str, Callable[[], float]] = {
        ACCURACY: lambda: accuracy,
        INTROSPECTABILITY: lambda: introspectability,
        PARAMETERS: lambda: -found["metadata"]["n_parameters"],
    }
    return tuple(float(values[name]()) for name in names)
