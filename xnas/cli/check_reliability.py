"""``check --reliability``: which measures tell networks apart, and which only luck."""

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from math import inf, isnan, nan

import numpy as np
from numpy.typing import NDArray

from xnas.cli.say import say
from xnas.declarations.explainers import Explainer
from xnas.errors import EvaluationError, TaskError
from xnas.evaluation.explainers import explainers_of_run
from xnas.evaluation.network import TrainedNetwork
from xnas.evaluation.output import Measured
from xnas.evaluation.rehearsal import rehearse
from xnas.evaluation.reliability import CONFIDENCE, Reliability, reliability
from xnas.evaluation.settings import RunSettings, evaluation_seed
from xnas.evaluation.trainer_choice import choose_trainer
from xnas.evaluation.trainers import make_trainer
from xnas.objectives import INTROSPECTABILITY
from xnas.problem import NaProblem
from xnas.records import Genotype
from xnas.results.durations import duration
from xnas.space import KSearchSpace
from xnas.space.extremes import random_networks
from xnas.tasks import space_of
from xnas.training.data import TaskData

NETWORKS = 12

SEEDS = 2

Values = Mapping[str, float]
"""What one network scores, by name of the measure."""


def check_reliability(
    problem: NaProblem,
    data: TaskData,
    settings: RunSettings,
    weights: NDArray[np.float64] | None,
    trainer: str,
) -> None:
    """Train networks with two seeds each, and print what varies between them.

    They are the better half of random ones, as networks that hardly learn are told from
    others by anything, and no search has to choose among them.

    Args:
        problem: the task, whose callbacks write where they may.
        data: its data.
        settings: of a run; all explainers that apply are measured besides.
        weights: how pairs of classes weigh, if not all the same.
        trainer: as for ``nas``.

    Raises:
        TaskError: an explainer fails, or too few networks can be trained.
    """
    explainers = explainers_of_run(settings, problem, weights)
    settings = replace(settings, record=_record(settings, explainers, data))
    space = space_of(problem, data)
    genotypes = _genotypes(space)
    n_networks = min(NETWORKS, len(genotypes))
    n_trainings = len(genotypes) + n_networks * SEEDS
    choice = choose_trainer(
        trainer, problem, data, max_evals=n_trainings, num_workers=1
    )
    maker = make_trainer(choice.trainer, problem, settings.objectives, data)

    def trained(genotype: Genotype, replicate: int) -> TrainedNetwork:
        return maker.evaluate(
            genotype,
            seed=evaluation_seed(settings.seed, genotype, replicate),
            max_scored_examples=settings.max_scored_examples,
        )

    def measure(genotype: Genotype) -> list[Values]:
        found: list[Values] = []
        for replicate in range(1, SEEDS + 1):
            measured = Measured(trained(genotype, replicate), explainers)
            values = {name: measured.recorded(name) for name in settings.measured}
            found.append({k: nan if v is None else v for k, v in values.items()})
        return found

    with warnings.catch_warnings():
        # Of classes without activations; what is not finite is left out.
        warnings.simplefilter("ignore", RuntimeWarning)
        # Once to trace, once to know what it takes.
        for _ in range(2):
            tried = rehearse(maker, genotypes[0], problem, data, settings, weights)
        seconds = tried.evaluation_seconds(problem, data, settings) * n_networks * SEEDS
        alone = replace(tried, explaining=0.0, score=None)
        seconds += alone.evaluation_seconds(problem, data, settings) * len(genotypes)
        say(
            f"Reliability: training {len(genotypes)} random networks, and the "
            f"{n_networks} best of them with {SEEDS} more seeds each, which takes "
            f"about {duration(seconds)}."
        )
        started = time.perf_counter()
        best = _best_first(genotypes, lambda genotype: trained(genotype, 0).objective)
        found = _tables(best, measure)
    print("\n".join(lines(found)), flush=True)
    say(f"That took {duration(time.perf_counter() - started)}.")


def _record(
    settings: RunSettings, explainers: Mapping[str, Explainer], data: TaskData
) -> tuple[str, ...]:
    """Name what is measured besides objectives: all explainers that apply."""
    fitting = [
        name
        for name, one in explainers.items()
        if (data.is_classification or not one.needs_classes)
        # Whose weights of pairs are known only where it is asked for.
        and (name != INTROSPECTABILITY or settings.score_introspectability)
    ]
    return tuple(dict.fromkeys((*settings.record, *fitting)))


def _genotypes(space: KSearchSpace) -> list[Genotype]:
    """Draw random networks, of which the better half is compared.

    Raises:
        TaskError: there are too few.
    """
    found = random_networks(space, 2 * NETWORKS, seed=0)
    if len(found) < 2:
        raise TaskError(
            f"the search space has {len(found)} networks, expected two or more to "
            "compare for --reliability"
        )
    return found


def _best_first(
    genotypes: Iterable[Genotype], objective: Callable[[Genotype], float]
) -> list[Genotype]:
    """Order networks by their objective, the best first, without those that fail."""
    found: dict[Genotype, float] = {}
    for genotype in genotypes:
        with suppress(EvaluationError):
            found[genotype] = objective(genotype)
    return sorted(found, key=found.__getitem__, reverse=True)


def _tables(
    genotypes: Iterable[Genotype], measure: Callable[[Genotype], list[Values]]
) -> dict[str, Reliability]:
    """Measure networks until there are enough that do not fail.

    Raises:
        TaskError: hardly any can be trained.
    """
    rows: list[list[Values]] = []
    for genotype in genotypes:
        if len(rows) == NETWORKS:
            break
        try:
            rows.append(measure(genotype))
        except EvaluationError as error:
            say(f"{list(genotype)} failed and is left out: {error}")
    if len(rows) < 2:
        raise TaskError(
            f"{len(rows)} of the random networks could be trained, expected two or "
            "more to compare for --reliability"
        )
    return {
        name: reliability([[values[name] for values in row] for row in rows])
        for name in rows[0][0]
    }


def lines(found: Mapping[str, Reliability]) -> Iterator[str]:
    """Tell the share of variance between networks of each measure, largest first.

    Args:
        found: by name of the measure.
    """
    yield "\nReliability: the share of the variance that is between networks, not seeds"
    width = max(map(len, found))
    order = sorted(found, key=lambda name: np.nan_to_num(found[name].share, nan=-inf))
    for name in reversed(order):
        one = found[name]
        if isnan(one.share):
            yield f"  {name:<{width}}  unknown: equal, or not finite, for all networks"
            continue
        low, high = one.interval
        if low == high:
            yield (
                f"  {name:<{width}}  {one.share:5.2f}  the seeds of each of "
                f"{one.n_networks} networks are alike"
            )
            continue
        remark = "  a search for it would select luck" if one.is_luck else ""
        yield (
            f"  {name:<{width}}  {one.share:5.2f}  [{low:.2f}, {high:.2f}] of "
            f"{one.n_networks} networks{remark}"
        )
    yield f"Brackets are {CONFIDENCE:.0%} intervals."
