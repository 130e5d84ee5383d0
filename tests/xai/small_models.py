"""Small models, and pictures for them."""

import keras
import numpy as np
from keras import layers as kl


def pictures(n, shape=(8, 8, 1), seed=0):
    return np.random.default_rng(seed).standard_normal((n, *shape)).astype(np.float32)


def randomize(model, seed=0):
    """Give every weight a value that keeps activations in range and classes mixed."""
    rng = np.random.default_rng(seed)
    values = []
    for weight in model.weights:
        value = rng.standard_normal(weight.shape).astype(np.float32)
        if weight.path.endswith("kernel"):
            value *= np.sqrt(2 / max(1, np.prod(weight.shape[:-1])))
        elif weight.path.endswith(("gamma", "moving_variance")):
            value = np.abs(value) + 0.5
        else:
            value *= 0.1
        values.append(value)
    model.set_weights(values)
    return model


def small_model(n_classes=3, extra=()):
    inputs = x = keras.Input((8, 8, 1))
    for layer in (kl.Conv2D(4, 3), kl.BatchNormalization(), kl.ReLU(), *extra):
        x = layer(x)
    x = kl.Dense(n_classes, activation="softmax")(kl.GlobalAveragePooling2D()(x))
    return randomize(keras.Model(inputs, x))
