"""What the trained model answers: each example, and how classes are confused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from xnas.results.texts import csv_text

if TYPE_CHECKING:
    import keras

    from xnas.training.data import TaskData


@dataclass(frozen=True)
class Predictions:
    """Answers to the examples of one part of the data, in the order of its loader.

    Args:
        labels: (examples,) int64 classes, or (examples, targets) float64.
        outputs: (examples, outputs) float64.
        files: path of each example in the folder of the data, where they are files.
    """

    labels: NDArray
    outputs: NDArray[np.float64]
    files: Sequence[str] | None = None

    @property
    def classes(self) -> NDArray[np.int64]:
        """(examples,) int64: the classes that are predicted."""
        return self.outputs.argmax(axis=1)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(classes, classes) int64: examples by true and by predicted class."""
        counts = np.zeros((self.outputs.shape[1],) * 2, dtype=np.int64)
        np.add.at(counts, (self.labels, self.classes), 1)
        return counts


def predict(
    model: "keras.Model", data: "TaskData", batch_size: int
) -> dict[str, Predictions]:
    """Predict the validation data and, where the task has them, the test data.

    Args:
        model: the network, which takes what preprocessing returns.
        data: of the task.
        batch_size: examples at a time.

    Returns:
        Predictions by ``validation`` and ``test``.
    """
    parts = {"validation": data, "test": data.tested()}
    return {
        name: _predict(model, part, batch_size)
        for name, part in parts.items()
        if part is not None
    }


def _predict(model: "keras.Model", data: "TaskData", batch_size: int) -> Predictions:
    labels: list[NDArray] = []
    outputs: list[NDArray] = []
    for x, y in data.validation_batches(batch_size):
        labels.append(y.numpy())
        outputs.append(np.asarray(model(x, training=False), dtype=np.float64))
    true, answers = np.concatenate(labels), np.concatenate(outputs)
    answers = answers.reshape(len(answers), -1)
    if data.is_classification and answers.shape[1] == 1:
        answers = np.hstack([1 - answers, answers])  # one output tells two classes
    if data.label_form == "one-hot":
        true = true.argmax(axis=1)
    if data.is_classification:
        true = true.reshape(-1).astype(np.int64)
    else:
        true = true.reshape(len(answers), -1)
    return Predictions(true, answers, data.valid.files)


def predictions_csv(parts: Mapping[str, Predictions], classes: Sequence[str]) -> str:
    """Write a row an example.

    Args:
        parts: predictions by part of the data.
        classes: names in the order of the outputs; none for a regression.

    Returns:
        CSV with ``part``, ``index`` (of the example in what ``load_data`` returns,
        from 0), ``file`` where examples are files, ``label`` and ``predicted`` with
        names, and each output.
    """
    n_outputs = next(iter(parts.values())).outputs.shape[1]
    numbers = [f"_{i}" for i in range(n_outputs)]
    if classes:
        labels, outputs = ["label", "predicted"], [f"output_{name}" for name in classes]
    else:
        labels = [f"label{i}" for i in numbers]
        outputs = [f"predicted{i}" for i in numbers]
    file = ["file"] if any(one.files for one in parts.values()) else []
    rows = _rows(parts, classes, with_files=bool(file))
    return csv_text(["part", "index", *file, *labels, *outputs], rows)


def _rows(
    parts: Mapping[str, Predictions], classes: Sequence[str], *, with_files: bool
) -> Iterator[list[Any]]:
    for part, one in parts.items():
        answers = zip(one.labels, one.classes, one.outputs, strict=True)
        for i, (label, predicted, outputs) in enumerate(answers):
            labels = [classes[label], classes[predicted]] if classes else label.tolist()
            file = [one.files[i] if one.files else ""] if with_files else []
            numbers = (float(f"{value:.6g}") for value in outputs)
            yield [part, i, *file, *labels, *numbers]


class Confused(Protocol):
    """Predictions of classes whose labels are known."""

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(classes, classes) int64: examples by true and by predicted class."""


def confusion_csv(
    parts: Mapping[str, Confused], classes: Sequence[str], part_column: str = "part"
) -> str:
    """Count the examples of each class by what was predicted.

    Args:
        parts: predictions by part of the data.
        classes: names in the order of the outputs.
        part_column: what the column of the parts is called.

    Returns:
        CSV with a row for each part and true class, and a column a predicted class.
    """
    rows = (
        [part, name, *counts]
        for part, one in parts.items()
        for name, counts in zip(classes, one.confusion.tolist(), strict=True)
    )
    header = [part_column, "label", *(f"predicted_{name}" for name in classes)]
    return csv_text(header, rows)


def by_class(
    parts: Mapping[str, Confused], classes: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Tell how many examples of each class are predicted as what they are.

    Args:
        parts: predictions by part of the data.
        classes: names in the order of the outputs.

    Returns:
        Class, number of examples and accuracy, ``None`` without examples; by part.
    """
    return {
        part: [
            {
                "class": name,
                "examples": (examples := sum(counts)),
                "accuracy": counts[i] / examples if examples else None,
            }
            for i, (name, counts) in enumerate(
                zip(classes, one.confusion.tolist(), strict=True)
            )
        ]
        for part, one in parts.items()
    }
