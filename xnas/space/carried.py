"""State that a layer had before it entered a space, taken into every network.

An adapted ``Normalization`` and a pretrained model are worth their weights; a copy by
configuration alone would have fresh ones.
"""

from hashlib import sha256
from typing import Any

from xnas.space.checks import SpaceError

_MARK = "_xnas_carried"


def has_state(layer: Any) -> bool:
    """Whether a layer was built, and so has weights to carry."""
    return bool(getattr(layer, "built", False) and layer.weights)


def carry(source: Any, layer: Any) -> None:
    """Give a copy the weights of the layer that it was copied from.

    Args:
        source: the Keras layer, built; not changed.
        layer: a fresh layer of its configuration, which is built here.

    Raises:
        SpaceError: the copy cannot have them; names the layer.
    """
    if not layer.built:
        layer.build_from_config(source.get_build_config() or {})
    shapes = [[tuple(w.shape) for w in one.weights] for one in (source, layer)]
    if shapes[0] != shapes[1]:
        raise SpaceError(
            f"layer {source.name} has weights of shapes {shapes[0]}, but its copy by "
            f"get_config and get_build_config those of {shapes[1]}, expected the same"
        )
    for weight, own in zip(source.weights, layer.weights, strict=True):
        own.assign(weight.value)
        setattr(own, _MARK, True)
    for inner in layer._flatten_layers():
        if hasattr(inner, "finalize_state"):  # of what a layer works out from weights
            inner.finalize_state()


def is_carried(variable: Any) -> bool:
    """Whether a variable has its value from before the network was built."""
    return getattr(variable, _MARK, False)


def digest(layer: Any) -> str:
    """Tell weights apart: the same text for the same numbers."""
    found = sha256()
    for weight in layer.weights:
        found.update(weight.value.numpy().tobytes())
    return found.hexdigest()


def check_no_tables(layer: Any) -> None:
    """Refuse layers whose state is no weight.

    Raises:
        SpaceError: a look-up layer that was adapted; names it.
    """
    for inner in layer._flatten_layers():
        if hasattr(inner, "get_vocabulary") and not inner.get_config()["vocabulary"]:
            raise SpaceError(
                f"layer {inner.name} keeps its vocabulary outside its weights, "
                "expected one made with vocabulary=..."
            )
