"""The run function: one genotype in, its objectives out."""

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from xnas.declarations.explainers import Explainer
from xnas.declarations.objectives import resolve_objectives
from xnas.errors import UsageError
from xnas.evaluation.explainers import explainers_of_run
from xnas.evaluation.output import run_output
from xnas.evaluation.settings import RunSettings, evaluation_seed
from xnas.evaluation.trainer import NetworkTrainer
from xnas.evaluation.trainers import make_trainer
from xnas.evaluation.weights import pair_weights
from xnas.imports import load_object
from xnas.objectives import INTROSPECTABILITY, Objective
from xnas.problem import NaProblem
from xnas.results import RunFolder, write_activations, write_gram, write_json
from xnas.training.numerics import pin_numerics
from xnas.workers.supervisor import GPUS_VARIABLE
from xnas.xai import ClassActivations


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
    trainer, objectives, explainers = _loaded(settings, problem)
    genotype, number = tuple(job["arch_seq"]), job["job_id"]
    seed = evaluation_seed(settings.seed, genotype, job.get("replicate", 0))
    folder = RunFolder(settings.log_dir) if settings.log_dir else None
    if folder:
        known = {"id": number, "arch_seq": genotype, "seed": seed}
        write_json(folder.config(number), {**known, **settings.to_json()})
    network = trainer.evaluate(
        genotype,
        seed=seed,
        max_scored_examples=settings.max_scored_examples,
        scored_sample=settings.scored_sample,
    )
    if folder:
        write_json(folder.history(number), network.history)
    output = run_output(network, objectives, settings.recorded, explainers)
    found = network.collected.get(("valid", settings.group_by))
    if folder and found is not None:
        _write_activations(folder, number, found)
    return output


def _write_activations(folder: RunFolder, number: int, found: ClassActivations) -> None:
    """Write class activations and their inner products."""
    layers: dict[str, Any] = {
        "classes": found.classes,
        "layer_names": found.layer_names,
        "layer_sizes": found.layer_sizes,
    }
    path = folder.gram(number)
    write_gram(path, gram=found.gram(), counts=found.counts, **layers)
    write_activations(folder.activations(number), means=found.means(), **layers)


def prepare(settings: RunSettings, problem: NaProblem | None = None) -> None:
    """Load and trace what a worker needs once, before any evaluation's time counts.

    Args:
        settings: as for :func:`run`.
        problem: likewise.

    Raises:
        TaskError: the task's data break their contract.
    """
    _loaded(settings, problem)


run.returns_objectives = True  # type: ignore[attr-defined]
run.prepare = prepare  # type: ignore[attr-defined]


class _Loaded(NamedTuple):
    """What the evaluations of one worker share."""

    trainer: NetworkTrainer
    objectives: tuple[Objective, ...]
    explainers: dict[str, Explainer]


def _loaded(settings: RunSettings, problem: NaProblem | None) -> _Loaded:
    pin_numerics()  # before the task makes layers
    task = problem or load_object(str(settings.problem), "--problem")
    return _load(replace(settings, log_dir=None), task)


@lru_cache(maxsize=1)
def _load(settings: RunSettings, problem: NaProblem) -> _Loaded:
    """Load a task once a worker, and trace its space where it is to be."""
    _check_gpus()
    weights = None
    if settings.score_introspectability:
        weights = pair_weights(problem, settings.explainability_type)
    explainers = explainers_of_run(settings, problem, weights)
    objectives = resolve_objectives(
        settings.objectives or (problem.objective_name, INTROSPECTABILITY),
        n_classes=0,  # of no use without references
        metrics=problem.history_keys,
        explainers=explainers,
    )
    # Of the objectives, training looks at one metric alone.
    deciding = problem.training_settings(settings.objectives).objective
    task = problem.with_hyperparameters(**settings.hyperparameters)
    trainer = make_trainer(settings.trainer, task, (deciding,))
    return _Loaded(trainer, objectives, explainers)


def _check_gpus() -> None:
    """Refuse to train on CPUs where this worker was to have GPUs.

    Raises:
        UsageError: TensorFlow does not find them.
    """
    given = os.environ.get(GPUS_VARIABLE)
    if not given:
        return
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        raise UsageError(
            f"this worker was given GPU {given}, but TensorFlow finds none, expected "
            "its CUDA libraries (pip install -r requirements-gpu.txt) and a driver "
            "that fits them"
        )
