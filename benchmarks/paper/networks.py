"""One network of a search, trained again and looked at as in the paper's figures."""

import os
from typing import Any

# Before TensorFlow loads, which prints its start-up notes else.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from benchmarks.explaining import LONG, changed, label_precisions, pixel_precision
from benchmarks.paper.measures import pair_measures, trust_measures
from benchmarks.paper.tasks import Variant, problem_of
from xnas.evaluation.network import PlainNetwork
from xnas.evaluation.settings import evaluation_seed
from xnas.explained.confusion import softmax_means
from xnas.explained.passes import Reader
from xnas.explained.trust import cross_fitted, evidence
from xnas.records import Genotype
from xnas.scores import distances_from_gram
from xnas.tasks import load_task_data, space_of
from xnas.training.data import TaskData
from xnas.training.initial import fresh_network
from xnas.training.loop import train

SHARE = 0.2
"""Of the labels, which are changed."""


def study(
    task: str, variant: Variant, genotype: Genotype, seed: int, long: int | None = None
) -> dict[str, Any]:
    """Train a network as the search did, and twice on wrong labels, and measure.

    Args:
        task: ``digits`` or ``mnist``.
        variant: how it is trained.
        genotype: one choice an edge.
        seed: of the search.
        long: epochs of the training that repeats wrong labels.

    Returns:
        Measures of ``trust`` and ``pairs`` on test examples, which the search did not
        see, and of ``labels`` on training examples; JSON-able.
    """
    problem = problem_of(task, variant)
    data = load_task_data(problem)
    space = space_of(problem, data)
    trained_with = evaluation_seed(seed, genotype)
    model = fresh_network(space, genotype, trained_with)
    result = train(model, problem.training_settings(), data, seed=trained_with)
    tested = data.tested()
    if tested is None:
        raise ValueError(f"{task} has no test examples")
    found = _measured(PlainNetwork(model, tested, result), tested)
    noisy, wrong = changed(data, SHARE, seed)
    labels: dict[str, Any] = {"pixels": pixel_precision(noisy, wrong)}
    for name, epochs in (("before", None), ("after", long or LONG[task])):
        settings = problem_of(task, variant, epochs).training_settings()
        model = fresh_network(space, genotype, trained_with)
        train(model, settings, noisy, seed=trained_with)
        labels[name] = label_precisions(model, noisy, wrong)
    return {**found, "labels": labels}


def _measured(network: PlainNetwork, data: TaskData) -> dict[str, Any]:
    """Measure trust and pairs of classes."""
    part = Reader(network.keras_model(), data).predict(data.validation_examples)
    trusted = cross_fitted(evidence(part.softmax, part.trust), part.right)
    place = np.empty(len(part.right))
    place[trusted.order] = np.arange(len(part.right))
    scores = {
        "softmax": part.softmax,
        "similarity": similarity_to_class(network, part.classes),
        # Ranks, since nothing is fitted where errors are few; 1 and more.
        "softmax and trust score": 1 + place,
    }
    means = network.class_activations("train", "label")
    distances = np.full((data.n_classes, data.n_classes), np.nan)
    distances[np.ix_(means.classes, means.classes)] = distances_from_gram(
        means.gram().sum(axis=0)
    )
    outputs = softmax_means(
        part.output_sums, np.bincount(part.classes, minlength=data.n_classes)
    )
    return {
        "test_accuracy": float(part.right.mean()),
        "errors": int((~part.right).sum()),
        "trust": trust_measures(scores, part.right),
        "pairs": pair_measures(part.confusion, distances, outputs),
    }


def similarity_to_class(
    network: PlainNetwork, predicted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Compute how alike predictions are to what was trained on, the paper's score.

    Args:
        network: trained.
        predicted: (examples,) classes of its validation examples, in order.

    Returns:
        (examples,) cosine, from 0 on, of the activations of all layers put together to
        their mean over the training examples with the predicted class as label.
    """
    means = network.class_activations("train", "label")
    sums = np.concatenate(list(means.sums), axis=1)
    sums /= np.linalg.norm(sums, axis=1, keepdims=True)
    row_of = {int(label): row for row, label in enumerate(means.classes)}
    found: list[float] = []
    for _, _, outputs in network.activations("valid"):
        parts = [outputs[name] for name in means.layer_names]
        given = np.concatenate([one.reshape(len(one), -1) for one in parts], axis=1)
        classes = predicted[len(found) : len(found) + len(given)]
        near = sums[[row_of[int(one)] for one in classes]]
        lengths = np.linalg.norm(given, axis=1)
        cosines = (given * near).sum(axis=1) / np.where(lengths > 0, lengths, 1)
        found += np.clip(cosines, 0, 1).tolist()
    return np.array(found)
