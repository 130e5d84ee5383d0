"""The two forms in which ``load_data`` may return data, read into arrays."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xnas.errors import TaskError, XNASError

GENERATOR_KEYS = ("train_gen", "train_size", "valid_gen", "valid_size")
FORM = "((X_train, y_train), (X_valid, y_valid)) or a dictionary of generators"


class Split(NamedTuple):
    """Inputs, one array each with examples along axis 0, and labels."""

    inputs: list[NDArray]
    labels: NDArray


def read_splits(
    load: Callable[[], Any], place: str
) -> tuple[Split, Split, tuple[int, ...] | None]:
    """Call a loader and read what it returns.

    Args:
        load: the loader.
        place: its file, for messages.

    Returns:
        Training split, validation split, and the output shape where it is declared.

    Raises:
        TaskError: the loader fails, or returns another form.
    """
    try:
        loaded = load()
    except XNASError:
        raise
    except Exception as error:
        raise TaskError(f"{place}: load_data failed: {_told(error)}") from error
    if isinstance(loaded, Mapping):
        return _read_generators(loaded, place)
    try:
        pairs = [tuple(pair) for pair in loaded]
    except TypeError:
        pairs = []
    if len(pairs) not in (2, 3) or any(len(pair) != 2 for pair in pairs):
        raise TaskError(
            f"{place}: load_data returned {type(loaded).__name__}, expected {FORM}"
        )
    train, valid = (_read_arrays(*pair, place) for pair in pairs[:2])
    return train, valid, None


def _read_arrays(X: Any, y: Any, place: str) -> Split:
    parts = _parts(X)
    try:
        return Split([np.asarray(part) for part in parts], np.asarray(y))
    except ValueError as error:
        raise TaskError(
            f"{place}: inputs that are no array found ({_told(error)}), expected arrays "
            "with examples along the first axis"
        ) from error


def _parts(X: Any) -> list[Any]:
    """List the inputs of an example, or of all of them, by name or in order."""
    if isinstance(X, Mapping):
        return [X[key] for key in sorted(X, key=_input_number)]
    if isinstance(X, (list, tuple)) and X and hasattr(X[0], "shape"):
        return list(X)
    return [X]


def _input_number(key: str) -> tuple[int, str]:
    """Sort ``input_10`` after ``input_9``."""
    digits = str(key).rpartition("_")[2]
    return (int(digits) if digits.isdigit() else 0, str(key))


def _read_generators(
    loaded: Mapping[str, Any], place: str
) -> tuple[Split, Split, tuple[int, ...] | None]:
    expected = (*GENERATOR_KEYS, "types", "shapes")
    missing = [key for key in expected if key not in loaded]
    if missing:
        raise TaskError(
            f"{place}: load_data returned a dictionary without {', '.join(missing)}, "
            f"expected the keys {', '.join(expected)}"
        )
    input_types, label_type = _pair(loaded, "types", place)
    input_shapes, label_shape = _pair(loaded, "shapes", place)
    splits = [
        _read_generator(
            loaded[f"{name}_gen"],
            loaded[f"{name}_size"],
            f"{name}_gen",
            (input_types, label_type),
            (input_shapes, label_shape),
            place,
        )
        for name in ("train", "valid")
    ]
    return splits[0], splits[1], tuple(label_shape) or None


def _pair(loaded: Mapping[str, Any], key: str, place: str) -> tuple[dict, Any]:
    value = loaded[key]
    if (
        not isinstance(value, (tuple, list))
        or len(value) != 2
        or not isinstance(value[0], Mapping)
    ):
        example = "({'input_0': (28, 28, 1)}, (10,))"
        if key == "types":
            example = "({'input_0': 'float32'}, 'int32')"
        raise TaskError(f"{place}: {key} is {value!r}, expected a form such as {example}")
    return dict(value[0]), value[1]


def _read_generator(
    make: Any,
    size: Any,
    name: str,
    types: tuple[dict, Any],
    shapes: tuple[dict, Any],
    place: str,
) -> Split:
    """Fill arrays with the examples of a ``tf.data.Dataset`` or Python generator."""
    if not isinstance(size, (int, np.integer)) or size < 1:
        key = name.replace("gen", "size")
        raise TaskError(f"{place}: {key} is {size!r}, expected 1 or more")
    keys = sorted(shapes[0], key=_input_number)
    inputs = [np.empty((size, *shapes[0][k]), _dtype(types[0], k, place)) for k in keys]
    label_shape = tuple(shapes[1]) if shapes[1] is not None else ()
    labels = None
    count = 0
    try:
        for count, (x, y) in enumerate(islice(_examples(make), int(size)), start=1):
            values = [np.asarray(value) for value in _parts(x)]
            _check_example(values, inputs, name, place)
            for array, value in zip(inputs, values, strict=True):
                array[count - 1] = value
            if labels is None:
                labels = np.empty((size, *np.shape(y)), np.dtype(types[1]))
            labels[count - 1] = y
    except XNASError:
        raise
    except Exception as error:
        raise TaskError(
            f"{place}: {name} failed after {count} examples: {_told(error)}"
        ) from error
    if labels is None or count < size:
        raise TaskError(
            f"{place}: {name} ended after {count} examples, expected {size}"
        )
    if labels.ndim == 2 and label_shape and labels.shape[1:] != label_shape:
        raise TaskError(
            f"{place}: {name} gives labels of shape {labels.shape[1:]}, expected "
            f"{label_shape} as shapes says"
        )
    return Split(inputs, labels)


def _examples(make: Any) -> Iterable:
    stream = make() if callable(make) else make
    return stream.as_numpy_iterator() if hasattr(stream, "as_numpy_iterator") else stream


def _dtype(types: Mapping[str, Any], key: str, place: str) -> np.dtype:
    try:
        kind = types[key]
        return np.dtype(getattr(kind, "as_numpy_dtype", kind))
    except (KeyError, TypeError) as error:
        raise TaskError(
            f"{place}: types says {types!r}, expected a NumPy type for {key!r}"
        ) from error


def _check_example(
    values: list[NDArray], inputs: list[NDArray], name: str, place: str
) -> None:
    found = [value.shape for value in values]
    expected = [array.shape[1:] for array in inputs]
    if found != expected:
        raise TaskError(
            f"{place}: {name} gives inputs of shapes {found}, expected {expected} as "
            "shapes says"
        )


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:400]
