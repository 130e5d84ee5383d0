"""Training from end to end on a task that takes a blink."""

import math
import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from xnas.declarations.measures import metric_value
from xnas.errors import EvaluationError, TaskError
from xnas.space import AutoKSearchSpace, ConstantNode, Dense, Dropout
from xnas.tasks import load_task_data
from xnas.training.loop import fresh_session, measure, train

from .conftest import N_CLASSES, N_FEATURES, load_data

pytestmark = pytest.mark.filterwarnings(
    # Keras's own callbacks read the learning rate in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


def accuracy(model):
    X, y = load_data()[1]
    return float(np.mean(np.argmax(model.predict(X, verbose=0), axis=1) == y))


def test_networks_learn_and_the_whole_history_is_returned(make_problem, evaluate):
    seen = []
    result, model, _ = evaluate(
        make_problem(num_epochs=6), on_epoch=lambda *epoch: seen.append(epoch)
    )
    assert result.objective > 0.9
    assert result.seconds > 0
    assert list(result.history) == ["loss", "acc", "val_loss", "val_acc", "lr"]
    assert all(len(values) == 6 for values in result.history.values())
    assert all(type(v) is float for values in result.history.values() for v in values)
    assert seen == [
        (epoch, {key: values[epoch] for key, values in result.history.items()})
        for epoch in range(6)
    ]
    assert result.objective == result.history["val_acc"][-1]
    assert result.objective == pytest.approx(accuracy(model))
    assert result.history["loss"][-1] < result.history["loss"][0]


def test_a_result_does_not_depend_on_what_was_trained_before(make_problem, evaluate):
    problem = make_problem()
    alone, model, _ = evaluate(problem, (0, 1), seed=5)
    data = load_task_data(problem)
    first, _, _ = evaluate(problem, (0, 1), seed=5, data=data)
    evaluate(problem, (1, 2), seed=6, data=data)
    random.seed(1)
    tf.random.uniform((3,))
    last, again, _ = evaluate(problem, (0, 1), seed=5, data=data)
    assert alone.history == first.history == last.history
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_seeds_give_different_networks(make_problem, evaluate):
    problem = make_problem()
    found = [evaluate(problem, seed=seed)[0].history["loss"] for seed in (0, 1)]
    assert found[0] != found[1]


def test_data_are_loaded_once_for_any_number_of_evaluations(make_problem, evaluate):
    calls = []

    def counted():
        calls.append(1)
        return load_data()

    problem = make_problem(counted, num_epochs=1)
    _, _, data = evaluate(problem)
    for genotype in ((1, 1), (2, 0)):
        evaluate(problem, genotype, data=data)
    assert len(calls) == 1


@pytest.mark.parametrize(("epoch", "choose"), [("max", max), ("min", min)])
def test_the_best_epochs_weights_are_kept(make_problem, evaluate, epoch, choose):
    # A rate far too high, so that epochs go up and down.
    problem = make_problem(num_epochs=8, learning_rate=2.0, schedule="constant")
    problem.objective(f"val_acc__{epoch}")
    result, model, _ = evaluate(problem)
    values = result.history["val_acc"]
    assert result.objective == choose(values)
    assert result.objective != values[-1]
    assert accuracy(model) == pytest.approx(result.objective)


def test_of_several_objectives_the_first_metric_decides_which_weights_are_kept(
    make_problem, evaluate
):
    problem = make_problem(num_epochs=8, learning_rate=2.0, schedule="constant")
    problem.objectives("introspectability", "val_acc__max", "-val_loss__last")
    result, model, _ = evaluate(problem)
    values = result.history["val_acc"]
    assert result.objective == max(values) != values[-1]
    assert accuracy(model) == pytest.approx(max(values))
    loss = metric_value(result.history, "-val_loss__last")
    assert loss == -result.history["val_loss"][-1]


@pytest.mark.parametrize(
    ("metric", "objective", "key", "sign"),
    [
        ("acc", "val_accuracy__last", "val_acc", 1),
        ("accuracy", "val_acc", "val_accuracy", 1),
        ("acc", "-val_loss__last", "val_loss", -1),
        ("acc", "acc__last", "acc", 1),
    ],
)
def test_objectives_are_found_in_the_history(
    make_problem, evaluate, metric, objective, key, sign
):
    problem = make_problem(num_epochs=1)
    problem.objective("val_loss")
    problem.metrics([metric])
    problem.objective(objective)
    result, _, _ = evaluate(problem)
    assert result.objective == sign * result.history[key][-1]


def test_functions_serve_as_loss_metric_and_more(make_problem, evaluate):
    def brier(labels, predictions):
        one_hot = tf.one_hot(tf.cast(labels, tf.int32), N_CLASSES)
        return tf.reduce_sum((one_hot - predictions) ** 2, axis=-1)

    problem = make_problem(num_epochs=4)
    problem.loss(brier)
    problem.objective("val_loss")
    problem.metrics([brier])
    problem.objective("-val_brier__last")
    problem.preprocessing(lambda x: x / 4)
    result, _, _ = evaluate(problem)
    history = result.history
    assert history["val_brier"] == pytest.approx(history["val_loss"], abs=1e-6)
    assert history["val_loss"][-1] < history["val_loss"][0]


def test_one_hot_labels_train_like_integers(make_problem, evaluate):
    def one_hot():
        return [(X, np.eye(N_CLASSES, dtype=np.float32)[y]) for X, y in load_data()]

    problem = make_problem(one_hot)
    problem.loss("categorical_crossentropy")
    found, _, _ = evaluate(problem)
    expected, _, _ = evaluate(make_problem())
    for key, values in expected.history.items():
        assert found.history[key] == pytest.approx(values, abs=1e-5)


def test_real_targets_are_fitted(make_problem, evaluate):
    from .conftest import create_search_space

    def regression():
        return [(X, X[:, 0] * 2) for X, _ in load_data()]

    def space(input_shape=(6,), output_shape=(1,)):
        made = create_search_space(input_shape, output_shape)
        made.regression = True
        return made

    problem = make_problem(
        regression, space, num_epochs=30, optimizer="adam", learning_rate=0.05
    )
    problem.loss("mse")
    problem.objective("-val_loss")
    problem.metrics(["r2_score"])
    problem.objective("val_r2_score__max")
    assert evaluate(problem)[0].objective > 0.9


def test_a_loss_that_is_no_number_stops_training_and_fails(make_problem, evaluate):
    settings = {"learning_rate": 1e30, "weight_decay": 0.00025}
    problem = make_problem(num_epochs=5, schedule="constant", **settings)
    seen = []
    with pytest.raises(EvaluationError, match="val_acc__last is NaN") as raised:
        evaluate(problem, on_epoch=lambda *epoch: seen.append(epoch))
    assert raised.value.reason == "nan"
    assert len(seen) < 5
    assert math.isnan(seen[-1][1]["loss"])


def test_the_best_epoch_before_a_divergence_counts(make_problem, evaluate):
    def steps_over_the_edge(epoch, rate):
        return 0.05 if epoch < 2 else 1e30

    callbacks = {"LearningRateScheduler": {"schedule": steps_over_the_edge}}
    settings = {"schedule": "constant", "weight_decay": 0.00025}
    problem = make_problem(num_epochs=5, callbacks=callbacks, **settings)
    problem.objective("val_acc__max")
    result, model, _ = evaluate(problem)
    values = result.history["val_acc"]
    assert math.isnan(values[-1])
    assert result.objective == max(v for v in values if not math.isnan(v))
    assert accuracy(model) == pytest.approx(result.objective)


def test_callbacks_stop_training_by_either_name_of_a_metric(make_problem, evaluate):
    stopping = {"monitor": "val_accuracy", "baseline": 2.0, "patience": 1}
    problem = make_problem(num_epochs=9, callbacks={"EarlyStopping": stopping})
    result, _, _ = evaluate(problem)
    assert len(result.history["loss"]) < 9


def test_callbacks_lower_the_rate_on_a_plateau(make_problem, evaluate):
    plateau = {"monitor": "val_acc", "min_delta": 9.0, "patience": 1, "factor": 0.1}
    problem = make_problem(
        num_epochs=3, schedule="constant", callbacks={"ReduceLROnPlateau": plateau}
    )
    rates = evaluate(problem)[0].history["lr"]
    assert rates[0] > rates[-1]


def test_a_callback_that_monitors_nothing_is_told(make_problem, evaluate):
    problem = make_problem(callbacks={"EarlyStopping": {"monitor": "val_auc"}})
    with pytest.raises(TaskError, match="EarlyStopping monitors 'val_auc', expected"):
        evaluate(problem)


def test_more_epochs_start_like_fewer_ones_where_the_rate_is_constant(
    make_problem, evaluate
):
    few, many = (
        evaluate(make_problem(num_epochs=n, schedule="constant"))[0].history
        for n in (2, 4)
    )
    assert {key: values[:2] for key, values in many.items()} == few


def test_a_fresh_session_forgets_names_and_seeds_weights():
    kernels = []
    for _ in range(2):
        fresh_session(3)
        layer = keras.layers.Dense(2)
        layer.build((None, 4))
        assert layer.name == "dense"
        kernels.append(layer.get_weights()[0])
    np.testing.assert_array_equal(*kernels)


def dropping_space(input_shape=(N_FEATURES,), output_shape=(N_CLASSES,)):
    """Layers with a random state and with a moving mean."""
    space = AutoKSearchSpace(input_shape, output_shape)
    steps = [
        ConstantNode(Dense(8, "relu"), "hidden"),
        ConstantNode(keras.layers.BatchNormalization(), "norm"),
        ConstantNode(Dropout(0.4), "drop"),
    ]
    for before, node in zip([space.input_nodes[0], *steps], steps, strict=False):
        space.connect(before, node)
    return space


PLATEAU = {"ReduceLROnPlateau": {"monitor": "val_loss", "patience": 1, "min_delta": 1}}
EARLY = {"EarlyStopping": {"monitor": "val_loss", "patience": 2, "min_delta": 1}}


@pytest.mark.parametrize(
    ("objective", "hyperparameters"),
    [
        ("val_acc__last", {}),
        ("val_acc__max", {"optimizer": "adam", "learning_rate": 0.3}),
        ("val_acc__last", {"schedule": "constant", "callbacks": PLATEAU}),
        ("val_loss__min", {"callbacks": EARLY}),
    ],
)
def test_training_goes_on_from_any_epoch_as_if_never_cut_short(
    make_problem, objective, hyperparameters
):
    problem = make_problem(space=dropping_space, num_epochs=6, **hyperparameters)
    problem.metrics(["acc"])
    problem.objective(objective)
    data = load_task_data(problem)

    def run(start=None):
        fresh_session(5)
        model = problem.build_space().create_model()
        states = []
        settings = problem.training_settings()
        result = train(
            model, settings, data, seed=5, start=start, on_state=states.append
        )
        return result, model, states

    whole, model, states = run()
    assert [state.epochs for state in states] == [*range(1, len(states) + 1)]
    assert len(states) == (3 if "EarlyStopping" in str(hyperparameters) else 6)
    for state in (states[0], states[2], states[-1]):
        keras.utils.set_random_seed(99)
        result, again, rest = run(state)
        assert len(rest) == len(states) - state.epochs
        assert result.history == whole.history
        assert result.objective == whole.objective
        for one, other in zip(model.variables, again.variables, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_network_measured_again_has_the_metrics_of_its_last_epoch(
    make_problem, evaluate
):
    result, model, data = evaluate(make_problem())
    settings = make_problem().training_settings()
    found = measure(model, settings, data, data.validation_batches(7))
    assert found["acc"] == pytest.approx(result.history["val_acc"][-1])
    assert found["loss"] == pytest.approx(result.history["val_loss"][-1])
    integers = data.validation_batches(7).map(lambda x, y: (x, tf.cast(y, tf.int32)))
    assert measure(model, settings, data, integers) == found
