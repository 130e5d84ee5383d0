"""What one takes away: numbers, figure and card."""

import csv
import io
import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from test_settings import SETTINGS

from xnas.final_training.card import DataFacts, model_card, score_rows
from xnas.final_training.choice import Chosen
from xnas.final_training.curves import curves_svg
from xnas.final_training.metrics import (
    NO_TEST_DATA,
    best_of,
    describe_training,
    history_csv,
)
from xnas.final_training.replicate import Outcome
from xnas.results.regularized import meaning_of_mark

CHOSEN = Chosen(7, (1, 2), {"val_acc__last": 0.97, "introspectability": 0.4})
HISTORY = {
    "loss": [1.0, 0.5], "acc": [0.6, 0.8],
    "val_loss": [1.1, 0.7], "val_acc": [0.5, 0.7], "lr": [0.1, 0.0],
}  # fmt: skip
DATA = DataFacts(
    loader="experiments.small.load_data",
    sizes={"train": 1437, "validate": 360},
    shapes=[(8, 8, 1)],
    names=["input_0"],
    classes=["cat", "<script>|dog`"],
    preprocessing=None,
    preprocessing_included=False,
)


def outcome(replicate, accuracy, score, test=None, **changes):
    return Outcome(
        replicate=replicate,
        seed=100 + replicate,
        n_parameters=1234,
        history=HISTORY,
        validation={"val_acc__last": accuracy, "introspectability": score},
        test=test,
        test_metrics=test and {"loss": 0.3, "acc": 0.9},
        foreign=[],
        **changes,
    )


TWO = [outcome(1, 0.9, 0.3), outcome(2, 0.95, 0.35)]
TESTED = [
    outcome(1, 0.9, 0.3, {"val_acc__last": 0.81, "introspectability": 0.2}),
    outcome(2, 0.95, 0.35, {"val_acc__last": 0.83, "introspectability": 0.25}),
]


def card(outcomes=TWO, data=DATA, exports=(), by_class=None, chosen=CHOSEN, **changes):
    return model_card(
        task="small",
        settings=replace(SETTINGS, **changes),
        chosen=chosen,
        outcomes=outcomes,
        data=data,
        scoring={"group_by": "prediction"},
        exports=exports,
        by_class=by_class,
        versions={"xnas": "0.1.0", "python": "3.11", "packages": {"keras": "3.15"}},
    )


def metrics(outcomes):
    return describe_training(SETTINGS, CHOSEN, outcomes, {}, {"keras": "3.15"})


def test_the_best_on_validation_data_is_chosen_and_test_data_have_no_say():
    assert best_of(TWO).replicate == 2
    fewer = [replace(one, minimised=["val_acc__last"]) for one in TWO]
    assert best_of(fewer).replicate == 1
    assert best_of([TWO[0], replace(TWO[1], validation=TWO[0].validation)]) == TWO[0]
    worse = {"val_acc__last": 0.0, "introspectability": 0.0}
    assert best_of([TESTED[0], replace(TESTED[1], test=worse)]).replicate == 2


def test_metrics_hold_mean_interval_and_every_replicate():
    found = metrics(TESTED)
    assert found["validation"]["val_acc__last"]["values"] == [0.9, 0.95]
    assert found["validation"]["val_acc__last"]["mean"] == pytest.approx(0.925)
    low, high = found["test"]["introspectability"]["interval"]
    assert low < 0.225 < high
    assert found["best_replicate"] == 2
    assert [one["seed"] for one in found["replicates"]] == [101, 102]
    assert found["search"] == dict(CHOSEN.scores)
    assert found["note"] is None


def test_no_interval_leaves_the_range_of_its_score():
    found = metrics([outcome(1, 1.0, 0.01), outcome(2, 0.9, 0.3)])["validation"]
    assert found["val_acc__last"]["interval"][1] == 1.0
    assert found["introspectability"]["interval"][0] == 0.0
    # A metric of one's own may count in percent whatever its name.
    percent = metrics([outcome(1, 100.0, 0.3), outcome(2, 90.0, 0.3)])["validation"]
    assert percent["val_acc__last"]["interval"][1] > 100


def test_the_fastest_replicate_is_not_the_best():
    timed = [
        replace(
            one,
            validation={"training_time": time, **one.validation},
            minimised=["training_time"],
        )
        for one, time in zip(TWO, (1.0, 2.0), strict=True)
    ]
    assert best_of(timed).replicate == 2


def test_without_test_data_the_metrics_say_what_the_score_is_on():
    found = metrics(TWO)
    assert found["test"] is None
    assert found["note"] == NO_TEST_DATA


def test_metrics_are_strict_json_whatever_the_scores():
    nan = {**HISTORY, "loss": [1.0, math.nan]}
    found = metrics([replace(outcome(1, 0.5, -math.inf), history=nan)])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["validation"]["introspectability"]["mean"] is None


def test_the_history_table_has_a_row_for_each_epoch_of_each_replicate():
    rows = list(csv.DictReader(io.StringIO(history_csv(TWO))))
    assert [(r["replicate"], r["epoch"]) for r in rows] == [
        ("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"),
    ]  # fmt: skip
    assert [float(row["val_acc"]) for row in rows[:2]] == HISTORY["val_acc"]


@pytest.mark.parametrize("outcomes", [TWO[:1], TWO])
def test_the_figure_is_one_and_the_same_svg_with_text_in_it(outcomes):
    drawn = curves_svg(outcomes, "digits, <network> 7")
    root = ElementTree.fromstring(drawn)
    words = {"".join(node.itertext()).strip() for node in root.iter()}
    assert {"loss", "acc", "epoch", "training", "validation"} <= words
    assert "digits, <network> 7" in words
    assert drawn == curves_svg(outcomes, "digits, <network> 7")


def test_replicates_of_unequal_length_and_broken_losses_are_drawn():
    short = {key: values[:1] for key, values in HISTORY.items()}
    broken = {key: [values[0], math.nan] for key, values in HISTORY.items()}
    curves_svg([replace(TWO[0], history=short), replace(TWO[1], history=broken)], "x")


def test_the_card_says_on_which_data_the_score_is():
    assert "on the data that chose the network" in card()
    assert "no test data" in card()
    tested = card(TESTED)
    assert "the test data were used for nothing else" in " ".join(tested.split())
    assert "no test data" not in tested


def test_the_card_shows_scores_seeds_and_data():
    text = card()
    for words in (
        "`[1, 2]`", "evaluation 7", "1,234 parameters", "0.9250 (", "0.9700",
        "replicate 2, the best", "101, 102", "1,437 to train, 360 to validate",
        "(n, 8, 8, 1)", "![Drawing of the network](cell.svg)", "curves.svg",
        "XNAS 0.1.0", "keras 3.15",
    ):  # fmt: skip
        assert words in text


def test_the_card_tells_the_accuracy_of_each_class_the_worst_first():
    told = [
        {"class": "cat", "examples": 8, "accuracy": 0.75},
        {"class": "dog|", "examples": 4, "accuracy": 0.5},
        {"class": "none", "examples": 0, "accuracy": None},
    ]
    text = card(by_class={"validation": told})
    assert text.index(r"| dog\| | 4 | 0.5000 |") < text.index("| cat | 8 | 0.7500 |")
    assert "by class on the validation data" in text
    assert "by class" not in card()


def test_names_of_classes_stay_text():
    assert r"\<script\>\|dog\`" in card()


def test_the_loading_example_of_the_card_is_python():
    two = replace(DATA, shapes=[(4,), (5,)], names=["input_0", "input_1"])
    for data in (DATA, two, replace(DATA, classes=[])):
        (block,) = re.findall(r"```python\n(.*?)```", card(data=data), re.DOTALL)
        compile(block, "card", "exec")


@pytest.mark.parametrize(
    ("preprocessing", "included", "words"),
    [
        (None, False, "nothing else is done to them"),
        ("Normalize(...)", True, "the model's first layer normalises them"),
        ("experiments.small.crop", False, "**the model does not hold this step**"),
    ],
)
def test_the_card_says_how_inputs_are_prepared(preprocessing, included, words):
    data = replace(DATA, preprocessing=preprocessing, preprocessing_included=included)
    assert words in " ".join(card(data=data).split())


def test_card_and_metrics_mark_a_model_that_was_trained_for_its_score():
    task = {"hyperparameters": {"regularize_introspectability": 0.5}}
    assert meaning_of_mark("0.5, all layers") in card(task=task)
    assert "ularised" not in card()
    settings = replace(SETTINGS, task=task)
    found = describe_training(settings, CHOSEN, TWO, {}, {})["regularized"]
    assert found == "0.5, all layers"
    assert metrics(TWO)["regularized"] is None


def test_the_card_tells_of_what_is_unusual():
    foreign = [replace(one, foreign=["experiments.small.Layer"]) for one in TWO]
    assert "`experiments.small.Layer`" in card(foreign)
    nan = replace(TWO[0], history={**HISTORY, "loss": [1.0, math.nan]})
    assert "not finite in epoch 2" in card([nan, TWO[1]])
    assert "stopped by a callback after epoch 2" in card(epochs=5)
    assert "scaled by 2" in card(filter_scale_factor=2)
    assert "how much its scores owe to the seed is unknown" in card(TWO[:1])
    assert "`model.onnx`" in card(exports=["model.onnx"])


def test_scores_that_are_infinite_or_unknown_are_worded():
    alone = [outcome(1, 0.5, -math.inf)]
    rows = score_rows(Chosen(7, (1, 2), {"val_acc__last": 0.5}), alone)
    assert rows[2] == ("introspectability", "not recorded", "−∞", "no test data")


def test_replicates_that_are_alike_have_no_interval_that_looks_certain():
    three = [outcome(i, 0.5, 0.25 * i) for i in (1, 2, 3)]
    _, accuracy, score = score_rows(CHOSEN, three)
    assert accuracy[2] == "0.5000 (all 3 alike)"
    assert score[2] == "0.5000 (0.0000 to 1.1210)"


def test_what_was_expected_is_a_column_of_its_own():
    estimates = {"val_acc__last": (0.95, 0.01), "n_parameters": (1234.0, 0.0)}
    chosen = replace(CHOSEN, estimates=estimates, front_probability=0.25)
    header, accuracy, score = score_rows(chosen, TWO)
    assert header == ("", "in the search", "estimate", "validation", "test")
    assert accuracy[1:3] == ("0.9700", "0.9500 (0.9304 to 0.9696)")
    assert score[2] == "none"
    text = card(chosen=chosen)
    assert "| score | in the search | estimate (95% interval) | validation" in text
    assert "| --- | --- | --- | --- | --- |" in text
    assert "expected the network on the front with probability 0.25" in text
    assert "estimate" not in card()
