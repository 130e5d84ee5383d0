"""One network, trained and scored as in the search."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import small_task

from xnas.errors import EvaluationError
from xnas.evaluation.trainer import PlainTrainer
from xnas.final_training.folder import ReplicateFolder
from xnas.final_training.replicate import train_replicate, without_files
from xnas.nas_deephyper.nas_run import evaluation_seed
from xnas.objectives import Objective

pytestmark = pytest.mark.filterwarnings(
    # Keras itself makes arrays of its variables in NumPy's old way.
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


def train(trainable, root, seed=1, on_epoch=lambda epoch, values: None, starts=None):
    starts = [] if starts is None else starts
    return train_replicate(
        trainable, 1, seed, ReplicateFolder(root), on_epoch, starts.append
    )


def test_with_the_searchs_seed_and_settings_both_scores_are_the_searchs(
    trainable, tmp_path
):
    network = trainable()
    seed = evaluation_seed(3, (0, 0))
    found = train(network, tmp_path, seed)
    searched = PlainTrainer(small_task.Problem).evaluate((0, 0), seed=seed)
    assert found.history == searched.history
    assert found.n_parameters == searched.n_parameters
    assert found.validation == {
        "val_acc__last": searched.objective,
        "introspectability": searched.class_activations().score(),
    }


def test_test_data_are_scored_by_the_same_rules(trainable, tmp_path):
    found = train(trainable(), tmp_path)
    model = keras.models.load_model(tmp_path / "model.keras")
    X, y = small_task.load_data()[2]
    accuracy = np.mean(model.predict(X, verbose=0).argmax(axis=1) == y)
    assert found.test["val_acc__last"] == pytest.approx(accuracy)
    assert set(found.test) == set(found.validation)
    assert found.test_metrics["acc"] == found.test["val_acc__last"]
    assert found.test != found.validation


def test_minimised_objectives_are_as_measured(trainable, tmp_path):
    problem = small_task.make_problem(num_epochs=1)
    problem.objective("-val_loss__min")
    found = train(trainable(problem), tmp_path)
    assert found.validation["val_loss__min"] == found.history["val_loss"][0] > 0
    assert found.test["val_loss__min"] == found.test_metrics["loss"]
    assert list(found.minimised) == ["val_loss__min"]


def test_each_objective_of_the_run_is_measured_that_training_can_tell(
    trainable, tmp_path
):
    objectives = (
        Objective("n_parameters", False),
        Objective("activations-layer-mean"),
        Objective("val_loss__min", False),
        Objective("training_time", False),
        Objective("val_acc__max"),
    )
    network = replace(trainable(), objectives=objectives)
    found = train(network, tmp_path)
    names = [axis.name for axis in objectives]
    assert list(found.validation) == [*names, "introspectability"] == list(found.test)
    assert found.validation["n_parameters"] == found.n_parameters
    assert found.validation["val_loss__min"] == min(found.history["val_loss"])
    assert found.validation["val_acc__max"] == max(found.history["val_acc"])
    assert 0 < found.validation["activations-layer-mean"] < 1
    assert found.test["training_time"] == found.validation["training_time"] > 0


def test_without_test_data_there_is_no_test_score(trainable, tmp_path):
    found = train(trainable(small_task.WithoutTest), tmp_path)
    assert found.test is None
    assert found.test_metrics is None


def test_without_introspectability_only_the_task_is_scored(trainable, tmp_path):
    network = trainable(objectives=("val_acc__last",))
    assert list(train(network, tmp_path).validation) == ["val_acc__last"]


class CutError(Exception):
    """Stands for a kill."""


def cut_at(stop):
    def on_epoch(epoch, values):
        if epoch == stop:
            raise CutError

    return on_epoch


def test_a_replicate_that_was_cut_short_ends_like_one_that_was_not(trainable, tmp_path):
    network = trainable()
    whole = train(network, tmp_path / "whole")
    starts = []
    for stop in (1, 3):
        with pytest.raises(CutError):
            train(network, tmp_path / "cut", on_epoch=cut_at(stop), starts=starts)
    assert train(network, tmp_path / "cut", starts=starts) == whole
    assert starts == [0, 1, 3]
    models = [
        keras.models.load_model(tmp_path / name / "model.keras")
        for name in ("whole", "cut")
    ]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not (tmp_path / "cut" / "checkpoint.npz").exists()


def test_the_time_before_an_interruption_counts(trainable, tmp_path):
    network = replace(trainable(), objectives=(Objective("training_time", False),))
    with pytest.raises(CutError):
        train(network, tmp_path, on_epoch=cut_at(2))
    folder = ReplicateFolder(tmp_path)
    state = folder.read_checkpoint()
    assert 0 < state.seconds < 1000
    folder.write_checkpoint(replace(state, seconds=1000.0))
    assert 1000 < train(network, tmp_path).validation["training_time"] < 2000


def test_a_finished_replicate_is_not_trained_again(trainable, tmp_path):
    network = trainable()
    first = train(network, tmp_path)
    starts = []
    assert train(network, tmp_path, on_epoch=cut_at(0), starts=starts) == first
    assert starts == [4]


def test_a_loss_that_is_no_number_names_replicate_and_seed(trainable, tmp_path):
    with pytest.raises(EvaluationError, match=r"replicate 1 \(seed 1\).*NaN"):
        train(trainable(small_task.Diverging), tmp_path)
    assert not (tmp_path / "model.keras").exists()


def test_callbacks_that_write_files_are_left_out():
    problem = small_task.make_problem(
        callbacks={
            "CSVLogger": {"filename": "log.csv"},
            "ModelCheckpoint": {"filepath": "model.keras"},
            "EarlyStopping": {"monitor": "val_loss"},
        }
    )
    left = without_files(problem).hyperparameter_values["callbacks"]
    assert list(left) == ["EarlyStopping"]
    assert len(problem.hyperparameter_values["callbacks"]) == 3


def test_a_model_trained_in_half_of_the_bits_is_written_in_full(trainable):
    made = trainable(small_task.make_problem(precision="mixed_bfloat16"))
    model = made.build(0)
    full = made.in_full(model)
    assert "bfloat16" in {layer.compute_dtype for layer in model.layers}
    assert {layer.compute_dtype for layer in full.layers} == {"float32"}
    X = next(iter(made.data.validation_batches(8)))[0]
    np.testing.assert_allclose(full(X), model(X), atol=0.05)
