"""All replicates of one network, and the files that come of them."""

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import keras

import xnas
from xnas.declarations.functions import describe, error_text
from xnas.drawing import cell_svg
from xnas.errors import UsageError
from xnas.final_training.card import DataFacts, model_card
from xnas.final_training.choice import Chosen
from xnas.final_training.curves import curves_svg
from xnas.final_training.exports import export_model, export_path
from xnas.final_training.folder import OutputFolder, move_draft
from xnas.final_training.metrics import best_of, describe_training, history_csv
from xnas.final_training.plain_model import (
    examples,
    includes_preprocessing,
    plain_model,
)
from xnas.final_training.predictions import (
    Predictions,
    by_class,
    confusion_csv,
    predict,
    predictions_csv,
)
from xnas.final_training.replicate import Outcome, Trainable, train_replicate
from xnas.final_training.settings import Settings, replicate_seed
from xnas.final_training.verified import Inputs, made_up
from xnas.nas_deephyper.infos import describe_environment
from xnas.results import write_json
from xnas.results.folder import draft_of, replace_file


class Listener(Protocol):
    """Hears how far a training is."""

    def begin_replicate(self, replicate: int, epochs_done: int) -> None:
        """Hear that a replicate begins, or goes on."""

    def end_epoch(self, epoch: int, values: dict[str, float]) -> None:
        """Hear the number of an epoch, from 0, and its values."""


def train_all(
    trainable: Trainable, settings: Settings, folder: OutputFolder, listener: Listener
) -> list[Outcome]:
    """Train all replicates; those that are finished are read.

    Args:
        trainable: what to train.
        settings: of the training.
        folder: where it writes.
        listener: told how far it is.

    Returns:
        Their outcomes.

    Raises:
        EvaluationError: the objective of one is NaN.
    """
    return [
        train_replicate(
            trainable,
            number,
            replicate_seed(settings.seed, settings.arch_seq, number),
            folder.replicate(number),
            listener.end_epoch,
            partial(listener.begin_replicate, number),
        )
        for number in range(1, settings.replicates + 1)
    ]


def finish(
    trainable: Trainable,
    settings: Settings,
    chosen: Chosen,
    outcomes: Sequence[Outcome],
    folder: OutputFolder,
    *,
    task: str,
    exports: Sequence[str],
) -> dict[str, Any]:
    """Write everything that comes of the replicates, ``metrics.json`` last.

    Args:
        trainable: what was trained.
        settings: of the training.
        chosen: the evaluation that was trained.
        outcomes: of all replicates.
        folder: where it writes.
        task: its name.
        exports: formats to write beside ``model.keras``.

    Returns:
        The content of ``metrics.json``.
    """
    best = folder.replicate(best_of(outcomes).replicate)
    draft = draft_of(folder.model)
    shutil.copyfile(best.model, draft)
    move_draft(draft, folder.model)
    data = trainable.data
    export_all(
        folder,
        exports,
        lambda: _rebuilt(trainable, folder),
        lambda model: examples(model, data),
    )
    facts = data_facts(trainable)
    parts = _predictions(trainable, folder)
    width = parts["validation"].outputs.shape[1]
    # Of an output that tells two classes, only one may have a name.
    named = len(facts.classes)
    classes = facts.classes and [*facts.classes, *map(str, range(named, width))]
    accuracies = by_class(parts, classes) if classes else None
    versions = {"xnas": xnas.__version__, **describe_environment()}
    title = f"{task}, network {chosen.id}"
    drawing = cell_svg(
        trainable.space.describe(), chosen.arch_seq, title=title, theme="light"
    )
    card = model_card(
        task=task,
        settings=settings,
        chosen=chosen,
        outcomes=outcomes,
        data=facts,
        by_class=accuracies,
        scoring=trainable.scoring_settings,
        exports=[export_path(folder, name).name for name in exports],
        versions=versions,
    )
    if classes:
        replace_file(folder.confusion, confusion_csv(parts, classes).encode())
    for path, text in (
        (folder.predictions, predictions_csv(parts, classes)),
        (folder.history, history_csv(outcomes)),
        (folder.curves, curves_svg(outcomes, title)),
        (folder.cell, drawing),
        (folder.card, card),
    ):
        replace_file(path, text.encode(errors="replace"))  # of files' names
    content = describe_training(
        settings, chosen, outcomes, trainable.scoring_settings, versions, accuracies
    )
    write_json(folder.metrics, content)
    return content


def export_all(
    folder: OutputFolder,
    formats: Sequence[str],
    load: Callable[[], keras.Model],
    inputs_of: Callable[[keras.Model], Inputs] = made_up,
) -> list[Path]:
    """Write the finished model in other formats, where it is not there yet.

    Args:
        folder: of the training.
        formats: ``saved-model`` and ``onnx``.
        load: returns the model; called if needed.
        inputs_of: returns examples for the model, which each file is tried with.

    Returns:
        What was written.

    Raises:
        UsageError: a file does not predict what the model predicts.
    """
    missing = [name for name in formats if not export_path(folder, name).exists()]
    if missing:
        model = load()
        for name in missing:
            export_model(model, folder, name, inputs_of(model))
    return [export_path(folder, name) for name in missing]


def load_finished(folder: OutputFolder) -> keras.Model:
    """Load the model of a finished training without its task.

    Args:
        folder: of the training.

    Raises:
        UsageError: Keras alone cannot load it.
    """
    try:
        return keras.models.load_model(folder.model, compile=False)
    except (OSError, TypeError, ValueError) as error:
        raise UsageError(
            f"{folder.model} cannot be loaded without its task: {error_text(error)}; "
            "train it to another folder with --export from the start"
        ) from error


def _predictions(trainable: Trainable, folder: OutputFolder) -> dict[str, Predictions]:
    """Let the best replicate's network answer all examples that it did not train on."""
    network = trained_network(trainable, folder)
    size = trainable.settings.validation_batch_size
    return predict(network, trainable.data, size)


def trained_network(trainable: Trainable, folder: OutputFolder) -> keras.Model:
    """Make the network of a finished training, in float32.

    Args:
        trainable: what was trained.
        folder: of the training.

    Returns:
        A network that takes what preprocessing returns.
    """
    network = trainable.in_full(trainable.build(0))
    plain_model(network, trainable.data).load_weights(folder.model)
    return network


def _rebuilt(trainable: Trainable, folder: OutputFolder) -> keras.Model:
    """Load the model with layers of the task's own, which Keras alone cannot make."""
    model = plain_model(trainable.in_full(trainable.build(0)), trainable.data)
    model.load_weights(folder.model)
    return model


def data_facts(trainable: Trainable) -> DataFacts:
    """Tell what a card says of a task's data.

    Args:
        trainable: a network of the task.
    """
    problem, data = trainable.problem, trainable.data
    sizes = {"train": data.train_size, "validate": data.valid_size}
    if data.read_test is not None:
        sizes["test"] = len(data.read_test().labels)
    included = includes_preprocessing(data.preprocessing)
    raw = [tuple(array.shape[1:]) for array in data.train.inputs]
    names = problem.class_names or [str(i) for i in range(data.n_classes)]
    return DataFacts(
        loader=problem.to_json()["load_data"]["function"],
        sizes=sizes,
        shapes=raw if included else data.input_shapes,
        names=[node.name for node in trainable.space.input_nodes],
        classes=names if data.is_classification else [],
        preprocessing=describe(data.preprocessing),
        preprocessing_included=included,
    )
