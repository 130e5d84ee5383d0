"""SMAC's Bayesian optimisation of several objectives."""

import tempfile
from pathlib import Path

from ConfigSpace import ConfigurationSpace
from smac import HyperparameterOptimizationFacade as Facade
from smac import Scenario
from smac.multi_objective.parego import ParEGO
from smac.runhistory.dataclasses import TrialValue

from benchmarks.peers.objective import Objective


def run_parego(objective: Objective, seed: int) -> None:
    """Search with random forests and ParEGO's random weights, every choice a category.

    Each configuration is evaluated once: results do not depend on a seed.
    """
    choices = {f"x{k:02}": n for k, n in enumerate(objective.n_choices)}
    configurations = ConfigurationSpace(
        {name: [str(choice) for choice in range(n)] for name, n in choices.items()},
        seed=seed,
    )
    names = [f"objective {k}" for k in range(objective.n_objectives)]
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(
            configurations,
            objectives=names,
            n_trials=objective.budget,
            seed=seed,
            deterministic=True,
            output_directory=Path(folder),
        )
        smac = Facade(
            scenario,
            lambda configuration, seed=0: 0.0,
            multi_objective_algorithm=ParEGO(scenario),
            logging_level=False,
        )
        while True:
            trial = smac.ask()
            point = objective([int(trial.config[name]) for name in choices])
            smac.tell(trial, TrialValue(cost=[-value for value in point]))
