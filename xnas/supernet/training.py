"""Training and validation of any network of a space, traced once for all."""

from typing import Any

import numpy as np
import tensorflow as tf

from xnas.declarations.hyperparameters import optimizer_arguments
from xnas.declarations.training_settings import TrainingSettings
from xnas.supernet.errors import UnsupportedSpaceError
from xnas.supernet.network import Supernet
from xnas.supernet.tracing import traced_whole
from xnas.training.data import TaskData
from xnas.training.loop import make_trainee
from xnas.training.optimizer import make_optimizer
from xnas.training.steps import Trainee, in_chunks, traced
from xnas.xai.regularizer import Positions

WHOLE_WEIGHT_OPTIMIZERS = ("adafactor", "lamb", "muon")
"""Those that look at a weight as a whole, where there is one vector of them all."""

WHOLE_WEIGHT_ARGUMENTS = ("clipnorm", "use_ema")


class SupernetTrainee(Trainee):
    """Steps of whichever network was chosen; the weights of others stay."""

    @property
    def _moves_idle_weights(self) -> bool:
        """Whether the optimizer changes weights whose gradients are zero."""
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        is_ftrl = "Ftrl" in {base.__name__ for base in type(optimizer).__mro__}
        return bool(optimizer.weight_decay) or is_ftrl

    def _last_positions(self) -> Positions:
        return self.model.last_positions

    def _with_gram(
        self, x: Any, members: tf.Tensor, positions: Positions | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return self.model.with_gram(x, members, positions)

    def _decayed(self, gradients: list, weights: list) -> list:
        factor = self._penalty() * self.model.decaying
        return [gradients[0] + factor * weights[0]]

    def _apply(self, gradients: list, weights: list) -> None:
        (weight,) = weights
        if not self._moves_idle_weights:
            super()._apply(gradients, weights)
            return
        before = tf.identity(weight.value)
        super()._apply(gradients, weights)
        weight.assign(tf.where(self.model.used > 0, weight.value, before))


class SupernetEpochs:
    """Epochs of whichever network was chosen, gathered from memory inside the graph.

    Args:
        supernet: all networks.
        settings: how to train.
        data: the task's data.
    """

    def __init__(
        self, supernet: Supernet, settings: TrainingSettings, data: TaskData
    ) -> None:
        self._batch_size = settings.batch_size
        self._valid_size = settings.validation_batch_size
        self._data = data
        self._train_examples = data.training_examples
        self._valid_examples = data.validation_examples
        self._steps = settings.steps_per_epoch(data.train_size)
        spec = data.validation_batches(1).element_spec
        self._trainee = make_trainee(
            supernet, settings, spec, data.n_outputs, self._steps, SupernetTrainee
        )
        self._seed = 0
        self._starts = [
            (variable, _constant_of(variable.value))
            for variable in supernet.optimizer.variables
        ]
        whole, number = tf.TensorSpec((), tf.int64), tf.TensorSpec((), tf.int32)
        self._chance = traced(self._train_examples.chance, whole, whole)
        self._train = traced_whole(
            self._train_some, *self._train_examples.chance_specs, number, number
        )
        self._validate = traced_whole(self._validate_some, number, number)

    def begin(self, seed: int) -> None:
        """Forget what the optimizer knows of another network.

        Args:
            seed: of the order of examples and of augmentation.
        """
        self._seed = seed
        for variable, value in self._starts:
            variable.assign(tf.fill(variable.shape, value))

    def train(self, epoch: int, steps: int | None = None) -> dict[str, float]:
        """Train one epoch; see :class:`xnas.training.epochs.Epochs`."""
        order, draws = self._chance(
            tf.constant(self._seed, tf.int64), tf.constant(epoch, tf.int64)
        )
        return self._trainee.train_in_chunks(
            lambda done, count: self._train(
                order, draws, tf.constant(done), tf.constant(count)
            ),
            steps or self._steps,
        )

    def validate(self, batches: int | None = None) -> dict[str, float]:
        """Measure the network; see :class:`xnas.training.epochs.Epochs`."""
        self._trainee.reset_metrics()
        in_chunks(
            lambda done, count: self._validate(tf.constant(done), tf.constant(count)),
            batches or -(-self._data.valid_size // self._valid_size),
        )
        return self._trainee.validated()

    def _train_some(
        self, order: tf.Tensor, draws: tf.Tensor, done: tf.Tensor, count: tf.Tensor
    ) -> tf.Tensor:
        size = self._batch_size

        def batch_of(step: tf.Tensor) -> Any:
            index = order[step * size : (step + 1) * size]
            return self._train_examples.gather_augmented(index, draws)

        return self._trainee.steps(batch_of, done, count)

    def _validate_some(self, done: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        size, all_examples = self._valid_size, self._data.valid_size

        def measure(step: tf.Tensor) -> tuple[tf.Tensor]:
            end = tf.minimum((step + 1) * size, all_examples)
            index = tf.cast(tf.range(step * size, end), tf.int64)
            self._trainee.score(*self._valid_examples.gather(index))
            return (step + 1,)

        tf.while_loop(lambda step: step < done + count, measure, (done,))
        return tf.constant(0.0)


def check_supported(settings: TrainingSettings) -> None:
    """Refuse what one vector of all weights would change.

    Args:
        settings: how to train.

    Raises:
        UnsupportedSpaceError: the optimizer looks at each weight as a whole, or a
            callback saves the network.
    """
    values = settings.hyperparameters
    name = values["optimizer"].lower()
    if name in WHOLE_WEIGHT_OPTIMIZERS:
        raise UnsupportedSpaceError(f"optimizer {name} looks at each weight as a whole")
    for argument in WHOLE_WEIGHT_ARGUMENTS:
        if optimizer_arguments(values).get(argument):
            raise UnsupportedSpaceError(f"optimizer {name} has {argument}")
    if "ModelCheckpoint" in values["callbacks"]:
        raise UnsupportedSpaceError("callback ModelCheckpoint saves the network")
    make_optimizer(values, 1)


def _constant_of(values: Any) -> tf.Tensor:
    """Return the one value that an optimizer's variable starts from."""
    array = np.asarray(values.numpy())
    first = array.flat[0] if array.size else array.dtype.type(0)
    if array.size and not (array == first).all():
        raise UnsupportedSpaceError("the optimizer starts from values of its own")
    return tf.constant(first)
