"""Layers on pictures as operations, with DeepHyper 0.2's names and defaults."""

from typing import Any, ClassVar

from xnas.space.base import Operation
from xnas.space.blocks import Layer, activation_layers, make_layer

_PLAIN = (str, int, float, tuple, list, type(None))
"""Types of arguments that tell the same wherever they are written down."""


class _OneLayer(Operation):
    """Applies one layer of Keras.

    Args:
        name: label in drawings.
        **arguments: of the layer.
    """

    layer_class: ClassVar[str]
    layer_name: ClassVar[str]

    def __init__(self, name: str, **arguments: Any) -> None:
        super().__init__(name=name)
        if isinstance(arguments.get("padding"), str):
            arguments["padding"] = arguments["padding"].lower()
        self.arguments = arguments

    def layers(self, scope: str) -> list[Layer]:
        """Make the layer."""
        return [
            make_layer(self.layer_class, f"{scope}.{self.layer_name}", **self.arguments)
        ]

    def signature(self) -> str | None:
        """Return layer and arguments, ``None`` where they cannot be compared."""
        is_own = type(self).layers is _OneLayer.layers
        if not is_own or not all(
            isinstance(v, _PLAIN) for v in self.arguments.values()
        ):
            return None
        return f"{self.layer_class} {sorted(self.arguments.items())}"


class Conv2D(_OneLayer):
    """A convolution.

    Args:
        kernel_size: height and width, or one number for both.
        filters: of the layer.
        strides: likewise.
        padding: ``same`` or ``valid``, in any case.
        dilation_rate: likewise.
        activation: part of the layer; a name that Keras knows or a function.
    """

    layer_class, layer_name = "Conv2D", "conv"

    def __init__(
        self,
        kernel_size: Any,
        filters: int = 8,
        strides: Any = 1,
        padding: str = "same",
        dilation_rate: Any = 1,
        activation: Any = None,
    ) -> None:
        super().__init__(
            f"Conv2D_{kernel_size}_f{filters}",
            kernel_size=kernel_size,
            filters=filters,
            strides=strides,
            padding=padding,
            dilation_rate=dilation_rate,
            activation=activation,
        )


class SeparableConv2D(_OneLayer):
    """A depthwise-separable convolution.

    Args:
        kernel_size: height and width, or one number for both.
        filters: of the layer.
        strides: likewise.
        padding: ``same`` or ``valid``, in any case.
    """

    layer_class, layer_name = "SeparableConv2D", "conv"

    def __init__(
        self,
        kernel_size: Any,
        filters: int = 8,
        strides: Any = 1,
        padding: str = "same",
    ) -> None:
        super().__init__(
            f"SeparableConv2D_{kernel_size}_f{filters}",
            kernel_size=kernel_size,
            filters=filters,
            strides=strides,
            padding=padding,
        )


class _Pool2D(_OneLayer):
    layer_name = "pool"
    is_pure = True

    def __init__(self, pool_size: Any, strides: Any = 1, padding: str = "same") -> None:
        super().__init__(
            f"{type(self).__name__}_k{pool_size}_s{strides}",
            pool_size=pool_size,
            strides=strides,
            padding=padding,
        )


class AvgPool2D(_Pool2D):
    """Means of neighbours.

    Args:
        pool_size: height and width, or one number for both.
        strides: likewise; 1 unless stated, unlike Keras.
        padding: ``same`` or ``valid``, in any case.
    """

    layer_class = "AveragePooling2D"


class MaxPool2D(_Pool2D):
    """Maxima of neighbours.

    Args:
        pool_size: height and width, or one number for both.
        strides: likewise; 1 unless stated, unlike Keras.
        padding: ``same`` or ``valid``, in any case.
        num_filters: of no effect, as in DeepHyper.
    """

    layer_class = "MaxPooling2D"

    def __init__(
        self,
        pool_size: Any,
        strides: Any = 1,
        padding: str = "same",
        num_filters: int = 32,
    ) -> None:
        super().__init__(pool_size, strides, padding)


class GlobalAveragePooling2D(_OneLayer):
    """Means over whole pictures.

    Args:
        data_format: of the layer.
        keepdims: whether axes of length one stay.
        nullable: of no effect: what nothing reaches is cut out.
        **arguments: others of the layer.
    """

    layer_class, layer_name = "GlobalAveragePooling2D", "pool"
    is_pure = True

    def __init__(
        self,
        data_format: str | None = None,
        keepdims: bool = False,
        nullable: bool = False,
        **arguments: Any,
    ) -> None:
        super().__init__(
            "GlobalAveragePooling2D",
            data_format=data_format,
            keepdims=keepdims,
            **arguments,
        )


class BatchNormalization(_OneLayer):
    """Batch normalisation.

    Args:
        activation: applied afterwards, as a layer of its own, if any.
        **arguments: of the layer, with Keras's defaults.
    """

    layer_class, layer_name = "BatchNormalization", "norm"

    def __init__(self, activation: Any = None, **arguments: Any) -> None:
        super().__init__("BatchNormalization", **arguments)
        self.activation = activation

    def layers(self, scope: str) -> list[Layer]:
        """Make one layer or two."""
        return [*super().layers(scope), *activation_layers(scope, self.activation)]
