"""Trains on the second of two logical CPUs, and prints what that gives as JSON."""

import json
import sys

import numpy as np
import tensorflow as tf

from xnas.evaluation import on_device
from xnas.nas_deephyper.gpu_jobs import agree, look, mixed, timed
from xnas.problem import NaProblem
from xnas.search_space_common import Conv2D, GlobalAveragePooling2D
from xnas.space import AutoKSearchSpace, ConstantNode, VariableNode

DEVICE = "CPU:1"


def load_data():
    rng = np.random.default_rng(0)
    y = np.arange(64) % 2
    X = rng.random((64, 6, 6, 1), dtype="float32") * y[:, None, None, None]
    return (X[:48], y[:48]), (X[48:], y[48:])


def create_search_space(input_shape, output_shape):
    space = AutoKSearchSpace(input_shape, output_shape)
    edge = VariableNode("edge")
    for size in (1, 3):
        edge.add_op(Conv2D(size, 4, activation="relu"))
    pool = ConstantNode(GlobalAveragePooling2D(), "pool")
    space.connect(space.input_nodes[0], edge)
    space.connect(edge, pool)
    return space


def main():
    cpu = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)
    problem = NaProblem()
    problem.load_data(load_data)
    problem.search_space(create_search_space)
    problem.hyperparameters(batch_size=8, learning_rate=0.05, num_epochs=3)
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    devices = []
    make_trainer = on_device.make_trainer

    def spy(trainer, *args, **kwargs):
        made = make_trainer(trainer, *args, **kwargs)
        if trainer == "compiled":
            weights = made.supernet.trainable_variables[0].value
            devices.append(weights.device.rpartition("device:")[2])
        return made

    on_device.make_trainer = spy
    found = {
        "look": look(DEVICE),
        "agree": agree(problem, DEVICE),
        "devices": devices,
        "mixed": mixed(problem, DEVICE),
        "timed": timed(problem, DEVICE, n_networks=2),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
