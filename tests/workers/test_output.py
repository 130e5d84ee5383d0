"""What a run function of one's own returns becomes what is maximised."""

import pytest

from xnas.errors import EvaluationError
from xnas.objectives import Objective
from xnas.records import Candidate
from xnas.workers.output import MISSING, read_output

CANDIDATE = Candidate(0, (1,))


def read(output, names, task="val_acc__last"):
    objectives = [Objective(n.removeprefix("-"), not n.startswith("-")) for n in names]
    return read_output(CANDIDATE, output, objectives, lambda job: None, task)


@pytest.mark.parametrize(
    ("names", "task", "stored"),
    [
        (["val_acc__last", "introspectability"], "val_acc__last", (0.5, 0.25)),
        (["val_acc__last", "-introspectability"], "val_acc__last", (0.5, -0.25)),
        (["-introspectability", "val_acc__last"], "val_acc__last", (-0.25, 0.5)),
        (["-val_acc__last"], "val_acc__last", (-0.5,)),
        (["-val_loss__last"], "-val_loss__last", (0.5,)),
        (["val_loss__last"], "-val_loss__last", (-0.5,)),
        (["-watts", "val_acc__last"], "val_acc__last", (-3.0, 0.5)),
    ],
)
def test_what_is_minimised_is_stored_negated(names, task, stored):
    output = {"objective": (0.5, 0.25), "metadata": {"watts": 3.0}}
    assert read(output, names, task).objectives == stored


def test_what_is_returned_and_not_looked_for_can_be_recorded():
    found = read((0.5, 0.25), ["introspectability"])
    assert found.metadata == {"val_acc__last": 0.5}
    assert read((0.5, 0.25), ["val_acc__last"]).metadata == {"introspectability": 0.25}
    assert not read((0.5, 0.25), ["val_acc__last", "introspectability"]).metadata


@pytest.mark.parametrize("names", [["val_acc__last", "introspectability"], ["watts"]])
def test_an_objective_that_is_not_given_is_missing(names):
    found = read(0.5, names)
    assert found.failure == MISSING
    assert found.metadata["message"] == (
        f"the objective {names[-1]} is missing: the run function gives val_acc__last"
    )


def test_more_than_two_numbers_have_no_names():
    with pytest.raises(EvaluationError, match=r"3 objective\(s\), expected 2"):
        read((1.0, 2.0, 3.0), ["val_acc__last"])
