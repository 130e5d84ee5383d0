"""A rehearsal is an evaluation with few steps: what it passes trains."""

import keras
import numpy as np
import pytest
from small_spaces import N_CLASSES, choosing, in_a_row, load_table

from xnas.errors import TaskError
from xnas.evaluation.rehearsal import rehearse, with_files_in
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trainers import make_trainer
from xnas.objectives import INTROSPECTABILITY
from xnas.problem import NaProblem
from xnas.space import ConstantNode, Dense
from xnas.tasks import load_task_data
from xnas.training.epochs import STEPS, Trial

TRAINERS = ("plain", "compiled")
DECISION = "binary_crossentropy"


def spread(y, prediction):
    """A metric of one's own, of which Keras cannot tell whether it should be large."""
    return keras.ops.max(prediction, axis=-1) - keras.ops.min(prediction, axis=-1)


def CamelCase(y, prediction):  # noqa: N802 - Keras would call it otherwise
    """A metric whose name Keras would write in another way."""
    return spread(y, prediction)


def narrow(input_shape=(6,), output_shape=(N_CLASSES,)):
    last = "sigmoid" if output_shape[-1] == 1 else "softmax"
    return in_a_row(
        choosing("hidden", Dense(4, activation="relu"), Dense(4, activation="tanh")),
        ConstantNode(keras.layers.Activation("relu"), name="active"),
        ConstantNode(Dense(output_shape[-1], last), name="out"),
        input_shape=input_shape,
        output_shape=output_shape,
    )


def load_decisions(n_train=16, n_valid=15):
    """Labels 0 and 1, of examples of two kinds."""
    found = []
    for (X, _), n in zip(load_table(n_train, n_valid), (n_train, n_valid), strict=True):
        y = np.arange(n) % 2
        found.append((X + y[:, None].astype("f4"), y))
    return tuple(found)


def task(
    load=load_table, loss="sparse_categorical_crossentropy", metric="acc", **values
):
    problem = NaProblem()
    problem.load_data(load)
    n_outputs = 1 if load is load_decisions else N_CLASSES
    problem.search_space(narrow, output_shape=(n_outputs,))
    usual = {"batch_size": 4, "learning_rate": 0.05, "num_epochs": 1}
    problem.hyperparameters(**{**usual, **values})
    problem.loss(loss)
    problem.metrics(["acc", metric] if metric != "acc" else ["acc"])
    problem.objective("val_acc__last")
    return problem


def rehearsed(problem, trainer="plain", objectives=("val_acc__last",)):
    data = load_task_data(problem)
    settings = RunSettings("none", 0, objectives=objectives, trainer=trainer)
    made = make_trainer(trainer, problem, objectives, data)
    return rehearse(made, (0,), problem, data, settings, None)


STOPPING = {"EarlyStopping": {"monitor": "val_spread"}}

UNTRAINABLE = {
    "a callback that cannot tell whether more is better": (
        {"metric": spread, "callbacks": STOPPING, "schedule": "constant"},
        "val_spread",
    ),
    "a metric of other labels": (
        {"metric": "AUC"},
        "shape|Shape|incompatible|dimension",
    ),
    "a metric of several numbers": ({"metric": "F1Score"}, "f1|F1|shape"),
}


@pytest.mark.parametrize("fault", UNTRAINABLE)
@pytest.mark.parametrize("trainer", TRAINERS)
def test_what_no_evaluation_survives_fails_in_a_rehearsal(trainer, fault):
    settings, words = UNTRAINABLE[fault]
    with pytest.raises((TaskError, ValueError), match=words):
        rehearsed(task(**settings), trainer)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_metrics_of_ones_own_keep_their_names(trainer):
    problem = task(metric=CamelCase)
    found = rehearsed(problem, trainer, ("val_CamelCase__last", "-n_parameters"))
    assert found.failure is None


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_rehearsal_has_the_batches_and_the_schedule_of_the_task(trainer, monkeypatch):
    rates = []
    train = Trial.train

    def noted(trial, epoch):
        found = train(trial, epoch)
        optimizer = trial._epochs._trainee.model.optimizer
        rates.append(float(np.asarray(optimizer.learning_rate)))
        return found

    monkeypatch.setattr(Trial, "train", noted)
    found = rehearsed(task(batch_size=1, num_epochs=10, warmup_epochs=1), trainer)
    assert found.trial.steps == [1, 1, STEPS]
    # 16 steps of warm-up, from 0.05 / 17 on by as much each.
    np.testing.assert_allclose(rates, np.array([2, 3, 11]) * 0.05 / 17, rtol=1e-5)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_rehearsal_longer_than_the_task_never_meets_the_end_of_its_schedule(trainer):
    # Ftrl divides by the rate, which is 0 at the end.
    assert rehearsed(task(optimizer="ftrl", batch_size=16), trainer).failure is None


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_network_that_diverges_fails_as_it_would_in_a_search(trainer):
    found = rehearsed(task(learning_rate=1e30), trainer)
    assert found.failure == "nan"
    assert np.isnan(found.trial.loss)


def test_one_output_of_chances_is_a_decision_between_two_classes():
    scores = []
    for trainer in TRAINERS:
        problem = task(load_decisions, DECISION)
        data = load_task_data(problem)
        network = make_trainer(trainer, problem, None, data).evaluate((0,), seed=3)
        chances = network.predict(data.valid.inputs[0])[:, 0]
        by_label = network.class_activations(group_by="label")
        found = network.class_activations()
        assert found.counts.tolist() == np.bincount(chances > 0.5).tolist()
        assert by_label.counts.tolist() == [8, 7]
        scores.append(found.score())
        objectives = ("val_acc__last", INTROSPECTABILITY)
        assert rehearsed(problem, trainer, objectives).score.n_features > 4
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)


def test_files_of_callbacks_are_left_alone(tmp_path):
    mine = tmp_path / "mine.csv"
    problem = task(callbacks={"CSVLogger": {"filename": str(mine)}})
    other = tmp_path / "other"
    other.mkdir()
    assert rehearsed(with_files_in(problem, str(other))).failure is None
    assert not mine.exists()
    assert (other / "mine.csv").exists()


def test_a_log_into_a_folder_that_is_missing_is_told(tmp_path):
    gone = tmp_path / "gone"
    problem = task(callbacks={"CSVLogger": {"filename": str(gone / "log.csv")}})
    with pytest.raises(TaskError, match=f"CSVLogger writes into the folder {gone}"):
        with_files_in(problem, str(tmp_path))
