"""Genotypes to try: what a candidate is, and how new ones are drawn at random."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from xnas.pareto import is_pareto_efficient

Genotype = tuple[int, ...]
"""One choice a variable node."""

ENUMERABLE = 1_000_000
"""Spaces up to this size are listed when random drawing finds nothing new."""

DRAWS_PER_CANDIDATE = 100


@dataclass(frozen=True)
class Candidate:
    """A genotype to evaluate, with its lineage.

    Args:
        genotype: one choice a variable node.
        parent_ids: ids of the evaluations it descends from; empty if drawn at
            random.
        generation: counts from 0; ``None`` where the algorithm has none.
    """

    genotype: Genotype
    parent_ids: tuple[int, ...] = ()
    generation: int | None = None


@dataclass(frozen=True)
class Evaluated:
    """A candidate with what its evaluation gave.

    Args:
        id: its number, counting from 0 in the order of handing out.
        candidate: what was evaluated.
        objectives: all maximised; ``None`` if the evaluation failed.
    """

    id: int
    candidate: Candidate
    objectives: tuple[float, ...] | None


def draw_new(
    n_choices: Sequence[int],
    count: int,
    rng: np.random.Generator,
    is_new: Callable[[Genotype], bool],
    form_of: Callable[[Genotype], Hashable] = tuple,
    excluded: Iterable[Genotype] = (),
) -> list[Genotype]:
    """Draw different networks uniformly among the genotypes that ``is_new`` admits.

    Args:
        n_choices: number of choices of each variable node.
        count: how many to draw.
        rng: source of randomness.
        is_new: whether a genotype may be evaluated.
        form_of: the same for genotypes that count as one network.
        excluded: genotypes whose networks are not to be drawn either.

    Returns:
        Up to ``count`` genotypes; fewer only if no more exist (or, in spaces too
        large to list, none turned up).
    """
    drawn: list[Genotype] = []
    forms = set(map(form_of, excluded))

    def draw(genotype: Genotype) -> None:
        if len(drawn) < count and is_new(genotype) and form_of(genotype) not in forms:
            forms.add(form_of(genotype))
            drawn.append(genotype)

    for _ in range(DRAWS_PER_CANDIDATE):
        if len(drawn) == count:
            return drawn
        for choices in rng.integers(0, n_choices, size=(count, len(n_choices))):
            draw(tuple(choices.tolist()))
    if len(drawn) < count and prod(n_choices) <= ENUMERABLE:
        # What is excluded must not lengthen the list: the same is drawn without it.
        rest = [
            g
            for g in product(*map(range, n_choices))
            if is_new(g) and form_of(g) not in forms
        ]
        for i in rng.permutation(len(rest)):
            draw(rest[i])
    return drawn


def front_of(evaluated: Sequence[Evaluated]) -> list[Evaluated]:
    """Leave out whatever failed or is dominated.

    Args:
        evaluated: any number of evaluations with equally many objectives.

    Returns:
        The non-dominated ones, in their order.
    """
    sound = [one for one in evaluated if one.objectives is not None]
    if not sound:
        return []
    mask = is_pareto_efficient(np.array([one.objectives for one in sound]))
    return [one for one, efficient in zip(sound, mask, strict=True) if efficient]
