"""``MODEL_CARD.md``: what there is to know about a trained model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from xnas.final_training.choice import Chosen
from xnas.final_training.metrics import best_of, estimates
from xnas.final_training.settings import Settings
from xnas.final_training.statistics import CONFIDENCE, Estimate
from xnas.names import fit_text
from xnas.objectives import short_number
from xnas.results.estimated import worded_interval
from xnas.results.regularized import meaning_of_mark, regularized

if TYPE_CHECKING:
    from xnas.final_training.replicate import Outcome

SHOWN_CLASSES = 20


@dataclass(frozen=True)
class DataFacts:
    """What a card says of the data.

    Args:
        loader: import path of the function that loads them.
        sizes: number of examples of each part, by its name.
        shapes: shape of one example of each input, as the model takes them.
        names: of the inputs.
        classes: names of the classes, in order; none for a regression.
        preprocessing: how the task prepares inputs, if it does.
        preprocessing_included: whether the model does that itself.
    """

    loader: str
    sizes: Mapping[str, int]
    shapes: Sequence[tuple[int, ...]]
    names: Sequence[str]
    classes: Sequence[str]
    preprocessing: str | None
    preprocessing_included: bool


def model_card(
    *,
    task: str,
    settings: Settings,
    chosen: Chosen,
    outcomes: "Sequence[Outcome]",
    data: DataFacts,
    by_class: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    scoring: Mapping[str, Any],
    exports: Sequence[str],
    versions: Mapping[str, Any],
) -> str:
    """Write the card.

    Args:
        task: its name.
        settings: of the training.
        chosen: the evaluation that was trained.
        outcomes: of all replicates.
        data: what the data are.
        by_class: accuracy of the model by part of the data and class.
        scoring: how introspectability is measured, settings by name.
        exports: names of other files and folders that hold the model.
        versions: of what the results depend on.

    Returns:
        Markdown.
    """
    mark = regularized(settings.task.get("hyperparameters"))
    environment = Environment(
        loader=PackageLoader("xnas.final_training"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    header, *rows = score_rows(chosen, outcomes)
    environment.filters |= {"best": best_of, "number": _number, "plain": _plain}
    return environment.get_template("MODEL_CARD.md.j2").render(
        task=task,
        settings=settings,
        hyperparameters=settings.task.get("hyperparameters", {}),
        chosen=chosen,
        outcomes=outcomes,
        rows=rows,
        expects="estimate" in header,
        confidence=CONFIDENCE,
        data=data,
        by_class=by_class,
        shown_classes=SHOWN_CLASSES,
        inputs=[*zip(data.names, map(tuple, data.shapes), strict=True)],
        scoring=scoring,
        mark=mark and meaning_of_mark(mark),
        exports=exports,
        versions=versions,
        packages=versions.get("packages", {}),
    )


def score_rows(chosen: Chosen, outcomes: "Sequence[Outcome]") -> list[tuple[str, ...]]:
    """Word the scores.

    Args:
        chosen: the evaluation that was trained.
        outcomes: of all replicates.

    Returns:
        Rows of objective, score in the search, what was expected of it over seeds
        (only where there are estimates), on validation and on test data; the first is
        the header.
    """
    found = estimates(outcomes, "validation") or {}
    test = estimates(outcomes, "test")
    labels = {axis.name: axis.label for axis in chosen.axes}
    expects = bool(chosen.estimates)
    expected = {name: worded_interval(*one) for name, one in chosen.estimates.items()}
    rows: list[tuple[str, ...]] = [
        ("", "in the search", *["estimate"] * expects, "validation", "test")
    ]
    for name in dict.fromkeys([*chosen.scores, *found]):
        searched = chosen.scores.get(name)
        tested = "no test data" if test is None else _worded(test.get(name))
        in_search = "not recorded" if searched is None else _number(searched)
        worded = _worded(found.get(name))
        estimate = [expected.get(name, "none")] * expects
        rows.append((labels.get(name, name), in_search, *estimate, worded, tested))
    return rows


def _worded(found: Estimate | None) -> str:
    if found is None:
        return "not measured"
    text = _number(found.mean)
    if found.is_alike:
        text += f" (all {len(found.values)} alike)"
    elif found.interval is not None:
        low, high = map(_number, found.interval)
        text += f" ({low} to {high})"
    return text


def _number(value: float) -> str:
    if isnan(value):
        return "NaN"
    return short_number(value) if isfinite(value) else "−∞" if value < 0 else "∞"


def _plain(name: str) -> str:
    """Keep a class's name from being read as Markdown."""
    escaped = (f"\\{c}" if c in "\\`*_[]<>#|&" else c for c in fit_text(str(name)))
    return "".join(escaped).replace("\r", "&#13;").replace("\n", "&#10;")
