"""The run function: one genotype in, its objectives out."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.evaluation.settings import RunSettings, Trainer
from xnas.evaluation.trainer import (
    NetworkTrainer,
    Scoring,
    TrainedNetwork,
)
from xnas.evaluation.trainers import make_trainer
from xnas.evaluation.weights import pair_weights
from xnas.imports import load_object
from xnas.objectives import INTROSPECTABILITY
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.results import RunFolder, write_activations, write_gram, write_json


def run(
    job: Mapping[str, Any], settings: RunSettings, problem: NaProblem | None = None
) -> dict[str, Any]:
    """Train and score the network of one job.

    Args:
        job: ``arch_seq`` (one choice a variable node), ``job_id``, and the choices
            by name.
        settings: the same for all jobs of a run.
        problem: the task, where it is not to be imported.

    Returns:
        ``objective``, a pair of floats (task, introspectability) or the task's
        float alone, and ``metadata``.

    Raises:
        EvaluationError: the network failed for a reason with a name.
    """
    genotype = tuple(job["arch_seq"])
    seed = evaluation_seed(settings.seed, genotype, job.get("replicate", 0))
    folder = RunFolder(settings.log_dir) if settings.log_dir else None
    number = job["job_id"]
    if folder:
        write_json(
            folder.config(number),
            {"id": number, "arch_seq": genotype, "seed": seed, **settings.to_json()},
        )
    task = _task(settings, problem)
    trainer = _trainer(task, json.dumps(settings.hyperparameters), settings.trainer)
    network = trainer.evaluate(genotype, seed=seed, scoring=_scoring(settings))
    if folder:
        _write(folder, number, network)
    return _output(network, settings, task)


def prepare(settings: RunSettings, problem: NaProblem | None = None) -> None:
    """Do what a worker does once, before the time of its first evaluation counts.

    Args:
        settings: as for :func:`run`.
        problem: likewise.
    """
    task = _task(settings, problem)
    _trainer(task, json.dumps(settings.hyperparameters), settings.trainer)


run.returns_objectives = True  # type: ignore[attr-defined]
run.prepare = prepare  # type: ignore[attr-defined]


def _task(settings: RunSettings, problem: NaProblem | None) -> NaProblem:
    if problem is not None:
        return problem
    found: NaProblem = load_object(str(settings.problem), "--problem")
    return found


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


@lru_cache(maxsize=1)
def _trainer(
    problem: NaProblem, hyperparameters: str, trainer: Trainer
) -> NetworkTrainer:
    """Load a task once a worker, and trace its space where it is to be."""
    values = json.loads(hyperparameters)
    return make_trainer(trainer, problem.with_hyperparameters(**values))


@lru_cache(maxsize=1)
def _weights(
    problem: NaProblem, explainability_type: str
) -> NDArray[np.float64] | None:
    """Look up once a worker how pairs of classes weigh."""
    return pair_weights(problem, explainability_type)


def _scoring(settings: RunSettings) -> Scoring | None:
    if not settings.score_introspectability:
        return None
    return Scoring(settings.group_by, settings.max_scored_examples)


def _write(folder: RunFolder, number: int, network: TrainedNetwork) -> None:
    write_json(folder.history(number), network.history)
    found = network.activations
    if found is None:
        return
    names, sizes = list(found.layer_names), list(found.layer_sizes)
    write_gram(
        folder.gram(number),
        gram=found.gram(),
        classes=found.classes,
        counts=found.counts,
        layer_names=names,
        layer_sizes=sizes,
    )
    write_activations(
        folder.activations(number),
        means=found.means(),
        classes=found.classes,
        layer_names=names,
        layer_sizes=sizes,
    )


def _output(
    network: TrainedNetwork, settings: RunSettings, problem: NaProblem
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "n_parameters": network.n_parameters,
        "training_time": round(network.training_time, 3),
    }
    if network.activations is not None:
        score = network.activations.score(
            _weights(problem, settings.explainability_type),
            divide_by_mean_similarity=settings.divide_by_mean_similarity,
        )
        metadata |= {
            "introspectability": score,
            "xai_time": round(network.xai_time, 3),
        }
    task_objective = problem.objective_name
    names = settings.objectives or (task_objective, INTROSPECTABILITY)
    values = {task_objective: network.objective, **metadata}
    objectives = tuple(values[name] for name in names)
    return {
        "objective": objectives if len(objectives) > 1 else objectives[0],
        "metadata": metadata,
    }
