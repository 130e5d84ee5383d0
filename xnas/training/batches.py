"""Batches as ``tf.data``, drawn from arrays in memory."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

PREFETCHED = 2


def training_batches(
    tensors: Sequence[tf.Tensor],
    batch_size: int,
    epochs: int,
    seed: int,
    preprocessing: Callable | None,
    augment: Callable | None,
) -> tf.data.Dataset:
    """Serve all epochs' training batches one after the other.

    Args:
        tensors: inputs, then labels, with examples along axis 0.
        batch_size: examples a batch; the last of an epoch may hold fewer.
        epochs: how often each example is served.
        seed: of order and augmentation.
        preprocessing: applied to each batch of inputs.
        augment: applied after that.

    Returns:
        Batches of (inputs, labels).
    """
    *inputs, labels = tensors
    size = int(labels.shape[0])
    n_draws = getattr(augment, "n_draws", 0)

    def epoch_batches(epoch: tf.Tensor) -> tf.data.Dataset:
        key = tf.stack([tf.constant(seed, tf.int64), epoch])
        order = tf.random.experimental.stateless_shuffle(
            tf.range(size, dtype=tf.int64), seed=key
        )
        # One row for every example of the training set, so that what happens to a
        # picture does not depend on its place in the order.
        draws = tf.random.stateless_uniform((size, n_draws), seed=key)
        return (
            tf.data.Dataset.from_tensor_slices(order)
            .batch(batch_size)
            .map(lambda index: (index, tf.gather(draws, index)))
        )

    def pictures(index: tf.Tensor, draws: tf.Tensor) -> tuple[Any, tf.Tensor]:
        batch = _prepared([tf.gather(x, index) for x in inputs], preprocessing)
        if augment is not None:
            batch = augment(batch, draws) if n_draws else augment(batch)
        return batch, tf.gather(labels, index)

    return (
        tf.data.Dataset.range(epochs)
        .flat_map(epoch_batches)
        .map(pictures)
        .prefetch(PREFETCHED)
    )


def validation_batches(
    tensors: Sequence[tf.Tensor], batch_size: int, preprocessing: Callable | None
) -> tf.data.Dataset:
    """Serve every validation example once, in order, never augmented.

    Args:
        tensors: inputs, then labels, with examples along axis 0.
        batch_size: examples a batch; the last may hold fewer.
        preprocessing: applied to each batch of inputs.

    Returns:
        Batches of (inputs, labels).
    """

    def pictures(*arrays: tf.Tensor) -> tuple[Any, tf.Tensor]:
        return _prepared(list(arrays[:-1]), preprocessing), arrays[-1]

    return (
        tf.data.Dataset.from_tensor_slices(tuple(tensors))
        .batch(batch_size)
        .map(pictures)
        .prefetch(PREFETCHED)
    )


def _prepared(arrays: list[tf.Tensor], preprocessing: Callable | None) -> Any:
    floats = [tf.cast(array, tf.float32) for array in arrays]
    batch: Any = floats[0]
    if len(floats) > 1:
        batch = {f"input_{i}": array for i, array in enumerate(floats)}
    return batch if preprocessing is None else preprocessing(batch)
