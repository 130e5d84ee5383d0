"""Mixed precision, as a setting of the task, in both trainers."""

import keras
import numpy as np
import pytest
from small_spaces import N_CLASSES, in_a_row, pictures_task, table_task

from xnas.errors import TaskError
from xnas.evaluation.trainers import make_trainer
from xnas.space import ConstantNode, Dense, Operation
from xnas.tasks import load_task_data, space_of
from xnas.training.initial import fresh_network

MIXED = ("mixed_bfloat16", "mixed_float16")

CASES = {
    "mixed_bfloat16": (pictures_task, (0, 2, 4)),
    "mixed_float16": (table_task, (0, 1)),
}


@pytest.fixture(scope="module", params=MIXED)
def networks(request):
    """The same network of both trainers, and by the plain one in full."""
    found = {}
    make_task, genotype = CASES[request.param]
    for trainer, precision in (
        ("plain", request.param),
        ("compiled", request.param),
        ("plain", "float32"),
    ):
        task = make_task(precision=precision, weight_decay=0.001, num_epochs=4)
        network = make_trainer(trainer, task).evaluate(genotype, seed=1)
        sums = network.class_activations(group_by="label").vectors()
        key = trainer if precision != "float32" else "full"
        predicted = network.predict(load_task_data(task).valid.inputs[0])
        found[key] = network.history, sums, predicted
    return found


@pytest.mark.parametrize("trainer", ["plain", "compiled"])
def test_a_network_learns_about_what_it_learns_in_full(networks, trainer):
    history, sums, predicted = networks[trainer]
    expected, in_full, _ = networks["full"]
    first, *_, last = history["loss"]
    assert first == pytest.approx(expected["loss"][0], rel=0.05)
    assert first != expected["loss"][0]
    assert last < 0.9 * first
    assert predicted.dtype == np.float32
    for label, found in sums.items():
        assert found.dtype == np.float64
        assert found.shape == in_full[label].shape
        assert np.isfinite(found).all()


def test_both_trainers_learn_the_same(networks):
    (history, _, predicted), (other, _, by_other) = (
        networks[trainer] for trainer in ("plain", "compiled")
    )
    assert history["loss"] == pytest.approx(other["loss"], rel=0.02)
    np.testing.assert_allclose(predicted, by_other, atol=0.05)


@pytest.mark.parametrize("precision", MIXED)
def test_layers_compute_in_half_and_the_last_ones_in_full(precision):
    task = pictures_task(precision=precision)
    model = fresh_network(space_of(task, load_task_data(task)), (0, 2, 4), 0)
    assert {one.dtype for one in model.variables} <= {"float32", "uint32"}
    kernels = [one for one in model.layers if one.name.endswith("conv")]
    assert {one.compute_dtype for one in kernels} == {precision.removeprefix("mixed_")}
    assert model.layers[-1].compute_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"


def test_layers_that_are_given_compute_as_the_task_says():
    given = ConstantNode(Operation(keras.layers.Dense(6)), "given")
    space = in_a_row(given, ConstantNode(Dense(N_CLASSES, "softmax"), "output"))
    space.precision = "mixed_bfloat16"
    layer = fresh_network(space, (), 0).get_layer("given.dense")
    assert layer.compute_dtype == "bfloat16"


@pytest.mark.parametrize("trainer", ["plain", "compiled"])
def test_a_policy_that_the_task_sets_by_itself_is_refused(trainer):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with pytest.raises(TaskError, match="precision="):
            make_trainer(trainer, table_task())
    finally:
        keras.config.set_dtype_policy("float32")
