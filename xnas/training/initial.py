"""Initial values of a network: a function of seed and names, however it was built.

A weight's value follows from the evaluation's seed, the name of its layer and its index
in the layer. So does the random state of layers such as dropout. A network built alone
and one taken from a model of the whole space therefore start from the same values.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

import keras
import tensorflow as tf

from xnas.space.carried import is_carried
from xnas.training.loop import fresh_session

if TYPE_CHECKING:
    from xnas.space import KSearchSpace

Initializer = Callable[..., tf.Tensor]
"""Maps shape and dtype to values."""


class Initializers:
    """What the variables of layers start from."""

    def __init__(self) -> None:
        # The variables too, so that none is freed and another takes its identity.
        self._of: dict[int, tuple[keras.Variable, Initializer]] = {}

    def note(self, variable: keras.Variable, initializer: Any) -> None:
        """Learn of a variable that a layer has made."""
        default = "glorot_uniform" if "float" in variable.dtype else "zeros"
        chosen = keras.initializers.get(default if initializer is None else initializer)
        self._of[id(variable)] = (variable, chosen)

    def value(
        self, layer: keras.layers.Layer, variable: keras.Variable, seed: tf.Tensor
    ) -> tf.Tensor | None:
        """Compute what a variable starts from.

        Args:
            layer: the layer, or the one it is nested in.
            variable: one of its variables.
            seed: (2,) int64.

        Returns:
            A tensor of the variable's shape and dtype; ``None`` where that is not
            known: the value that the variable has stays.
        """
        if is_carried(variable):
            return None
        if id(variable) in self._of:
            initializer = self._of[id(variable)][1]
            return _drawn(initializer, variable, seed)
        for generator in _generators(layer):
            if generator.state is variable and generator._initial_seed is None:
                return tf.cast(seed, variable.dtype)
        return None

    def set(self, model: keras.Model, seed: int) -> None:
        """Give a network its initial values.

        Args:
            model: built while these initializers were recorded.
            seed: 0 to 2**32 − 1.
        """
        for layer in model.layers:
            for index, variable in enumerate(layer.variables):
                key = tf.constant([seed, variable_key(layer.name, index)], tf.int64)
                value = self.value(layer, variable, key)
                if value is not None:
                    variable.assign(value)


def variable_key(layer: str, index: int) -> int:
    """Give a variable a number that hangs on its name alone.

    Args:
        layer: the layer's name in the network.
        index: the variable's index among the layer's.

    Returns:
        0 to 2**32 − 1.
    """
    return crc32(f"{layer}/{index}".encode())


@contextmanager
def recorded_initializers() -> Iterator[Initializers]:
    """Note what every variable starts from that layers make meanwhile."""
    recorded = Initializers()
    original = keras.layers.Layer.add_weight

    def add_weight(
        layer: keras.layers.Layer, *args: Any, **kwargs: Any
    ) -> keras.Variable:
        variable = original(layer, *args, **kwargs)
        by_position = args[1] if len(args) > 1 else None
        initializer = kwargs.get("initializer", by_position)
        recorded.note(variable, _with_open_seed(layer, initializer))
        return variable

    # Keras keeps no initializer once a variable has its value.
    keras.layers.Layer.add_weight = add_weight
    try:
        yield recorded
    finally:
        keras.layers.Layer.add_weight = original


def fresh_network(
    space: "KSearchSpace", genotype: Sequence[int], seed: int
) -> keras.Model:
    """Build one network of a space; Keras forgets earlier ones.

    Args:
        space: the search space.
        genotype: one choice a variable node.
        seed: of the initial values, and of what is random and has no name.

    Returns:
        The network with its initial values.

    Raises:
        SpaceError: the space has no such network.
    """
    fresh_session(seed)
    space.set_ops(list(genotype))
    with recorded_initializers() as initializers:
        model = space.create_model()
    initializers.set(model, seed)
    return model


def _drawn(
    initializer: Initializer, variable: keras.Variable, seed: tf.Tensor
) -> tf.Tensor:
    shape, dtype = tuple(variable.shape), variable.dtype
    if not _takes_seed(initializer):
        return tf.cast(initializer(shape, dtype=dtype), dtype)
    source = _source()
    seeded = copy.copy(initializer)
    seeded.seed = source  # type: ignore[attr-defined]
    with keras.StatelessScope(state_mapping=[(source.state, seed)]):
        return seeded(shape, dtype=dtype)


def _with_open_seed(layer: keras.layers.Layer, initializer: Any) -> Any:
    """Undo what ``EinsumDense``, in attention layers too, does to its initializer.

    It hands a copy to ``add_weight`` that states the seed which Keras drew for the one
    that its author left open.
    """
    own: Any = getattr(layer, "kernel_initializer", None)
    if own is initializer or not _takes_seed(own):
        return initializer
    if getattr(initializer, "seed", None) != own.seed:
        return initializer
    return type(initializer).from_config({**initializer.get_config(), "seed": None})


def _takes_seed(initializer: Any) -> bool:
    """Whether it draws with a seed that its layer's author left open."""
    if not isinstance(initializer, keras.initializers.Initializer):
        return False
    return initializer.get_config().get("seed", 0) is None


@cache
def _source() -> keras.random.SeedGenerator:
    """Stands in initializers for the seed, which may be a tensor of a graph."""
    return keras.random.SeedGenerator(0)


def _generators(layer: keras.layers.Layer) -> Iterator[keras.random.SeedGenerator]:
    for inner in layer._flatten_layers():
        yield from inner._seed_generators
