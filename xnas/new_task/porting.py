"""What has to change in a task folder of the 2021 tool, read and not run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from xnas import search_space_common
from xnas.declarations.hyperparameters import checked_hyperparameters
from xnas.errors import UsageError

SPACES = ("deephyper.nas", "deephyper.search.nas", "xnas.search_space_common")
"""Where 2021's vocabulary of search spaces came from."""

PROBLEMS = ("deephyper.problem", "deephyper.benchmark", "deephyper.nas.problem")

REPLACED = {
    "BlockOps": "the arguments batchnorm and dropout of Conv2DBlock and its like",
    "TransposeLayer": "keras.layers.Permute(dims)",
    "DenseOnAxis": "keras.layers.EinsumDense(equation, output_shape)",
    "Conv1D": "Operation(keras.layers.Conv1D(num_filters, filter_size, "
    'padding="same"))',
    "MaxPooling1D": "Operation(keras.layers.MaxPooling1D(pool_size, strides=1))",
    "r2": 'the metric "r2_score"',
    "SpaceFactory": "a function create_search_space(input_shape, output_shape)",
}
"""Names of the vocabulary that are gone, and what does the same."""

MODULES = {
    "tensorflow_addons": "none of it; random_cutout is Cutout(size) of "
    "xnas.training.images in Problem.augment(...)",
    "tensorflow.python.keras": "the same names from tensorflow.keras",
    "xnas.tf_utils": "keras.models.load_model",
    "xnas.nas_deephyper.monkey_patch": "none of it",
}
"""Modules that are gone, and what stands for them."""

ATTRIBUTES = {
    **{f"np.{one}": one for one in ("bool", "int", "float", "object", "str")},
    "np.float_": "np.float64",
    "np.product": "np.prod",
    "tf.keras.layers.experimental.preprocessing": "tf.keras.layers",
    "tf.keras.optimizers.legacy": "tf.keras.optimizers",
}
"""Names of libraries that are gone, and what they are called now."""

RANDOM = ("tf.image.random_", "tf.image.stateless_random_", "tf.random.")


@dataclass(frozen=True)
class Change:
    """What is to be done about one line.

    Args:
        file: which has it.
        line: its number, from 1.
        old: the line.
        new: the line to write instead, or what to write in its place.
        is_needed: whether the task does not work, or works otherwise, without.
    """

    file: Path
    line: int
    old: str
    new: str
    is_needed: bool = True


def changes_of(folder: str | Path) -> list[Change]:
    """Read all Python files of a folder, and name the lines to change.

    Args:
        folder: with ``load_data.py``, ``search_space.py`` and ``problem.py``, or with
            folders of that form.

    Returns:
        The changes, file by file.

    Raises:
        UsageError: there is no such folder, or no Python in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UsageError(f"{root} is no folder, expected one with load_data.py")
    files = sorted(file for file in root.rglob("*.py") if file.name[0] != ".")
    if not files:
        raise UsageError(f"no Python file found in {root}, expected load_data.py")
    return [change for file in files for change in _changes_in(file)]


def _changes_in(file: Path) -> Iterator[Change]:
    try:
        text = file.read_text()
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        yield Change(file, line, "", f"Python 3.11 or newer cannot read it: {error}")
        return
    lines = text.splitlines()
    found = [
        (getattr(node, "lineno", 1), new, is_needed)
        for node in ast.walk(tree)
        for new, is_needed in _advice(node)
    ]
    for line, new, is_needed in sorted(dict.fromkeys(found), key=lambda one: one[0]):
        yield Change(file, line, lines[line - 1].strip(), new, is_needed)


def _advice(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Say what to write instead of a node, and whether that is needed."""
    match node:
        case ast.ImportFrom(module=str(module), level=0):
            yield from ((new, True) for new in _imports(node, module))
        case ast.Import():
            for alias in node.names:
                if alias.name.startswith(SPACES[:-1]):
                    name = f" as {alias.asname}" if alias.asname else ""
                    yield f"import xnas.search_space_common{name}", True
                else:
                    yield from ((new, True) for new in _gone(alias.name))
        case ast.ClassDef():
            yield from ((new, True) for new in _operation(node))
        case ast.Call(func=ast.Attribute(attr="hyperparameters")):
            yield from ((new, True) for new in _hyperparameters(node))
        case ast.Attribute() if (name := ast.unparse(node)) in ATTRIBUTES:
            yield f"{ATTRIBUTES[name]} for {name}", True
        case ast.Call(func=ast.Attribute() as function):
            if ast.unparse(function).startswith(RANDOM):
                yield (
                    "may stay, but is drawn once, as examples are read once: what "
                    "Problem.augment(...) is given is drawn anew in each epoch",
                    False,
                )


def _imports(node: ast.ImportFrom, module: str) -> Iterator[str]:
    """Write the lines that import what a line of 2021 imports."""
    names = {alias.name: ast.unparse(alias) for alias in node.names}
    if module in PROBLEMS and "NaProblem" in names:
        yield f"from xnas.problem import {names.pop('NaProblem')}"
    if not module.startswith(SPACES):
        yield from _gone(module) if names else ()
        return
    known = [names.pop(name) for name in [*names] if _is_known(name)]
    if known and not module.startswith("xnas"):
        yield f"from xnas.search_space_common import {', '.join(known)}"
    for name in names:
        yield f"{name} is gone, expected {REPLACED.get(name, 'code of your own')}"


def _is_known(name: str) -> bool:
    return name == "*" or name in search_space_common.__all__


def _gone(module: str) -> Iterator[str]:
    for name, new in MODULES.items():
        if f"{module}.".startswith(f"{name}."):
            yield f"{module} is gone, expected {new}"
            return
    if module.split(".")[0] in ("deephyper", "xnas") and not _exists(module):
        yield f"{module} is gone, expected code of your own"


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def _operation(node: ast.ClassDef) -> Iterator[str]:
    """Say what an operation of one's own has to define."""
    bases = [ast.unparse(base).split(".")[-1] for base in node.bases]
    methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    is_operation = any(
        _is_known(base) and not base.endswith(("Node", "Space")) for base in bases
    )
    if is_operation and "__call__" in methods and "layers" not in methods:
        yield (
            f"{node.name} needs a method layers(self, scope) that returns its Keras "
            'layers, named f"{scope}.NAME", in the place of __call__'
        )


def _hyperparameters(node: ast.Call) -> Iterator[str]:
    values = {}
    for keyword in node.keywords:
        try:
            values[str(keyword.arg)] = ast.literal_eval(keyword.value)
        except ValueError:
            continue
    try:
        checked_hyperparameters(values)
    except ValueError as error:
        yield str(error)
