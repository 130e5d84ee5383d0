"""Syne Tune's regularised evolution of several objectives."""

from syne_tune.config_space import choice
from syne_tune.optimizer.schedulers.multiobjective import (
    MultiObjectiveRegularizedEvolution,
)

from benchmarks.peers.objective import Objective


def run_mo_rea(objective: Objective, seed: int) -> None:
    """Evolve with the defaults (population 100, sample 10), for ever."""
    names = [f"x{k}" for k in range(len(objective.n_choices))]
    search = MultiObjectiveRegularizedEvolution(
        {
            name: choice(list(range(n)))
            for name, n in zip(names, objective.n_choices, strict=True)
        },
        random_seed=seed,
    )
    number = 0
    while True:
        configuration = search.suggest()
        point = objective([configuration[name] for name in names])
        search.on_trial_complete(number, configuration, [-value for value in point])
        number += 1
