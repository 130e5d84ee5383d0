"""Random search, blind and with the one thing that costs no evaluation: memory."""

import numpy as np

from benchmarks.peers.objective import Objective
from xnas.searches import Networks


def draw_blindly(objective: Objective, seed: int) -> None:
    """Draw genotypes uniformly, for ever."""
    rng = np.random.default_rng(seed)
    while True:
        objective(rng.integers(0, objective.n_choices).tolist())


def draw_networks(objective: Objective, seed: int) -> None:
    """Draw among connected genotypes, no network twice, as XNAS's searches begin."""
    networks = Networks(objective.known.space)
    for genotype in networks.draw(objective.budget, np.random.default_rng(seed)):
        objective(genotype)
