"""The tasks of tensorflow_datasets with pictures made up, for workers, too."""

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from experiments.cifar10.problem import Problem as Cifar10
from experiments.imagenet.problem import Problem as Imagenet
from experiments.mnist.problem import Problem as Mnist

__all__ = ["Cifar10", "Imagenet", "Mnist", "made_up"]

SPLITS: list[str] = []
"""Those that were asked for."""


def made_up(self, split, **kwargs):
    """Give each class a few pictures, others in each split."""
    SPLITS.append(f"{self.info.full_name} {split}")
    n_classes = self.info.features["label"].num_classes
    labels = np.arange(max(60, n_classes), dtype=np.int64) % n_classes
    rng = np.random.default_rng(len(split))
    shape = (len(labels), *self.info.features["image"].shape)
    pictures = rng.integers(0, 256, shape, dtype=np.uint8)
    return tf.data.Dataset.from_tensor_slices({"image": pictures, "label": labels})


# Entered for as long as the process lives.
_mock = tfds.testing.mock_data(as_dataset_fn=made_up)
_mock.__enter__()
