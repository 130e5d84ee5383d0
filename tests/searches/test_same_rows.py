"""Searches hand out what they handed out before they asked and told.

``tests/data/searches.csv.gz`` holds 500 evaluations of each search on the table of all
cells, one at a time, seed 7, as version 0.1.0 wrote them.
"""

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import pytest

from xnas.nas_deephyper import tabular
from xnas.objectives import Objective
from xnas.records import evaluated
from xnas.searches import Networks, find_search
from xnas.space import nas_bench_201_search_space

RECORDED = Path(__file__).parents[1] / "data" / "searches.csv.gz"
NAMES = {
    "nsga2": "nsga2",
    "asynchronous": "nsga2-asynchronous",
    "regevo": "regevo_xnas",
}


@pytest.fixture(scope="module")
def recorded():
    rows = defaultdict(list)
    with gzip.open(RECORDED, "rt", newline="") as stream:
        for row in csv.DictReader(stream):
            rows[row["search"]].append(row)
    return rows


@pytest.mark.parametrize("name", NAMES)
def test_a_search_hands_out_the_same_networks_and_gets_the_same_objectives(
    name, recorded
):
    networks = Networks(nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1))
    objectives = [Objective("val_acc__last"), Objective("introspectability")]
    search = find_search(NAMES[name])(networks, objectives, 7)
    for row in recorded[name]:
        (candidate,) = search.ask(1)
        assert candidate.id == int(row["id"])
        assert "".join(map(str, candidate.genotype)) == row["cell"]
        assert candidate.parent_ids == tuple(map(int, row["parents"].split()))
        assert (
            str("" if (g := candidate.generation) is None else g) == (row["generation"])
        )
        output = tabular.run({"arch_seq": candidate.genotype})
        evaluation = evaluated(candidate, output)
        expected = (float(row["accuracy"]), float(row["introspectability"]))
        assert evaluation.objectives == expected
        search.tell(evaluation)
    assert len(recorded[name]) == 500
