"""Optuna's samplers, with their defaults."""

import warnings

import optuna
from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, TPESampler

from benchmarks.peers.objective import Objective


def run_nsga2(objective: Objective, seed: int) -> None:
    """Search with NSGA-II: population 50, uniform crossover."""
    _run(NSGAIISampler(seed=seed), objective)


def run_tpe(objective: Objective, seed: int) -> None:
    """Search with the tree-structured Parzen estimator of several objectives."""
    _run(TPESampler(seed=seed), objective)


def run_gp(objective: Objective, seed: int) -> None:
    """Search with Gaussian processes and the expected gain of hypervolume."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = GPSampler(seed=seed)
    _run(sampler, objective)


def _run(sampler: BaseSampler, objective: Objective) -> None:
    """Search with every choice a category, as Optuna has it."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    choices = {f"x{k}": range(n) for k, n in enumerate(objective.n_choices)}
    study = optuna.create_study(
        directions=["maximize"] * objective.n_objectives, sampler=sampler
    )
    study.optimize(
        lambda trial: objective(
            [trial.suggest_categorical(name, list(c)) for name, c in choices.items()]
        ),
        n_trials=objective.budget,
    )
