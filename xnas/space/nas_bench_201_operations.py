"""Operations of the NAS-Bench-201 space (Dong and Yang, ICLR 2020, section 2.1)."""

from typing import TYPE_CHECKING, Any

from xnas.space.automatic import prediction_layers
from xnas.space.blocks import Block, Chain, Tensors
from xnas.space.checks import Shape
from xnas.space.operations import Operation

if TYPE_CHECKING:
    import keras

NORM_MOMENTUM = 0.9
"""Of the running statistics, as NAS-Bench-201 has it (PyTorch calls it 0.1).

With Keras's 0.99, networks that train for a few hundred steps are judged by statistics
that lag behind their weights.
"""


def _norm(name: str) -> "keras.layers.Layer":
    import keras

    return keras.layers.BatchNormalization(momentum=NORM_MOMENTUM, name=name)


class _Sized(Operation):
    """An operation that its class and its numbers describe."""

    def signature(self) -> str:
        """Return class and numbers."""
        numbers = {k: v for k, v in vars(self).items() if not k.startswith("_")}
        return f"{type(self).__name__} {sorted(numbers.items())}"


class ReLUConvNorm(_Sized):
    """ReLU, convolution, batch normalisation.

    Args:
        filters: of the convolution.
        size: side of its kernel.
    """

    def __init__(self, filters: int, size: int) -> None:
        super().__init__(name=f"conv{size}x{size}")
        self.filters = filters
        self.size = size

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the three layers."""
        import keras

        return [
            keras.layers.Activation("relu", name=f"{scope}.relu"),
            keras.layers.Conv2D(
                self.filters, self.size, padding="same", name=f"{scope}.conv"
            ),
            _norm(f"{scope}.norm"),
        ]


class AveragePool(_Sized):
    """Average over 3 × 3 neighbours; keeps the size."""

    is_pure = True

    def __init__(self) -> None:
        super().__init__(name="avg_pool3x3")

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layer."""
        import keras

        return [
            keras.layers.AveragePooling2D(
                3, strides=1, padding="same", name=f"{scope}.pool"
            )
        ]


class Stem(_Sized):
    """Convolution and batch normalisation of the pictures.

    Args:
        filters: of the convolution.
    """

    def __init__(self, filters: int) -> None:
        super().__init__(name="stem")
        self.filters = filters

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the two layers."""
        import keras

        return [
            keras.layers.Conv2D(self.filters, 3, padding="same", name=f"{scope}.conv"),
            _norm(f"{scope}.norm"),
        ]


class ResidualBlock(Block):
    """Two convolutions beside a pooled shortcut.

    Args:
        filters: of all its convolutions.
        scope: prefix of the layers' names.
    """

    def __init__(self, filters: int, scope: str) -> None:
        from keras import layers

        def conv(size: int, name: str, strides: int = 1) -> layers.Layer:
            return layers.Conv2D(
                filters, size, strides, padding="same", name=f"{scope}.{name}"
            )

        self._main = Chain(
            [
                conv(3, "conv_0", strides=2),
                _norm(f"{scope}.norm_0"),
                layers.Activation("relu", name=f"{scope}.relu_0"),
                conv(3, "conv_1"),
                _norm(f"{scope}.norm_1"),
            ]
        )
        self._shortcut = Chain(
            [
                layers.AveragePooling2D(2, 2, padding="same", name=f"{scope}.pool"),
                conv(1, "shortcut"),
            ]
        )
        self._end = Chain(
            [
                layers.Add(name=f"{scope}.add"),
                layers.Activation("relu", name=f"{scope}.relu_1"),
            ]
        )
        parts = (self._main, self._shortcut, self._end)
        super().__init__(layer for part in parts for layer in part.layers)

    def __call__(self, tensors: Tensors) -> Any:
        """Add both branches."""
        return self._end([self._main(tensors), self._shortcut(tensors)])


class Residual(_Sized):
    """Two convolutions beside a pooled shortcut; halves height and width.

    Args:
        filters: of all its convolutions.
    """

    def __init__(self, filters: int) -> None:
        super().__init__(name="residual")
        self.filters = filters

    def build(self, scope: str) -> Block:
        """Make the layers."""
        return ResidualBlock(self.filters, scope)


class Head(_Sized):
    """Global average pooling and a dense layer.

    Args:
        output_shape: shape of one prediction.
        regression: linear predictions instead of softmax.
    """

    def __init__(self, output_shape: Shape, regression: bool) -> None:
        super().__init__(name="head")
        self.output_shape = output_shape
        self.regression = regression

    def layers(self, scope: str) -> list["keras.layers.Layer"]:
        """Make the layers."""
        import keras

        return [
            keras.layers.GlobalAveragePooling2D(name=f"{scope}.pool"),
            *prediction_layers(scope, self.output_shape, self.regression),
        ]
