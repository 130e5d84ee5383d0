"""Class activations of a Keras model: one extra pass that never holds everything.

The class of an example is known only once the model has run, so the outputs of a
batch are held until then; they are summed for each predicted class inside the same
compiled graph, in which the model runs once. Nothing of the size examples × features
ever exists.
"""

from collections.abc import Hashable, Iterator
from operator import itemgetter
from typing import Any, get_args
from weakref import WeakKeyDictionary

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.xai.compiled import CompiledSums, Grouping, compile_sums
from xnas.xai.layers import check_has_graph, layers_of_interest
from xnas.xai.per_class import ClassActivations

MAX_EXAMPLES = 25_000
"""The 2021 code's bound on the examples that are scored."""

BATCH_SIZE = 128
"""Smaller batches cost more steps; for large networks the next bound asks for fewer."""

MAX_BATCH_BYTES = 512 * 10**6
"""Bound on batch size × features × 4 bytes."""

_compiled_before: WeakKeyDictionary[keras.Model, dict[Hashable, CompiledSums]] = (
    WeakKeyDictionary()
)


def class_activations(
    model: keras.Model,
    dataset: tf.data.Dataset | tuple[Any, Any],
    *,
    group_by: Grouping = "prediction",
    max_examples: int = MAX_EXAMPLES,
    batch_size: int = BATCH_SIZE,
) -> dict[int, NDArray[np.float64]]:
    """Sum the activations of the layers of interest over the examples of each class.

    Args:
        model: as for :func:`collect_activations`.
        dataset: likewise.
        group_by: likewise.
        max_examples: likewise.
        batch_size: likewise.

    Returns:
        Class label to (features,) float64 sums, for each class with an example.

    Raises:
        ValueError: as :func:`collect_activations`.
    """
    return collect_activations(
        model,
        dataset,
        group_by=group_by,
        max_examples=max_examples,
        batch_size=batch_size,
    ).vectors()


def collect_activations(
    model: keras.Model,
    dataset: tf.data.Dataset | tuple[Any, Any],
    *,
    n_classes: int | None = None,
    group_by: Grouping = "prediction",
    max_examples: int = MAX_EXAMPLES,
    batch_size: int = BATCH_SIZE,
) -> ClassActivations:
    """Sum the activations of every layer of interest over the examples of each class.

    Args:
        model: a functional or sequential classifier with one output of shape
            (batch, classes); the class predicted is the one with the largest value.
        dataset: batches (x, y) of any size, or a pair of arrays (X, y); x may be a
            tuple or dict of a model's several inputs.
        n_classes: what the model's output must have, if given; one output, a chance,
            decides between 2.
        group_by: ``prediction``, or ``label`` for the true class y, integer or
            one-hot (the paper's way).
        max_examples: how many examples to use at most: the first ones, so that whoever
            has more puts them in a random order.
        batch_size: examples at a time, fewer where :data:`MAX_BATCH_BYTES` asks for it.

    Returns:
        Sums for each class with an example, to float32's precision or better.

    Raises:
        ValueError: a model, dataset or number that does not fit the above.
    """
    check_has_graph(model)
    _check_output(model, n_classes)
    if batch_size < 1 or max_examples < 1:
        raise ValueError(
            "batch_size and max_examples must be at least 1, but are "
            f"{batch_size} and {max_examples}"
        )
    if group_by not in get_args(Grouping):
        raise ValueError(
            f"group_by must be one of {get_args(Grouping)}, but is {group_by!r}"
        )
    batches = _as_dataset(dataset, batch_size, max_examples)
    spec = keras.tree.map_structure(_with_any_batch_size, batches.element_spec)
    compiled = _compiled(model, spec, group_by)
    running = compiled.start()
    size = min(batch_size, _largest_batch(compiled.features))
    for x, y in _limited(batches, size, max_examples):
        running.add(x, y)
    found = running.result()
    if not found.classes.size:
        raise ValueError("dataset must give batches (x, y), but gives no examples")
    return found


def _compiled(model: keras.Model, spec: Any, group_by: Grouping) -> CompiledSums:
    """Compile once for each model that is alive, as Keras's own predict does."""
    layers = tuple(id(layer) for layer in layers_of_interest(model))
    key = (repr(spec), group_by, layers)
    known = _compiled_before.setdefault(model, {})
    if key not in known:
        known[key] = compile_sums(model, spec, group_by)
    return known[key]


def _largest_batch(features: int) -> int:
    return max(1, MAX_BATCH_BYTES // (4 * max(1, features)))


def _check_output(model: keras.Model, n_classes: int | None) -> None:
    shapes = [tuple(output.shape) for output in model.outputs]
    expected = f"{n_classes} classes" if n_classes else "two classes or more"
    allowed = {None: None, 2: (1, 2)}.get(n_classes, (n_classes,))
    if (
        len(shapes) != 1
        or len(shapes[0]) != 2
        or (allowed is None and (shapes[0][1] or 0) < 2)
        or (allowed is not None and shapes[0][1] not in allowed)
    ):
        raise ValueError(
            "introspectability needs a model with one output of shape (batch, classes) "
            f"for {expected}, but its outputs have the shapes {shapes}"
        )


def _as_dataset(
    dataset: tf.data.Dataset | tuple[Any, Any], batch_size: int, limit: int
) -> tf.data.Dataset:
    if not isinstance(dataset, tf.data.Dataset):
        x, y = keras.tree.map_structure(lambda array: array[:limit], tuple(dataset))
        return tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)
    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) < 2:
        raise ValueError(f"dataset must give batches (x, y), but gives {spec}")
    return dataset.map(lambda x, y, *_: (x, y))


def _with_any_batch_size(spec: tf.TensorSpec) -> tf.TensorSpec:
    if not spec.shape.rank:
        raise ValueError(
            "dataset must give batches (x, y) of a known number of dimensions, but "
            f"gives {spec}"
        )
    return tf.TensorSpec((None, *spec.shape[1:]), spec.dtype)


def _limited(
    batches: tf.data.Dataset, batch_size: int, limit: int
) -> Iterator[tuple[Any, tf.Tensor]]:
    """Give the first ``limit`` examples in order, ``batch_size`` at a time."""
    seen = 0
    for batch in batches.rebatch(batch_size):
        here = min(len(batch[1]), limit - seen)
        yield keras.tree.map_structure(itemgetter(slice(here)), batch)
        seen += here
        if seen == limit:
            return
