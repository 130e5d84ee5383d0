"""The networks of a space as a search sees them: genotypes, and which are new."""

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np

from xnas.records import Genotype
from xnas.space import KSearchSpace
from xnas.space.canonical import Features

DEDUPLICATE = ("isomorphic", "genotype")
"""What counts as the same network: whatever computes the same function for suitably
permuted weights, or equal choices only."""

ENUMERABLE = 1_000_000
"""Spaces up to this size are listed when random drawing finds nothing new."""

DRAWS_PER_CANDIDATE = 100


class Networks:
    """Knows which networks were handed out, so that none is evaluated twice.

    Args:
        space: the search space.
        deduplicate: one of :data:`DEDUPLICATE`.

    Raises:
        ValueError: ``deduplicate`` is something else.
    """

    def __init__(self, space: KSearchSpace, deduplicate: str = "isomorphic") -> None:
        if deduplicate not in DEDUPLICATE:
            raise ValueError(
                f"deduplicate is {deduplicate!r}, expected one of {DEDUPLICATE}"
            )
        self.deduplicate = deduplicate
        self.n_choices = [high + 1 for _, high in space.choices()]
        self._space = space
        self._forms: dict[Genotype, Hashable | None] = {}
        self._features = lru_cache(20_000)(space.features)
        self._seen: set[Hashable] = set()

    def form_of(self, genotype: Genotype) -> Hashable:
        """Return what a connected genotype shares with all that count as the same."""
        return (
            genotype if self.deduplicate == "genotype" else self.function_of(genotype)
        )

    def function_of(self, genotype: Genotype) -> Hashable:
        """Return what a genotype shares with all that compute the same, if connected.

        Args:
            genotype: one choice a variable node.

        Returns:
            ``None`` where no path leads from input to output.
        """
        if genotype not in self._forms:
            self._forms[genotype] = self._space.canonical_form(genotype)
        return self._forms[genotype]

    def features_of(self, genotype: Genotype) -> Features:
        """Return what a connected network has in common with others.

        See :meth:`xnas.space.KSearchSpace.features`.
        """
        return self._features(genotype)

    def is_new(self, genotype: Genotype) -> bool:
        """Whether a genotype is connected and its network was not handed out yet."""
        function = self.function_of(genotype)
        if function is None:
            return False
        form = function if self.deduplicate == "isomorphic" else genotype
        return form not in self._seen

    def forbid(self, genotypes: Iterable[Genotype]) -> None:
        """Count genotypes as handed out."""
        self._seen.update(map(self.form_of, genotypes))

    def remember(self, forms: Mapping[Genotype, Hashable]) -> None:
        """Take over what was found out of genotypes before."""
        self._forms.update(forms)

    def draw(
        self,
        count: int,
        rng: np.random.Generator,
        excluded: Iterable[Genotype] = (),
    ) -> list[Genotype]:
        """Draw different new networks uniformly among the genotypes.

        Args:
            count: how many to draw.
            rng: source of randomness.
            excluded: genotypes whose networks are not to be drawn either.

        Returns:
            Up to ``count`` genotypes; fewer only if no more exist (or, in spaces too
            large to list, none turned up).
        """
        drawn: list[Genotype] = []
        forms = set(map(self.form_of, excluded))

        def take(genotype: Genotype) -> None:
            if len(drawn) < count and self._is_free(genotype, forms):
                forms.add(self.form_of(genotype))
                drawn.append(genotype)

        for _ in range(DRAWS_PER_CANDIDATE):
            if len(drawn) == count:
                return drawn
            shape = (count, len(self.n_choices))
            for choices in rng.integers(0, self.n_choices, size=shape).tolist():
                take(tuple(choices))
        if len(drawn) < count and prod(self.n_choices) <= ENUMERABLE:
            everything = product(*map(range, self.n_choices))
            rest = [one for one in everything if self._is_free(one, forms)]
            for i in rng.permutation(len(rest)):
                take(rest[i])
        return drawn

    def _is_free(self, genotype: Genotype, forms: set[Hashable]) -> bool:
        return self.is_new(genotype) and self.form_of(genotype) not in forms
