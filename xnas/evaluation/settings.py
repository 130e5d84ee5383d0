"""What a run function gets beside the genotype."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

import numpy as np

from xnas.objectives import INTROSPECTABILITY, LAYER_MEAN
from xnas.records import Genotype

EXPLAINABILITY_TYPES = (
    "activations",
    "activations-weighted",
    "activations-imagenet",
    LAYER_MEAN,
)
"""Pairs of classes alike, weighted by the task's table, or by WordNet's kinship; or
alike, and each layer on its own."""

Trainer = Literal["compiled", "plain"]

TRAINERS = ("auto", *get_args(Trainer))
"""What a search may be asked to train with."""

ScoredSample = Literal["stratified", "first"]

MAX_SCORED_EXAMPLES = 25_000
"""The 2021 code's bound on the examples that are scored."""


@dataclass(frozen=True)
class RunSettings:
    """Settings of one run, the same for all its evaluations.

    Args:
        problem: import path of the task's ``Problem``, ``None`` if it has none.
        seed: the run's seed; an evaluation's own follows from it and the genotype.
        log_dir: the run folder, ``None`` to write no files.
        hyperparameters: values that replace the problem's.
        objectives: names of what the search looks for, a minus in front to minimise;
            ``None`` for the task's objective and introspectability.
        record: names of what is measured and written down besides.
        explainability_type: how introspectability is computed, one of
            ``EXPLAINABILITY_TYPES``.
        group_by: whether an example counts for the class that is predicted, or for
            the one of its label (the paper's way).
        divide_by_mean_similarity: whether to divide by the mean weight of the pairs
            (the paper's Eq. 3).
        max_scored_examples: how many validation examples to score at most.
        scored_sample: which those are where there are more: the same share of each
            class, drawn by one seed for all networks and runs; or the first ones,
            as in runs of earlier versions, which record nothing here.
        trainer: whether every network is traced anew (``plain``), or the whole space
            once a worker.
    """

    problem: str | None
    seed: int
    log_dir: str | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    objectives: tuple[str, ...] | None = None
    record: tuple[str, ...] = ()
    explainability_type: str = "activations"
    group_by: Literal["prediction", "label"] = "prediction"
    divide_by_mean_similarity: bool = False
    max_scored_examples: int = MAX_SCORED_EXAMPLES
    scored_sample: ScoredSample = "stratified"
    trainer: Trainer = "plain"

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of all that is measured, objectives first; without a minus.

        The task's own objective is missing where ``objectives`` is ``None``.
        """
        named = (INTROSPECTABILITY,) if self.objectives is None else self.objectives
        names = (name.removeprefix("-") for name in (*named, *self.record))
        return tuple(dict.fromkeys(names))

    @property
    def score_introspectability(self) -> bool:
        """Whether introspectability is among what is measured."""
        return INTROSPECTABILITY in self.measured

    @property
    def scores_activations(self) -> bool:
        """Whether class activations are scored, and kept."""
        return not {INTROSPECTABILITY, LAYER_MEAN}.isdisjoint(self.measured)

    @property
    def recorded(self) -> tuple[str, ...]:
        """Names of what is written down besides objectives and introspectability.

        The layers' mean is, wherever activations are scored and it is not that score.
        """
        is_known = self.explainability_type == LAYER_MEAN or LAYER_MEAN in self.measured
        added = (LAYER_MEAN,) * (self.scores_activations and not is_known)
        names = (name.removeprefix("-") for name in (*self.record, *added))
        return tuple(dict.fromkeys(names))

    def __hash__(self) -> int:
        """Hash what differs between runs; hyperparameters cannot be hashed."""
        return hash((self.problem, self.seed, self.log_dir))

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a JSON-able dictionary."""
        return asdict(self)

    @classmethod
    def from_json(
        cls, recorded: Mapping[str, Any], objectives: Sequence[str]
    ) -> "RunSettings":
        """Read what a run recorded.

        Args:
            recorded: of :meth:`to_json`, by this version or an earlier one.
            objectives: names of the run's, which earlier versions did not record here.
        """
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in recorded.items() if name in known}
        values.setdefault("objectives", objectives)
        values.setdefault("scored_sample", "first")
        is_scored = recorded.get("score_introspectability", False)
        if is_scored and not recorded.get("optimise_introspectability", True):
            values.setdefault("record", [INTROSPECTABILITY])
        for name in ("objectives", "record"):
            values[name] = tuple(values.get(name) or ())
        return cls(**values)


def evaluation_seed(run_seed: int, genotype: Genotype, replicate: int = 0) -> int:
    """Derive the seed of one evaluation.

    Args:
        run_seed: the run's seed.
        genotype: one choice a variable node.
        replicate: counts from 0.

    Returns:
        0 to 2**31 − 1; a function of these alone, so that a network gets the same
        weights and pictures whenever and wherever it is evaluated.
    """
    # The length too, since trailing zeros alone do not change a seed sequence.
    words = [run_seed, len(genotype), *genotype]
    stream = np.random.SeedSequence(words + [replicate] * bool(replicate))
    return int(stream.generate_state(1)[0] >> 1)
