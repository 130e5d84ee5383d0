"""Networks without a space: any genotype that a predicate admits."""

from types import SimpleNamespace

from xnas.searches import Networks


def free_networks(n_choices, is_new=lambda genotype: True):
    """Networks of which all that are admitted are connected and differ."""
    space = SimpleNamespace(
        choices=lambda: [(0, n - 1) for n in n_choices],
        canonical_form=lambda genotype: tuple(genotype) if is_new(genotype) else None,
    )
    return Networks(space)
