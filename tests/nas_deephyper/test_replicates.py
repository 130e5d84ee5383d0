"""Networks that are trained more than once."""

import json

import pytest
from deephyper.evaluator import Evaluator
from searching import read, rows_of

from xnas.nas_deephyper.search import XNASSearch
from xnas.records import Candidate
from xnas.results import RunFolder, load, read_table
from xnas.searches import Search

NETWORKS = [(0, 0, 0, 0, 0, 0), (1, 1, 1, 1, 1, 1), (2, 0, 1, 0, 1, 0)]
VALUES = {
    NETWORKS[0]: [(0.9, 0.1), (0.5, 0.1)],
    NETWORKS[1]: [(0.8, 0.1), (0.8, 0.3)],
    NETWORKS[2]: [(0.1, 0.9), None],
}
"""Objectives of each network's two trainings; the last one fails."""


class Twice(Search):
    """Asks for three networks, and then for each once more."""

    def ask(self, n):
        """Go through them."""
        asked = []
        while self.next_id < 6 and len(asked) < n:
            replicate, k = divmod(self.next_id, 3)
            asked.append(Candidate(self.next_id, NETWORKS[k], replicate=replicate))
            self.next_id += 1
        return asked


class TwiceXNAS(XNASSearch):
    algorithm_class = Twice


async def run(job):
    found = VALUES[tuple(job["arch_seq"])][job["replicate"]]
    return "F_nan" if found is None else found


def go(problem, folder, max_evals, **kwargs):
    search = TwiceXNAS(problem, log_dir=folder, random_state=3, **kwargs)
    own = Evaluator.create(run, "serial", {"num_workers": 1})
    search.search(own, max_evals=max_evals)


@pytest.fixture
def folder(problem, tmp_path):
    go(problem, tmp_path, 6)
    return tmp_path


def test_each_training_has_its_row(folder):
    rows = rows_of(folder)
    assert [row["m:replicate"] for row in rows] == ["0"] * 3 + ["1"] * 3
    assert [row["m:id"] for row in rows] == [str(k) for k in range(6)]
    again = read_table(RunFolder(folder).results).evaluations
    assert [one.replicate for one in again] == [0, 0, 0, 1, 1, 1]


def test_the_front_goes_by_means_over_replicates(folder):
    # By its first training alone, the first network would be the most accurate one.
    # The second training of the third network failed, so its row is no part of it.
    flags = read(folder)["pareto_efficient"].tolist()
    assert flags == [False, True, True, False, True, False]
    front = load(folder).front
    assert front["id"].tolist() == [1, 2]
    assert front["val_acc__last"].tolist() == pytest.approx([0.8, 0.1])
    assert front["introspectability"].tolist() == pytest.approx([0.2, 0.9])


def test_picks_are_networks(folder):
    assert load(folder).picks() == {
        "val_acc__last": 1,
        "introspectability": 2,
        "knee": 1,
    }


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_run_with_replicates_goes_on(problem, tmp_path, folder, size):
    part = tmp_path / "part"
    go(problem, part, size)
    go(problem, part, 6 - size, resume=True)

    def kept(row):
        return {name: row[name] for name in row if "timestamp" not in name}

    assert list(map(kept, rows_of(part))) == list(map(kept, rows_of(folder)))
    lines = (part / "started.jsonl").read_text().splitlines()
    started = [json.loads(line) for line in lines]
    assert [entry.get("replicate", 0) for entry in started] == [0, 0, 0, 1, 1, 1]
