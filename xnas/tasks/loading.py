"""Loads a task's data and checks everything about them before anything trains."""

from collections.abc import Callable
from typing import Any

import numpy as np

from xnas.declarations.functions import call_of_task, file_of
from xnas.declarations.keras_names import BINARY_LOSSES, SPARSE_LOSSES, loss_name
from xnas.declarations.search_space import SHAPES
from xnas.errors import TaskError
from xnas.problem import NaProblem
from xnas.space import KSearchSpace, SpaceError
from xnas.space.checks import checked_shape
from xnas.tasks.checks import (
    ContractError,
    are_integers,
    breaches_in,
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
    file, loss = problem.load_data_file, problem.loss_function
    with breaches_in(file):
        reading = read_splits(problem.load_data_function, file)
        parts = {"training": reading.train, "validation": reading.valid}
        for name, split in parts.items():
            check_split(split, name)
            check_labels(split.labels, name, loss)
        check_equal_shapes(reading.train, reading.valid, "validation")
        n_outputs = _count_outputs(problem, reading.output_shape, parts)
        form = _label_form(parts, n_outputs, problem)
        train, valid = (
            _fitted(split, name, form, n_outputs) for name, split in parts.items()
        )

    def read_test() -> Split:
        with breaches_in(file):
            split = reading.read_test()  # type: ignore[misc]
            check_split(split, "test")
            check_labels(split.labels, "test", loss)
            check_equal_shapes(reading.train, split, "test")
            return _fitted(split, "test", form, n_outputs)

    data = TaskData(
        train,
        valid,
        n_outputs,
        form,
        problem.preprocessing_function,
        problem.augmentation,
        read_test if reading.read_test else None,
        reading.goes_on,
    )
    _try_functions(data)
    space = problem.build_space(data.shapes)
    with breaches_in(file):
        _check_fit(space, data, problem.class_names)
    with breaches_in(problem.search_space_file):
        _check_connected(space)
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


def _label_form(splits: dict[str, Split], n_outputs: int, problem: NaProblem) -> str:
    """Tell from labels, size of a prediction and loss what they mean."""
    labels = splits["training"].labels
    loss = loss_name(problem.loss_function)
    if are_integers(labels) and (n_outputs > 1 or loss in SPARSE_LOSSES):
        return "integer"
    if is_one_hot(labels) and n_outputs > 1:
        return "one-hot"
    is_decision = loss in BINARY_LOSSES or (loss is None and _counts_hits(problem))
    zeros_and_ones = all(np.isin(one.labels, (0, 1)).all() for one in splits.values())
    if is_decision and zeros_and_ones:
        return "binary" if n_outputs == 1 else "multi-label"
    return "real"


def _counts_hits(problem: NaProblem) -> bool:
    """Whether an accuracy is measured, which only classes have."""
    return any("acc" in key for key in problem.history_keys)


def _fitted(split: Split, name: str, form: str, n_outputs: int) -> Split:
    """Check classes, and give other labels, (n,) or (n, targets), two axes."""
    if form in ("real", "binary", "multi-label"):
        labels = split.labels.reshape(len(split.labels), -1)
        return split._replace(labels=labels.astype(np.float32))
    check_classes(split.labels, name, n_outputs)
    return split


def _count_outputs(
    problem: NaProblem, declared: tuple[int, ...] | None, splits: dict[str, Split]
) -> int:
    """Size of a prediction: as declared by the data, the space, or what labels say."""
    labels = [split.labels for split in splits.values()]
    if labels[0].ndim == 2:
        return labels[0].shape[1]
    shape = declared or problem.declared_shapes.get("output_shape")
    if shape is not None:
        try:
            return checked_shape("output_shape", shape)[-1]
        except SpaceError as error:
            raise TaskError(f"{problem.search_space_file}: {error}") from error
    loss = loss_name(problem.loss_function)
    if problem.class_names and loss not in BINARY_LOSSES:
        return len(problem.class_names)
    by_own_loss = loss is None and _counts_hits(problem) and are_integers(labels[0])
    if loss in SPARSE_LOSSES or by_own_loss:
        return int(max(part.max() for part in labels)) + 1
    return 1


def _try_functions(data: TaskData) -> None:
    """Run preprocessing and augmentation on a few examples."""
    if data.preprocessing:
        _try(data, "preprocessing", data.preprocessing)
    if data.augment:
        _try(data, "augment", data.augment)


def _try(data: TaskData, name: str, function: Callable) -> None:
    """Run one of them, and check what it gives."""
    file, augmented = file_of(function), name == "augment"
    tensors = call_of_task(
        name, lambda: data.some_inputs(TRIED, augmented=augmented), file
    )
    arrays = [np.asarray(tensor) for tensor in tensors]
    with breaches_in(file):
        for array in arrays:
            check_numbers(array, f"inputs after {name}")
        shapes = [array.shape[1:] for array in arrays]
        if augmented and shapes != data.input_shapes:
            raise ContractError(
                f"augment makes inputs of shapes {shapes}, expected "
                f"{data.input_shapes} as before"
            )


def _check_fit(
    space: KSearchSpace, data: TaskData, class_names: list[str] | None
) -> None:
    if list(space.input_shape) != data.input_shapes:
        raise ContractError(
            f"the inputs have shapes {data.input_shapes}, but the search space takes "
            f"{list(space.input_shape)}"
        )
    if space.output_shape[-1] != data.n_outputs:
        what = "classes" if data.is_classification else "targets"
        raise ContractError(
            f"the data have {data.n_outputs} {what}, but the search space predicts "
            f"{space.output_shape[-1]}"
        )
    if class_names and len(class_names) != data.n_classes:
        raise ContractError(
            f"the data have {data.n_classes} classes, but Problem.classes names "
            f"{len(class_names)}"
        )


def _check_connected(space: KSearchSpace) -> None:
    """Check that some network leads from an input to the output."""
    rng = np.random.default_rng(0)
    highest = [high for _, high in space.choices()]
    try:
        is_connected = any(
            space.is_connected([int(rng.integers(high + 1)) for high in highest])
            for _ in range(PATHS_TRIED)
        )
    except SpaceError as error:
        raise ContractError(str(error)) from error
    if not is_connected:
        raise ContractError(
            "no network of the search space leads from an input to the output, "
            f"expected some ({PATHS_TRIED} tried): connect the nodes, or give them "
            "operations other than Zero"
        )
