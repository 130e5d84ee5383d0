"""Trains the same networks by both trainers in float64, and prints how they differ.

All plain networks come first: each makes Keras forget, and TensorFlow with it, what
was compiled before.
"""

import json
import sys
import time
from itertools import cycle, product

import keras
import numpy as np
import tensorflow as tf
from small_spaces import pictures_task, table_task, tables_task

from xnas.supernet.branch import VECTORS
from xnas.supernet.network import Supernet
from xnas.supernet.training import SupernetEpochs
from xnas.tasks import load_task_data, space_of
from xnas.training.initial import fresh_network
from xnas.training.loop import train

STEPS = (1, 3, 10)
NARROW = list(product(range(2), repeat=2))
# Each two choices of two nodes meet.
MIXED = [(a, b, (a + b + c) % 3) for a in range(4) for b in range(3) for c in (0, 1)]
CELLS = [(0, 2, 1), (0, 4, 3), (3, 0, 2), (4, 1, 0)]

OPTIMIZERS = {
    "sgd": {"momentum": 0.5, "nesterov": False},
    "adam": {"amsgrad": True, "clipvalue": 0.01},
    "adamw": {"weight_decay": 0.03},
    "rmsprop": {"momentum": 0.5, "centered": True},
    "ftrl": {"l1_regularization_strength": 0.01, "beta": 0.1},
    "adagrad": {"weight_decay": 0.01},
    "adadelta": {"global_clipnorm": 0.5},
    "adamax": {},
    "nadam": {},
    "lion": {"weight_decay": 0.1},
}


def halved(epoch, rate):
    """Halve the learning rate each epoch."""
    return rate * 0.5 if epoch else rate


CALLBACKS = {
    "early stopping": {"EarlyStopping": {"monitor": "val_loss", "patience": 1}},
    "plateau": {
        "ReduceLROnPlateau": {"monitor": "val_loss", "patience": 1, "min_delta": 0.1}
    },
    "scheduled": {"LearningRateScheduler": {"schedule": halved}},
}


def tasks():
    """List the cases: name to task and genotypes."""
    made = {}
    narrow = cycle(NARROW)
    for name, kwargs in OPTIMIZERS.items():
        settings = {"optimizer": name, "optimizer_kwargs": kwargs}
        settings |= {"learning_rate": 0.02, "num_epochs": max(STEPS)}
        made[name] = table_task(**settings), [next(narrow)]
    for title, callbacks in CALLBACKS.items():
        settings = {"callbacks": callbacks, "schedule": "constant"}
        settings |= {"learning_rate": 0.3, "num_epochs": 8}
        task = table_task("-val_loss__min", (20, 15), **settings)
        made[title] = task, [next(narrow)]
    long = {"num_epochs": max(STEPS), "weight_decay": 0.01}
    made["mixed"] = tables_task(**long), MIXED
    made["cells"] = pictures_task(**long), CELLS
    return made


class Kept:
    """Keeps the variables after some steps."""

    def __init__(self, read):
        self.read = read
        self.found = {}

    def __call__(self, epoch, logs):
        if epoch + 1 in STEPS:
            self.found[epoch + 1] = self.read()


def read_plain(model):
    """Read a plain network's variables by name."""
    return {
        f"{layer.name}/{index}": variable.numpy()
        for layer in model.layers
        for index, variable in enumerate(layer.variables)
    }


def train_plain(problem, data, genotype, seed):
    """Train a network that was built alone."""
    model = fresh_network(space_of(problem, data), genotype, seed)
    kept = Kept(lambda: read_plain(model))
    start = kept.read()
    done = train(model, problem.training_settings(), data, seed=seed, on_epoch=kept)
    return {"history": done.history, "objective": done.objective} | {
        "values": {0: start, **kept.found, "end": kept.read()}
    }


def train_compiled(supernet, epochs, problem, data, genotype, seed):
    """Train a network of the whole space; tell whether the others stayed, too."""
    supernet.choose(genotype, seed)
    epochs.begin(seed)
    kept = Kept(supernet.weights_by_name)
    start, before = kept.read(), idle(supernet)
    settings = problem.training_settings()
    done = train(supernet, settings, data, seed=seed, on_epoch=kept, epochs=epochs)
    stayed = all(
        np.array_equal(one, other)
        for one, other in zip(before, idle(supernet), strict=True)
    )
    return {
        "history": done.history,
        "objective": done.objective,
        "stayed": stayed and len(before[0]) > 0,
        "values": {0: start, **kept.found, "end": kept.read()},
    }


def idle(supernet):
    """Read what the chosen network does not have: weights, statistics, states."""
    chosen = {(node.owner, number) for node, number in supernet.active}
    found = []
    for vector, title in enumerate(VECTORS):
        marks = [
            np.full(one.size, (node.step, number) not in chosen)
            for node, number, one in supernet.plan.variables(vector)
        ]
        values = next(v for v in supernet.weights if v.name == title).numpy()
        found.append(values[np.concatenate([np.zeros(0, bool), *marks])])
        if title == "weights":
            used = supernet.used.numpy()
            assert np.array_equal(values[used == 0], found[0])
    return found


def distance(one, other):
    """Largest difference relative to the largest value."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    if one.shape != other.shape:
        return float("inf")
    if not one.size:
        return 0.0
    scale = max(np.abs(one).max(), 1e-3)
    return float(np.abs(one - other).max() / scale)


def compare(plain, compiled):
    """Compare what both trainers made of one network."""
    history = {
        key: distance(values, compiled["history"][key])
        for key, values in plain["history"].items()
    }
    assert plain["history"].keys() == compiled["history"].keys()
    weights = {}
    for step, values in plain["values"].items():
        others = compiled["values"][step]
        assert values.keys() == others.keys(), (values.keys(), others.keys())
        for name, value in values.items():
            if value.dtype.kind != "f" and step == "end":
                continue  # random states do not come back with the best weights
            weights[f"{name} after {step}"] = distance(value, others[name])
    starts = all(
        np.array_equal(value, compiled["values"][0][name])
        for name, value in plain["values"][0].items()
    )
    assert plain["values"].keys() == compiled["values"].keys()
    return {
        "epochs": len(plain["history"]["loss"]),
        "history": history,
        "objective": distance(plain["objective"], compiled["objective"]),
        "weights": weights,
        "stayed": compiled["stayed"],
        "starts": starts,
        "moved": min(
            distance(value, plain["values"][1][name])
            for name, value in plain["values"][0].items()
            if value.ndim > 1  # a bias before a normalisation has no gradient
        ),
    }


def main():
    """Print a JSON object: case to what differs."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.config.set_floatx("float64")
    cases = tasks()
    data = {title: load_task_data(problem) for title, (problem, _) in cases.items()}
    plain = {}
    for title, (problem, genotypes) in cases.items():
        started = time.process_time()
        for seed, genotype in enumerate(genotypes):
            made = train_plain(problem, data[title], genotype, seed)
            plain[f"{title} {genotype}"] = made
        print(title, round(time.process_time() - started, 1), file=sys.stderr)
    keras.utils.clear_session()
    found = {}
    nets, graphs = {}, {}
    for title, (problem, genotypes) in cases.items():
        started = time.process_time()
        space = space_of(problem, data[title])
        shapes = tuple(space.input_shape)
        # Callbacks are no part of a graph.
        key = shapes, repr({**problem.hyperparameter_values, "callbacks": None})
        if shapes not in nets:
            nets[shapes] = Supernet(space)
        net = nets[shapes]
        if key not in graphs:
            graphs[key] = SupernetEpochs(net, problem.training_settings(), data[title])
        for seed, genotype in enumerate(genotypes):
            name = f"{title} {genotype}"
            made = train_compiled(
                net, graphs[key], problem, data[title], genotype, seed
            )
            found[name] = compare(plain[name], made)
            found[name]["network"] = f"{shapes} {genotype}"
        print(title, round(time.process_time() - started, 1), file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
