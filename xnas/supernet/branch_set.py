"""What nodes that are alike may apply, traced once for all of them.

Each set is a ``tf.function`` of its own: TensorFlow then traces one node of those that
share it, and calls it for the others with their inputs and their parts of the vectors
of weights.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import count
from math import prod

import tensorflow as tf

from xnas.space.checks import Shape
from xnas.supernet.branch import VECTORS, Branch, BranchVariable
from xnas.xai.recording import LayerCall, class_sums
from xnas.xai.regularizer import Positions, gram_of

Parts = list[tf.Tensor]
"""A node's part of each vector that it has a part of."""

NOTHING = 0
"""Number of the branch that gives zeros; the others follow from 1."""


class BranchSet:
    """What some nodes may apply: a branch for each operation that passes something on.

    Args:
        operations: the branch of each, ``None`` for one that passes nothing on.
        shape: of its output, without the batch.
        dtype: of its output.

    Attributes:
        branches: those that pass something on.
        numbers: of each operation's branch.
        sizes: numbers in a node's part of each vector.
        vectors: those that a node has a part of.
    """

    def __init__(
        self, operations: Sequence[Branch | None], shape: Shape, dtype: str
    ) -> None:
        self.branches = [branch for branch in operations if branch is not None]
        following = count(NOTHING + 1)
        self.numbers = [
            NOTHING if branch is None else next(following) for branch in operations
        ]
        self.shape = shape
        self.dtype = dtype
        self.sizes = [
            sum(branch.size(vector) for branch in self.branches)
            for vector in range(len(VECTORS))
        ]
        self.vectors = [vector for vector, size in enumerate(self.sizes) if size]
        self.apply: Callable = tf.function(self._apply, autograph=False)

    @cached_property
    def n_features(self) -> int:
        """Features of the branch that has most; traces all, so only scoring asks."""
        counts = (sum(prod(s) for _, s in one.features) for one in self.branches)
        return max(counts, default=0)

    def keep_logits(self) -> None:
        """Leave out the function around the branches, as what ends a network must.

        Keras computes cross-entropies from the logits that it notes on predictions, and
        the note does not pass a function's end.
        """
        self.apply = self._apply

    def variables_of(self, vector: int) -> list[BranchVariable]:
        """List the variables in a node's part of a vector, in order."""
        return [one for branch in self.branches for one in branch.variables_of(vector)]

    def branch(self, number: int) -> Branch:
        """Return the branch of a number other than :data:`NOTHING`."""
        return self.branches[number - 1]

    def span(self, number: int, vector: int) -> slice:
        """Tell where a branch's variables are in a node's part of a vector."""
        start = sum(branch.size(vector) for branch in self.branches[: number - 1])
        return slice(start, start + self.branch(number).size(vector))

    def _apply(
        self,
        number: int | tf.Tensor,
        parts: Parts,
        inputs: list[tf.Tensor],
        training: bool,
        members: tf.Tensor | None = None,
        positions: Positions | None = None,
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Apply a branch.

        Args:
            number: of the branch; a whole number where it never changes.
            parts: the node's parts of the vectors.
            inputs: (batch, ...) each.
            training: as for Keras's layers.
            members: as for :func:`~xnas.xai.recording.class_sums`, to add up features
                of interest.
            positions: as for :func:`~xnas.xai.regularizer.gram_of`, in training.

        Returns:
            Its output; and in training the parts afterwards but for that of the
            weights, followed for members by the (classes, classes) products of sums; or
            else for members (classes, features) sums, those of a branch with fewer
            features than another followed by zeros.
        """

        def apply(chosen: int) -> tuple[tf.Tensor, list[tf.Tensor]]:
            after: list[tf.Tensor] = []
            calls: list[LayerCall] = []
            if chosen == NOTHING:
                output = self._zeros(inputs)
            else:
                values = self._values(chosen, parts)
                output, after, calls = self.branch(chosen).apply(
                    values, inputs, training=training, is_recorded=members is not None
                )
            found = self._replaced(chosen, parts, after) if training else []
            if members is None:
                return output, found
            if training:
                return output, [*found, gram_of(calls, members, positions)]
            sums = [class_sums(call.output, members) for call in calls]
            return output, [self._padded(sums, members)]

        if isinstance(number, int):
            return apply(number)
        cases: list[Callable] = [partial(apply, NOTHING)]
        for chosen, branch in enumerate(self.branches, NOTHING + 1):
            case = partial(apply, chosen)
            cases.append(case if branch.model is None else _optimised(case))
        return tf.switch_case(number, cases)

    def _zeros(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        shape = (tf.shape(inputs[0])[0], *self.shape)
        return tf.ensure_shape(
            tf.zeros(shape, self.dtype), (inputs[0].shape[0], *self.shape)
        )

    def _padded(self, sums: Sequence[tf.Tensor], members: tf.Tensor) -> tf.Tensor:
        """Put a branch's sums side by side, and zeros behind them."""
        missing = self.n_features - sum(one.shape[1] for one in sums)
        zeros = tf.zeros((tf.shape(members)[-1], missing), members.dtype)
        return tf.concat([*sums, zeros], axis=1)

    def _values(self, number: int, parts: Parts) -> list[tf.Tensor]:
        """Cut a branch's variables out of a node's parts."""
        branch = self.branch(number)
        values: dict[int, tf.Tensor] = {}
        for vector, part in zip(self.vectors, parts, strict=True):
            variables = branch.variables_of(vector)
            if variables:
                before = self.span(number, vector).start
                pieces = _cut(part, before, [one.size for one in variables])
                for one, piece in zip(variables, pieces, strict=True):
                    values[id(one)] = tf.reshape(piece, one.variable.shape)
        return [values[id(one)] for one in branch.variables]

    def _replaced(self, number: int, parts: Parts, after: Sequence[tf.Tensor]) -> Parts:
        """Put a branch's variables back into the parts, but for that of the weights."""
        variables = self.branch(number).variables if number != NOTHING else []
        replaced = []
        for vector, part in zip(self.vectors, parts, strict=True):
            if vector == 0:
                continue
            mine = [
                tf.reshape(value, (-1,))
                for one, value in zip(variables, after, strict=True)
                if one.vector == vector
            ]
            if mine:
                span = self.span(number, vector)
                part = tf.concat([part[: span.start], *mine, part[span.stop :]], 0)
            replaced.append(tf.stop_gradient(part))
        return replaced


def _optimised(function: Callable) -> Callable:
    """Make a function of its own of what a switch's branch does.

    TensorFlow puts the quicker convolutions of oneDNN into such functions, but not into
    branches of a switch that is kept whole, nor into what it inlines there.
    """
    return tf.function(
        function, autograph=False, experimental_attributes={"_noinline": True}
    )


def _cut(part: tf.Tensor, before: int, sizes: Sequence[int]) -> Sequence[tf.Tensor]:
    """Cut a vector into pieces, leaving out what stands before and after them.

    TensorFlow's own gradient asks for what was left out, which a switch would then have
    to hand on.
    """
    after = part.shape[0] - before - sum(sizes)

    @tf.custom_gradient
    def cut(part: tf.Tensor) -> tuple[Sequence[tf.Tensor], Callable]:
        def gradient(*pieces: tf.Tensor) -> tf.Tensor:
            zeros = [tf.zeros(size, part.dtype) for size in (before, after)]
            return tf.concat([zeros[0], *pieces, zeros[1]], 0)

        return tf.split(part, [before, *sizes, after])[1:-1], gradient

    return cut(part)
