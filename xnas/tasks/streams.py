"""Examples out of ``tf.data`` datasets and Python generators, read into arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.declarations.functions import error_text
from xnas.errors import XNASError
from xnas.tasks.checks import ContractError, check_unmasked


@dataclass(frozen=True)
class Declared:
    """What ``types`` and ``shapes`` of a loader say.

    Args:
        types: NumPy type of each input, by name.
        label_type: that of a label.
        shapes: shape of one example of each input, by name, in order.
        label_shape: shape of one prediction; integer labels are scalars all the same.
    """

    types: dict[str, np.dtype]
    label_type: np.dtype
    shapes: dict[str, tuple[int, ...]]
    label_shape: tuple[int, ...]

    @classmethod
    def read(
        cls,
        types: tuple[Mapping[str, Any], Any],
        shapes: tuple[Mapping[str, Any], Any],
    ) -> "Declared":
        """Check both declarations against each other.

        Args:
            types: types of the inputs, and of a label.
            shapes: shapes of the inputs, and of a label or prediction.

        Returns:
            The declarations in NumPy's terms.

        Raises:
            ContractError: they name different inputs, or something else than types and
                shapes.
        """
        if list(types[0]) != list(shapes[0]):
            raise ContractError(
                f"types names the inputs {list(types[0])} and shapes "
                f"{list(shapes[0])}, expected the same"
            )
        return cls(
            {name: _dtype(type_) for name, type_ in types[0].items()},
            _dtype(types[1]),
            {name: _shape(shape) for name, shape in shapes[0].items()},
            _shape(shapes[1]),
        )


def read_stream(
    make: Any, size: Any, name: str, declared: Declared
) -> tuple[list[NDArray], NDArray, bool]:
    """Fill arrays with examples.

    Args:
        make: a ``tf.data.Dataset``, a Python generator, or a function that returns
            either; each element is one example, (inputs, label).
        size: number of examples to take; the stream may be endless.
        name: ``train``, ``valid`` or ``test``.
        declared: what types and shapes they have.

    Returns:
        An array for each input, ``(size, *shape)``, the labels, ``(size,)`` or
        ``(size, classes)``, and whether the stream goes on after that.

    Raises:
        ContractError: the stream ends early, fails, or holds other shapes.
    """
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        raise ContractError(
            f"{name}_size is {size!r}, expected a whole number, 1 or more"
        )
    inputs = [
        np.empty((size, *shape), declared.types[key])
        for key, shape in declared.shapes.items()
    ]
    labels: NDArray | None = None
    count = 0
    goes_on = False
    try:
        examples = iter(_examples(make))
        for count, example in enumerate(islice(examples, int(size)), start=1):
            values, label = _parts(example, list(declared.shapes), name)
            _check_shapes(values, label, labels, declared, name)
            for array, value in zip(inputs, values, strict=True):
                array[count - 1] = _typed(
                    value, array.dtype, f"{name}_gen gives inputs"
                )
            if labels is None:
                labels = np.empty((size, *label.shape), declared.label_type)
            labels[count - 1] = _typed(label, labels.dtype, f"{name}_gen gives labels")
        goes_on = count == size and next(examples, None) is not None
    except (ContractError, XNASError):
        raise
    except Exception as error:
        raise ContractError(
            f"{name}_gen failed after {count} examples: {error_text(error)}"
        ) from error
    if labels is None or count < size:
        raise ContractError(
            f"{name}_gen ended after {count} examples, expected {name}_size = {size}"
        )
    return inputs, labels, goes_on


def _examples(make: Any) -> Iterable[Any]:
    stream = make() if callable(make) else make
    if hasattr(stream, "as_numpy_iterator"):
        return stream.as_numpy_iterator()
    return iter(stream)


def _parts(example: Any, names: list[str], name: str) -> tuple[list[NDArray], NDArray]:
    """Split an example into its inputs, in the order of ``names``, and its label."""
    if not isinstance(example, (tuple, list)) or len(example) != 2:
        raise ContractError(
            f"{name}_gen gives {type(example).__name__}, expected pairs (inputs, label)"
        )
    x, label = example
    if not isinstance(x, Mapping):
        x = dict(zip(names, x if len(names) > 1 else [x], strict=False))
    if set(x) != set(names):
        raise ContractError(
            f"{name}_gen gives the inputs {sorted(x)}, expected {names} as shapes says"
        )
    for part in (*x.values(), label):
        check_unmasked(part, f"{name}_gen gives")
    return [np.asarray(x[key]) for key in names], np.asarray(label)


def _typed(value: NDArray, dtype: np.dtype, what: str) -> NDArray:
    """Bring values to their declared type, unless that would change them.

    Raises:
        ContractError: it would, other than by rounding to fewer digits.
    """
    if value.dtype == dtype:
        return value
    if value.dtype.kind in "biuf" and dtype.kind in "biuf":
        with np.errstate(invalid="ignore", over="ignore"):
            cast = value.astype(dtype)
        only_rounds = dtype.kind == "f"
        if only_rounds or np.array_equal(cast, value):
            return cast
    elif np.can_cast(value.dtype, dtype, "same_kind"):
        return value.astype(dtype)
    raise ContractError(
        f"{what} of type {value.dtype} such as {value.flat[0]}, which {dtype} as types "
        "says does not hold"
    )


def _check_shapes(
    values: list[NDArray],
    label: NDArray,
    labels: NDArray | None,
    declared: Declared,
    name: str,
) -> None:
    found = [value.shape for value in values]
    expected = list(declared.shapes.values())
    if found != expected:
        raise ContractError(
            f"{name}_gen gives inputs of shapes {found}, expected {expected} "
            "as shapes says"
        )
    first = label.shape if labels is None else labels.shape[1:]
    if label.shape != first or label.shape not in ((), declared.label_shape):
        raise ContractError(
            f"{name}_gen gives labels of shape {label.shape}, expected "
            f"{declared.label_shape} as shapes says, or integers"
        )


def _dtype(stated: Any) -> np.dtype:
    try:
        return np.dtype(getattr(stated, "as_numpy_dtype", stated))
    except TypeError as error:
        raise ContractError(
            f"types holds {stated!r}, expected the name of a NumPy type"
        ) from error


def _shape(value: Any) -> tuple[int, ...]:
    try:
        return tuple(
            int(size) for size in ((value,) if isinstance(value, int) else value)
        )
    except (TypeError, ValueError) as error:
        raise ContractError(
            f"shapes holds {value!r}, expected a tuple of whole numbers"
        ) from error
