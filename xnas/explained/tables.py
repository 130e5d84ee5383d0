"""An explanation as CSV files, and what judges predictions elsewhere."""

import io
from collections.abc import Callable, Iterator
from math import isnan
from typing import Any

import numpy as np

from xnas.explained.explanation import Explanation
from xnas.explained.labels import most_suspicious
from xnas.final_training.predictions import confusion_csv
from xnas.results.texts import csv_text

MOST_PAIRS = 5_000
"""Pairs of classes in the table: of very many, the most confused."""

USE = '''\
import numpy as np

with np.load("trust.npz") as stored:
    trust = dict(stored)

def probability(outputs, features):
    """How probably predictions are right: outputs (n, classes), features (n, width)."""
    predicted, sure = outputs.argmax(axis=1), outputs.max(axis=1).clip(1e-7, 1 - 1e-7)
    near = np.empty((2, len(outputs)))  # to the nearest of another class, of this one
    for i, feature in enumerate(features):
        far = np.linalg.norm(trust["features"] - feature, axis=1)
        own = trust["labels"] == predicted[i]
        near[:, i] = far[~own].min(initial=1e12), far[own].min(initial=1e12)
    ratio = np.subtract(*np.log(near.clip(1e-12, 1e12))).clip(-27.631, 27.631)
    both = np.column_stack([np.log(sure / (1 - sure)), ratio])
    summed = (both - trust["centre"]) / trust["scale"] @ trust["weights"]
    return 1 / (1 + np.exp(-summed - trust["intercept"]))
'''
"""Code that reads ``trust.npz`` with NumPy alone."""


def tables(explanation: Explanation) -> Iterator[tuple[str, bytes]]:
    """Write all files but the page.

    Args:
        explanation: of a network.

    Yields:
        Name and content.
    """
    yield "labels.csv", _labels(explanation).encode(errors="replace")
    yield "predictions.csv", _predictions(explanation).encode(errors="replace")
    confusion = confusion_csv(explanation.held_out, explanation.classes, "split")
    yield "confusion.csv", confusion.encode(errors="replace")
    yield "pairs.csv", _pairs(explanation).encode(errors="replace")
    yield "layers.csv", _layers(explanation).encode(errors="replace")
    if explanation.trusted.is_fitted:
        yield "trust.npz", trust_file(explanation)


def _labels(explanation: Explanation) -> str:
    classes, part = explanation.classes, explanation.parts[explanation.split]
    found = part.labelled
    if found is None:
        raise ValueError(f"the labels of {explanation.split} were not looked at")
    number, cells = _numbered(explanation)
    rows = (
        [
            *cells(explanation.split, i),
            classes[part.labels[i]],
            classes[found.suggested[i]],
            _number(found.margin[i]),
            _number(found.loss[i]),
        ]
        for i in most_suspicious(found.margin).tolist()
    )
    return csv_text([*number, "given", "suggested", "margin", "loss"], rows)


def _numbered(
    explanation: Explanation,
) -> tuple[list[str], Callable[[str, int], list[str | int]]]:
    """Return the columns that say which example it is, and what makes their cells."""
    files = explanation.files
    if not files:
        return ["split", "index"], lambda split, i: [split, i]
    return ["split", "index", "file"], lambda split, i: [
        *(split, i, files[split][i] if split in files else "")
    ]


def _predictions(explanation: Explanation) -> str:
    classes, start = explanation.classes, 0
    probability = explanation.trusted.probability
    number, cells = _numbered(explanation)
    rows = []
    for name, one in explanation.held_out.items():
        for i, (label, predicted) in enumerate(
            zip(one.labels.tolist(), one.classes.tolist(), strict=True)
        ):
            numbers = one.softmax[i], np.exp(one.trust[i]), probability[start + i]
            told = [classes[label], classes[predicted]]
            rows.append([*cells(name, i), *told, *map(_number, numbers)])
        start += len(one.labels)
    header = "label predicted softmax trust probability"
    return csv_text([*number, *header.split()], rows)


def _pairs(explanation: Explanation) -> str:
    classes = explanation.classes
    layers = [f"distance_{name}" for name in explanation.means.layer_names]
    header = [
        "first",
        "second",
        "first_as_second",
        "second_as_first",
        "softmax",
        "distance",
    ]
    rows = (
        [
            classes[one.first],
            classes[one.second],
            *one.errors,
            *map(_number, (one.softmax, one.distance, *one.distances)),
        ]
        for one in explanation.pairs(MOST_PAIRS)
    )
    return csv_text([*header, *layers], rows)


def _layers(explanation: Explanation) -> str:
    header = ["layer", "features", "score", "introspectability_if_100_times_as_large"]
    rows = (
        [one.name, one.features, _number(one.score), _number(one.rescaled)]
        for one in explanation.layers
    )
    return csv_text(header, rows)


def trust_file(explanation: Explanation) -> bytes:
    """Write what tells how probably a prediction is right, for :data:`USE`.

    Args:
        explanation: of a network, with enough errors.

    Raises:
        ValueError: errors were too few for a fit.
    """
    fit, reference = explanation.trusted.fit, explanation.reference
    if fit is None:
        raise ValueError("errors were too few for a fit")
    written = io.BytesIO()
    np.savez_compressed(
        written,
        features=reference.features,
        labels=reference.labels,
        centre=fit.centre,
        scale=fit.scale,
        weights=fit.weights,
        intercept=np.float64(fit.intercept),
        classes=np.array([*explanation.classes], dtype=np.str_),
    )
    return written.getvalue()


def _number(value: Any) -> Any:
    """Round to what counts; nothing where there is none."""
    return "" if isnan(value) else float(f"{value:.6g}")
