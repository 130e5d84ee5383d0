"""What a run function gets beside the genotype."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

EXPLAINABILITY_TYPES = ("activations", "activations-weighted", "activations-imagenet")
"""Pairs of classes alike, weighted by the task's table, or by WordNet's kinship."""

Trainer = Literal["compiled", "plain"]

TRAINERS = ("auto", *get_args(Trainer))
"""What a search may be asked to train with."""

MAX_SCORED_EXAMPLES = 25_000
"""The 2021 code's bound on the examples that are scored."""


@dataclass(frozen=True)
class RunSettings:
    """Settings of one run, the same for all its evaluations.

    Args:
        problem: import path of the task's ``Problem``.
        seed: the run's seed; an evaluation's own follows from it and the genotype.
        log_dir: the run folder, ``None`` to write no files.
        hyperparameters: values that replace the problem's.
        score_introspectability: whether to compute it at all.
        optimise_introspectability: whether to return it as second objective.
        explainability_type: how it is computed, one of ``EXPLAINABILITY_TYPES``.
        group_by: whether an example counts for the class that is predicted, or for
            the one of its label (the paper's way).
        divide_by_mean_similarity: whether to divide by the mean weight of the pairs
            (the paper's Eq. 3).
        max_scored_examples: how many validation examples to score at most.
        trainer: whether every network is traced anew (``plain``), or the whole space
            once a worker.
    """

    problem: str
    seed: int
    log_dir: str | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    score_introspectability: bool = True
    optimise_introspectability: bool = True
    explainability_type: str = "activations"
    group_by: Literal["prediction", "label"] = "prediction"
    divide_by_mean_similarity: bool = False
    max_scored_examples: int = MAX_SCORED_EXAMPLES
    trainer: Trainer = "plain"

    @property
    def n_objectives(self) -> int:
        """How many objectives the run function returns."""
        return 2 if self.optimise_introspectability else 1

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a JSON-able dictionary."""
        return asdict(self)
