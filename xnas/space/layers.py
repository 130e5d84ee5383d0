"""Single layers as operations, so that naming one does not load Keras."""

from typing import TYPE_CHECKING, Any

from xnas.space.operations import Operation

if TYPE_CHECKING:
    import keras


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

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layers."""
        import keras

        chain = [keras.layers.Dense(self.units, name=f"{scope}.dense", **self.kwargs)]
        if self.activation is not None:
            chain += Activation(self.activation).layers(scope)
        return chain


class Activation(Operation):
    """An activation.

    Args:
        activation: a name that Keras knows or a function.
    """

    def __init__(self, activation: Any) -> None:
        super().__init__(name=str(getattr(activation, "__name__", activation)))
        self.activation = activation

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layer."""
        import keras

        return [keras.layers.Activation(self.activation, name=f"{scope}.activation")]


class Dropout(Operation):
    """Dropout.

    Args:
        rate: share of the inputs that is dropped while training.
    """

    def __init__(self, rate: float) -> None:
        super().__init__(name=f"Dropout_{rate}")
        self.rate = rate

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layer."""
        import keras

        return [keras.layers.Dropout(self.rate, name=f"{scope}.dropout")]


class Flatten(Operation):
    """Flattens every example."""

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layer."""
        import keras

        return [keras.layers.Flatten(name=f"{scope}.flatten")]
