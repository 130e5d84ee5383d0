"""Which layers' outputs count towards introspectability.

Every convolution layer (separable, depthwise, transposed and recurrent ones included)
and every activation layer counts, with its own output: what it gives before any batch
normalisation that follows. The 2021 code found them by the names Keras gave them;
going by type frees the names.

A layer may declare itself by an attribute ``introspectable``: True makes a custom
layer count, False keeps one out that would count by its type. Layers inside a nested
functional or sequential model count as if it were unpacked, unless the nested model
declares itself. Layers that a custom layer keeps inside cannot be seen: let the
custom layer declare itself.
"""

from collections.abc import Hashable, Iterable, Iterator

import keras

DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
SEPARABLE = (keras.layers.SeparableConv1D, keras.layers.SeparableConv2D)
TRANSPOSED = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
PLAIN = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
CONVOLUTIONS = (*PLAIN, *TRANSPOSED, *DEPTHWISE, *SEPARABLE)
"""All of them are affine; recurrent ones are not."""

_RECURRENT_CONVOLUTIONS = (
    keras.layers.ConvLSTM1D,
    keras.layers.ConvLSTM2D,
    keras.layers.ConvLSTM3D,
)
_ACTIVATIONS = (
    keras.layers.Activation,
    keras.layers.ELU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ReLU,
    keras.layers.Softmax,
)


def layers_of_interest(model: keras.Model) -> list[keras.layers.Layer]:
    """List the layers whose outputs count towards introspectability.

    Args:
        model: a functional or sequential model.

    Returns:
        Each layer once, in the model's order, those of nested models in their place.

    Raises:
        ValueError: ``model`` is neither functional nor sequential.
    """
    check_has_graph(model)
    return list(dict.fromkeys(_walk(model)))


def names_in_order(model: keras.Model, names: Iterable[str]) -> list[str]:
    """Bring calls of layers of interest into the order of a model's layers.

    Args:
        model: a functional or sequential model.
        names: of the calls, after those of the models they are nested in; ``:1`` and so
            on follow the name of a layer that is called again.

    Returns:
        The same names, from the input on.
    """
    position = {name: index for index, name in enumerate(_names(model, ""))}

    def key(name: str) -> tuple[int, int]:
        if name in position:
            return position[name], 0
        layer, _, nth = name.rpartition(":")
        return position[layer], int(nth)

    return sorted(names, key=key)


def counts_for_introspectability(layer: keras.layers.Layer) -> bool:
    """Tell whether a layer's outputs count.

    Args:
        layer: any layer.

    Returns:
        What it declares as ``introspectable``, else whether its type counts.
    """
    declared = getattr(layer, "introspectable", None)
    if declared is not None:
        return bool(declared)
    return isinstance(layer, CONVOLUTIONS + _RECURRENT_CONVOLUTIONS + _ACTIVATIONS)


def is_unpacked(layer: keras.layers.Layer) -> bool:
    """Tell whether a layer is a nested model whose own layers count instead of it."""
    return has_graph(layer) and not counts_for_introspectability(layer)


def has_graph(layer: keras.layers.Layer) -> bool:
    """Tell whether a layer is a model with a graph of layers that Keras knows."""
    return isinstance(layer, keras.Sequential) or (
        isinstance(layer, keras.Model) and hasattr(layer, "operations")
    )


def check_has_graph(model: keras.Model) -> None:
    """Refuse what has no graph of layers.

    Args:
        model: what should be a functional or sequential model.

    Raises:
        ValueError: it is something else, or not built yet.
    """
    if not has_graph(model) or not model.built:
        raise ValueError(
            "introspectability needs a built functional or sequential Keras model, "
            f"but got {model!r}"
        )


def averages_through(layer: keras.layers.Layer) -> bool:
    """Tell whether the mean of a layer's outputs is its output for the mean input.

    That holds for convolutions without an activation of their own. Subclasses may
    compute anything, and lower precision would round the one mean too coarsely.

    Args:
        layer: any layer.

    Returns:
        Whether its mean outputs may be computed from its mean inputs.
    """
    return (
        type(layer) in CONVOLUTIONS
        and layer.activation is keras.activations.linear
        and layer.compute_dtype in ("float32", "float64")
    )


def function_of(layer: keras.layers.Layer) -> Hashable | None:
    """Describe an activation layer such that equal descriptions compute the same.

    Args:
        layer: any layer.

    Returns:
        A key that two layers share only if they map equal inputs to equal outputs;
        None where that is not known.
    """
    if type(layer) is keras.layers.Activation:
        return (keras.layers.Activation, layer.activation, layer.compute_dtype)
    if type(layer) is keras.layers.ReLU:
        settings = (layer.max_value, layer.negative_slope, layer.threshold)
        return (keras.layers.ReLU, *map(repr, settings), layer.compute_dtype)
    return None


def _walk(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        if counts_for_introspectability(layer):
            yield layer
        elif is_unpacked(layer):
            yield from _walk(layer)


def _names(model: keras.Model, scope: str) -> Iterator[str]:
    for layer in model.layers:
        if counts_for_introspectability(layer):
            yield scope + layer.name
        elif is_unpacked(layer):
            yield from _names(layer, f"{scope}{layer.name}.")
