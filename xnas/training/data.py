"""A task's data: read once, checked, held as arrays and served as batches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xnas.errors import TaskError
from xnas.training.reading import Split, read_splits

if TYPE_CHECKING:
    import tensorflow as tf

    from xnas.problem import NaProblem

CROSS_ENTROPIES = ("categorical_crossentropy", "sparse_categorical_crossentropy")


@dataclass(frozen=True)
class TaskData:
    """Training and validation data in memory, as the loader delivered them.

    Args:
        train: training inputs and labels.
        valid: validation inputs and labels.
        n_outputs: size of a prediction; the number of classes of a classification.
        is_classification: whether labels are classes.
    """

    train: Split
    valid: Split
    n_outputs: int
    is_classification: bool

    @property
    def input_shapes(self) -> list[tuple[int, ...]]:
        """Shape of one example of each input."""
        return [array.shape[1:] for array in self.train.inputs]

    @property
    def train_size(self) -> int:
        """Number of training examples."""
        return len(self.train.labels)

    @property
    def valid_size(self) -> int:
        """Number of validation examples."""
        return len(self.valid.labels)

    def training_batches(
        self,
        batch_size: int,
        epochs: int,
        seed: int,
        preprocessing: Callable | None = None,
        augment: Callable | None = None,
    ) -> "tf.data.Dataset":
        """Serve all epochs' training batches one after the other.

        The order of an epoch is a permutation given by (seed, epoch); what happens to
        a picture is given by (seed, epoch, its index).

        Args:
            batch_size: examples a batch; the last of an epoch may hold fewer.
            epochs: how often each example is served.
            seed: of order and augmentation.
            preprocessing: applied to each batch of inputs.
            augment: applied after that; its attribute ``n_draws`` asks for as many
                uniform numbers an example.

        Returns:
            Batches of (inputs, labels); inputs are a float32 tensor, or a dictionary
            of them by name where there are several.
        """
        from xnas.training.batches import training_batches

        return training_batches(
            self._train_tensors, batch_size, epochs, seed, preprocessing, augment
        )

    def validation_batches(
        self, batch_size: int, preprocessing: Callable | None = None
    ) -> "tf.data.Dataset":
        """Serve every validation example once, in order, never augmented.

        Args:
            batch_size: examples a batch; the last may hold fewer.
            preprocessing: applied to each batch of inputs.

        Returns:
            Batches of (inputs, labels).
        """
        from xnas.training.batches import validation_batches

        return validation_batches(self._valid_tensors, batch_size, preprocessing)

    @cached_property
    def _train_tensors(self) -> "list[tf.Tensor]":
        return _tensors(self.train)

    @cached_property
    def _valid_tensors(self) -> "list[tf.Tensor]":
        return _tensors(self.valid)


def _tensors(split: Split) -> "list[tf.Tensor]":
    """Hand the arrays to TensorFlow once a worker; every evaluation reads them."""
    import tensorflow as tf

    return [tf.convert_to_tensor(array) for array in (*split.inputs, split.labels)]


def load_task_data(problem: "NaProblem") -> TaskData:
    """Load a task's data and check it.

    Args:
        problem: the task.

    Returns:
        The data, for use by any number of evaluations.

    Raises:
        TaskError: the data break the contract of ``load_data``; the sentence names
            the file, what was found and what was expected.
    """
    place = problem.load_data_place
    train, valid, declared = read_splits(problem.call_load_data, place)
    loss = problem.loss_function
    names = problem.class_names
    shape = declared or problem.declared_output_shape
    n_outputs = len(names) if names else (shape[-1] if shape else None)
    for name, split in (("training", train), ("validation", valid)):
        _check_split(split, name, place)
    _check_equal_shapes(train, valid, place)
    is_classification = loss in CROSS_ENTROPIES
    if is_classification:
        for name, split in (("training", train), ("validation", valid)):
            _check_form(split.labels, name, str(loss), place)
        if n_outputs is None:
            n_outputs = _count_classes(train.labels, valid.labels)
        for name, split in (("training", train), ("validation", valid)):
            _check_classes(split.labels, name, n_outputs, place)
    elif n_outputs is None:
        n_outputs = 1 if train.labels.ndim == 1 else train.labels.shape[-1]
    return TaskData(train, valid, n_outputs, is_classification)


def check_space_fits(problem: "NaProblem", data: TaskData) -> None:
    """Check that the search space takes the data's inputs and predicts its classes.

    Raises:
        TaskError: it does not.
    """
    space = problem.build_space()
    if list(space.input_shape) != data.input_shapes:
        raise TaskError(
            f"{problem.load_data_place}: the inputs have shapes {data.input_shapes}, "
            f"but the search space takes {list(space.input_shape)}"
        )
    if space.output_shape[-1] != data.n_outputs:
        kind = "classes" if data.is_classification else "targets"
        raise TaskError(
            f"{problem.load_data_place}: the data have {data.n_outputs} {kind}, but "
            f"the search space predicts {space.output_shape[-1]}"
        )


def _check_split(split: Split, name: str, place: str) -> None:
    sizes = {len(array) for array in split.inputs} | {len(split.labels)}
    if len(sizes) > 1:
        found = ", ".join(str(len(array)) for array in split.inputs)
        raise TaskError(
            f"{place}: {found} {name} inputs found for {len(split.labels)} labels, "
            "expected equally many"
        )
    if not len(split.labels):
        raise TaskError(f"{place}: no {name} examples found, expected one or more")
    for array in split.inputs:
        if not np.issubdtype(array.dtype, np.number) and array.dtype != np.bool_:
            raise TaskError(
                f"{place}: {name} inputs of type {array.dtype} found, expected numbers"
            )
        if np.issubdtype(array.dtype, np.inexact) and not np.isfinite(array).all():
            raise TaskError(
                f"{place}: NaN or infinity found in the {name} inputs, expected finite "
                "numbers"
            )


def _check_equal_shapes(train: Split, valid: Split, place: str) -> None:
    shapes = [[a.shape[1:] for a in split.inputs] for split in (train, valid)]
    if shapes[0] != shapes[1]:
        raise TaskError(
            f"{place}: training inputs have shapes {shapes[0]} and validation inputs "
            f"{shapes[1]}, expected the same"
        )


def _check_form(labels: NDArray, name: str, loss: str, place: str) -> None:
    """Integers go with the sparse loss, one-hot rows with the other."""
    if labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer):
        if loss.startswith("sparse"):
            return
        raise TaskError(
            f"{place}: integer {name} labels found, expected one-hot rows for the loss "
            f"{loss} (or the loss sparse_{loss})"
        )
    if labels.ndim == 2 and _is_one_hot(labels):
        if not loss.startswith("sparse"):
            return
        raise TaskError(
            f"{place}: one-hot {name} labels found, expected integers for the loss "
            f"{loss} (or the loss {loss.removeprefix('sparse_')})"
        )
    raise TaskError(
        f"{place}: {name} labels of type {labels.dtype} and shape {labels.shape} found, "
        "expected integers (n,) or one-hot rows (n, classes)"
    )


def _is_one_hot(labels: NDArray) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


def _count_classes(*labels: NDArray) -> int:
    if labels[0].ndim == 2:
        return labels[0].shape[1]
    return int(max(part.max() for part in labels)) + 1


def _check_classes(labels: NDArray, name: str, n_classes: int, place: str) -> None:
    if labels.ndim == 2:
        if labels.shape[1] != n_classes:
            raise TaskError(
                f"{place}: one-hot {name} labels of {labels.shape[1]} classes found, "
                f"expected {n_classes}"
            )
    elif labels.min() < 0 or labels.max() >= n_classes:
        wrong = labels[(labels < 0) | (labels >= n_classes)][0]
        raise TaskError(
            f"{place}: {name} label {wrong} found, expected 0 to {n_classes - 1}"
        )
