"""Preprocessing and stateless augmentation of batches of pictures.

An augmentation takes a batch (n, height, width, channels) float32 and ``n_draws``
uniform numbers in [0, 1) for each picture, (n, n_draws) float32; all its randomness is
in those numbers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Normalize:
    """Subtracts the mean and divides by the standard deviation of each channel.

    Args:
        mean: one number a channel.
        std: one number a channel, above 0.
        scale: divides the pixels first; 255 for bytes.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: not one mean and one positive deviation a channel.
        """
        if len(self.mean) != len(self.std) or min((*self.std, self.scale)) <= 0:
            raise ValueError(
                f"mean {self.mean}, std {self.std} and scale {self.scale} found, "
                "expected as many means as deviations, and positive divisors"
            )

    def __call__(self, pictures: "tf.Tensor") -> "tf.Tensor":
        """Normalise a batch (n, height, width, channels) float32."""
        import tensorflow as tf

        mean = tf.constant(self.mean, tf.float32)
        return (pictures / self.scale - mean) / tf.constant(self.std, tf.float32)


@dataclass(frozen=True)
class RandomCrop:
    """Pads with zeros all around and cuts the original size out at random.

    Args:
        padding: pixels added on each side.
    """

    padding: int
    n_draws = 2

    def __post_init__(self) -> None:
        """Check the padding.

        Raises:
            ValueError: it is negative.
        """
        if self.padding < 0:
            raise ValueError(f"padding is {self.padding}, expected 0 or more")

    def __call__(self, pictures: "tf.Tensor", draws: "tf.Tensor") -> "tf.Tensor":
        """Crop a batch; ``draws`` say where."""
        import tensorflow as tf

        side = [self.padding, self.padding]
        padded = tf.pad(pictures, [[0, 0], side, side, [0, 0]])
        offsets = _below(draws, 2 * self.padding + 1)
        for axis, size in ((1, tf.shape(pictures)[1]), (2, tf.shape(pictures)[2])):
            index = offsets[:, axis - 1, None] + tf.range(size)[None, :]
            padded = _gather(padded, index, axis)
        return tf.ensure_shape(padded, pictures.shape)


@dataclass(frozen=True)
class RandomFlip:
    """Mirrors every other picture left to right, on average."""

    n_draws = 1

    def __call__(self, pictures: "tf.Tensor", draws: "tf.Tensor") -> "tf.Tensor":
        """Flip the pictures of a batch whose draw is below one half."""
        import tensorflow as tf

        return tf.where(
            draws[:, 0, None, None, None] < 0.5, pictures[:, :, ::-1], pictures
        )


@dataclass(frozen=True)
class Cutout:
    """Zeroes a square centred anywhere in the picture, clipped at its border.

    DeVries and Taylor, *Improved Regularization of Convolutional Neural Networks with
    Cutout*, arXiv 1708.04552.

    Args:
        size: side of the square in pixels.
    """

    size: int
    n_draws = 2

    def __post_init__(self) -> None:
        """Check the size.

        Raises:
            ValueError: it is below 1.
        """
        if self.size < 1:
            raise ValueError(f"size is {self.size}, expected 1 or more")

    def __call__(self, pictures: "tf.Tensor", draws: "tf.Tensor") -> "tf.Tensor":
        """Cut a square out of each picture of a batch."""
        import tensorflow as tf

        inside = []
        for axis in (1, 2):
            size = tf.shape(pictures)[axis]
            centre = _below(draws[:, axis - 1, None], size)
            low = centre - self.size // 2
            pixel = tf.range(size)[None, :]
            inside.append((pixel >= low) & (pixel < low + self.size))
        hole = inside[0][:, :, None, None] & inside[1][:, None, :, None]
        return tf.where(hole, tf.zeros((), pictures.dtype), pictures)


class Compose:
    """Applies augmentations one after the other.

    Args:
        *steps: augmentations of this module, or of their form.
    """

    def __init__(self, *steps: Any) -> None:
        self.steps = steps
        self.n_draws = sum(step.n_draws for step in steps)

    def __call__(self, pictures: "tf.Tensor", draws: "tf.Tensor") -> "tf.Tensor":
        """Augment a batch; each step gets draws of its own."""
        first = 0
        for step in self.steps:
            pictures = step(pictures, draws[:, first : first + step.n_draws])
            first += step.n_draws
        return pictures

    def __repr__(self) -> str:
        """Return the steps."""
        return f"Compose{self.steps!r}"


def _below(draws: "tf.Tensor", limit: Any) -> "tf.Tensor":
    """Turn uniform numbers into whole numbers from 0 to ``limit`` − 1."""
    import tensorflow as tf

    limit = tf.cast(limit, tf.int32)
    whole = tf.cast(draws * tf.cast(limit, tf.float32), tf.int32)
    return tf.minimum(whole, limit - 1)


def _gather(pictures: "tf.Tensor", index: "tf.Tensor", axis: int) -> "tf.Tensor":
    import tensorflow as tf

    return tf.gather(pictures, index, axis=axis, batch_dims=1)
