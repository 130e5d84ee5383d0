"""The page ``explain.html``, which holds all it needs and runs no scripts."""

import time
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import PackageLoader
from markupsafe import Markup

import xnas
from xnas.explained.confusion import Pair
from xnas.explained.controls import Controls, run_controls
from xnas.explained.explanation import Explanation, explain
from xnas.explained.labels import most_suspicious
from xnas.explained.pictures import Gallery
from xnas.explained.tables import USE, tables
from xnas.explained.trust import LEAST_ERRORS
from xnas.final_training.plain_model import includes_preprocessing
from xnas.final_training.predictions import by_class
from xnas.final_training.replicate import Trainable
from xnas.final_training.settings import Settings
from xnas.final_training.training import data_facts
from xnas.names import fit_text
from xnas.report.page import TEMPLATES
from xnas.report.words import counted, moment
from xnas.scores import RESCALED

if TYPE_CHECKING:
    import keras

N_SUSPICIOUS = 50
N_UNFOLDED = 20
"""Of those, what is seen without opening anything."""

N_DOUBTFUL = 24
N_PAIRS = 5
N_CONFUSED = 6
"""Examples of each direction of a pair."""

MOST_IN_TABLE = 30
LONGEST_LEVEL = 7
"""Characters of a class's name above its column; longer ones stand upright."""

FEW_EXAMPLES = 10
"""Training examples of a class below which its mean says little."""

PARTS = {"train": "training", "valid": "validation", "test": "test"}


def explain_to_files(
    trainable: Trainable,
    settings: Settings,
    model: "keras.Model",
    *,
    title: str,
    split: str,
    controls: bool,
    say: Callable[[str], None],
) -> tuple[Iterable[tuple[str, bytes]], bytes]:
    """Explain a trained network.

    Args:
        trainable: what was trained.
        settings: of its training.
        model: with its trained weights.
        title: of the page.
        split: whose labels are looked at.
        controls: whether to train two networks more, to compare with.
        say: told what is being done.

    Returns:
        Name and content of the tables, and the page.
    """
    data = trainable.data
    lead = (
        f"Trained for {counted(settings.epochs, 'epoch')} on "
        f"{counted(data.train_size, 'example')}; choices {list(settings.arch_seq)}."
    )
    if not data.is_classification:
        return [], render(title=title, lead=[lead], limits=[_no_classes(data)])
    found = explain(model, data, data_facts(trainable).classes, split)
    compared = None
    if controls:
        compared = run_controls(trainable, model, settings.seed, say)
    galleries = {"train": Gallery(data.train), "valid": Gallery(data.valid)}
    tested = data.tested()
    if tested is not None:
        galleries["test"] = Gallery(tested.valid)
    page = make_page(
        found,
        galleries,
        compared,
        title=title,
        lead=lead,
        includes_preprocessing=includes_preprocessing(data.preprocessing),
    )
    return tables(found), page


def make_page(
    found: Explanation,
    galleries: dict[str, Gallery],
    controls: Controls | None,
    *,
    title: str,
    lead: str,
    includes_preprocessing: bool = False,
) -> bytes:
    """Write the page of a classifier.

    Args:
        found: what was worked out.
        galleries: show examples, by the part of the data.
        controls: to compare with, if they were trained.
        title: of the page.
        lead: sentence below it.
        includes_preprocessing: whether ``model.keras`` does.
    """
    show = _Showing(found, galleries)
    accuracies = ", ".join(
        f"{one.right.mean():.4f} on the {PARTS[name]} data"
        for name, one in found.held_out.items()
    )
    return render(
        title=title,
        lead=[lead, f"Accuracy: {accuracies}."],
        limits=list(_limits(found, galleries)),
        suspicious=show.suspicious(),
        trust=show.trust(),
        confused=show.confused(),
        layers=found.layers,
        scores=found.scores,
        rescaled=RESCALED,
        controls=controls,
        use=USE,
        head=found.head,
        includes_preprocessing=includes_preprocessing,
    )


def render(**content: Any) -> bytes:
    """Fill the template.

    Args:
        content: by name; sections without any are left out.
    """
    environment = TEMPLATES.overlay(loader=PackageLoader("xnas.explained"))
    parts = ("suspicious", "trust", "confused", "layers", "controls")
    text = environment.get_template("explain.html.j2").render(
        {
            **dict.fromkeys(parts),
            **content,
            "version": xnas.__version__,
            "written": moment(time.time()),
            "style": Markup(
                _asset("xnas.report", "report.css")
                + _asset("xnas.explained", "explain.css")
            ),
        }
    )
    return text.encode(errors="replace")


def _asset(package: str, name: str) -> str:
    return (files(package) / "assets" / name).read_text(encoding="utf-8")


def _no_classes(data: Any) -> str:
    what = "real numbers" if data.label_form == "real" else "several labels an example"
    return (
        f"This task predicts {what}. Suspicious labels, doubtful predictions and "
        "confused classes all compare the class of an example with other classes, so "
        "that nothing can be said of them here."
    )


def _limits(found: Explanation, galleries: dict[str, Gallery]) -> Iterable[str]:
    """Say what the page cannot say for this task, and why."""
    names, counts = (
        found.classes,
        dict(
            zip(found.means.classes.tolist(), found.means.counts.tolist(), strict=True)
        ),
    )
    if len(names) == 2:
        yield (
            "There are two classes, and so one pair: which classes are confused most "
            "is no question, and the suggested label always is the other one."
        )
    few = [name for i, name in enumerate(names) if counts.get(i, 0) < FEW_EXAMPLES]
    if few:
        shown = ", ".join(few[:10]) + (" and others" if len(few) > 10 else "")
        yield (
            f"Too few examples: with fewer than {FEW_EXAMPLES} to train, the mean of a "
            f"class says little, and one without any is never suggested. So it is for "
            f"{shown}."
        )
    if "test" not in found.parts:
        yield (
            "There is no test data. The validation data helped to choose this network, "
            "so that what follows of its predictions may be a little too good."
        )
    forms = galleries["train"].forms
    if "picture" not in forms:
        how = "lines" if "series" in forms else "their first numbers"
        yield f"The examples are no pictures; they are shown as {how}."


class _Showing:
    """Puts together what the sections of the page show.

    Args:
        found: what was worked out.
        galleries: show examples.
    """

    def __init__(self, found: Explanation, galleries: dict[str, Gallery]) -> None:
        self._found, self._galleries = found, galleries

    def _example(self, split: str, index: int) -> dict[str, Any]:
        files = self._found.files.get(split)
        return {
            "split": PARTS[split],
            "index": index,
            "file": fit_text(files[index]) if files else None,
            "inputs": self._galleries[split].show(index),
        }

    def suspicious(self) -> dict[str, Any]:
        """Return the examples with the largest margins."""
        found = self._found
        part = found.parts[found.split]
        labelled = part.labelled
        if labelled is None:
            raise ValueError(f"the labels of {found.split} were not looked at")
        margin = labelled.margin
        first = [
            int(i)
            for i in most_suspicious(margin)[:N_SUSPICIOUS]
            if not np.isnan(margin[i])
        ]
        return {
            "split": PARTS[found.split],
            "size": len(margin),
            "unfolded": N_UNFOLDED,
            "positive": int((margin > 0).sum()),
            "has_files": bool(found.files),
            "cards": [
                {
                    **self._example(found.split, i),
                    "given": found.classes[part.labels[i]],
                    "suggested": found.classes[labelled.suggested[i]],
                    "to_given": float(labelled.given[i]),
                    "to_suggested": float(labelled.other[i]),
                    "margin": float(margin[i]),
                    "loss": float(labelled.loss[i]),
                }
                for i in first
            ],
        }

    def trust(self) -> dict[str, Any]:
        """Return the predictions that deserve the least trust."""
        found, trusted = self._found, self._found.trusted
        cards = []
        for position in trusted.order[:N_DOUBTFUL].tolist():
            split, index = found.place(position)
            part = found.held_out[split]
            probability = float(trusted.probability[position])
            cards.append(
                {
                    **self._example(split, index),
                    "label": found.classes[part.labels[index]],
                    "predicted": found.classes[part.classes[index]],
                    "right": bool(part.right[index]),
                    "softmax": float(part.softmax[index]),
                    "ratio": float(np.exp(part.trust[index])),
                    "probability": None if np.isnan(probability) else probability,
                }
            )
        return {
            "cards": cards,
            "tenths": found.tenths,
            "errors": trusted.errors,
            "least_errors": LEAST_ERRORS,
            "neighbours": len(found.reference.labels),
            "size": len(trusted.order),
            "parts": " and ".join(PARTS[name] for name in found.held_out),
        }

    def confused(self) -> dict[str, Any]:
        """Return matrices, accuracy by class, and the most confused pairs."""
        found = self._found
        as_table = len(found.classes) <= MOST_IN_TABLE
        most = N_PAIRS if len(found.classes) > 2 else 1
        return {
            "classes": found.classes,
            "has_long_names": max(map(len, found.classes), default=0) > LONGEST_LEVEL,
            "errors": int(found.confusion.sum() - np.trace(found.confusion)),
            "matrices": self._matrices() if as_table else [],
            "by_class": [
                (PARTS[name], rows)
                for name, rows in by_class(found.held_out, found.classes).items()
            ],
            "pairs": [self._pair(one) for one in found.pairs(most)],
        }

    def _matrices(self) -> list[dict[str, Any]]:
        found = self._found
        counts = found.confusion
        sizes = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        softmax = found.softmax_means
        return [
            {
                "title": "Examples by label and by predicted class",
                "corner": "label",
                "form": "%d",
                "rows": _shaded(found.classes, counts, counts / sizes),
            },
            {
                "title": "Mean output by predicted class, without labels",
                "corner": "predicted",
                "form": "%.3f",
                "rows": _shaded(found.classes, softmax, softmax),
            },
        ]

    def _pair(self, pair: Pair) -> dict[str, Any]:
        found = self._found
        directions = []
        for label, predicted in ((pair.first, pair.second), (pair.second, pair.first)):
            examples = [
                (name, int(i))
                for name, one in found.held_out.items()
                for i in np.flatnonzero(
                    (one.labels == label) & (one.classes == predicted)
                )
            ]
            directions.append(
                {
                    "label": found.classes[label],
                    "predicted": found.classes[predicted],
                    "count": len(examples),
                    "examples": [self._example(*one) for one in examples[:N_CONFUSED]],
                }
            )
        distances = pair.distances.tolist()
        most = max((one for one in distances if one == one), default=1.0)
        return {
            "first": found.classes[pair.first],
            "second": found.classes[pair.second],
            "softmax": None if np.isnan(pair.softmax) else pair.softmax,
            "distance": None if np.isnan(pair.distance) else pair.distance,
            "directions": directions,
            "layers": [
                {
                    "name": name,
                    "value": value if value == value else None,
                    "part": value / (most or 1.0) if value == value else 0.0,
                }
                for name, value in zip(found.means.layer_names, distances, strict=True)
            ],
        }


def _shaded(names: Any, values: Any, parts: Any) -> list[dict[str, Any]]:
    """Rows of a matrix, whose cells off the diagonal are shaded by ``parts``."""
    off = np.where(np.eye(len(names), dtype=bool), 0.0, np.nan_to_num(parts))
    largest = off.max() or 1.0
    return [
        {
            "name": name,
            "cells": [
                {
                    "value": None if value != value else value,
                    "part": 0.0 if i == j else part / largest,
                    "own": i == j,
                }
                for j, (value, part) in enumerate(
                    zip(values[i].tolist(), off[i].tolist(), strict=True)
                )
            ],
        }
        for i, name in enumerate(names)
    ]
