"""Trains networks through one graph of the whole space."""

from collections.abc import Callable
from functools import cache, cached_property, partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xnas.evaluation.network import TrainedNetwork
from xnas.evaluation.trainer import Begun, NetworkTrainer
from xnas.records import Genotype
from xnas.supernet.network import Supernet
from xnas.supernet.scoring import SupernetScorer, outputs_of_layers
from xnas.supernet.tracing import traced_whole
from xnas.supernet.training import SupernetEpochs, check_supported
from xnas.xai import ClassActivations
from xnas.xai.compiled import Grouping


class CompiledTrainer(NetworkTrainer):
    """Traces the whole space once; a network then costs its arithmetic.

    Args:
        *args: see :class:`~xnas.evaluation.trainer.NetworkTrainer`.
        **kwargs: likewise.

    Attributes:
        supernet: all networks of the space, of which the last one that was trained
            counts.
        n_trained: how many networks were begun.
        scorer: makes what sums activations, once for each split and grouping.

    Raises:
        TaskError: see :class:`~xnas.evaluation.trainer.NetworkTrainer`.
        UnsupportedSpaceError: the space does not go into one graph.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_supported(self._settings)
        data, supernet = self._data, Supernet(self.space)
        self.supernet = supernet
        self._epochs = SupernetEpochs(supernet, self._settings, data)
        self.n_trained = 0
        self.scorer = cache(
            lambda split, group_by: SupernetScorer(supernet, data, group_by, split)
        )

    @cached_property
    def forward(self) -> Callable[[Any], tf.Tensor]:
        """Maps inputs to predictions, traced when it is first asked for."""
        supernet = self.supernet
        return traced_whole(
            lambda x: supernet(x, training=False), self._data.input_spec
        )

    @cached_property
    def outputs(self) -> Callable[[Any], dict[str, NDArray]]:
        """Maps inputs to outputs of layers of interest, traced when first asked for."""
        return outputs_of_layers(self.supernet, self._data.input_spec)

    def _begin(self, genotype: Genotype, seed: int) -> Begun:
        self.n_trained += 1
        self.supernet.choose(genotype, seed)
        self._epochs.begin(seed)
        return self.supernet, self._epochs, partial(CompiledNetwork, self, genotype)


class CompiledNetwork(TrainedNetwork):
    """The network that a graph of its whole space was trained to be.

    Args:
        trainer: what trained it.
        genotype: one choice a variable node.
        *data: as for :class:`~xnas.evaluation.network.TrainedNetwork`.
        **known: likewise.
    """

    def __init__(
        self, trainer: CompiledTrainer, genotype: Genotype, *data: Any, **known: Any
    ) -> None:
        super().__init__(*data, **known)
        self._maker = trainer
        self._genotype = genotype
        self._number = trainer.n_trained

    @property
    def _trainer(self) -> CompiledTrainer:
        if self._maker.n_trained != self._number:
            raise RuntimeError("the trainer has trained another network since")
        return self._maker

    @property
    def n_parameters(self) -> int:
        """Weights, trainable or not."""
        return self._trainer.supernet.count_params()

    @property
    def n_multiplications(self) -> int:
        """Products of convolutions and dense layers for one example."""
        return self._trainer.supernet.count_multiplications()

    def keras_model(self) -> keras.Model:
        """Return the network as a Keras model, built when first asked for."""
        return self._model

    @cached_property
    def _model(self) -> keras.Model:
        trainer = self._trainer
        trainer.space.set_ops(list(self._genotype))
        model = trainer.space.create_model()
        values = trainer.supernet.weights_by_name()
        for layer in model.layers:
            for index, variable in enumerate(layer.variables):
                if (name := f"{layer.name}/{index}") in values:
                    variable.assign(values[name])
        return model

    @property
    def _forward(self) -> Callable[[Any], tf.Tensor]:
        return self._trainer.forward

    def _collect(
        self, split: str, group_by: Grouping, index: NDArray[np.int64]
    ) -> ClassActivations:
        return self._trainer.scorer(split, group_by).collect(index)

    def _outputs(self, inputs: Any) -> dict[str, NDArray]:
        return self._trainer.outputs(inputs)
