"""A task's data: read once a worker, checked, and served as batches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xnas.errors import TaskError
from xnas.training.checks import (
    are_integers,
    check_classes,
    check_equal_shapes,
    check_labels,
    check_numbers,
    check_split,
    is_one_hot,
)
from xnas.training.functions import place_of, told
from xnas.training.reading import Split, read_splits

if TYPE_CHECKING:
    import tensorflow as tf

    from xnas.problem import NaProblem
    from xnas.training.batches import Batches

TRIED = 2
"""Examples that preprocessing and augmentation are tried on."""


@dataclass(frozen=True)
class TaskData:
    """A task's examples in memory, shared by all evaluations of a worker.

    Args:
        train: training examples, as the loader delivered them.
        valid: validation examples, likewise.
        n_outputs: size of a prediction; the number of classes of a classification.
        label_form: ``integer``, ``one-hot`` or ``real``.
        preprocessing: applied to every batch of inputs.
        augment: applied to training batches after that.
        read_test: reads the test examples; ``None`` if there are none.
    """

    train: Split
    valid: Split
    n_outputs: int
    label_form: str
    preprocessing: Callable | None = None
    augment: Callable | None = None
    read_test: Callable[[], Split] | None = None

    @property
    def train_size(self) -> int:
        """Number of training examples."""
        return len(self.train.labels)

    @property
    def valid_size(self) -> int:
        """Number of validation examples."""
        return len(self.valid.labels)

    @property
    def is_classification(self) -> bool:
        """Whether labels are classes."""
        return self.label_form != "real"

    @cached_property
    def input_shapes(self) -> list[tuple[int, ...]]:
        """Shape of one example of each input, preprocessing included."""
        if self.preprocessing is None:
            return [array.shape[1:] for array in self.train.inputs]
        return [tuple(array.shape[1:]) for array in self._train_batches.first(1)]

    def training_batches(
        self, batch_size: int, *, epochs: int, seed: int
    ) -> "tf.data.Dataset":
        """Serve all epochs' training batches one after the other.

        The order of an epoch is a permutation given by (seed, epoch); what happens to
        a picture is given by (seed, epoch, its index).

        Args:
            batch_size: examples a batch; the last of an epoch may hold fewer.
            epochs: how often each example is served.
            seed: of order and augmentation.

        Returns:
            Batches of (inputs, labels); inputs are a float32 tensor, or a dictionary
            of them by name where there are several.
        """
        return self._train_batches.shuffled(batch_size, epochs=epochs, seed=seed)

    def validation_batches(self, batch_size: int) -> "tf.data.Dataset":
        """Serve every validation example once, in order, never augmented.

        Args:
            batch_size: examples a batch; the last may hold fewer.

        Returns:
            Batches of (inputs, labels).
        """
        return self._valid_batches.in_order(batch_size)

    def test_batches(self, batch_size: int) -> "tf.data.Dataset | None":
        """Serve every test example once, in order, never augmented.

        Args:
            batch_size: examples a batch; the last may hold fewer.

        Returns:
            Batches of (inputs, labels); ``None`` if the task has no test examples.

        Raises:
            TaskError: the test examples break the contract of ``load_data``.
        """
        if self.read_test is None:
            return None
        return self._batches(self.read_test()).in_order(batch_size)

    @cached_property
    def _train_batches(self) -> "Batches":
        return self._batches(self.train)

    @cached_property
    def _valid_batches(self) -> "Batches":
        return self._batches(self.valid)

    def _batches(self, split: Split) -> "Batches":
        from xnas.training.batches import Batches  # loads TensorFlow

        return Batches(split, self.preprocessing, self.augment)


def load_task_data(problem: "NaProblem") -> TaskData:
    """Load a task's data, and check them and whether the search space fits them.

    Args:
        problem: the task; it is told the shapes, for spaces that take them from data.

    Returns:
        The data, for use by any number of evaluations.

    Raises:
        TaskError: the data break the contract of ``load_data``; the sentence names
            the file, what was found and what was expected.
    """
    problem.check_complete()
    place = problem.load_data_place
    reading = read_splits(problem.call_load_data, place)
    splits = {"training": reading.train, "validation": reading.valid}
    for name, split in splits.items():
        _check(split, name, problem, place)
    check_equal_shapes(reading.train, reading.valid, "validation", place)
    n_outputs = _count_outputs(problem, reading.output_shape, splits)
    form = _label_form(reading.train)

    def check_labels_fit(split: Split, name: str) -> None:
        if form == "integer":
            check_classes(split.labels, name, n_outputs, place)

    for name, split in splits.items():
        check_labels_fit(split, name)

    def read_test() -> Split:
        split = reading.read_test()  # type: ignore[misc]
        _check(split, "test", problem, place)
        check_equal_shapes(reading.train, split, "test", place)
        check_labels_fit(split, "test")
        return split

    data = TaskData(
        reading.train,
        reading.valid,
        n_outputs,
        form,
        problem.preprocessing_function,
        problem.augmentation,
        read_test if reading.read_test else None,
    )
    _try_functions(data)
    problem.note_data_shapes(data.input_shapes, (n_outputs,))
    _check_space(problem, data, place)
    return data


def _check(split: Split, name: str, problem: "NaProblem", place: str) -> None:
    check_split(split, name, place)
    check_labels(split.labels, name, problem.loss_function, place)


def _label_form(split: Split) -> str:
    if are_integers(split.labels):
        return "integer"
    return "one-hot" if is_one_hot(split.labels) else "real"


def _count_outputs(
    problem: "NaProblem", declared: tuple[int, ...] | None, splits: dict[str, Split]
) -> int:
    """Size of a prediction: as declared by the data, the space, or what labels say."""
    labels = [split.labels for split in splits.values()]
    if labels[0].ndim == 2:
        return labels[0].shape[1]
    shape = declared or problem.declared_output_shape
    if shape:
        return shape[-1]
    if problem.class_names:
        return len(problem.class_names)
    if _label_form(splits["training"]) == "integer":
        return int(max(part.max() for part in labels)) + 1
    return 1


def _try_functions(data: TaskData) -> None:
    """Run preprocessing and augmentation on a few examples."""
    if data.preprocessing:
        _try(data, "preprocessing", data.preprocessing)
    if data.augment:
        shapes = _try(data, "augment", data.augment)
        if shapes != data.input_shapes:
            raise TaskError(
                f"{place_of(data.augment)}: augment makes inputs of shapes "
                f"{shapes}, expected {data.input_shapes} as before"
            )


def _try(data: TaskData, name: str, function: Callable) -> list[tuple[int, ...]]:
    """Return the shapes of examples after a function."""
    place = place_of(function)
    batches = data._train_batches
    try:
        serve = batches.first if name == "preprocessing" else batches.first_augmented
        arrays = [np.asarray(tensor) for tensor in serve(TRIED)]
    except Exception as error:
        raise TaskError(f"{place}: {name} failed: {told(error)}") from error
    for array in arrays:
        check_numbers(array, f"inputs after {name}", place)
    return [array.shape[1:] for array in arrays]


def _check_space(problem: "NaProblem", data: TaskData, place: str) -> None:
    space = problem.build_space()
    if list(space.input_shape) != data.input_shapes:
        raise TaskError(
            f"{place}: the inputs have shapes {data.input_shapes}, but the search "
            f"space takes {list(space.input_shape)}"
        )
    if space.output_shape[-1] != data.n_outputs:
        kind = "classes" if data.is_classification else "targets"
        raise TaskError(
            f"{place}: the data have {data.n_outputs} {kind}, but the search space "
            f"predicts {space.output_shape[-1]}"
        )
    if problem.class_names and len(problem.class_names) != data.n_outputs:
        raise TaskError(
            f"{place}: the data have {data.n_outputs} classes, but Problem.classes "
            f"names {len(problem.class_names)}"
        )
