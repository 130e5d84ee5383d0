"""The two graphs of a network: training steps and validation."""

from collections.abc import Callable
from functools import cached_property
from math import isfinite
from time import perf_counter
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xnas.errors import TaskError
from xnas.training.optimizer import decaying
from xnas.xai.recording import record
from xnas.xai.regularizer import Positions, Regularizer, gram_of, last_positions

PATIENCE = 0.5
"""Seconds that one call of TensorFlow may take; signals wait for it to return."""


class Trainee:
    """A compiled network with its graphs, each traced once.

    Args:
        model: compiled, with a fresh optimizer.
        spec: of the batches of (inputs, labels).
        n_outputs: size of a prediction.
        weight_decay: factor of the L2 penalty ``weight_decay * sum(weight ** 2)`` on
            kernels and biases. It is there as its gradient,
            ``2 * weight_decay * weight``, which momentum carries; the reported loss
            does not hold it.
        regularizer: what is added to the loss, though not to the reported one.
    """

    def __init__(
        self,
        model: keras.Model,
        spec: Any,
        n_outputs: int,
        weight_decay: float,
        regularizer: Regularizer | None = None,
    ) -> None:
        self.model = model
        self._weight_decay = weight_decay
        self._regularizer = regularizer
        self._decaying = decaying(model)
        self._loss = keras.metrics.Mean(name="loss")
        # Variables made while tracing would have everything traced a second time.
        model.optimizer.build(model.trainable_variables)
        self._build_metrics(spec[1], n_outputs)
        self._spec = spec
        self._validate = traced(self.score, *spec)

    @cached_property
    def _train(self) -> Callable:
        return traced(
            self._steps, tf.data.IteratorSpec(self._spec), tf.TensorSpec((), tf.int32)
        )

    def train(self, stream: Any, steps: int) -> dict[str, float]:
        """Train for a number of steps.

        Args:
            stream: iterator over batches.
            steps: how many.

        Returns:
            Loss and metrics over the examples seen; the loss is NaN, and training
            stopped, as soon as one step's loss is not finite.
        """
        return self.train_in_chunks(
            lambda done, count: self._train(stream, tf.constant(count)), steps
        )

    def train_in_chunks(
        self, run: Callable[[int, int], tf.Tensor], steps: int
    ) -> dict[str, float]:
        """Train by calls that each make a number of steps.

        Args:
            run: as for :func:`in_chunks`.
            steps: how many in all.

        Returns:
            As :meth:`train`.
        """
        self.reset_metrics()
        loss = in_chunks(run, steps)
        return self._results() | ({} if isfinite(loss) else {"loss": float("nan")})

    def validate(self, batches: tf.data.Dataset) -> dict[str, float]:
        """Return loss and metrics over all batches, names prefixed with ``val_``."""
        self.reset_metrics()
        for batch in batches:
            self._validate(*batch)
        return self.validated()

    def validated(self) -> dict[str, float]:
        """Return what was measured since the last reset, as :meth:`validate`."""
        return {f"val_{name}": value for name, value in self._results().items()}

    def _steps(self, stream: Any, count: tf.Tensor) -> tf.Tensor:
        return self.steps(lambda step: next(stream), tf.constant(0), count)

    def steps(
        self, batch_of: Callable[[tf.Tensor], Any], done: tf.Tensor, count: tf.Tensor
    ) -> tf.Tensor:
        """Make training steps; to be traced.

        Args:
            batch_of: gives the batch (inputs, labels) of a step by its number.
            done: () int32 steps before.
            count: () int32 steps to make.

        Returns:
            () float32 loss of the last step; none follows one that is not finite.
        """

        def goes_on(step: tf.Tensor, loss: tf.Tensor) -> tf.Tensor:
            return (step < done + count) & tf.math.is_finite(loss)

        def make(step: tf.Tensor, loss: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return step + 1, tf.cast(self.step(*batch_of(step)), tf.float32)

        return tf.while_loop(goes_on, make, (done, 0.0))[1]

    def step(self, x: Any, y: tf.Tensor) -> tf.Tensor:
        """Make one training step; to be traced.

        Args:
            x: inputs of the model.
            y: (batch, ...) labels.

        Returns:
            () loss.
        """
        model = self.model
        weights = model.trainable_variables
        with tf.GradientTape() as tape:
            prediction, penalty = self._run(x, y)
            loss = model.compute_loss(x, y, prediction, training=True)
            scaled = loss if penalty is None else loss + tf.cast(penalty, loss.dtype)
            if self._scaling is not None:
                scaled = self._scaling.scale_loss(scaled)
        gradients = tape.gradient(scaled, [weight.value for weight in weights])
        if self._weight_decay:
            gradients = self._decayed(gradients, weights)
        self._apply(gradients, weights)
        self._update(loss, x, y, prediction)
        return loss

    def _run(self, x: Any, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Return predictions in training, and what is added to the loss."""
        regularizer = self._regularizer
        if regularizer is None:
            return self.model(x, training=True), None
        everywhere = regularizer.layers == "all"
        positions = None if everywhere else self._last_positions()
        predictions, gram = self._with_gram(x, regularizer.members(y), positions)
        return predictions, regularizer.penalty(gram)

    def _last_positions(self) -> Positions:
        """Those of the network's last stage."""
        outputs = [keras.tree.flatten(layer.output) for layer in self.model.layers]
        return last_positions([one.shape[1:] for found in outputs for one in found])

    def _with_gram(
        self, x: Any, members: tf.Tensor, positions: Positions | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return predictions in training, and how classes' activations compare."""
        (predictions,), calls = record(self.model, x, training=True)
        return predictions, gram_of(calls, members, positions)

    @property
    def _scaling(self) -> keras.optimizers.LossScaleOptimizer | None:
        """The optimizer, where it takes gradients of a scaled loss."""
        optimizer = self.model.optimizer
        scales = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        return optimizer if scales else None

    def _penalty(self) -> Any:
        """Return what a weight is multiplied by in the penalty's gradient."""
        factor = 2 * self._weight_decay
        return factor if self._scaling is None else self._scaling.scale_loss(factor)

    def _decayed(self, gradients: list, weights: list) -> list:
        """Add the penalty's gradient to the gradients."""
        factor = self._penalty()
        return [
            gradient + factor * weight if decays else gradient
            for gradient, weight, decays in zip(
                gradients, weights, self._decaying, strict=True
            )
        ]

    def _apply(self, gradients: list, weights: list) -> None:
        """Let the optimizer make a step."""
        self.model.optimizer.apply(gradients, weights)

    def score(self, x: Any, y: tf.Tensor) -> None:
        """Measure one batch; to be traced. Takes the same as :meth:`step`."""
        prediction = self.model(x, training=False)
        loss = self.model.compute_loss(x, y, prediction, training=False)
        self._update(loss, x, y, prediction)

    def _update(
        self, loss: tf.Tensor, x: Any, y: tf.Tensor, prediction: tf.Tensor
    ) -> None:
        self._loss.update_state(loss, sample_weight=tf.shape(y)[0])
        self.model.compute_metrics(x, y, prediction)

    def _build_metrics(self, labels: tf.TensorSpec, n_outputs: int) -> None:
        y = tf.zeros((1, *labels.shape[1:]), labels.dtype)
        self.model.compute_metrics(None, y, tf.zeros((1, n_outputs)))

    def reset_metrics(self) -> None:
        """Forget what was measured."""
        self._loss.reset_state()
        self.model.reset_metrics()

    def _results(self) -> dict[str, float]:
        results = self.model.get_metrics_result()
        results["loss"] = self._loss.result()
        return {name: _number(name, value) for name, value in results.items()}


def _number(name: str, value: Any) -> float:
    """Read a metric.

    Raises:
        TaskError: it is several numbers.
    """
    array = np.asarray(value)
    if array.size != 1:
        raise TaskError(
            f"metric {name} gives numbers of shape {array.shape}, expected one number: "
            "average it in a function of one's own"
        )
    return float(array.reshape(()))


def in_chunks(run: Callable[[int, int], tf.Tensor], steps: int) -> float:
    """Make steps by calls that take about :data:`PATIENCE` at most.

    Args:
        run: makes a number of steps from how many are done and how many to make;
            returns a loss.
        steps: how many in all.

    Returns:
        The last loss; no more steps are made after one that is not finite.
    """
    done, chunk, loss = 0, 1, 0.0
    while done < steps and isfinite(loss):
        started = perf_counter()
        count = min(chunk, steps - done)
        loss = float(run(done, count))
        done += count
        quick = perf_counter() - started < PATIENCE / 2
        chunk = chunk * 2 if quick else max(1, chunk // 2)
    return loss


def traced(function: Callable, *specs: Any) -> Callable:
    """Trace a graph; whatever does not fit it later is an error, not a new trace."""
    graph = tf.function(function, autograph=False, jit_compile=False)
    return graph.get_concrete_function(*specs)
