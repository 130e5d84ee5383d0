"""Evaluations of one compiled trainer know nothing of each other; scores are right."""

import numpy as np
import pytest
from small_spaces import (
    Operation,
    choosing,
    in_a_row,
    load_table,
    make_task,
    pictures_task,
    tables_task,
)

from xnas.errors import EvaluationError
from xnas.evaluation.compiled_trainer import CompiledTrainer
from xnas.evaluation.network import PlainNetwork
from xnas.sampling import some_of_each_class
from xnas.space import ConstantNode, Dense
from xnas.tasks import load_task_data, space_of
from xnas.training.initial import fresh_network
from xnas.training.loop import TrainingResult

MIXED = [(0, 1, 2), (1, 0, 1), (2, 2, 0)]
CELLS = [(0, 2, 1), (0, 4, 3)]
GROUPINGS = ("label", "prediction")


class Evaluated:
    """What a trainer made of genotypes, in an order that comes back to each.

    Args:
        task: the task.
        genotypes: those to evaluate.
    """

    def __init__(self, task, genotypes):
        self.task = task
        self.trainer = CompiledTrainer(task)
        self.first = [self.evaluate(one) for one in genotypes]
        self.again = [self.evaluate(one) for one in reversed(genotypes)][::-1]
        self.other_seed = self.evaluate(genotypes[0], seed=1)
        self.genotypes = genotypes

    def evaluate(self, genotype, seed=0):
        made = {}
        for group_by in GROUPINGS:
            made[group_by] = self.trainer.evaluate(
                genotype, seed=seed, max_scored_examples=140
            )
            made[group_by].class_activations(group_by=group_by)  # of this network yet
        return made, self.trainer.supernet.weights_by_name()

    def plain_activations(self, index, group_by):
        """Collect those of a plain network with the same weights."""
        problem = self.task
        weights = self.first[index][1]
        data = load_task_data(problem)
        model = fresh_network(space_of(problem, data), self.genotypes[index], 5)
        for layer in model.layers:
            for index, variable in enumerate(layer.variables):
                variable.assign(weights[f"{layer.name}/{index}"])
        training = TrainingResult(0.0, {}, 0.0)
        network = PlainNetwork(model, data, training, max_scored_examples=140)
        return network.class_activations(group_by=group_by)


@pytest.fixture(scope="module")
def mixed():
    return Evaluated(tables_task(sizes=(20, 150)), MIXED)


@pytest.fixture(scope="module")
def cells():
    return Evaluated(pictures_task(sizes=(20, 150)), CELLS)


@pytest.fixture(params=["mixed", "cells"])
def evaluated(request):
    return request.getfixturevalue(request.param)


def activations(made, group_by):
    return made[group_by].class_activations(group_by=group_by)


def assert_same(one, other):
    (made, weights), (others, other_weights) = one, other
    for group_by in GROUPINGS:
        assert made[group_by].history == others[group_by].history
        assert made[group_by].objective == others[group_by].objective
        mine, theirs = activations(made, group_by), activations(others, group_by)
        assert mine.layer_names == theirs.layer_names
        np.testing.assert_array_equal(mine.counts, theirs.counts)
        for sums, expected in zip(mine.sums, theirs.sums, strict=True):
            np.testing.assert_array_equal(sums, expected)
    assert weights.keys() == other_weights.keys()
    for name, value in weights.items():
        np.testing.assert_array_equal(value, other_weights[name], err_msg=name)


def test_results_are_bit_equal_whatever_was_evaluated_before(evaluated):
    for one, other in zip(evaluated.first, evaluated.again, strict=True):
        assert_same(one, other)


def test_scoring_changes_nothing_of_training(evaluated):
    for made, _ in evaluated.first:
        assert made["label"].history == made["prediction"].history


def test_another_seed_gives_other_results(evaluated):
    mine, other = evaluated.first[0], evaluated.other_seed
    assert mine[0]["label"].history != other[0]["label"].history


@pytest.mark.parametrize("group_by", GROUPINGS)
def test_class_activations_are_those_of_a_plain_network_with_the_weights(
    evaluated, group_by
):
    for index, (made, _) in enumerate(evaluated.first):
        found = activations(made, group_by)
        expected = evaluated.plain_activations(index, group_by)
        np.testing.assert_array_equal(found.classes, expected.classes)
        np.testing.assert_array_equal(found.counts, expected.counts)
        assert found.counts.sum() == 140
        if group_by == "label":
            labels = load_task_data(evaluated.task).valid.labels
            labels = labels.argmax(axis=1) if labels.ndim > 1 else labels
            same_share = np.bincount(labels[some_of_each_class(labels, 140)])
            assert found.counts.tolist() == same_share[found.classes].tolist()
        assert found.score() == pytest.approx(expected.score(), rel=1e-5, abs=1e-5)
        theirs = dict(zip(expected.layer_names, expected.sums, strict=True))
        assert sorted(found.layer_names) == sorted(expected.layer_names)
        sizes = dict(zip(found.layer_names, found.layer_sizes, strict=True))
        assert sizes == dict(
            zip(expected.layer_names, expected.layer_sizes, strict=True)
        )
        for name, sums in zip(found.layer_names, found.sums, strict=True):
            np.testing.assert_allclose(
                sums, theirs[name], rtol=1e-4, atol=1e-4, err_msg=name
            )


def test_layers_that_are_mirrored_are_named_by_their_calls(mixed):
    names = activations(mixed.first[0][0], "label").layer_names
    assert {"first.activation", "first.activation:1"} <= set(names)
    assert len(set(names)) == len(names)


class Poison(Operation):
    """Gives what is no number."""

    def layers(self, scope):
        import keras

        return [
            keras.layers.Dense(6, name=f"{scope}.dense"),
            keras.layers.BatchNormalization(name=f"{scope}.norm"),
            keras.layers.Lambda(lambda x: x * float("nan"), name=f"{scope}.nan"),
        ]


def poisoned_space(input_shape, output_shape):
    return in_a_row(
        choosing("first", Dense(6, "relu"), Poison(name="poison")),
        ConstantNode(Dense(3, "softmax"), "head"),
        input_shape=input_shape,
        output_shape=output_shape,
    )


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_loss_that_is_no_number_costs_only_its_evaluation(optimizer):
    task = make_task(poisoned_space, load_table, optimizer=optimizer)
    trainer = CompiledTrainer(task)
    before = trainer.evaluate((0,), seed=0)
    score = before.class_activations(group_by="label").score()
    weights = trainer.supernet.weights_by_name()
    with pytest.raises(EvaluationError, match="is NaN") as caught:
        trainer.evaluate((1,), seed=0)
    assert caught.value.reason == "nan"
    after = trainer.evaluate((0,), seed=0)
    assert after.history == before.history
    assert after.class_activations(group_by="label").score() == score
    for name, value in trainer.supernet.weights_by_name().items():
        np.testing.assert_array_equal(value, weights[name], err_msg=name)


def test_a_learning_rate_that_explodes_is_told_as_nan_each_time():
    trainer = CompiledTrainer(
        tables_task(
            "-val_loss__last",
            learning_rate=1e9,
            schedule="constant",
            num_epochs=20,
        )
    )
    for _ in range(2):
        with pytest.raises(EvaluationError, match="is NaN"):
            trainer.evaluate((0, 2, 2), seed=0)
