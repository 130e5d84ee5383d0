"""Losses and metrics of Keras that mean something else for labels of other forms."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.keras_names import (
    BINARY_LOSSES,
    CATEGORICAL_LOSSES,
    SPARSE_LOSSES,
    loss_name,
)
from xnas.problem import NaProblem
from xnas.training.data import TaskData

_ACCURACY = ("acc", "accuracy", "ce", "crossentropy")
"""Names of the metrics that Keras fits to the shapes of labels and predictions."""

_CROSSENTROPY = ("ce", "crossentropy")
"""Likewise of losses."""

_FORMS = {
    "integer": "integers, one class an example",
    "one-hot": "one-hot rows",
    "binary": "0 or 1 for one output",
    "multi-label": "zeros and ones of several classes (multi-label)",
    "real": "real numbers",
}

_ADVICE = {
    "integer": "acc, a name that begins with sparse_, or one-hot labels",
    "one-hot": "acc, or a name that does not begin with sparse_",
    "binary": "acc, or a name that does not begin with sparse_",
    "multi-label": "binary_accuracy, or a function of one's own",
    "real": "one of real numbers such as mae",
}


def misfits(data: TaskData, problem: NaProblem) -> Iterator[str]:
    """Find losses and metrics that want labels of another form.

    Functions of the task's own may take any labels.

    Args:
        data: the task's data.
        problem: the task.

    Returns:
        One sentence each, without the file.
    """
    form, loss = data.label_form, problem.loss_function
    if form == "integer" and not _fits(loss_name(loss), data, _CROSSENTROPY):
        yield _sentence(
            f"loss {loss_name(loss)}", form, "a name that begins with sparse_"
        )
    for metric in problem.training_settings().metrics:
        name = loss_name(metric)
        if not _fits(name, data, _ACCURACY):
            shown = metric if isinstance(metric, str) else name
            yield _sentence(f"metric {shown}", form, _ADVICE[form])
    if data.n_outputs == 1 and loss_name(loss) in BINARY_LOSSES and _of_logits(loss):
        yield (
            f"the loss {loss_name(loss)} has from_logits=True beside one output, "
            "expected a sigmoid output and no from_logits: accuracy and "
            "introspectability decide between two classes at 0.5"
        )


def misread(predictions: NDArray[Any], problem: NaProblem) -> str | None:
    """Tell of predictions that a cross-entropy of Keras clips or squashes again.

    Args:
        predictions: (examples, outputs) of any network of the task.
        problem: the task.

    Returns:
        A sentence without the file, ``None`` where nothing is wrong.
    """
    loss, name = problem.loss_function, loss_name(problem.loss_function)
    if name not in (*SPARSE_LOSSES, *CATEGORICAL_LOSSES, *BINARY_LOSSES):
        return None
    sums = predictions.sum(axis=1)
    if not _of_logits(loss) and (predictions < 0).any():
        return (
            f"the network predicts {predictions.min():.3g}, and the loss {name} takes "
            "chances from 0 to 1, expected softmax or sigmoid at its end, or a loss "
            "with from_logits=True"
        )
    is_softmax = predictions.shape[1] > 1 and np.allclose(sums, 1, atol=1e-3)
    if _of_logits(loss) and is_softmax and (predictions >= 0).all():
        return (
            f"the network predicts chances that add up to 1, and the loss {name} has "
            "from_logits=True, expected either no softmax at its end or no from_logits"
        )
    return None


def _fits(name: str | None, data: TaskData, fitted: tuple[str, ...]) -> bool:
    """Whether a loss or metric is made for the labels.

    Args:
        name: as Keras calls its function; ``None`` for one of the task's own.
        data: the task's data.
        fitted: names that Keras fits to the shapes of labels and predictions.
    """
    form = data.label_form
    if name is None:
        return True
    if name in fitted:
        # Of several labels it compares the likeliest alone, of one number equality.
        return form != "multi-label" and not (form == "real" and data.n_outputs == 1)
    return name.startswith("sparse_") == (form == "integer")


def _of_logits(loss: Any) -> bool:
    get_config = getattr(loss, "get_config", None)
    if get_config is None or isinstance(loss, type):
        return False
    return bool(get_config().get("from_logits"))


def _sentence(what: str, form: str, expected: str) -> str:
    return (
        f"{what} found for labels that are {_FORMS[form]}, of which Keras computes "
        f"something else than that name says, expected {expected}"
    )
