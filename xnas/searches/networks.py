"""The networks of a space as a search sees them: genotypes, and which are new."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from xnas.distances import Features
from xnas.records import Genotype
from xnas.space import KSearchSpace

DEDUPLICATE = ("isomorphic", "genotype")
"""What counts as the same network: whatever computes the same function for suitably
permuted weights, or equal choices only."""

LISTED = 50_000
"""Spaces up to this size are listed when random drawing finds nothing new."""

MOST_DRAWS = 1_000_000
"""Further draws in larger ones: of each genotype once, where there are no more."""

MOST_COMPARED = 200_000
"""How many connected genotypes they compare with what was handed out at most, since
that takes up to 0.1 ms each."""

BATCH = 10_000
"""Genotypes drawn at a time."""

DRAWS_PER_CANDIDATE = 100


class Networks:
    """Knows which networks were handed out, so that none is evaluated twice.

    Args:
        space: the search space.
        deduplicate: one of :data:`DEDUPLICATE`.

    Attributes:
        exhausted: whether the whole space was looked through in vain.
        n_draws: how many genotypes the last draw that fell short looked at.

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
        self.exhausted = False
        self.n_draws = 0
        self._space = space
        self._forms: dict[Genotype, Hashable | None] = {}
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
        try:
            return self._forms[genotype]
        except KeyError:
            form = self._forms[genotype] = self._space.canonical_form(genotype)
            return form

    def features_of(self, genotype: Genotype) -> Features:
        """Return what a connected network has in common with others.

        See :meth:`xnas.space.KSearchSpace.features`.
        """
        return self._space.features(genotype)

    def is_new(self, genotype: Genotype) -> bool:
        """Whether a genotype is connected and its network was not handed out yet."""
        return self.new_form_of(genotype) is not None

    def new_form_of(self, genotype: Genotype) -> Hashable | None:
        """Return :meth:`form_of` a genotype that :meth:`is_new`, else ``None``."""
        function = self.function_of(genotype)
        if function is None:
            return None
        form = function if self.deduplicate == "isomorphic" else genotype
        return None if form in self._seen else form

    def why_no_more(self) -> str:
        """Say why a search that drew to the last has nothing more to propose."""
        if self.exhausted:
            return "every network of the search space has been evaluated"
        if self.n_draws:
            return f"found no new network in {self.n_draws:,} draws"
        return "the search proposes no further network"

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
            Up to ``count`` genotypes; fewer only if no more exist, and
            :attr:`exhausted` says so, or none turned up in :attr:`n_draws` draws.
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
        if len(drawn) < count:
            self.n_draws = DRAWS_PER_CANDIDATE * count
            for genotype in self._further(rng, forms):
                take(genotype)
                if len(drawn) == count:
                    self.n_draws = 0
                    break
        return drawn

    def _further(
        self, rng: np.random.Generator, forms: set[Hashable]
    ) -> Iterator[Genotype]:
        """Look through the space, all of it if it is small enough, in random order."""
        size = prod(self.n_choices)
        if size <= LISTED:
            everything = product(*map(range, self.n_choices))
            rest = [one for one in everything if self._is_free(one, forms)]
            yield from (rest[i] for i in rng.permutation(len(rest)))
            self.exhausted = True
            return
        n_compared, n_before = 0, self.n_draws
        for batch in self._batches(size, rng):
            for i in np.flatnonzero(self._space.are_connected(batch)).tolist():
                if n_compared == MOST_COMPARED:
                    return
                n_compared += 1
                self.n_draws = n_before + i + 1
                yield tuple(batch[i].tolist())
            n_before += len(batch)
            self.n_draws = n_before
        self.exhausted = size <= MOST_DRAWS

    def _batches(self, size: int, rng: np.random.Generator) -> Iterator[NDArray]:
        """Draw genotypes, each once where they are few enough."""
        order = rng.permutation(size) if size <= MOST_DRAWS else None
        for start in range(0, min(size, MOST_DRAWS), BATCH):
            if order is None:
                shape = (BATCH, len(self.n_choices))
                yield rng.integers(0, self.n_choices, size=shape)
            else:
                some = order[start : start + BATCH]
                yield np.stack(np.unravel_index(some, self.n_choices), axis=1)

    def _is_free(self, genotype: Genotype, forms: set[Hashable]) -> bool:
        return self.is_new(genotype) and self.form_of(genotype) not in forms
