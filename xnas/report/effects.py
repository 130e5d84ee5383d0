"""What matters: how each operation at each node changes an objective."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95
"""Of the confidence intervals."""

SPARE = 10
"""Rows beyond the coefficients, without which intervals say nothing."""

ENOUGH = 3
"""Rows that an operation must have at a node to be judged."""


@dataclass(frozen=True)
class Effect:
    """How much one operation at one node adds to an objective.

    Args:
        variable: position of the variable node in the genotype.
        choice: the operation's number there.
        rows: networks with it, of those with a finite objective.
        estimate: against the mean of the operations at that node, the other nodes
            held equal; ``None`` if there are too few rows.
        low: lower end of the confidence interval.
        high: its upper end.
    """

    variable: int
    choice: int
    rows: int
    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Effects:
    """The effects on one objective.

    Args:
        objective: its name.
        rows: networks that the estimates rest on.
        explained: part of the variance that they explain, ``None`` without estimates.
        missing: why there are no estimates, if so.
        effects: one a node and operation, in order.
    """

    objective: str
    rows: int
    explained: float | None
    missing: str | None
    effects: tuple[Effect, ...]


def estimate_effects(
    objective: str,
    genotypes: NDArray[np.int64],
    values: NDArray[np.float64],
    sizes: tuple[int, ...],
) -> Effects:
    """Estimate main effects by ordinary least squares.

    Effects of the operations at one node sum to zero. Standard errors are HC3
    (MacKinnon and White, 1985), which allow the scatter to differ between networks;
    intervals use Student's distribution.

    Args:
        objective: its name.
        genotypes: (networks, variables) int64.
        values: (networks,) float64; those that are not finite do not count.
        sizes: operations to choose from at each node.
    """
    finite = np.isfinite(values)
    genotypes, values = genotypes[finite], values[finite]
    n_finite = len(values)
    counts = _counts(genotypes, sizes)
    kept = _often_seen(genotypes, sizes)
    genotypes, values = genotypes[kept], values[kept]
    seen = [np.flatnonzero(count) for count in _counts(genotypes, sizes)]
    needed = 1 + SPARE + sum(max(len(choices) - 1, 0) for choices in seen)
    missing, explained = None, None
    intervals: dict[tuple[int, int], tuple[float, float, float]] = {}
    if len(values) < needed:
        missing = (
            f"there are too few networks ({n_finite} with a value, of which "
            f"{len(values)} share each operation with two others, but {needed} are "
            "needed)"
        )
    else:
        design, contrasts = _design(genotypes, seen)
        if np.linalg.matrix_rank(design) < design.shape[1]:
            missing = "the networks differ in too few ways to tell the nodes apart"
        elif np.ptp(values) == 0:
            missing = "all networks have the same value"
        else:
            found, explained = _fit(design, contrasts, values)
            intervals = dict(zip(contrasts, found, strict=True))
    effects = tuple(
        Effect(i, choice, int(n), *intervals.get((i, choice), (None, None, None)))
        for i, of_node in enumerate(counts)
        for choice, n in enumerate(of_node)
    )
    return Effects(objective, len(values), explained, missing, effects)


def _counts(
    genotypes: NDArray[np.int64], sizes: tuple[int, ...]
) -> list[NDArray[np.int64]]:
    return [np.bincount(genotypes[:, i], minlength=n) for i, n in enumerate(sizes)]


def _often_seen(
    genotypes: NDArray[np.int64], sizes: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Leave out networks with an operation that is rare at its node.

    One network alone fits its own operation perfectly: nothing tells how far off.
    """
    kept = np.ones(len(genotypes), dtype=np.bool_)
    while True:
        frequent = [count >= ENOUGH for count in _counts(genotypes[kept], sizes)]
        common = np.ones(len(genotypes), dtype=np.bool_)
        for i, of_node in enumerate(frequent):
            common &= of_node[genotypes[:, i]]
        if (kept & common).sum() == kept.sum():
            return kept
        kept &= common


def _design(
    genotypes: NDArray[np.int64], seen: list[NDArray[np.int64]]
) -> tuple[NDArray[np.float64], dict[tuple[int, int], NDArray[np.float64]]]:
    """Code choices so that the effects at a node sum to zero.

    Returns:
        (networks, coefficients) design, and for each node and operation the
        combination of coefficients that is its effect.
    """
    columns = [np.ones(len(genotypes))]
    width = 1 + sum(max(len(choices) - 1, 0) for choices in seen)
    contrasts = {}
    for node, choices in enumerate(seen):
        if len(choices) < 2:
            continue
        first = len(columns)
        for i, choice in enumerate(choices[:-1]):
            here = (genotypes[:, node] == choice).astype(np.float64)
            columns.append(here - (genotypes[:, node] == choices[-1]))
            contrasts[node, int(choice)] = np.eye(width)[first + i]
        last = np.zeros(width)
        last[first : len(columns)] = -1.0
        contrasts[node, int(choices[-1])] = last
    return np.stack(columns, axis=1), contrasts


def _fit(
    design: NDArray[np.float64],
    contrasts: dict[tuple[int, int], NDArray[np.float64]],
    values: NDArray[np.float64],
) -> tuple[list[tuple[float, float, float]], float]:
    """Return estimate and interval of each contrast, and the variance explained."""
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ values
    residuals = values - design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    # HC3: each residual as it would be had its network not been fitted.
    left_out = residuals / np.maximum(1.0 - leverage, 1e-6)
    half = design @ inverse * left_out[:, None]
    covariance = half.T @ half
    freedom = len(values) - design.shape[1]
    quantile = float(stats.t.ppf(0.5 + LEVEL / 2, freedom))
    found = []
    for contrast in contrasts.values():
        estimate = float(contrast @ coefficients)
        margin = quantile * float(np.sqrt(contrast @ covariance @ contrast))
        found.append((estimate, estimate - margin, estimate + margin))
    explained = 1.0 - float(
        residuals @ residuals / np.sum((values - values.mean()) ** 2)
    )
    return found, explained


@dataclass(frozen=True)
class Commonness:
    """How common an operation at one node is on the front and in all networks.

    Args:
        variable: position of the variable node in the genotype.
        choice: the operation's number there.
        front: networks of the front with it.
        others: all networks with it that did not fail.
    """

    variable: int
    choice: int
    front: int
    others: int


def common_choices(
    genotypes: NDArray[np.int64], on_front: NDArray[np.bool_], sizes: tuple[int, ...]
) -> tuple[Commonness, ...]:
    """Count operations at each node, on the front and overall.

    Args:
        genotypes: (networks, variables) int64, of the networks that did not fail.
        on_front: (networks,) bool.
        sizes: operations to choose from at each node.
    """
    best = _counts(genotypes[on_front], sizes)
    whole = _counts(genotypes, sizes)
    return tuple(
        Commonness(i, choice, int(best[i][choice]), int(whole[i][choice]))
        for i, size in enumerate(sizes)
        for choice in range(size)
    )
