"""Explanations of networks that nobody trained."""

import numpy as np

from xnas.explained.explanation import Explanation
from xnas.explained.passes import Labelled, Predicted
from xnas.explained.trust import Reference
from xnas.xai.per_class import ClassActivations

N, WIDTH = 600, 4


def outputs_and_features(n=N, n_classes=3, seed=0):
    """Outputs that are wrong now and then, and what they were made of."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    features = rng.normal(size=(n, WIDTH)) + 2.2 * np.eye(n_classes, WIDTH)[labels]
    powers = np.exp(2 * features[:, :n_classes])
    return powers / powers.sum(axis=1, keepdims=True), features, labels


def explanation(classes=("a", "b", "c"), n=N):
    """Explain validation data and training data alike."""
    k = len(classes)
    outputs, features, labels = outputs_and_features(n, k)
    known = Reference(features[::2].astype(np.float32) + 0.3, labels[::2])
    predicted = outputs.argmax(axis=1)
    sums = np.zeros((k, k))
    np.add.at(sums, predicted, outputs)
    margin = np.random.default_rng(1).normal(size=n)
    labelled = Labelled(margin, (labels + 1) % k, margin, margin, margin**2)
    part = Predicted(
        labels,
        predicted,
        outputs.max(axis=1),
        known.trust(features, predicted),
        sums,
        labelled,
    )
    rng = np.random.default_rng(2)
    means = ClassActivations(
        np.arange(k),
        np.full(k, n // k),
        ["conv", "relu"],
        [6, 5],
        [rng.random((k, 6)), rng.random((k, 5))],
    )
    return Explanation(classes, "train", {"train": part, "valid": part}, means, known)
