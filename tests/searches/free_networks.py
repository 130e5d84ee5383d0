"""Networks without a space: any genotype that a predicate admits."""

from types import SimpleNamespace

import numpy as np

from xnas.searches import Networks


def free_networks(n_choices, is_new=lambda genotype: True):
    """Networks of which all that are admitted are connected and differ."""
    space = SimpleNamespace(
        choices=lambda: [(0, n - 1) for n in n_choices],
        are_connected=lambda many: np.array([is_new(tuple(one)) for one in many], bool),
        canonical_form=lambda genotype: tuple(genotype) if is_new(genotype) else None,
    )
    return Networks(space)
