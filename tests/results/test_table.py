"""results.csv as it grows and as it ends."""

import csv
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_folders import evaluation

from xnas.errors import UsageError
from xnas.records import Evaluation, Times, failed
from xnas.results import Columns, ResultsTable, read_table

COLUMNS = Columns.of_run(("edge_0", "edge_1"), 2, ["calm"])
FINITE = st.floats(allow_nan=False, max_value=1e308)


def row(number, objectives=(0.5, 0.25), **known):
    return evaluation(number, objectives, (1, 2), **known)


def ids(table):
    return [one.id for one in read_table(table.path).evaluations]


@pytest.fixture
def table(tmp_path):
    with closing(ResultsTable(tmp_path / "results.csv", COLUMNS)) as table:
        yield table


def fields(table):
    with open(table.path, newline="") as stream:
        return list(csv.DictReader(stream))


def test_columns_follow_deephypers_names():
    assert COLUMNS.header[:7] == (
        "p:edge_0",
        "p:edge_1",
        "objective_0",
        "objective_1",
        "job_id",
        "job_status",
        "pareto_efficient",
    )
    assert Columns.of_run(("a",), 1).objectives == ["objective"]
    names = [f"objective_{i}" for i in range(5)]
    assert Columns.of_run(("a",), 5).objectives == names


def test_a_failure_fills_every_objective(table):
    table.append([row(0, "F_nan")])
    (written,) = fields(table)
    assert written["objective_0"] == written["objective_1"] == "F_nan"


def test_each_append_is_on_the_disk_when_it_returns(table):
    table.append([row(0)])
    assert ids(table) == [0]
    table.append([row(1), row(2)])
    assert ids(table) == [0, 1, 2]


def test_integers_stay_integers_when_a_row_fails(table):
    table.append([row(0, metadata={"n_parameters": 12345}), row(1, "F_timeout")])
    assert fields(table)[0]["m:n_parameters"] == "12345"
    (first, _) = read_table(table.path).evaluations
    assert first.metadata["n_parameters"] == 12345
    assert isinstance(first.metadata["n_parameters"], int)


def test_a_torn_last_line_is_left_out_and_mended_if_asked(table):
    table.append([row(0), row(1)])
    whole = table.path.read_bytes()
    table.path.write_bytes(whole[:-9])
    assert ids(table) == [0]
    assert len(table.path.read_bytes()) == len(whole) - 9
    read_table(table.path, mend=True)
    assert table.path.read_bytes() == whole[: whole.rindex(b"\n", 0, -1) + 1]


@given(values=st.tuples(FINITE, FINITE))
def test_numbers_come_back_to_the_bit(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("table") / "results.csv"
    with closing(ResultsTable(path, COLUMNS)) as table:
        table.append([row(0, values)])
    (read,) = read_table(path).evaluations
    assert read.objectives == values


EVALUATIONS = st.builds(
    Evaluation,
    id=st.integers(0, 10**6),
    genotype=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    parent_ids=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    generation=st.none() | st.integers(0, 99),
    replicate=st.integers(0, 9),
    objectives=st.tuples(FINITE, FINITE),
    metadata=st.dictionaries(
        st.sampled_from(["n_parameters", "calm", "colour", "training_time"]),
        st.integers(0, 10**9),
    ),
    times=st.builds(Times, *[st.none() | st.floats(0, 2e9)] * 4),
    host=st.none() | st.text(min_size=1).filter(lambda text: text.isprintable()),
    worker=st.none() | st.integers(0, 99),
)


@given(one=EVALUATIONS, fails=st.booleans())
def test_an_evaluation_comes_back_as_it_was_written(tmp_path_factory, one, fails):
    if fails:
        one = replace(one, objectives=None, failure="F_timeout")
    path = tmp_path_factory.mktemp("table") / "results.csv"
    with closing(ResultsTable(path, COLUMNS)) as table:
        table.append([one])
    assert read_table(path).evaluations == [one]


def test_hostile_text_stays_in_its_field(table):
    text = 'a,"b"\nc'
    table.append([row(0, host=text)])
    assert fields(table)[0]["m:host"] == text
    assert read_table(table.path).evaluations[0].host == text


def test_metadata_without_a_column_are_kept_as_json(table):
    table.append([row(0, metadata={"colour": "red", "calm": 2.5})])
    (written,) = fields(table)
    assert written["m:other"] == '{"colour": "red"}'
    assert written["m:calm"] == "2.5"
    found = read_table(table.path).evaluations[0].metadata
    assert found == {"colour": "red", "calm": 2.5}


def test_the_front_is_filled_in_at_the_end_and_nothing_else_changes(table):
    rows = [row(0), row(1, (0.75, 0.25))]
    table.append(rows)
    before = fields(table)
    assert [r.pop("pareto_efficient") for r in before] == ["", ""]
    assert not read_table(table.path).concluded
    table.finish(rows, {1})
    after = fields(table)
    assert [r.pop("pareto_efficient") for r in after] == ["False", "True"]
    assert after == before
    assert read_table(table.path).concluded
    assert [p.name for p in table.path.parent.iterdir()] == ["results.csv"]


def test_a_table_is_carried_on_with_the_columns_that_it_has(tmp_path):
    """Tables of the version before have no column of replicates."""
    path = tmp_path / "results.csv"
    older = Columns(tuple(n for n in COLUMNS.header if n != "m:replicate"))
    with closing(ResultsTable(path, older)) as table:
        table.append([row(0)])
    with closing(ResultsTable(path, read_table(path).columns)) as table:
        table.append([row(1, replicate=2)])
    assert [one.replicate for one in read_table(path).evaluations] == [0, 2]


@pytest.mark.parametrize("reason", ["F_nan", "F_timeout", "F", "F_own reason"])
def test_what_begins_with_f_is_a_failure_everywhere(table, reason):
    """DeepHyper's rule."""
    table.append([row(0, reason)])
    (found,) = read_table(table.path).evaluations
    assert found.failure == reason
    assert found == failed(found, reason).having(metadata=found.metadata)


@pytest.mark.parametrize("text", ["nan", "wrong", "inf"])
def test_values_that_no_search_writes_are_failures_or_refused(table, text):
    table.append([row(0, (0.5, 0.125))])
    table.path.write_text(table.path.read_text().replace("0.125", text))
    if text == "wrong":
        with pytest.raises(UsageError, match="row 1 cannot be read"):
            read_table(table.path)
    else:
        (found,) = read_table(table.path).evaluations
        assert found.failure in ("F_nan", "F_exception")


def test_a_replicate_is_what_its_column_says(tmp_path):
    """Whatever a run function called so before that was refused."""
    columns = Columns.of_run(("a",), 1, ("id", "host"))
    assert len(set(columns.header)) == len(columns.header)
    one = Evaluation(0, (1,), objectives=(1.0,), metadata={"replicate": 4})
    with closing(ResultsTable(tmp_path / "results.csv", columns)) as table:
        table.append([one])
    assert read_table(tmp_path / "results.csv").evaluations[0].replicate == 0
