"""Two objectives and a duration that any genotype has, without a network.

Run functions of this module load little, so that many workers fit one machine.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

NEIGHBOURS = 2
"""Choices that decide, with its own, what one choice is worth (the K of NK models)."""

SIGMA = 1.0
"""Of the logarithm of an evaluation's seconds, whose mean is 1."""

CORRELATION, DURATION = 0.3, 1_000_000
"""What the second objective loses by the first; the durations' own random numbers."""


@cache
def _worth(landscape: int, place: int, choices: tuple[int, ...]) -> float:
    return float(np.random.default_rng([landscape, place, *choices]).random())


def fitness(landscape: int, genotype: Sequence[int]) -> float:
    """Compute the mean worth of all choices, each in its context.

    Args:
        landscape: number of the NK landscape.
        genotype: one choice a variable node.

    Returns:
        A number in [0, 1).
    """
    size = len(genotype)
    contexts = (
        tuple(genotype[(place + k) % size] for k in range(NEIGHBOURS + 1))
        for place in range(size)
    )
    return math.fsum(_worth(landscape, k, c) for k, c in enumerate(contexts)) / size


def objectives(seed: int, genotype: Sequence[int]) -> tuple[float, float]:
    """Give a genotype two objectives that pull apart.

    Args:
        seed: of the landscapes.
        genotype: one choice a variable node.

    Returns:
        Both, to be maximised, in (−0.3, 1).
    """
    first, second = (fitness(2 * seed + k, genotype) for k in range(2))
    return first, second - CORRELATION * first


def run_of(seed: int) -> Callable[[Mapping[str, Any]], tuple[float, float]]:
    """Return a run function on the landscapes of a seed."""
    return lambda job: objectives(seed, job["arch_seq"])


def seconds(seed: int, genotype: Sequence[int]) -> float:
    """Draw how long an evaluation takes, log-normally and with mean 1.

    Args:
        seed: of the durations.
        genotype: decides, with the seed.
    """
    rng = np.random.default_rng([DURATION, seed, *genotype])
    return float(rng.lognormal(-(SIGMA**2) / 2, SIGMA))


def steady_seconds(number: int) -> float:
    """Return how long an evaluation takes that is as quick as those of small tasks.

    Args:
        number: of the evaluation; later ones, before which a search has more to think
            of, take longer.
    """
    return 0.5 if number < 500 else 2.0


def sleep_steadily(job: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Take the time of :func:`steady_seconds`; else like :func:`sleep`."""
    return _slept(job, seed, steady_seconds(job["job_id"]))


def sleep(job: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Take the time of a genotype.

    Args:
        job: what to evaluate.
        seed: of landscapes and durations.

    Returns:
        Both objectives and, as metadata, the times of beginning and end.
    """
    return _slept(job, seed, seconds(seed, job["arch_seq"]))


def _slept(job: Mapping[str, Any], seed: int, duration: float) -> dict[str, Any]:
    began = time.time()
    time.sleep(duration)
    return {
        "objective": objectives(seed, job["arch_seq"]),
        "metadata": {"began": began, "ended": time.time()},
    }
