"""Optuna's NSGA-II, with its defaults (population 50, uniform crossover)."""

import optuna

from benchmarks.peers.objective import Objective


def run_nsga2(objective: Objective, seed: int) -> None:
    """Search with every choice a category, as Optuna has it."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    choices = {f"x{k}": range(n) for k, n in enumerate(objective.n_choices)}
    study = optuna.create_study(
        directions=["maximize", "maximize"],
        sampler=optuna.samplers.NSGAIISampler(seed=seed),
    )
    study.optimize(
        lambda trial: objective(
            [trial.suggest_categorical(name, list(c)) for name, c in choices.items()]
        ),
        n_trials=objective.budget,
    )
