"""Kinds of nodes: what all nodes that are alike may apply, traced once for all of them.

Each kind is a ``tf.function`` of its own: TensorFlow then traces one node of a kind,
and calls it for the others with their inputs and their parts of the vectors of weights.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import count

import tensorflow as tf

from xnas.space.checks import Shape
from xnas.supernet.branch import VECTORS, Branch, Slot

Parts = list[tf.Tensor]
"""A node's part of each vector that it has a part of."""

NOTHING = 0
"""Number of the branch that gives zeros; the others follow from 1."""


class Kind:
    """What nodes of one kind may apply: a branch for each that passes something on.

    Args:
        operations: the branch of each, ``None`` for one that passes nothing on.
        shape: of its output, without the batch.

    Attributes:
        branches: those that pass something on.
        numbers: of each operation's branch.
    """

    def __init__(self, operations: Sequence[Branch | None], shape: Shape) -> None:
        self.branches = [branch for branch in operations if branch is not None]
        following = count(NOTHING + 1)
        self.numbers = [
            NOTHING if branch is None else next(following) for branch in operations
        ]
        self.shape = shape
        self.sizes = [
            sum(slot.size for slot in self.slots(vector))
            for vector in range(len(VECTORS))
        ]
        self.vectors = [vector for vector, size in enumerate(self.sizes) if size]
        self.train: Callable = tf.function(self._train, autograph=False)
        self.infer: Callable = tf.function(self._infer, autograph=False)
        self.sums = tf.function(self._sums, autograph=False)

    @cached_property
    def n_features(self) -> int:
        """Features of the branch that has most; traces all, so only scoring asks."""
        counts = (sum(size for _, size in branch.features) for branch in self.branches)
        return max(counts, default=0)

    def keep_logits(self) -> None:
        """Leave out the function around the branches, as what ends a network must.

        Keras computes cross-entropies from the logits that it notes on predictions, and
        the note does not pass a function's end.
        """
        self.train, self.infer = self._train, self._infer

    def slots(self, vector: int) -> list[Slot]:
        """List the variables in a node's part of a vector, in order."""
        return [
            slot
            for branch in self.branches
            for slot in branch.slots
            if slot.vector == vector
        ]

    def branch(self, number: int) -> Branch:
        """Return the branch of a number other than :data:`NOTHING`."""
        return self.branches[number - 1]

    def _train(
        self, number: int | tf.Tensor, parts: Parts, inputs: list[tf.Tensor]
    ) -> tuple[tf.Tensor, Parts]:
        """Apply a branch in training.

        Args:
            number: of the branch; a whole number where it never changes.
            parts: the node's parts of the vectors.
            inputs: (batch, ...) each.

        Returns:
            Its output, and the parts afterwards but for that of the weights.
        """

        def apply(branch: Branch) -> tuple[tf.Tensor, Parts]:
            values = self._values(branch, parts)
            output, after = branch.apply(values, inputs, training=True)
            return output, self._replaced(branch, parts, after)

        def nothing() -> tuple[tf.Tensor, Parts]:
            return self._zeros(inputs), self._replaced(None, parts, ())

        return self._switch(number, apply, nothing)

    def _infer(
        self, number: int | tf.Tensor, parts: Parts, inputs: list[tf.Tensor]
    ) -> tf.Tensor:
        """Apply a branch in inference; likewise."""

        def apply(branch: Branch) -> tf.Tensor:
            values = self._values(branch, parts)
            return branch.apply(values, inputs, training=False)[0]

        return self._switch(number, apply, lambda: self._zeros(inputs))

    def _sums(
        self,
        number: int | tf.Tensor,
        parts: Parts,
        inputs: list[tf.Tensor],
        members: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Apply a branch in inference, and add up its features of interest.

        Args:
            number: likewise.
            parts: likewise.
            inputs: likewise.
            members: (batch, classes), 1 where an example counts for a class.

        Returns:
            Its output, and (classes, features) sums; those of a branch with fewer
            features than another are followed by zeros.
        """

        def apply(branch: Branch) -> tuple[tf.Tensor, tf.Tensor]:
            output, sums = branch.sums(self._values(branch, parts), inputs, members)
            missing = self.n_features - sums.shape[1]
            return output, tf.pad(sums, [[0, 0], [0, missing]]) if missing else sums

        def nothing() -> tuple[tf.Tensor, tf.Tensor]:
            shape = (tf.shape(members)[1], self.n_features)
            return self._zeros(inputs), tf.zeros(shape, members.dtype)

        return self._switch(number, apply, nothing)

    def _switch(
        self, number: int | tf.Tensor, apply: Callable, nothing: Callable
    ) -> tuple[tf.Tensor, Parts]:
        if isinstance(number, int):
            return nothing() if number == NOTHING else apply(self.branch(number))
        cases = [nothing]
        for branch in self.branches:
            case = partial(apply, branch)
            cases.append(_optimised(case) if branch.model is not None else case)
        return tf.switch_case(number, cases)

    def _zeros(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        shape = (tf.shape(inputs[0])[0], *self.shape)
        return tf.ensure_shape(
            tf.zeros(shape, inputs[0].dtype), (inputs[0].shape[0], *self.shape)
        )

    def _before(self, branch: Branch, vector: int) -> int:
        """Count what stands before a branch's variables in a part."""
        size = 0
        for other in self.branches:
            if other is branch:
                break
            size += sum(slot.size for slot in other.slots if slot.vector == vector)
        return size

    def _values(self, branch: Branch, parts: Parts) -> list[tf.Tensor]:
        """Cut a branch's variables out of a node's parts."""
        values: dict[int, tf.Tensor] = {}
        for vector, part in zip(self.vectors, parts, strict=True):
            slots = [slot for slot in branch.slots if slot.vector == vector]
            if not slots:
                continue
            sizes = [slot.size for slot in slots]
            before = self._before(branch, vector)
            for slot, piece in zip(slots, _cut(part, before, sizes), strict=True):
                values[id(slot)] = tf.reshape(piece, slot.variable.shape)
        return [values[id(slot)] for slot in branch.slots]

    def _replaced(
        self, branch: Branch | None, parts: Parts, after: Sequence[tf.Tensor]
    ) -> Parts:
        """Put a branch's variables back into the parts, but for that of the weights."""
        replaced = []
        for vector, part in zip(self.vectors, parts, strict=True):
            if vector == 0:
                continue
            mine = [
                tf.reshape(value, (-1,))
                for slot, value in zip(
                    branch.slots if branch else (), after, strict=True
                )
                if slot.vector == vector
            ]
            if branch is None or not mine:
                replaced.append(tf.stop_gradient(part))
                continue
            before = self._before(branch, vector)
            end = before + sum(one.shape[0] for one in mine)
            whole = tf.concat([part[:before], *mine, part[end:]], 0)
            replaced.append(tf.stop_gradient(whole))
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
