"""``MODEL_CARD.md``: what there is to know about a trained model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from xnas.final_training.choice import INTROSPECTABILITY, Chosen
from xnas.final_training.metrics import best_of, estimates
from xnas.final_training.settings import Settings
from xnas.final_training.statistics import CONFIDENCE, Estimate

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
        scoring: how introspectability is measured, settings by name.
        exports: names of other files and folders that hold the model.
        versions: of what the results depend on.

    Returns:
        Markdown.
    """
    sections = {
        f"{task}: network {chosen.id}": _about(settings, chosen, outcomes),
        "Scores": _scores(chosen, outcomes, scoring),
        "Data": _data(data),
        "Training": _training(settings, outcomes),
        "How to load it": _loading(data, best_of(outcomes), exports),
        "Limits": _limits(data, outcomes),
        "Versions": _versions(versions),
    }
    lines: list[str] = []
    for i, (title, body) in enumerate(sections.items()):
        lines += [f"{'##' if i else '#'} {title}", "", *body, ""]
    return "\n".join(lines[:-1]) + "\n"


def score_rows(
    chosen: Chosen, outcomes: "Sequence[Outcome]"
) -> list[tuple[str, str, str, str]]:
    """Word the scores.

    Args:
        chosen: the evaluation that was trained.
        outcomes: of all replicates.

    Returns:
        Rows of objective, score in the search, on validation and on test data.
    """
    found = estimates(outcomes, "validation") or {}
    test = estimates(outcomes, "test")
    rows = []
    for name, validation in found.items():
        searched = chosen.scores.get(name)
        tested = "no test data" if test is None else _worded(test.get(name))
        in_search = "not recorded" if searched is None else _number(searched)
        rows.append((name, in_search, _worded(validation), tested))
    return rows


def _worded(found: Estimate | None) -> str:
    if found is None:
        return "not measured"
    text = _number(found.mean)
    if found.interval is not None:
        low, high = map(_number, found.interval)
        text += f" ({low} to {high})"
    return text


def _number(value: float) -> str:
    if isnan(value):
        return "NaN"
    return f"{value:.4f}" if isfinite(value) else "−∞" if value < 0 else "∞"


def _about(
    settings: Settings, chosen: Chosen, outcomes: "Sequence[Outcome]"
) -> list[str]:
    wider = settings.filter_scale_factor
    width = f", its filters scaled by {wider:g}" if wider else ""
    return [
        f"Architecture `{list(chosen.arch_seq)}`, evaluation {chosen.id} of the search "
        f"in `{settings.run}`{width}: {outcomes[0].n_parameters:,} parameters. XNAS "
        "searched for networks that are accurate and introspectable, that is, whose "
        "layers react differently to different classes.",
        "",
        "![Drawing of the network](cell.svg)",
    ]


def _scores(
    chosen: Chosen, outcomes: "Sequence[Outcome]", scoring: Mapping[str, Any]
) -> Iterator[str]:
    count = len(outcomes)
    several = f", mean of {count} replicates ({CONFIDENCE:.0%} confidence interval)"
    suffix = several if count > 1 else ""
    yield f"| score | in the search | validation{suffix} | test |"
    yield "| --- | --- | --- | --- |"
    for row in score_rows(chosen, outcomes):
        yield f"| {' | '.join(row)} |"
    yield ""
    if outcomes[0].test is None:
        yield (
            "**The validation score is on the data that chose the network**, since the "
            "task has no test data. Expect less on new data."
        )
    else:
        yield (
            "The validation data also chose the network; the test data were used for "
            "nothing else."
        )
    if count > 1:
        best = best_of(outcomes)
        values = ", ".join(f"{k} {_number(v)}" for k, v in best.validation.items())
        yield (
            f"`model.keras` is replicate {best.replicate}, the best on the validation "
            f"data ({values}). The interval is of the mean over random seeds by "
            "Student's t; it says nothing of other data."
        )
    if INTROSPECTABILITY in outcomes[0].validation:
        yield ""
        yield (
            "Introspectability is the mean cosine distance between the mean "
            "activations of each pair of classes: 0 if the network's layers react "
            "alike to all classes, 1 if each class has its own. Measured as in the "
            f"search ({', '.join(f'{k}={v}' for k, v in scoring.items())})."
        )


def _data(data: DataFacts) -> Iterator[str]:
    parts = [f"{size:,} to {name}" for name, size in data.sizes.items()]
    yield f"Loaded by `{data.loader}`: examples {', '.join(parts)}."
    if data.classes:
        shown = ", ".join(map(_plain, data.classes[:SHOWN_CLASSES]))
        more = ", …" if len(data.classes) > SHOWN_CLASSES else ""
        yield f"Classes, in the order of the outputs: {shown}{more}."
    yield ""
    yield from _preparing(data)


def _preparing(data: DataFacts) -> Iterator[str]:
    shapes = " and ".join(
        f"`{name}` ({', '.join(map(str, ('n', *shape)))})"
        for name, shape in zip(data.names, data.shapes, strict=True)
    )
    yield f"**Inputs** are float32: {shapes}."
    if data.preprocessing is None:
        yield "They are what `load_data` returns; nothing else is done to them."
    elif data.preprocessing_included:
        yield (
            "They are what `load_data` returns: the model's first layer normalises "
            f"them (`{data.preprocessing}`), so do not do it again."
        )
    else:
        yield (
            f"They are what `{data.preprocessing}` makes of what `load_data` returns: "
            "**the model does not hold this step**, so apply it first."
        )


def _training(settings: Settings, outcomes: "Sequence[Outcome]") -> Iterator[str]:
    values = settings.task.get("hyperparameters", {})
    seeds = ", ".join(str(outcome.seed) for outcome in outcomes)
    yield (
        f"{settings.epochs} epochs in batches of {settings.batch_size} with "
        f"{values.get('optimizer')}, learning rate {values.get('learning_rate')} "
        f"({values.get('schedule')} schedule), weight decay "
        f"{values.get('weight_decay')}; loss `{settings.task.get('loss')}`; "
        f"augmentation `{settings.task.get('augment')}`; seed(s) {seeds} (from "
        f"{settings.seed}); {settings.num_cpus} thread(s)."
    )
    for outcome in outcomes:
        if outcome.stopped:
            yield (
                f"The loss of replicate {outcome.replicate} was not finite in epoch "
                f"{outcome.epochs}, which ended its training."
            )
        elif outcome.epochs < settings.epochs:
            yield (
                f"Replicate {outcome.replicate} was stopped by a callback after epoch "
                f"{outcome.epochs}."
            )
    yield ""
    yield "![Loss and metrics of each epoch](curves.svg)"
    yield ""
    yield "All numbers: `metrics.json`, `history.csv`."


def _loading(data: DataFacts, best: "Outcome", exports: Sequence[str]) -> Iterator[str]:
    if best.foreign:
        yield (
            "The network holds layers or functions that Keras does not know "
            f"({', '.join(f'`{name}`' for name in best.foreign)}): import them first "
            "and name them to `load_model(..., custom_objects={...})`."
        )
    else:
        yield "Keras alone loads it; XNAS is not needed."
    yield ""
    yield "```python"
    yield "import keras"
    yield "import numpy as np"
    yield ""
    yield 'model = keras.models.load_model("model.keras")'
    zeros = [f"np.zeros({(1, *shape)}, dtype=np.float32)" for shape in data.shapes]
    if len(zeros) == 1:
        yield f"inputs = {zeros[0]}  # your examples"
    else:
        yield "inputs = {  # your examples"
        for name, value in zip(data.names, zeros, strict=True):
            yield f'    "{name}": {value},'
        yield "}"
    what = f"(n, {len(data.classes)})" if data.classes else "(n, targets)"
    yield f"outputs = model.predict(inputs)  # {what}"
    if data.classes:
        yield "labels = outputs.argmax(axis=1)"
    yield "```"
    if exports:
        yield ""
        yield f"The same model for other tools: {', '.join(f'`{e}`' for e in exports)}."


def _limits(data: DataFacts, outcomes: "Sequence[Outcome]") -> Iterator[str]:
    yield (
        f"- It has seen {data.sizes.get('train', 0):,} training examples, and knows "
        "nothing but inputs of their kind: every input gets an answer, those that are "
        "nothing of the sort too."
    )
    if data.classes:
        yield (
            "- Its outputs were not calibrated: 0.9 does not mean right in nine cases "
            "of ten."
        )
    if INTROSPECTABILITY in outcomes[0].validation:
        yield (
            "- Introspectability compares averages over classes. It neither explains a "
            "single answer nor shows that the network decides for good reasons."
        )
    yield (
        "- Noisy, shifted or hostile inputs, and groups within the data, were not "
        "tried."
    )
    if len(outcomes) == 1:
        yield (
            "- One network was trained: how much its scores owe to the seed is unknown "
            "(`--replicates`)."
        )


def _versions(versions: Mapping[str, Any]) -> list[str]:
    packages = versions.get("packages", {})
    names = ("tensorflow", "keras", "numpy")
    parts = [f"{name} {packages[name]}" for name in names if packages.get(name)]
    commit = versions.get("git_commit")
    return [
        f"XNAS {versions.get('xnas')}"
        + (f" (commit `{commit}`)" if commit else "")
        + f", Python {versions.get('python')}, {', '.join(parts)}; "
        f"{versions.get('platform')}."
    ]


def _plain(name: str) -> str:
    """Keep a class's name from being read as Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|&" else c for c in str(name))
