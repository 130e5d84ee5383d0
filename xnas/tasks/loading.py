"""Loads a task's data and checks everything about them before anything trains."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.functions import call_of_task, file_of
from xnas.declarations.keras_names import SPARSE_LOSSES
from xnas.declarations.search_space import SHAPES
from xnas.errors import TaskError
from xnas.problem import NaProblem
from xnas.space import KSearchSpace, SpaceError
from xnas.tasks.checks import (
    are_integers,
    check_classes,
    check_equal_shapes,
    check_labels,
    check_numbers,
    check_split,
    is_one_hot,
)
from xnas.tasks.reading import read_splits
from xnas.training.data import TaskData
from xnas.training.split import Split

TRIED = 2
"""Examples that preprocessing and augmentation are tried on."""

PATHS_TRIED = 1000
"""Random networks tried in search of one with a path from input to output."""


def load_task_data(problem: NaProblem) -> TaskData:
    """Load a task's data, and check them and whether the search space fits them.

    Args:
        problem: the task.

    Returns:
        The data, for use by any number of evaluations.

    Raises:
        TaskError: the data break the contract of ``load_data``; the sentence names
            the file, what was found and what was expected.
    """
    problem.check_complete()
    file = problem.load_data_file
    reading = read_splits(problem.load_data_function, file)
    splits = {"training": reading.train, "validation": reading.valid}
    for name, split in splits.items():
        _check(split, name, problem, file)
    check_equal_shapes(reading.train, reading.valid, "validation", file)
    n_outputs = _count_outputs(problem, reading.output_shape, splits)
    form = _label_form(reading.train, n_outputs, problem.loss_function)

    def fitted(split: Split, name: str) -> Split:
        if form == "real":
            return Split(split.inputs, _targets(split.labels))
        check_classes(split.labels, name, n_outputs, file)
        return split

    def read_test() -> Split:
        split = reading.read_test()  # type: ignore[misc]
        _check(split, "test", problem, file)
        check_equal_shapes(reading.train, split, "test", file)
        return fitted(split, "test")

    data = TaskData(
        fitted(reading.train, "training"),
        fitted(reading.valid, "validation"),
        n_outputs,
        form,
        problem.preprocessing_function,
        problem.augmentation,
        read_test if reading.read_test else None,
        reading.goes_on,
    )
    _try_functions(data)
    _check_space(problem, data, file)
    return data


def space_of(
    problem: NaProblem, data: TaskData | None = None, **overrides: Any
) -> KSearchSpace:
    """Make a task's search space, loading the data where only they know the shapes.

    Args:
        problem: the task.
        data: its data, where they are loaded.
        **overrides: keywords that replace those of the search space.

    Raises:
        TaskError: the task makes no search space, or its data break their contract.
    """
    if data is None and not set(SHAPES) <= {*problem.declared_shapes, *overrides}:
        data = load_task_data(problem)
    return problem.build_space(data.shapes if data else None, **overrides)


def _check(split: Split, name: str, problem: NaProblem, file: str) -> None:
    check_split(split, name, file)
    check_labels(split.labels, name, problem.loss_function, file)


def _label_form(split: Split, n_outputs: int, loss: Any) -> str:
    if are_integers(split.labels) and (n_outputs > 1 or loss in SPARSE_LOSSES):
        return "integer"
    return "one-hot" if is_one_hot(split.labels) else "real"


def _targets(labels: NDArray) -> NDArray[np.float32]:
    """Give real labels, (n,) or (n, targets), the form of predictions."""
    return labels.reshape(len(labels), -1).astype(np.float32)


def _count_outputs(
    problem: NaProblem, declared: tuple[int, ...] | None, splits: dict[str, Split]
) -> int:
    """Size of a prediction: as declared by the data, the space, or what labels say."""
    labels = [split.labels for split in splits.values()]
    if labels[0].ndim == 2:
        return labels[0].shape[1]
    shape = declared or problem.declared_shapes.get("output_shape")
    if shape:
        return shape[-1]
    if problem.class_names:
        return len(problem.class_names)
    if problem.loss_function in SPARSE_LOSSES:
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
                f"{file_of(data.augment)}: augment makes inputs of shapes "
                f"{shapes}, expected {data.input_shapes} as before"
            )


def _try(data: TaskData, name: str, function: Callable) -> list[tuple[int, ...]]:
    """Return the shapes of examples after a function."""
    file = file_of(function)
    tensors = call_of_task(
        name, lambda: data.first_inputs(TRIED, augmented=name == "augment"), file
    )
    arrays = [np.asarray(tensor) for tensor in tensors]
    for array in arrays:
        check_numbers(array, f"inputs after {name}", file)
    return [array.shape[1:] for array in arrays]


def _check_space(problem: NaProblem, data: TaskData, file: str) -> None:
    space = problem.build_space(data.shapes)
    if list(space.input_shape) != data.input_shapes:
        raise TaskError(
            f"{file}: the inputs have shapes {data.input_shapes}, but the search "
            f"space takes {list(space.input_shape)}"
        )
    if space.output_shape[-1] != data.n_outputs:
        what = "classes" if data.is_classification else "targets"
        raise TaskError(
            f"{file}: the data have {data.n_outputs} {what}, but the search space "
            f"predicts {space.output_shape[-1]}"
        )
    try:
        has_a_path = _has_a_path(space)
    except SpaceError as error:
        raise TaskError(f"{problem.search_space_file}: {error}") from error
    if not has_a_path:
        raise TaskError(
            f"{problem.search_space_file}: no network of the search space leads from "
            f"an input to the output, expected some ({PATHS_TRIED} tried): connect the "
            "nodes, or give them operations other than Zero"
        )
    if problem.class_names and len(problem.class_names) != data.n_outputs:
        raise TaskError(
            f"{file}: the data have {data.n_outputs} classes, but Problem.classes "
            f"names {len(problem.class_names)}"
        )


def _has_a_path(space: KSearchSpace) -> bool:
    rng = np.random.default_rng(0)
    highest = [high for _, high in space.choices()]
    return any(
        space.is_connected([int(rng.integers(high + 1)) for high in highest])
        for _ in range(PATHS_TRIED)
    )
