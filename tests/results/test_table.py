"""results.csv as it grows and as it ends."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnas.results import Columns, ResultsTable, read_rows

COLUMNS = Columns(("edge_0", "edge_1"), 2)


def row(number, objective=(0.5, 0.25), **metadata):
    return COLUMNS.row([1, 2], objective, number, "DONE", {"id": number, **metadata})


@pytest.fixture
def table(tmp_path):
    with ResultsTable(tmp_path / "results.csv", COLUMNS) as table:
        yield table


def test_columns_follow_deephypers_names():
    assert COLUMNS.header[:7] == [
        "p:edge_0",
        "p:edge_1",
        "objective_0",
        "objective_1",
        "job_id",
        "job_status",
        "pareto_efficient",
    ]
    assert Columns(("a",), 1).objectives == ["objective"]


def test_a_failure_fills_every_objective():
    failed = row(0, "F_nan")
    assert failed["objective_0"] == failed["objective_1"] == "F_nan"


def test_a_wrong_number_of_objectives_is_refused():
    with pytest.raises(ValueError, match="zip"):
        row(0, (1.0, 2.0, 3.0))


def test_each_append_is_on_the_disk_when_it_returns(table):
    table.append([row(0)])
    assert [r["m:id"] for r in read_rows(table.path)] == ["0"]
    table.append([row(1), row(2)])
    assert [r["m:id"] for r in read_rows(table.path)] == ["0", "1", "2"]


def test_integers_stay_integers_when_a_row_fails(table):
    table.append([row(0, n_parameters=12345), row(1, "F_timeout")])
    assert read_rows(table.path)[0]["m:n_parameters"] == "12345"


def test_a_torn_last_line_is_left_out(table):
    table.append([row(0), row(1)])
    whole = table.path.read_bytes()
    table.path.write_bytes(whole[:-9])
    assert [r["m:id"] for r in read_rows(table.path)] == ["0"]


@given(value=st.floats(allow_nan=False))
def test_numbers_come_back_to_the_bit(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("table") / "results.csv"
    with ResultsTable(path, COLUMNS) as table:
        table.append([row(0, (value, -value))])
    read = read_rows(path)[0]
    assert (float(read["objective_0"]), float(read["objective_1"])) == (value, -value)


def test_hostile_text_stays_in_its_field(table):
    text = 'a,"b"\nc'
    table.append([row(0, host=text)])
    assert read_rows(table.path)[0]["m:host"] == text


def test_metadata_without_a_column_is_kept_as_json(table):
    table.append([row(0, colour="red", host="here")])
    assert read_rows(table.path)[0]["m:other"] == '{"colour": "red"}'


def test_the_front_is_filled_in_at_the_end_and_nothing_else_changes(table):
    rows = [row(0), row(1, (0.75, 0.25))]
    table.append(rows)
    before = read_rows(table.path)
    assert [r["pareto_efficient"] for r in before] == ["", ""]
    table.finish(
        [{**r, "pareto_efficient": f} for r, f in zip(rows, [False, True], strict=True)]
    )
    after = read_rows(table.path)
    assert [r.pop("pareto_efficient") for r in after] == ["False", "True"]
    assert after == [
        {k: v for k, v in r.items() if k != "pareto_efficient"} for r in before
    ]
    assert [p.name for p in table.path.parent.iterdir()] == ["results.csv"]


def test_the_file_is_plain_csv(table):
    table.append([row(0)])
    with open(table.path, newline="") as stream:
        header, values = csv.reader(stream)
    assert header == COLUMNS.header
    assert len(values) == len(header)
