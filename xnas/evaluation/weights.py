"""How pairs of classes weigh in introspectability."""

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.objectives import LAYER_MEAN
from xnas.problem import NaProblem
from xnas.xai import wordnet

FLAG = "--explainability-type"


def pair_weights(
    problem: NaProblem, explainability_type: str
) -> NDArray[np.float64] | None:
    """Return what multiplies the distance of each pair of classes.

    Args:
        problem: the task.
        explainability_type: one of
            :data:`~xnas.evaluation.settings.EXPLAINABILITY_TYPES`.

    Returns:
        (labels, labels) float64, or ``None`` where all pairs weigh the same.

    Raises:
        UsageError: the task states no similarity of its classes.
        TaskError: its function that should return one fails.
    """
    if explainability_type in ("activations", LAYER_MEAN):
        return None
    if explainability_type == "activations-imagenet":
        return wordnet.similarity()
    table = problem.label_similarity()
    if table is None:
        raise UsageError(
            f"{FLAG} is {explainability_type}, but the Problem beside "
            f"{problem.load_data_file} states no similarity of its classes, expected "
            "a call of Problem.similarity(table) in problem.py"
        )
    return table


def check_pair_weights(
    problem: NaProblem, explainability_type: str, n_classes: int
) -> NDArray[np.float64] | None:
    """Check that the weights are those of the task's classes.

    Args:
        problem: the task.
        explainability_type: as for :func:`pair_weights`.
        n_classes: how many classes its data have.

    Returns:
        (classes, classes) float64, or ``None`` where all pairs weigh the same.

    Raises:
        UsageError: they are of other classes, or the task states none.
        TaskError: its function that should return one fails.
    """
    table = pair_weights(problem, explainability_type)
    if table is None:
        return None
    if explainability_type == "activations-imagenet":
        _check_labels_of_imagenet(problem, n_classes, len(table))
        return table[:n_classes, :n_classes]
    if len(table) != n_classes:
        raise UsageError(
            f"{FLAG} is {explainability_type}, but the similarity of the Problem "
            f"beside {problem.load_data_file} is for {len(table)} classes, expected "
            f"{n_classes} as in the data"
        )
    return table


def _check_labels_of_imagenet(problem: NaProblem, n_classes: int, n_known: int) -> None:
    expected = (
        f"{FLAG} is activations-imagenet, expected the labels of "
        "tensorflow_datasets' imagenet_resized, from 0"
    )
    if n_classes > n_known:
        raise UsageError(f"{expected}, of which there are {n_known}, not {n_classes}")
    names = problem.class_names
    if names and names != wordnet.label_names(n_classes):
        raise UsageError(
            f"{expected}; the Problem beside {problem.load_data_file} names other "
            f"classes ({', '.join(names[:3])}, …)"
        )
