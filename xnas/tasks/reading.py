"""The two forms in which ``load_data`` may return data, read into arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from xnas.declarations.functions import call_of_task, error_text
from xnas.tasks.checks import ContractError, check_unmasked
from xnas.tasks.streams import Declared, read_stream
from xnas.training.split import Split

_FORM = (
    "((X_train, y_train), (X_valid, y_valid)) or a dictionary with the keys "
    "train_gen, train_size, valid_gen, valid_size, types and shapes"
)


@dataclass(frozen=True)
class Reading:
    """What ``load_data`` returned, in one form.

    Args:
        train: training examples.
        valid: validation examples.
        read_test: reads the test examples; ``None`` if there are none.
        output_shape: shape of one prediction, where it is declared.
        goes_on: which of ``train`` and ``valid`` hold more examples than they say.
    """

    train: Split
    valid: Split
    read_test: Callable[[], Split] | None
    output_shape: tuple[int, ...] | None = None
    goes_on: tuple[str, ...] = ()


def read_splits(load: Callable[[], Any], file: str) -> Reading:
    """Call a loader and read what it returns.

    Args:
        load: the loader.
        file: its file, for messages.

    Returns:
        Everything but the test examples in memory.

    Raises:
        ContractError: it returns another form.
        TaskError: it fails.
    """
    loaded = call_of_task("load_data", load, file)
    if isinstance(loaded, Mapping):
        return _read_dictionary(loaded)
    pairs = loaded if isinstance(loaded, (tuple, list)) else ()
    if len(pairs) not in (2, 3) or not all(
        isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs
    ):
        raise ContractError(f"load_data returned {_shown(loaded)}, expected {_FORM}")
    splits = [_read_arrays(X, y) for X, y in pairs]
    for i, files in enumerate(getattr(loaded, "files", ())):
        splits[i] = splits[i]._replace(files=files)
    train, valid, *test = splits
    return Reading(train, valid, (lambda: test[0]) if test else None)


def _shown(loaded: Any) -> str:
    """Show the nesting of what a loader returned, not its values."""
    if isinstance(loaded, (tuple, list)):
        return f"({', '.join(_shown(part) for part in loaded[:4])})"
    return type(loaded).__name__


def _read_arrays(X: Any, y: Any) -> Split:
    parts = [*list_inputs(X), y]
    _check_no_examples(parts)
    for part in parts:
        check_unmasked(part, "load_data returned arrays with")
    try:
        *arrays, labels = (np.asarray(part) for part in parts)
    except ValueError as error:
        raise ContractError(
            f"load_data returned examples of different shapes, expected "
            f"arrays with examples along the first axis ({error_text(error)})"
        ) from error
    if not all(array.ndim for array in (*arrays, labels)):
        raise ContractError(
            f"load_data returned a pair ({_shown(X)}, {_shown(y)}), expected "
            "arrays with examples along the first axis"
        )
    return Split(arrays, labels)


def _check_no_examples(parts: list[Any]) -> None:
    """Refuse a list of examples, which would be read as one of inputs.

    Args:
        parts: the inputs and the labels.
    """
    *inputs, labels = parts
    n_labels = len(labels) if hasattr(labels, "__len__") else 0
    if len(inputs) == n_labels > 1 and len(np.atleast_1d(inputs[0])) != n_labels:
        raise ContractError(
            f"load_data returned a list of {n_labels} arrays for {n_labels} labels, "
            "which means as many inputs, expected one array with examples along the "
            "first axis: np.stack(X)"
        )


def list_inputs(x: Any) -> list[Any]:
    """List the inputs of one example or of all, which are named or in order.

    Args:
        x: an array, a list or tuple of arrays, or a dictionary of them with keys
            ``input_0``, ``input_1``…

    Returns:
        The arrays, in the order of the network's inputs.
    """
    if isinstance(x, Mapping):
        return [x[key] for key in sorted(x, key=input_number)]
    if isinstance(x, (list, tuple)) and x and hasattr(x[0], "shape"):
        return list(x)
    return [x]


def input_number(key: str) -> tuple[int, str]:
    """Sort ``input_10`` after ``input_9``."""
    digits = str(key).rpartition("_")[2]
    return (int(digits) if digits.isdigit() else 0, str(key))


def _read_dictionary(loaded: Mapping[str, Any]) -> Reading:
    names = ["train", "valid"] + ["test"] * ("test_gen" in loaded)
    keys = [f"{name}_{part}" for name in names for part in ("gen", "size")]
    missing = [key for key in (*keys, "types", "shapes") if key not in loaded]
    if missing:
        raise ContractError(
            f"load_data returned a dictionary without {', '.join(missing)}, "
            f"expected {_FORM}"
        )
    types, shapes = (_pair(loaded, key) for key in ("types", "shapes"))
    declared = Declared.read(types, shapes)

    def read(name: str) -> tuple[Split, bool]:
        make, size = loaded[f"{name}_gen"], loaded[f"{name}_size"]
        inputs, labels, goes_on = read_stream(make, size, name, declared)
        return Split(inputs, labels), goes_on

    train, train_goes_on = read("train")
    valid, valid_goes_on = read("valid")
    return Reading(
        train,
        valid,
        (lambda: read("test")[0]) if "test" in names else None,
        declared.label_shape or None,
        ("train",) * train_goes_on + ("valid",) * valid_goes_on,
    )


def _pair(loaded: Mapping[str, Any], key: str) -> tuple[dict[str, Any], Any]:
    value = loaded[key]
    if (
        not isinstance(value, (tuple, list))
        or len(value) != 2
        or not isinstance(value[0], Mapping)
        or not value[0]
    ):
        form = {
            "types": "({'input_0': 'float32'}, 'int32')",
            "shapes": "({'input_0': (28, 28, 1)}, (10,))",
        }
        raise ContractError(f"{key} is {value!r}, expected a form such as {form[key]}")
    in_order = sorted(value[0], key=input_number)
    return {name: value[0][name] for name in in_order}, value[1]
