"""What the same numbers are where nothing can be learnt, or faults are known."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray

from xnas.errors import EvaluationError
from xnas.explained.explanation import Scores, scores_of
from xnas.explained.labels import most_suspicious
from xnas.explained.passes import Reader, classes_of, sums_by_label
from xnas.final_training.replicate import Trainable
from xnas.training.data import TaskData
from xnas.training.loop import train
from xnas.training.split import Split

N_CHANGED = 20
MOST_CHANGED = 0.1
"""Share of the training examples whose labels are changed at most."""

N_FIRST = 50


@dataclass(frozen=True)
class Controls:
    """Numbers to hold those of the network against.

    Args:
        trained: scores of the network, as all here of the validation examples.
        untrained: of the network with fresh weights.
        shuffled: of one that was trained on shuffled labels; ``None`` if that failed.
        changed: labels that were changed before a network was trained.
        found: how many of them are among the first by their margin; ``None`` if that
            training failed.
        first: among how many.
    """

    trained: Scores
    untrained: Scores
    shuffled: Scores | None
    changed: int
    found: int | None
    first: int


def run_controls(
    trainable: Trainable, model: keras.Model, seed: int, say: Callable[[str], None]
) -> Controls:
    """Train two networks more, and score them.

    Args:
        trainable: the network that is explained.
        model: with its trained weights.
        seed: of weights, order and changes.
        say: told what is being done.
    """
    data, rng = trainable.data, np.random.default_rng(seed)
    trained = scores_of(sums_by_label(model, data, "valid"))
    untrained = _scores(trainable, trainable.build(seed))
    say("Training on shuffled labels, for comparison.")
    order = rng.permutation(data.train_size)
    other = _trained(trainable, with_labels(data, order), seed)
    shuffled = None if other is None else _scores(trainable, other)
    classes = classes_of(data.train.labels, data)
    count = min(N_CHANGED, int(MOST_CHANGED * data.train_size))
    index, sources = changes(classes, count, rng)
    say(f"Training on {len(index)} changed labels, which are to be found.")
    order = np.arange(data.train_size)
    order[index] = sources
    first = _most_suspicious(trainable, with_labels(data, order), seed)
    found = None if first is None else int(np.isin(first, index).sum())
    n_first = min(N_FIRST, data.train_size)
    return Controls(trained, untrained, shuffled, len(index), found, n_first)


def _most_suspicious(
    trainable: Trainable, data: TaskData, seed: int
) -> NDArray[np.int64] | None:
    """Train on labels, and look at those; ``None`` where the training failed."""
    model = _trained(trainable, data, seed)
    if model is None:
        return None
    model = trainable.in_full(model)
    means = sums_by_label(model, data, "train")
    reader = Reader(model, data)
    found = reader.predict(data.training_examples, means, judged=False).labelled
    return None if found is None else most_suspicious(found.margin)[:N_FIRST]


def changes(
    classes: NDArray[np.int64], count: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose examples to get the label of an example of another class.

    Args:
        classes: (examples,) of the labels.
        count: how many.
        rng: draws them.

    Returns:
        (count,) indices of the examples, and of those whose labels they get; fewer
        where there is but one class.
    """
    index = rng.choice(len(classes), count, replace=False)
    present = np.unique(classes)
    if len(present) < 2:
        return index[:0], index[:0]
    # Every other class is as probable, however common it is.
    others = [rng.choice(present[present != classes[one]]) for one in index]
    sources = [rng.choice(np.flatnonzero(classes == other)) for other in others]
    return index, np.array(sources, np.int64)


def with_labels(data: TaskData, sources: NDArray[np.int64]) -> TaskData:
    """Give training examples the labels of others.

    Args:
        data: of the task.
        sources: (examples,) whose label each gets.

    Returns:
        The task with them, in whatever form its labels have.
    """
    return replace(data, train=Split(data.train.inputs, data.train.labels[sources]))


def _trained(trainable: Trainable, data: TaskData, seed: int) -> keras.Model | None:
    model = trainable.build(seed)
    try:
        train(model, trainable.settings, data, seed=seed)
    except EvaluationError:
        return None
    return model


def _scores(trainable: Trainable, model: keras.Model) -> Scores:
    return scores_of(sums_by_label(trainable.in_full(model), trainable.data, "valid"))
