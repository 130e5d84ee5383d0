"""DeepHyper's searches that can take several objectives, or their weighted sum."""

import tempfile
from typing import Any

from deephyper.hpo import CBO, HpProblem, RandomSearch, RegularizedEvolution, Search

from benchmarks.peers.objective import Objective


def run_cbo(objective: Objective, seed: int) -> None:
    """Search by Bayesian optimisation, with two settings other than the defaults.

    Candidates are 10,000 random genotypes, most of this space, instead of those that a
    genetic algorithm finds, which takes ten times as long; and no file is written.
    """
    _run(CBO, objective, seed, acq_optimizer="sampling")


def run_random(objective: Objective, seed: int) -> None:
    """Draw at random."""
    _run(RandomSearch, objective, seed)


def run_regularized_evolution(objective: Objective, seed: int) -> None:
    """Evolve the sum that XNAS's regularised evolution maximises: it takes one."""
    _run(RegularizedEvolution, objective, seed, weights=objective.weights)


def _run(
    kind: type[Search],
    objective: Objective,
    seed: int,
    weights: tuple[float, ...] | None = None,
    **settings: Any,
) -> None:
    """Ask for one configuration after the other, for ever."""
    with tempfile.TemporaryDirectory() as folder:
        search = kind(
            _problem(objective.n_choices),
            random_state=seed,
            log_dir=folder,
            checkpoint_history_to_csv=False,
            **settings,
        )
        while True:
            (configuration,) = search.ask(1)
            point = objective([int(v) for v in configuration.values()])
            told: Any = list(point)
            if weights is not None:
                told = sum(w * value for w, value in zip(weights, point, strict=True))
            search.tell([(configuration, told)])


def _problem(n_choices: list[int]) -> HpProblem:
    problem = HpProblem()
    for k, n in enumerate(n_choices):
        # Words, so that nobody takes them for a scale.
        problem.add_hyperparameter([str(choice) for choice in range(n)], f"x{k:02}")
    return problem
