"""The run function: one genotype in, its objectives out."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from xnas.declarations.explainers import Explainer
from xnas.declarations.objectives import resolve_objectives
from xnas.evaluation.explainers import explainers_of_run
from xnas.evaluation.files import EvaluationFiles
from xnas.evaluation.output import run_output
from xnas.evaluation.settings import RunSettings, Trainer
from xnas.evaluation.trainer import NetworkTrainer
from xnas.evaluation.trainers import make_trainer
from xnas.evaluation.weights import pair_weights
from xnas.imports import load_object
from xnas.objectives import INTROSPECTABILITY
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.training.numerics import pin_numerics


def run(
    job: Mapping[str, Any], settings: RunSettings, problem: NaProblem | None = None
) -> dict[str, Any]:
    """Train and score the network of one job.

    Args:
        job: ``arch_seq`` (one choice a variable node), ``job_id``, and the choices
            by name.
        settings: the same for all jobs of a run.
        problem: the task, where ``settings`` name none that could be imported.

    Returns:
        ``objective``, the numbers that are maximised, in order, or the only one alone;
        and ``metadata``, as measured: what was asked for, ``n_parameters``,
        ``training_time``, and ``xai_time``, which all explainers took together.

    Raises:
        EvaluationError: the network failed for a reason with a name.
    """
    task = problem or _imported(settings)
    trainer = _trainer_of(settings, task)
    explainers = _explainers(settings, task)
    objectives = resolve_objectives(
        settings.objectives or (task.objective_name, INTROSPECTABILITY),
        n_classes=0,  # of no use without references
        metrics=task.history_keys,
        explainers=explainers,
    )
    genotype = tuple(job["arch_seq"])
    seed = evaluation_seed(settings.seed, genotype, job.get("replicate", 0))
    files = EvaluationFiles(settings, job["job_id"])
    files.begin(genotype, seed)
    network = trainer.evaluate(
        genotype, seed=seed, max_scored_examples=settings.max_scored_examples
    )
    files.write_history(network)
    output = run_output(network, objectives, settings.recorded, explainers)
    files.write_activations(network)
    return output


def prepare(settings: RunSettings, problem: NaProblem | None = None) -> None:
    """Load and trace what a worker needs once, before any evaluation's time counts.

    Args:
        settings: as for :func:`run`.
        problem: likewise.

    Raises:
        TaskError: the task's data break their contract.
    """
    task = problem or _imported(settings)
    _explainers(settings, task)
    _trainer_of(settings, task)


run.returns_objectives = True  # type: ignore[attr-defined]
run.prepare = prepare  # type: ignore[attr-defined]


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


def _imported(settings: RunSettings) -> NaProblem:
    pin_numerics()  # before the task makes layers
    found: NaProblem = load_object(str(settings.problem), "--problem")
    return found


def _trainer_of(settings: RunSettings, problem: NaProblem) -> NetworkTrainer:
    # Of the objectives, training looks at one metric alone.
    deciding = problem.training_settings(settings.objectives).objective
    hyperparameters = json.dumps(settings.hyperparameters)
    return _trainer(problem, hyperparameters, settings.trainer, deciding)


@lru_cache(maxsize=1)
def _trainer(
    problem: NaProblem, hyperparameters: str, trainer: Trainer, objective: str
) -> NetworkTrainer:
    """Load a task once a worker, and trace its space where it is to be."""
    values = json.loads(hyperparameters)
    return make_trainer(trainer, problem.with_hyperparameters(**values), (objective,))


@lru_cache(maxsize=1)
def _explainers(settings: RunSettings, problem: NaProblem) -> dict[str, Explainer]:
    """Look up once a worker what explains its networks."""
    weights = None
    if settings.score_introspectability:
        weights = pair_weights(problem, settings.explainability_type)
    return explainers_of_run(settings, problem, weights)
