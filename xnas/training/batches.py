"""Batches as ``tf.data``, drawn from arrays in memory."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.sampling import some_of
from xnas.training.split import Split
from xnas.training.steps import traced

PREFETCHED = 2


class Batches:
    """Serves examples held in memory as datasets of batches.

    Gathering, preprocessing and augmentation are compiled once and work on whole
    batches; what differs between evaluations is passed in.

    Args:
        split: the examples.
        preprocessing: applied to every batch of inputs.
        augment: applied after that to shuffled batches; its attribute ``n_draws``
            asks for as many uniform numbers an example.
    """

    def __init__(
        self,
        split: Split,
        preprocessing: Callable | None = None,
        augment: Callable | None = None,
    ) -> None:
        with tf.device("CPU:0"):
            self._inputs = [tf.convert_to_tensor(array) for array in split.inputs]
            self._labels = tf.convert_to_tensor(split.labels)
        self._size = len(split.labels)
        self._preprocessing = preprocessing
        self._augment = augment
        self._n_draws = getattr(augment, "n_draws", 0)

    def __len__(self) -> int:
        """Return how many examples there are."""
        return self._size

    @cached_property
    def _fetch(self) -> Callable:
        return traced(self.gather, tf.TensorSpec((None,), tf.int64))

    @cached_property
    def _fetch_augmented(self) -> Callable:
        index = tf.TensorSpec((None,), tf.int64)
        return traced(self.gather_augmented, index, self.chance_specs[1])

    @property
    def chance_specs(self) -> tuple[tf.TensorSpec, tf.TensorSpec]:
        """Describe what :meth:`chance` returns."""
        return (
            tf.TensorSpec((self._size,), tf.int64),
            tf.TensorSpec((self._size, self._n_draws), tf.float32),
        )

    def shuffled(
        self, batch_size: int, *, epochs: int, seed: int, first: int = 0
    ) -> tf.data.Dataset:
        """Serve the augmented batches of all epochs one after the other.

        Args:
            batch_size: examples a batch; the last of an epoch may hold fewer.
            epochs: number of epochs, those before the first one included.
            seed: of order and augmentation.
            first: epoch to begin with.

        Returns:
            Batches of (inputs, labels).
        """

        def epoch_batches(epoch: tf.Tensor) -> tf.data.Dataset:
            order, draws = self.chance(tf.constant(seed, tf.int64), epoch)
            indices = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
            return indices.map(lambda index: self._fetch_augmented(index, draws))

        dataset = tf.data.Dataset.range(first, epochs).flat_map(epoch_batches)
        return _served(dataset)

    def chance(self, seed: tf.Tensor, epoch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Draw what is random about an epoch.

        Args:
            seed: () int64.
            epoch: () int64, from 0.

        Returns:
            (size,) int64 order of the examples, and (size, n_draws) float32 numbers
            for their augmentation.
        """
        key = tf.stack([seed, epoch])
        order = tf.random.experimental.stateless_shuffle(
            tf.range(self._size, dtype=tf.int64), seed=key
        )
        # One row for every example of the training set, so that what happens to a
        # picture does not depend on where it comes in the order.
        return order, tf.random.stateless_uniform((self._size, self._n_draws), seed=key)

    def in_order(
        self, batch_size: int, index: NDArray[np.int64] | None = None
    ) -> tf.data.Dataset:
        """Serve examples once, never augmented.

        Args:
            batch_size: examples a batch; the last may hold fewer.
            index: which examples; all by default.

        Returns:
            Batches of (inputs, labels).
        """
        if index is None:
            index = np.arange(self._size)
        indices = tf.data.Dataset.from_tensor_slices(index).batch(batch_size)
        return _served(indices.map(lambda index: self._fetch(index)))

    def some(self, count: int, *, augmented: bool) -> list[tf.Tensor]:
        """Return some examples' inputs, preprocessed, drawn by a fixed seed.

        Args:
            count: how many at most.
            augmented: whether to augment them, too.

        Returns:
            A tensor for each input.
        """
        index = tf.constant(some_of(self._size, count))
        if not augmented:
            return tf.nest.flatten(self._fetch(index)[0])
        draws = tf.random.stateless_uniform((self._size, self._n_draws), seed=(0, 0))
        return tf.nest.flatten(self._fetch_augmented(index, draws)[0])

    def gather(self, index: tf.Tensor) -> tuple[Any, tf.Tensor]:
        """Fetch examples, never augmented.

        Args:
            index: (batch,) int64.

        Returns:
            Inputs and labels.
        """
        floats = [tf.cast(tf.gather(x, index), tf.float32) for x in self._inputs]
        batch: Any = floats[0]
        if len(floats) > 1:
            batch = {f"input_{i}": array for i, array in enumerate(floats)}
        if self._preprocessing is not None:
            batch = self._preprocessing(batch)
        return batch, tf.gather(self._labels, index)

    def gather_augmented(
        self, index: tf.Tensor, draws: tf.Tensor
    ) -> tuple[Any, tf.Tensor]:
        """Fetch examples, augmented.

        Args:
            index: (batch,) int64.
            draws: (size, n_draws) float32, a row for every example there is.

        Returns:
            Inputs and labels.
        """
        batch, labels = self.gather(index)
        if self._augment is not None:
            drawn = [tf.gather(draws, index)] if self._n_draws else []
            batch = self._augment(batch, *drawn)
        return batch, labels


def _served(dataset: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    # Its thread would compete with the one of training.
    options.autotune.enabled = False
    return dataset.with_options(options).prefetch(PREFETCHED)
