"""What is told of a run folder, whatever state its run is in."""

import json
import os
import socket
import time
from dataclasses import asdict
from datetime import UTC, datetime
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_folders import NOW, make_run, new_infos, sign

from xnas.errors import UsageError
from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.results import RunFolder, write_json
from xnas.results.state import State
from xnas.results.summary import summarise

VALUES = st.sampled_from([-inf, -0.5, 0.0, 0.1, 0.25, 0.5, 1.0])
FAILURES = st.sampled_from(["F_exception", "F_nan", "F_timeout"])


def look(folder):
    return summarise(folder, NOW)


def outcomes(n_objectives):
    return st.lists(FAILURES | st.tuples(*[VALUES] * n_objectives), max_size=12)


@given(data=st.data(), n_objectives=st.sampled_from([1, 2]))
def test_numbers_are_those_of_the_rows_and_of_xnas_pareto(
    tmp_path_factory, data, n_objectives
):
    rows = data.draw(outcomes(n_objectives))
    folder = make_run(tmp_path_factory.mktemp("run"), rows, n_objectives=n_objectives)
    summary = look(folder)
    points = [one for one in rows if not isinstance(one, str)]
    assert summary.done == summary.failed + summary.succeeded == len(rows)
    assert summary.succeeded == len(points)
    assert sum(summary.failures.values()) == summary.failed
    array = np.array(points).reshape(-1, n_objectives)
    assert summary.front_size == is_pareto_efficient(array).sum()
    reference = [0.1, 0.0][:n_objectives]
    assert summary.hypervolume == hypervolume(array, reference)
    assert summary.hypervolume_reference == tuple(reference)
    for axis, best in enumerate(summary.best):
        assert best.value == (array[:, axis].max() if points else None)
        assert not points or rows[best.id][axis] == best.value
    assert sum(host.done for host in summary.hosts) == summary.done
    assert sum(host.failed for host in summary.hosts) == summary.failed
    json.dumps(summary.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("state", "age", "expected"),
    [
        ("preparing", 3, State.PREPARING),
        ("running", 3, State.RUNNING),
        ("running", 59, State.RUNNING),
        ("running", -5, State.RUNNING),
        ("running", 61, State.DIED),
        ("stopping", 3, State.STOPPING),
        ("stopping", 61, State.DIED),
        ("preparing", 61, State.DIED),
        ("finished", 1e6, State.FINISHED),
        ("stopped", 1e6, State.STOPPED),
        ("interrupted", 1e6, State.INTERRUPTED),
        ("failed", 1e6, State.FAILED),
        ("of a later version", 3, State.UNKNOWN),
    ],
)
def test_a_heartbeat_tells_the_state(tmp_path, state, age, expected):
    folder = make_run(tmp_path, [(0.5, 0.2)], last_sign=sign(state, age))
    summary = look(folder)
    assert summary.state is expected
    ended = {State.PREPARING, State.RUNNING, State.STOPPING, State.FINISHED}
    assert summary.state.can_be_resumed == (expected not in ended)


def test_clocks_that_differ_kill_no_process(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2)], last_sign=sign())
    now = time.time()
    for host, slow, silent, expected in (
        ("n1", 3600, 3, State.RUNNING),
        ("n1", -3600, 3, State.RUNNING),
        ("n1", 3600, 70, State.DIED),
        (socket.gethostname(), 70, 3, State.DIED),
    ):
        last = {**sign(), "host": host, "time": now - silent - slow}
        write_json(folder.heartbeat, last)
        os.utime(folder.heartbeat, (now - silent,) * 2)
        assert summarise(folder).state is expected


def test_a_process_that_died_in_preparation_never_started_searching(tmp_path):
    folder = make_run(tmp_path, None, last_sign=sign("preparing", 61))
    assert look(folder).state is State.NEVER_STARTED


@pytest.mark.parametrize(
    ("rows", "started", "expected"),
    [
        (None, 0, State.NEVER_STARTED),
        ([], 0, State.NEVER_STARTED),
        (None, 2, State.UNKNOWN),
        ([(0.5, 0.2)] * 3, 5, State.UNKNOWN),
        ([(0.5, 0.2)] * 64, 64, State.FINISHED),
    ],
)
def test_without_a_heartbeat_the_rows_tell_what_they_can(
    tmp_path, rows, started, expected
):
    summary = look(make_run(tmp_path, rows, started=started))
    assert summary.state is expected
    assert summary.heartbeat is None
    assert summary.running == ()


def test_a_concluded_table_tells_that_the_search_came_to_its_end(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2)])
    text = folder.results.read_text()
    folder.results.write_text(text.replace(",DONE,,", ",DONE,True,"))
    assert look(folder).state is State.INCOMPLETE


def test_a_sign_that_cannot_be_read_is_none(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2)])
    for text in ("", "{", "[]", "{}", '{"time": "soon", "state": "running"}'):
        folder.heartbeat.write_text(text)
        assert look(folder).heartbeat is None


def test_torn_last_lines_are_left_out(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2), (0.6, 0.1)], started=3)
    folder.results.write_bytes(folder.results.read_bytes()[:-9])
    folder.started.write_bytes(folder.started.read_bytes()[:-9])
    summary = look(folder)
    assert summary.done == 1
    assert summary.unfinished == 1


def test_what_runs_is_told_unless_its_row_is_there_already(tmp_path):
    busy = [
        {"id": number, "worker": number, "host": host, "since": NOW - 9}
        for number, host in enumerate(["n1", "n2", None])
    ]
    folder = make_run(tmp_path, [(0.5, 0.2)], started=5, last_sign=sign(running=busy))
    summary = look(folder)
    assert [asdict(one) for one in summary.running] == busy[1:]
    assert summary.unfinished == 2
    assert [(h.name, h.done, h.running) for h in summary.hosts] == [
        ("n1", 1, 0),
        ("n2", 0, 1),
        (None, 0, 1),
    ]


def test_nothing_runs_where_the_process_died(tmp_path):
    busy = [{"id": 1, "worker": 0, "host": "n1", "since": NOW - 99}]
    last = sign(age=90, running=busy)
    summary = look(make_run(tmp_path, [(0.5, 0.2)], started=2, last_sign=last))
    assert summary.running == ()
    assert summary.unfinished == 1
    assert summary.seconds_left is None


def test_the_rate_is_that_of_the_process_and_of_its_last_ten_minutes(tmp_path):
    # Ten rows of an earlier process; then one a minute for 20 minutes, none for 10.
    ends = [NOW - 9000] * 10 + [NOW - 1800 + 60 * i for i in range(20)]
    rows = [{"objective": (0.5, 0.2), "end": end} for end in ends]
    last = sign(since=NOW - 1800, rows_before=10)
    summary = look(make_run(tmp_path, rows, last_sign=last))
    assert summary.rate_per_minute == pytest.approx(20 / 30)
    assert summary.recent_rate_per_minute == 0
    assert summary.seconds_left == pytest.approx(60 * (64 - 30) / (20 / 30))


def test_the_time_left_follows_the_last_ten_minutes_if_they_tell_enough(tmp_path):
    rows = [{"objective": (0.5, 0.2), "end": NOW - 30 * i} for i in range(30)]
    summary = look(make_run(tmp_path, rows, last_sign=sign(since=NOW - 90_000)))
    assert summary.recent_rate_per_minute == pytest.approx(2.0)
    assert summary.seconds_left == pytest.approx(60 * (64 - 30) / 2)


def test_a_young_process_has_one_rate(tmp_path):
    rows = [(0.5, 0.2)] * 4
    summary = look(make_run(tmp_path, rows, last_sign=sign(since=NOW - 120)))
    assert summary.rate_per_minute == pytest.approx(2.0)
    assert summary.recent_rate_per_minute is None
    assert summary.seconds_left == pytest.approx(60 * 60 / 2)


def test_the_rate_of_a_process_that_ended_stands(tmp_path):
    last = sign("stopped", age=1000, since=NOW - 1120)
    summary = look(make_run(tmp_path, [(0.5, 0.2)] * 4, last_sign=last))
    assert summary.rate_per_minute == pytest.approx(2.0)
    assert summary.seconds_left is None


def test_without_a_sign_the_rate_is_that_since_the_last_start(tmp_path):
    ends = [NOW - 9000] * 10 + [NOW - 60, NOW]
    rows = [{"objective": (0.5, 0.2), "end": end} for end in ends]
    first, again = (
        datetime.fromtimestamp(NOW - age, UTC).isoformat() for age in (9600, 120)
    )
    resumed = [{"started": again}]
    summary = look(make_run(tmp_path / "a", rows, begun=first, resumed=resumed))
    assert summary.rate_per_minute == pytest.approx(1.0)
    summary = look(make_run(tmp_path / "b", rows, begun=first))
    assert summary.rate_per_minute == pytest.approx(12 / 160)


def test_without_a_limit_no_time_is_left(tmp_path):
    search = {"type": "NSGAII", "seed": 3, "max_evals": -1}
    rows = [(0.5, 0.2)] * 4
    summary = look(make_run(tmp_path, rows, last_sign=sign(), search=search))
    assert summary.max_evals is None
    assert summary.seconds_left is None


def test_without_a_reference_there_is_no_hypervolume(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2)], hypervolume_reference=None)
    summary = look(folder)
    assert summary.hypervolume is None
    assert summary.hypervolume_reference is None
    assert summary.front_size == 1


def test_the_task_is_known_from_the_problem_or_the_folder(tmp_path):
    def task(place, **changes):
        return look(make_run(tmp_path / place, **changes)).task

    assert task("a") == "digits"
    assert task("b", run_settings={"problem": "mine.Problem"}) == "mine"
    assert task("lines/2026-01-02T030405", run_settings=None) == "lines"
    assert task("lines/first", run_settings=None) is None
    # As DeepHyper searches made in Python record it.
    loader = {"load_data": {"function": "experiments.lines.load_data.load_data"}}
    assert task("c", run_settings=None, problem=loader) == "lines"
    loader = {"load_data": {"function": "__main__.load_data"}}
    assert task("d", run_settings=None, problem=loader) is None


def test_infinities_are_null_in_json(tmp_path):
    summary = look(make_run(tmp_path, [(0.5, -inf)]))
    assert summary.best[1].value == -inf
    assert summary.to_json()["best"][1] == {
        "objective": "introspectability",
        "value": None,
        "id": 0,
        "maximize": True,
        "reference": 0.0,
    }


def test_hosts_tell_their_mean_seconds_and_last_row(tmp_path):
    rows = [
        {"objective": (0.5, 0.2), "host": "n2", "end": NOW - 50, "seconds": 2},
        {"objective": "F_nan", "host": "n2", "end": NOW - 60, "seconds": 4},
        {"objective": (0.5, 0.2), "host": "n1", "end": NOW - 70, "seconds": 9},
    ]
    first, second = look(make_run(tmp_path, rows)).hosts
    assert (first.name, first.done, first.failed) == ("n1", 1, 0)
    assert (second.name, second.done, second.failed) == ("n2", 2, 1)
    assert second.mean_seconds == pytest.approx(3)
    assert second.last_row == NOW - 50


def test_rows_that_make_no_sense_count_as_failures_or_are_refused(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2), (float("nan"), 0.2), (inf, 0.2)])
    summary = look(folder)
    assert summary.failures == {"F_nan": 1, "F_exception": 1}
    assert summary.succeeded == 1
    with open(folder.results, "a") as stream:
        stream.write("1\n1,2,what,0.5\n")
    with pytest.raises(UsageError, match="row 4 has 1 fields, expected"):
        look(folder)


def test_what_is_minimised_is_shown_as_measured(tmp_path):
    content = new_infos(("acc", True, 0.1), ("n_parameters", False, 900.0))
    rows = [(0.5, -400.0), (0.6, -700.0), (0.4, -800.0), "F_nan"]
    summary = look(make_run(tmp_path, rows, content=content))
    assert [(b.objective, b.value, b.id) for b in summary.best] == [
        ("acc", 0.6, 1),
        ("n_parameters", 400.0, 0),
    ]
    assert [one.maximize for one in summary.best] == [True, False]
    assert summary.front_size == 2
    assert summary.hypervolume_reference == (0.1, 900.0)
    area = 0.4 * 500 + 0.1 * 200
    assert summary.hypervolume == pytest.approx(area)


@given(data=st.data(), n_objectives=st.integers(1, 5))
def test_a_summary_goes_by_network_with_means_over_replicates(
    tmp_path_factory, data, n_objectives
):
    rows = data.draw(outcomes(n_objectives))
    copies = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=12))
    stated = [(f"y{i}", i % 2 == 0, -1.0 * (i % 2 == 0)) for i in range(n_objectives)]
    marked = [
        {"objective": one, "genotype": (9, network), "replicate": i}
        for i, (one, network) in enumerate(zip(rows, copies, strict=False))
    ]
    folder = make_run(
        tmp_path_factory.mktemp("run"), marked, content=new_infos(*stated)
    )
    summary = look(folder)
    groups = {}
    for one, network in zip(rows, copies, strict=False):
        if not isinstance(one, str):
            groups.setdefault(network, []).append(one)
    points = np.array([np.mean(group, axis=0) for group in groups.values()])
    points = points.reshape(-1, n_objectives)
    assert summary.done == len(rows)
    assert summary.front_size == is_pareto_efficient(points).sum()
    for axis, best in enumerate(summary.best):
        sign = 1 if axis % 2 == 0 else -1
        assert best.value == (sign * points[:, axis].max() if groups else None)


def test_looking_changes_nothing(tmp_path):
    folder = make_run(tmp_path, [(0.5, 0.2)], started=2, last_sign=sign())
    folder.started.write_bytes(folder.started.read_bytes()[:-2])

    def state():
        files = sorted(tmp_path.rglob("*"))
        return [(p, p.read_bytes(), p.stat().st_mtime_ns) for p in files]

    before = state()
    look(folder)
    assert state() == before


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"objectives": []}', '{"objectives": ["a"], "search": 1}']
)
def test_infos_of_something_else_are_refused(tmp_path, text):
    folder = make_run(tmp_path)
    folder.init_infos.write_text(text)
    with pytest.raises(UsageError, match=r"init_infos\.json"):
        look(folder)


def test_a_table_that_is_no_text_is_refused(tmp_path):
    folder = make_run(tmp_path)
    folder.results.write_bytes(b"\xff\xfe\n")
    with pytest.raises(UsageError, match=r"results\.csv cannot be read"):
        look(folder)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no run"):
        look(RunFolder(tmp_path))


def test_a_large_run_takes_well_below_a_second(tmp_path):
    rng = np.random.default_rng(1)
    rows = [tuple(map(float, pair)) for pair in rng.random((16_000, 2))]
    folder = make_run(tmp_path, rows, last_sign=sign())
    # Time of this process, whatever else the machine is busy with.
    begin = time.process_time()
    assert look(folder).done == 16_000
    assert time.process_time() - begin < 1
