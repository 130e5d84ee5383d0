"""Random search, blind and with the one thing that costs no evaluation: memory."""

import numpy as np

from benchmarks.peers.objective import Objective
from xnas.searches.candidates import draw_new


def draw_blindly(objective: Objective, seed: int) -> None:
    """Draw genotypes uniformly, for ever."""
    rng = np.random.default_rng(seed)
    while True:
        objective(rng.integers(0, objective.n_choices).tolist())


def draw_networks(objective: Objective, seed: int) -> None:
    """Draw among connected genotypes, no network twice, as XNAS's searches begin."""
    known = objective.known
    drawn = draw_new(
        objective.n_choices,
        objective.budget,
        np.random.default_rng(seed),
        known.is_connected,
        known.form_of,
    )
    for genotype in drawn:
        objective(genotype)
