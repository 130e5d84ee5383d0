"""All networks of a space as one Keras model, whose genotype is a variable."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.space import KSearchSpace
from xnas.supernet.branch import VECTORS, Branch
from xnas.supernet.kind import NOTHING, Parts
from xnas.supernet.outline import Outline, Place
from xnas.training.initial import variable_key
from xnas.training.optimizer import decaying


class Supernet(keras.Model):
    """Every network of a space, one at a time.

    All trained weights are one vector, in which each node has a part, and each
    operation of the node a part of that; so an optimizer's step is a few operations
    however many layers there are. Statistics of batch normalisation are a second
    vector, random states a third.

    Args:
        space: the search space.
        fixed: a genotype never to change, which makes a static graph to compare with.

    Raises:
        UnsupportedSpaceError: its networks do not go into one graph.
    """

    def __init__(self, space: KSearchSpace, fixed: Sequence[int] | None = None) -> None:
        super().__init__(name="supernet")
        self.outline = Outline(space)
        self._input_names = [node.name for node in space.input_nodes]
        owners = self.outline.owners
        self._sizes = [
            [place.kind.sizes[vector] for place in owners]
            for vector in range(len(VECTORS))
        ]
        random_state = keras.random.SeedGenerator(0).state.dtype
        self._vectors = [
            self.add_weight(
                shape=(sum(sizes),),
                initializer="zeros",
                dtype=random_state if name == "seeds" else None,
                trainable=name == "weights",
                name=name,
            )
            for name, sizes in zip(VECTORS, self._sizes, strict=True)
        ]
        self.built = True
        self._fixed = tuple(self.outline.branches(fixed)) if fixed else None
        self._chosen = self._fixed
        self._numbers = tf.Variable(tf.zeros(len(self.outline.places), tf.int32))
        self._reset = tf.function(self._initial, autograph=False)
        self.used = tf.Variable(tf.zeros(sum(self._sizes[0]), keras.config.floatx()))
        self.decaying = tf.Variable(self.used)
        self._decays = np.concatenate([[], *map(_decays, owners)]).astype(
            keras.config.floatx()
        )
        self._spans = _spans(owners)

    def choose(self, genotype: Sequence[int], seed: int) -> None:
        """Become one network, with its initial values.

        Args:
            genotype: one choice a variable node.
            seed: of the initial values, 0 to 2**32 − 1.
        """
        self._chosen = tuple(self.outline.branches(genotype))
        self._numbers.assign(self._chosen)
        used = np.zeros_like(self._decays)
        for place, number in zip(self.outline.places, self._chosen, strict=True):
            if number != NOTHING:
                used[self._spans[place.owner, number]] = 1
        self.used.assign(used)
        self.decaying.assign(used * self._decays)
        self._reset(tf.constant(seed, tf.int64))

    @property
    def active(self) -> list[tuple[Place, Branch]]:
        """The nodes of the chosen network and what they apply, in order."""
        if self._chosen is None:
            raise ValueError("no genotype was chosen yet")
        return [
            (place, place.kind.branch(number))
            for place, number in zip(self.outline.places, self._chosen, strict=True)
            if number != NOTHING
        ]

    def count_params(self) -> int:
        """Count the weights of the chosen network, trainable or not."""
        return sum(
            branch.n_parameters
            for owner, branch in {p.owner: b for p, b in self.active}.items()
        )

    def weights_by_name(self) -> dict[str, NDArray]:
        """Read the variables of the chosen network.

        Returns:
            Name of the layer in the network, and place in the layer, to values.
        """
        vectors = [vector.value.numpy() for vector in self._vectors]
        starts = [0] * len(VECTORS)
        found: dict[str, NDArray] = {}
        chosen = {place.owner: branch for place, branch in self.active}
        for place in self.outline.owners:
            for branch in place.kind.branches:
                for slot in branch.slots:
                    start = starts[slot.vector]
                    starts[slot.vector] += slot.size
                    if chosen.get(place.step) is branch:
                        values = vectors[slot.vector][start : start + slot.size]
                        name = f"{place.name(slot.layer.name)}/{slot.index}"
                        found[name] = values.reshape(slot.variable.shape)
        return found

    def call(self, inputs: Any, training: bool = False) -> tf.Tensor:
        """Run the chosen network.

        Args:
            inputs: (batch, ...), or a dictionary of them by name.
            training: whether statistics and random states are to follow.

        Returns:
            (batch, classes) predictions.
        """
        parts = self._parts()
        outputs = self._arriving(inputs)
        for index, place in enumerate(self.outline.places):
            taken = [outputs[source] for source in place.sources]
            if place.is_sum:
                outputs[place.step] = _sum(taken)
                continue
            number, mine = self._number(index), parts[place.owner]
            if training:
                output, after = place.kind.train(number, mine, taken)
                kept = [mine[0]] if 0 in place.kind.vectors else []
                parts[place.owner] = kept + after
            else:
                output = place.kind.infer(number, mine, taken)
            outputs[place.step] = output
        if training:
            self._keep(parts)
        return outputs[self.outline.plan.output]

    def sums(self, inputs: Any, members: tf.Tensor) -> tf.Tensor:
        """Add up, over the examples of each class, what introspectability looks at.

        Args:
            inputs: (batch, ...), or a dictionary of them by name.
            members: (batch, classes), 1 where an example counts for a class.

        Returns:
            (classes, features) for all nodes one after the other; what the chosen
            network lacks is zero.
        """
        parts = self._parts()
        outputs = self._arriving(inputs)
        found = []
        for index, place in enumerate(self.outline.places):
            taken = [outputs[source] for source in place.sources]
            if place.is_sum:
                outputs[place.step] = _sum(taken)
                continue
            outputs[place.step], sums = place.kind.sums(
                self._number(index), parts[place.owner], taken, members
            )
            found.append(sums)
        return tf.concat(found, axis=1)

    def _number(self, index: int) -> int | tf.Tensor:
        if self._fixed is not None:
            return self._fixed[index]
        place = self.outline.places[index]
        if place.always:
            return place.kind.numbers[0]
        return self._numbers[index]

    def _arriving(self, inputs: Any) -> dict[int, tf.Tensor]:
        given = inputs if isinstance(inputs, dict) else {self._input_names[0]: inputs}
        return {
            step: tf.cast(given[name], keras.config.floatx())
            for step, name in zip(
                self.outline.plan.inputs, self._input_names, strict=True
            )
        }

    def _parts(self) -> dict[int, Parts]:
        """Cut the vectors into the parts of the nodes."""
        parts: dict[int, Parts] = {p.step: [] for p in self.outline.owners}
        for vector, sizes in zip(self._vectors, self._sizes, strict=True):
            cut = tf.split(vector.value, sizes) if sum(sizes) else []
            for place, part in zip(self.outline.owners, cut, strict=False):
                if part.shape[0]:
                    parts[place.step].append(part)
        return parts

    def _keep(self, parts: dict[int, Parts]) -> None:
        for vector in range(1, len(VECTORS)):
            if sum(self._sizes[vector]):
                mine = [
                    parts[place.step][place.kind.vectors.index(vector)]
                    for place in self.outline.owners
                    if vector in place.kind.vectors
                ]
                self._vectors[vector].assign(tf.concat(mine, 0))

    def _initial(self, seed: tf.Tensor) -> None:
        """Assign the values that all networks start from."""
        for vector in range(len(VECTORS)):
            values = [
                tf.reshape(
                    slot.initial(
                        tf.stack([seed, _key(place.name(slot.layer.name), slot.index)])
                    ),
                    (-1,),
                )
                for place in self.outline.owners
                for slot in place.kind.slots(vector)
            ]
            if values:
                self._vectors[vector].assign(tf.concat(values, 0))


def _sum(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Add tensors up in order, as Keras's layer does."""
    total = tensors[0]
    for tensor in tensors[1:]:
        total = total + tensor
    return total


def _key(layer: str, index: int) -> tf.Tensor:
    return tf.constant(variable_key(layer, index), tf.int64)


def _decays(place: Place) -> NDArray:
    """Mark the weights of a node's part that decay."""
    marks: list[NDArray] = []
    for branch in place.kind.branches:
        if branch.model is None:
            continue
        flags = dict(
            zip(
                map(id, branch.model.trainable_variables),
                decaying(branch.model),
                strict=True,
            )
        )
        marks += [
            np.full(slot.size, float(flags[id(slot.variable)]))
            for slot in branch.slots
            if slot.vector == 0
        ]
    return np.concatenate([[], *marks])


def _spans(owners: Sequence[Place]) -> dict[tuple[int, int], slice]:
    """Tell where each branch's weights stand in the vector of all."""
    spans, start = {}, 0
    for place in owners:
        for number, branch in enumerate(place.kind.branches, NOTHING + 1):
            size = sum(slot.size for slot in branch.slots if slot.vector == 0)
            spans[place.step, number] = slice(start, start + size)
            start += size
    return spans
