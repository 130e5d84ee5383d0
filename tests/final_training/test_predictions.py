"""Each example's answer, and how classes are confused."""

import csv
import io
from dataclasses import replace

import numpy as np
import tensorflow as tf

from xnas.final_training.predictions import (
    Predictions,
    by_class,
    confusion_csv,
    predict,
    predictions_csv,
)
from xnas.training.split import Split

CLASSES = ["cat, small", 'the "dog"', "bird"]
PARTS = {
    "validation": Predictions(
        np.array([0, 0, 1, 1, 1]),
        np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]),
    ),
    "test": Predictions(np.array([2]), np.array([[0.0, 0.0, 1.0]])),
}


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_example_has_a_row_with_the_names_of_its_classes():
    rows = read(predictions_csv(PARTS, CLASSES))
    assert [(row["part"], row["index"]) for row in rows] == [
        *(("validation", str(i)) for i in range(5)),
        ("test", "0"),
    ]
    assert (rows[1]["label"], rows[1]["predicted"]) == (CLASSES[0], CLASSES[1])
    assert float(rows[1]["output_cat, small"]) == 0.2


def test_examples_that_are_files_have_their_names_beside_the_index():
    named = {
        name: replace(one, files=tuple(f"{name}, {i}" for i in range(len(one.labels))))
        for name, one in PARTS.items()
    }
    plain, rows = (read(predictions_csv(parts, CLASSES)) for parts in (PARTS, named))
    assert [row.pop("file") for row in rows] == [
        f"{row['part']}, {row['index']}" for row in plain
    ]
    assert rows == plain


def test_examples_are_counted_by_true_and_predicted_class():
    rows = read(confusion_csv(PARTS, CLASSES))
    assert [row["label"] for row in rows] == CLASSES * 2
    counts = [int(rows[1][f"predicted_{name}"]) for name in CLASSES]
    assert counts == [1, 1, 1]


def test_accuracy_by_class_is_the_share_of_its_examples_that_are_right():
    found = by_class(PARTS, CLASSES)
    assert [one["examples"] for one in found["validation"]] == [2, 3, 0]
    assert [one["accuracy"] for one in found["validation"]] == [0.5, 1 / 3, None]
    assert found["test"][2] == {"class": "bird", "examples": 1, "accuracy": 1.0}


def test_one_output_tells_two_classes():
    class Data:
        is_classification, label_form = True, "integer"
        valid = Split([], np.zeros(2), ("a/1.png", "b/2.png"))

        def validation_batches(self, batch_size):
            return [(tf.constant([[0.2], [0.9]]), tf.constant([[0], [1]]))]

        def tested(self):
            return None

    found = predict(lambda x, training: x, Data(), 2)["validation"]
    np.testing.assert_allclose(found.outputs, [[0.8, 0.2], [0.1, 0.9]], atol=1e-6)
    assert found.confusion.tolist() == [[1, 0], [0, 1]]
    assert found.files == ("a/1.png", "b/2.png")


def test_numbers_are_written_beside_what_was_predicted():
    one = Predictions(np.array([[1.5, 2.0]]), np.array([[1.25, 2.5]]))
    (row,) = read(predictions_csv({"validation": one}, []))
    assert row == {
        "part": "validation", "index": "0", "label_0": "1.5", "label_1": "2.0",
        "predicted_0": "1.25", "predicted_1": "2.5",
    }  # fmt: skip
