"""The two graphs of a network: training steps and validation."""

from collections.abc import Callable
from functools import cached_property
from math import isfinite
from time import perf_counter
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xnas.training.optimizer import decaying

PATIENCE = 0.5
"""Seconds that one call of TensorFlow may take; signals wait for it to return."""


class Trainee:
    """A compiled network with its graphs, each traced once.

    Args:
        model: compiled, with a fresh optimizer.
        spec: of the batches of (inputs, labels).
        n_outputs: size of a prediction.
        weight_decay: L2 decay of kernels and biases; it is part of the gradient,
            ``gradient + weight_decay * weight``, as NAS-Bench-201 trains: momentum
            carries it, and the reported loss does not hold it.
    """

    def __init__(
        self, model: keras.Model, spec: Any, n_outputs: int, weight_decay: float
    ) -> None:
        self.model = model
        self._weight_decay = weight_decay
        self._decaying = decaying(model)
        self._loss = keras.metrics.Mean(name="loss")
        # Variables made while tracing would have everything traced a second time.
        model.optimizer.build(model.trainable_variables)
        self._build_metrics(spec[1], n_outputs)
        self._spec = spec
        self._validate = _traced(self._score, *spec)

    @cached_property
    def _train(self) -> Callable:
        return _traced(
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
        self._reset()
        done, chunk, loss = 0, 1, 0.0
        while done < steps and isfinite(loss):
            started = perf_counter()
            count = min(chunk, steps - done)
            loss = float(self._train(stream, tf.constant(count)))
            done += count
            quick = perf_counter() - started < PATIENCE / 2
            chunk = chunk * 2 if quick else max(1, chunk // 2)
        return self._results() | ({} if isfinite(loss) else {"loss": float("nan")})

    def validate(self, batches: tf.data.Dataset) -> dict[str, float]:
        """Return loss and metrics over all batches, names prefixed with ``val_``."""
        self._reset()
        for batch in batches:
            self._validate(*batch)
        return {f"val_{name}": value for name, value in self._results().items()}

    def _steps(self, stream: Any, count: tf.Tensor) -> tf.Tensor:
        def goes_on(done: tf.Tensor, loss: tf.Tensor) -> tf.Tensor:
            return (done < count) & tf.math.is_finite(loss)

        def step(done: tf.Tensor, loss: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return done + 1, self._step(*next(stream))

        return tf.while_loop(goes_on, step, (0, 0.0))[1]

    def _step(self, x: Any, y: tf.Tensor) -> tf.Tensor:
        model = self.model
        weights = model.trainable_variables
        with tf.GradientTape() as tape:
            prediction = model(x, training=True)
            loss = model.compute_loss(x, y, prediction, training=True)
        gradients = tape.gradient(loss, [weight.value for weight in weights])
        if self._weight_decay:
            gradients = [
                gradient + self._weight_decay * weight if decays else gradient
                for gradient, weight, decays in zip(
                    gradients, weights, self._decaying, strict=True
                )
            ]
        model.optimizer.apply(gradients, weights)
        self._update(loss, x, y, prediction)
        return loss

    def _score(self, x: Any, y: tf.Tensor) -> None:
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

    def _reset(self) -> None:
        self._loss.reset_state()
        self.model.reset_metrics()

    def _results(self) -> dict[str, float]:
        results = self.model.get_metrics_result()
        results["loss"] = self._loss.result()
        return {name: float(np.asarray(value)) for name, value in results.items()}


def _traced(function: Callable, *specs: Any) -> Callable:
    """Trace a graph; whatever does not fit it later is an error, not a new trace."""
    graph = tf.function(function, autograph=False, jit_compile=False)
    return graph.get_concrete_function(*specs)
