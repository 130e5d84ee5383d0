"""Operations of the NAS-Bench-201 space (Dong and Yang, ICLR 2020, section 2.1)."""

from typing import Any

from xnas.space.automatic import prediction_layers
from xnas.space.base import Operation
from xnas.space.blocks import Block, Chain, Layer, Tensors, make_layer
from xnas.space.checks import Shape

NORM_MOMENTUM = 0.9
"""Of the running statistics, as NAS-Bench-201 has it (PyTorch calls it 0.1).

With Keras's 0.99, networks that train for a few hundred steps are judged by statistics
that lag behind their weights.
"""


def _conv(name: str, filters: int, size: int, strides: int = 1) -> Layer:
    return make_layer("Conv2D", name, filters, size, strides, padding="same")


def _norm(name: str) -> Layer:
    return make_layer("BatchNormalization", name, momentum=NORM_MOMENTUM)


def _relu(name: str) -> Layer:
    return make_layer("Activation", name, "relu")


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

    def layers(self, scope: str) -> list[Layer]:
        """Make the three layers."""
        return [
            _relu(f"{scope}.relu"),
            _conv(f"{scope}.conv", self.filters, self.size),
            _norm(f"{scope}.norm"),
        ]


class AveragePool(_Sized):
    """Average over 3 × 3 neighbours; keeps the size."""

    is_pure = True

    def __init__(self) -> None:
        super().__init__(name="avg_pool3x3")

    def layers(self, scope: str) -> list[Layer]:
        """Make the layer."""
        name = f"{scope}.pool"
        return [make_layer("AveragePooling2D", name, 3, strides=1, padding="same")]


class Stem(_Sized):
    """Convolution and batch normalisation of the pictures.

    Args:
        filters: of the convolution.
    """

    def __init__(self, filters: int) -> None:
        super().__init__(name="stem")
        self.filters = filters

    def layers(self, scope: str) -> list[Layer]:
        """Make the two layers."""
        return [_conv(f"{scope}.conv", self.filters, 3), _norm(f"{scope}.norm")]


class ResidualBlock(Block):
    """Two convolutions beside a pooled shortcut.

    Args:
        filters: of all its convolutions.
        scope: prefix of the layers' names.
    """

    def __init__(self, filters: int, scope: str) -> None:
        self._main = Chain(
            [
                _conv(f"{scope}.conv_0", filters, 3, strides=2),
                _norm(f"{scope}.norm_0"),
                _relu(f"{scope}.relu_0"),
                _conv(f"{scope}.conv_1", filters, 3),
                _norm(f"{scope}.norm_1"),
            ]
        )
        pool = make_layer("AveragePooling2D", f"{scope}.pool", 2, 2, padding="same")
        self._shortcut = Chain([pool, _conv(f"{scope}.shortcut", filters, 1)])
        self._end = Chain([make_layer("Add", f"{scope}.add"), _relu(f"{scope}.relu_1")])
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

    def layers(self, scope: str) -> list[Layer]:
        """Make the layers."""
        return [
            make_layer("GlobalAveragePooling2D", f"{scope}.pool"),
            *prediction_layers(scope, self.output_shape, self.regression),
        ]
