"""A run function that looks networks up instead of training them.

The table holds every distinct connected cell of the NAS-Bench-201 space, trained on
the task ``digits`` (``benchmarks/tabular/README.md`` describes it), so that a search
algorithm can be judged in seconds: by the means of real trainings (:func:`run`), or by
draws that are as noisy as one training (:func:`noisy_run`). Nothing here loads
TensorFlow.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from xnas.errors import UsageError
from xnas.evaluation.settings import RunSettings, evaluation_seed
from xnas.nas_deephyper.cell_table import CellMeans, CellTable
from xnas.nas_deephyper.noise import NoisyCells
from xnas.objectives import INTROSPECTABILITY

SHIPPED = Path(__file__).with_name("digits_table")
"""Folder of the table that is installed with XNAS."""


def run(
    job: Mapping[str, Any],
    settings: RunSettings | None = None,
    *,
    folder: str | None = None,
) -> dict[str, Any]:
    """Look the network of one job up; a network gets the means over its seeds.

    Args:
        job: ``arch_seq`` (one choice a variable node).
        settings: the same for all jobs of a run; its seed has no effect. ``None``
            for both objectives, as the table has them.
        folder: of another table than the one that is shipped.

    Returns:
        What :func:`xnas.nas_deephyper.nas_run.run` returns.

    Raises:
        EvaluationError: the table does not hold the network, or it failed.
        UsageError: there is no table, or it was made with other settings.
    """
    table = _table(folder or str(SHIPPED))
    if settings is not None:
        _refuse_other_settings(settings, table.settings)
    found = table.means(job["arch_seq"])
    return _output(found, settings, {"n_seeds": found.n_seeds})


def noisy_run(
    job: Mapping[str, Any],
    settings: RunSettings | None = None,
    *,
    folder: str | None = None,
) -> dict[str, Any]:
    """Draw one training of a network: what it is worth, and noise as trainings have.

    The draw is a function of the run's seed, the genotype and the replicate. What
    networks are worth, by which searches are judged, is a smoothed table
    (``benchmarks/tabular/README.md``).

    Args:
        job: ``arch_seq`` and perhaps ``replicate``, 0 by default.
        settings: the same for all jobs of a run. ``None`` for both objectives and
            seed 0.
        folder: of another table than the one that is shipped.

    Returns:
        What :func:`run` returns.

    Raises:
        EvaluationError: as for :func:`run`.
        UsageError: likewise, or nothing says how noisy the table is.
    """
    folder = folder or str(SHIPPED)
    table, noisy = _table(folder), _noisy(folder)
    if settings is not None:
        _refuse_other_settings(settings, table.settings)
    means = table.means(job["arch_seq"])
    genotype = tuple(map(int, job["arch_seq"]))
    run_seed = 0 if settings is None else settings.seed
    seed = evaluation_seed(run_seed, genotype, job.get("replicate", 0))
    accuracy, score = noisy.train(table.cell_of(genotype), seed)
    drawn = replace(means, accuracy=accuracy, introspectability=score)
    return _output(drawn, settings, {})


def _output(
    found: CellMeans, settings: RunSettings | None, more: Mapping[str, Any]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "n_parameters": found.n_parameters,
        "training_time": round(found.training_time, 3),
        **more,
    }
    objective: Any = found.accuracy
    if settings is None or settings.score_introspectability:
        metadata |= {
            "introspectability": found.introspectability,
            "xai_time": round(found.xai_time, 3),
        }
    names = (None, INTROSPECTABILITY) if settings is None else settings.objectives
    if names is None or INTROSPECTABILITY in names:
        objective = (found.accuracy, found.introspectability)
    return {"objective": objective, "metadata": metadata}


def check(settings: RunSettings) -> None:
    """Check, before a search begins, that the shipped table fits it.

    Args:
        settings: of the run.

    Raises:
        UsageError: there is no table, or it was made with other settings.
    """
    _refuse_other_settings(settings, _table(str(SHIPPED)).settings)


run.check = check  # type: ignore[attr-defined]
noisy_run.check = check  # type: ignore[attr-defined]


@lru_cache(maxsize=2)
def _table(folder: str) -> CellTable:
    """Read a table once a worker."""
    return CellTable.read(Path(folder))


@lru_cache(maxsize=2)
def _noisy(folder: str) -> NoisyCells:
    return NoisyCells.read(Path(folder))


def _refuse_other_settings(settings: RunSettings, table: Mapping[str, Any]) -> None:
    asked: dict[str, Any] = {"--problem": settings.problem}
    made: dict[str, Any] = {"--problem": table["problem"]}
    for name, value in settings.hyperparameters.items():
        asked[f"--set {name}"] = value
        made[f"--set {name}"] = table["task"]["hyperparameters"].get(name)
    if settings.score_introspectability:
        for name in ("explainability_type", "group_by", "max_scored_examples"):
            flag = "--" + name.replace("_", "-")
            asked[flag], made[flag] = getattr(settings, name), table["scoring"][name]
    for flag, value in asked.items():
        if value != made[flag]:
            raise UsageError(
                f"{flag} is {value!r}, but the table was made with {made[flag]!r}, "
                "expected the same"
            )
