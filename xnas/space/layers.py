"""Single layers as operations, so that naming one does not load Keras."""

from typing import Any

from xnas.space.base import Operation
from xnas.space.blocks import Layer, activation_layers, make_layer


class Dense(Operation):
    """A dense layer, and its activation as a layer of its own.

    Args:
        units: of the layer.
        activation: a name that Keras knows or a function, if any.
        **kwargs: other arguments of ``keras.layers.Dense``.
    """

    def __init__(self, units: int, activation: Any = None, **kwargs: Any) -> None:
        label = getattr(activation, "__name__", activation)
        words = ["Dense", str(units), *([] if label is None else [str(label)])]
        super().__init__(name="_".join(words))
        self.units = units
        self.activation = activation
        self.kwargs = kwargs

    def layers(self, scope: str) -> list[Layer]:
        """Make the layers."""
        dense = make_layer("Dense", f"{scope}.dense", self.units, **self.kwargs)
        return [dense, *activation_layers(scope, self.activation)]


class Activation(Operation):
    """An activation.

    Args:
        activation: a name that Keras knows or a function.
    """

    def __init__(self, activation: Any) -> None:
        super().__init__(name=str(getattr(activation, "__name__", activation)))
        self.activation = activation

    def layers(self, scope: str) -> list[Layer]:
        """Make the layer."""
        return activation_layers(scope, self.activation)


class Dropout(Operation):
    """Dropout.

    Args:
        rate: share of the inputs that is dropped while training.
    """

    def __init__(self, rate: float) -> None:
        super().__init__(name=f"Dropout_{rate}")
        self.rate = rate

    def layers(self, scope: str) -> list[Layer]:
        """Make the layer."""
        return [make_layer("Dropout", f"{scope}.dropout", self.rate)]


class Flatten(Operation):
    """Flattens every example."""

    def layers(self, scope: str) -> list[Layer]:
        """Make the layer."""
        return [make_layer("Flatten", f"{scope}.flatten")]
