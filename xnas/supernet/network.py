"""All networks of a space as one Keras model, whose genotype is a variable."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.space import KSearchSpace
from xnas.supernet.branch import VECTORS
from xnas.supernet.branch_set import NOTHING, Parts
from xnas.supernet.plan import SupernetNode, SupernetPlan
from xnas.training.initial import variable_key
from xnas.xai.regularizer import Positions, last_positions


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
        self.plan = SupernetPlan(space)
        self._input_names = [node.name for node in space.input_nodes]
        owners = self.plan.owners
        self._sizes = [
            [node.operations.sizes[vector] for node in owners]
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
        self._fixed = tuple(self.plan.branch_numbers(fixed)) if fixed else None
        self._chosen = self._fixed
        self._numbers = tf.Variable(tf.zeros(len(self.plan.nodes), tf.int32))
        self._reset = tf.function(self._initial, autograph=False)
        self._variables = [self.plan.variables(k) for k in range(len(VECTORS))]
        self._decays = self._marks([one.decays for *_, one in self._variables[0]])
        self.used = tf.Variable(tf.zeros_like(self._decays))
        self.decaying = tf.Variable(self.used)

    def choose(self, genotype: Sequence[int], seed: int) -> None:
        """Become one network, with its initial values.

        Args:
            genotype: one choice a variable node.
            seed: of the initial values, 0 to 2**32 − 1.
        """
        self._chosen = tuple(self.plan.branch_numbers(genotype))
        self._numbers.assign(self._chosen)
        chosen = self._chosen_numbers
        used = self._marks(
            [chosen.get(node.step) == number for node, number, _ in self._variables[0]]
        )
        self.used.assign(used)
        self.decaying.assign(used * self._decays)
        self._reset(tf.constant(seed, tf.int64))

    def _marks(self, flags: Sequence[bool]) -> NDArray:
        """Repeat what is said of each trained variable for each of its numbers."""
        sizes = [one.size for *_, one in self._variables[0]]
        return np.repeat(np.array(flags, keras.config.floatx()), sizes)

    @property
    def active(self) -> list[tuple[SupernetNode, int]]:
        """The nodes of the chosen network and the branch of each, in order."""
        if self._chosen is None:
            raise ValueError("no genotype was chosen yet")
        pairs = zip(self.plan.nodes, self._chosen, strict=True)
        return [(node, number) for node, number in pairs if number != NOTHING]

    @property
    def _chosen_numbers(self) -> dict[int, int]:
        """The chosen branch of each node whose variables are used, by its step."""
        return {node.owner: number for node, number in self.active}

    def count_params(self) -> int:
        """Count the weights of the chosen network, trainable or not."""
        branches = {node.owner: node.operations.branch(n) for node, n in self.active}
        return sum(branch.n_parameters for branch in branches.values())

    def count_multiplications(self) -> int:
        """Count the products that one example takes in the chosen network."""
        branches = [node.operations.branch(number) for node, number in self.active]
        return sum(branch.n_multiplications for branch in branches)

    def weights_by_name(self) -> dict[str, NDArray]:
        """Read the variables of the chosen network.

        Returns:
            Name of the layer in the network, and index in the layer, to values.
        """
        found: dict[str, NDArray] = {}
        chosen = self._chosen_numbers
        for vector, variables in zip(self._vectors, self._variables, strict=True):
            ends = np.cumsum([one.size for *_, one in variables], dtype=int)
            pieces = np.split(vector.value.numpy(), ends)
            for (node, number, one), values in zip(variables, pieces, strict=False):
                if chosen.get(node.step) == number:
                    name = f"{node.name(one.layer.name)}/{one.index}"
                    found[name] = values.reshape(one.variable.shape)
        return found

    def call(self, inputs: Any, training: bool = False) -> tf.Tensor:
        """Run the chosen network.

        Args:
            inputs: (batch, ...), or a dictionary of them by name.
            training: whether statistics and random states are to follow.

        Returns:
            (batch, classes) predictions.
        """
        return self._run(inputs, training)[0]

    def sums(self, inputs: Any, members: tf.Tensor) -> tf.Tensor:
        """Add up, over the examples of each class, what introspectability looks at.

        Args:
            inputs: (batch, ...), or a dictionary of them by name.
            members: (batch, classes), 1 where an example counts for a class; or
                (batch,), for which each example stands alone.

        Returns:
            (classes, features), or (batch, features), for all nodes one after the
            other; what the chosen network lacks is zero.
        """
        return tf.concat(self._run(inputs, False, members)[1], axis=1)

    def with_gram(
        self, inputs: Any, members: tf.Tensor, positions: Positions | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Run the chosen network in training, and compare what it gives for classes.

        Args:
            inputs: as for :meth:`call`.
            members: (batch, classes), 1 where an example is of a class.
            positions: as for :func:`~xnas.xai.regularizer.gram_of`.

        Returns:
            (batch, classes) predictions, and (classes, classes) inner products of the
            classes' sums over all layers of interest that count.
        """
        predictions, grams = self._run(inputs, True, members, positions)
        return predictions, tf.add_n(grams)

    @property
    def last_positions(self) -> Positions:
        """Those of its last stage; see :func:`~xnas.xai.regularizer.last_positions`."""
        return last_positions([node.operations.shape for node in self.plan.nodes])

    def _run(
        self,
        inputs: Any,
        training: bool,
        members: tf.Tensor | None = None,
        positions: Positions | None = None,
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Return predictions and, for members, the sums of each node but for sums.

        In training those are their inner products.
        """
        parts = self._parts()
        outputs = self._arriving(inputs)
        sums: list[tf.Tensor] = []
        for index, node in enumerate(self.plan.nodes):
            taken = [outputs[source] for source in node.sources]
            if node.is_sum:
                outputs[node.step] = _sum(taken, node.operations.dtype)
                continue
            mine = parts[node.owner]
            outputs[node.step], more = node.operations.apply(
                self._number(index), mine, taken, training, members, positions
            )
            if members is not None:
                sums.append(more.pop())
            if training:  # the part of the weights, if any, comes first and stays
                parts[node.owner] = mine[: len(mine) - len(more)] + more
        if training:
            self._keep(parts)
        return outputs[self.plan.space_plan.output], sums

    def _number(self, index: int) -> int | tf.Tensor:
        if self._fixed is not None:
            return self._fixed[index]
        node = self.plan.nodes[index]
        if node.always:
            return node.operations.numbers[0]
        return self._numbers[index]

    def _arriving(self, inputs: Any) -> dict[int, tf.Tensor]:
        given = inputs if isinstance(inputs, dict) else {self._input_names[0]: inputs}
        return {
            step: tf.cast(given[name], keras.config.floatx())
            for step, name in zip(
                self.plan.space_plan.inputs, self._input_names, strict=True
            )
        }

    def _parts(self) -> dict[int, Parts]:
        """Cut the vectors into the parts of the nodes."""
        parts: dict[int, Parts] = {p.step: [] for p in self.plan.owners}
        for vector, sizes in zip(self._vectors, self._sizes, strict=True):
            cut = tf.split(vector.value, sizes) if sum(sizes) else []
            for node, part in zip(self.plan.owners, cut, strict=False):
                if part.shape[0]:
                    parts[node.step].append(part)
        return parts

    def _keep(self, parts: dict[int, Parts]) -> None:
        for vector in range(1, len(VECTORS)):
            if sum(self._sizes[vector]):
                mine = [
                    parts[node.step][node.operations.vectors.index(vector)]
                    for node in self.plan.owners
                    if vector in node.operations.vectors
                ]
                self._vectors[vector].assign(tf.concat(mine, 0))

    def _initial(self, seed: tf.Tensor) -> None:
        """Assign the values that all networks start from."""
        for vector, variables in zip(self._vectors, self._variables, strict=True):
            values = []
            for node, _, one in variables:
                key = variable_key(node.name(one.layer.name), one.index)
                start = one.initial(tf.stack([seed, tf.constant(key, tf.int64)]))
                values.append(tf.reshape(start, (-1,)))
            if values:
                vector.assign(tf.concat(values, 0))


def _sum(tensors: Sequence[tf.Tensor], dtype: str) -> tf.Tensor:
    """Add tensors up in order, as Keras's layer does."""
    total = tf.cast(tensors[0], dtype)
    for tensor in tensors[1:]:
        total = total + tf.cast(tensor, dtype)
    return total
