"""Carrying on a run from its folder."""

import asyncio
import json
import shutil

import numpy as np
import pytest
from deephyper.evaluator import Evaluator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import instant, instant_single, rows_of, trade_off

from xnas.errors import UsageError
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS
from xnas.results import RunFolder, write_json

TIMES = ("m:timestamp_submit", "m:timestamp_gather")
SIZES = {NSGAII: 8, AsynchronousNSGAII: 8, RegularizedEvolutionXNAS: 6}


async def odd(job):
    """Fail now and then, and find classes that no layer tells apart."""
    first, second = trade_off(job["arch_seq"])
    if sum(job["arch_seq"]) % 5 == 0:
        return "F_nan"
    return (first, float("-inf") if sum(job["arch_seq"]) % 7 == 0 else second)


def make(kind, problem, folder, *, resume=False, **kwargs):
    options = {"random_state": 3, "population_size": SIZES[kind], **kwargs}
    if kind is RegularizedEvolutionXNAS:
        options.setdefault("sample_size", 3)
    return kind(problem, log_dir=folder, resume=resume, **options)


def go(search, max_evals, run=instant, num_workers=1):
    workers = Evaluator.create(run, "serial", {"num_workers": num_workers})
    search.search(workers, max_evals=max_evals)
    return search


def table(folder):
    return [
        {name: value for name, value in row.items() if name not in TIMES}
        for row in rows_of(folder)
    ]


def cut(source, target, size, torn=0):
    """Leave of a run what a kill after ``size`` rows leaves, and a piece of one."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    folder = RunFolder(target)
    lines = folder.results.read_bytes().splitlines(keepends=True)
    rest = lines[size + 1][:torn] if size + 1 < len(lines) else b""
    folder.results.write_bytes(b"".join(lines[: size + 1]) + rest)
    started = folder.started.read_bytes().splitlines(keepends=True)
    folder.started.write_bytes(b"".join(started[: size + 1]))
    return target


@pytest.fixture(params=SIZES)
def kind(request):
    return request.param


def test_a_run_cut_anywhere_ends_with_the_table_of_one_that_was_not(
    kind, problem, tmp_path
):
    whole = tmp_path / "whole"
    go(make(kind, problem, whole), 40, odd)
    random = np.random.default_rng(0)
    for size in (0, 1, 7, 8, 9, 16, 23, 39, 40):
        part = cut(whole, tmp_path / f"{size}", size, torn=int(random.integers(60)))
        search = make(kind, problem, part, resume=True)
        go(search, 40 - size, odd) if size < 40 else search.take_over()
        search.conclude()
        assert table(part) == table(whole), size


def test_a_run_may_be_cut_again_and_again(kind, problem, tmp_path):
    whole, part = tmp_path / "whole", tmp_path / "part"
    go(make(kind, problem, whole), 40)
    go(make(kind, problem, part), 3)
    for more in (1, 6, 10, 20):
        go(make(kind, problem, part, resume=True), more)
    assert table(part) == table(whole)


def test_every_row_is_there_once_with_several_workers(kind, problem, tmp_path):
    go(make(kind, problem, tmp_path), 7, num_workers=4)
    lines = RunFolder(tmp_path).results.read_text().splitlines(keepends=True)
    # Evaluations 3 and 5 were still running at the kill, later ones had ended.
    kept = [line for k, line in enumerate(lines) if k not in (4, 6)]
    RunFolder(tmp_path).results.write_text("".join(kept))
    go(make(kind, problem, tmp_path, resume=True), 27, num_workers=4)
    rows = table(tmp_path)
    assert sorted(int(row["m:id"]) for row in rows) == list(range(32))
    assert len({row["m:arch_seq"] for row in rows}) == 32
    again = [line for line in lines if line.split(",")[8] in ("3", "5")]
    for line in again:
        genotype = line[: line.index(",0.")]
        assert any(",".join(list(row.values())[:6]) == genotype for row in rows)


def test_no_child_is_a_network_that_is_evaluated_again(kind, small_problem, tmp_path):
    for seed in range(10):
        part = tmp_path / str(seed)
        go(make(kind, small_problem, part, random_state=seed), 25, num_workers=4)
        results = RunFolder(part).results
        rows = results.read_text().splitlines(keepends=True)
        results.write_text("".join(rows[:-3]))
        again = make(kind, small_problem, part, random_state=seed, resume=True)
        # More workers than there is to repeat: the others get children.
        go(again, 10, num_workers=8)
        forms = [
            again.algorithm.networks.form_of(tuple(json.loads(r["m:arch_seq"])))
            for r in table(part)
        ]
        assert len(set(forms)) == len(forms) == 32


def test_a_smaller_generation_goes_on_where_the_budget_ended_it(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 11)
    go(make(NSGAII, problem, tmp_path, resume=True), 13)
    rows = table(tmp_path)
    assert [row["m:generation"] for row in rows] == ["0"] * 8 + ["1"] * 8 + ["2"] * 8


def test_an_exhausted_space_is_exhausted_again(kind, small_problem, tmp_path):
    whole = go(make(kind, small_problem, tmp_path), 1000)
    assert whole.exhausted
    before = table(tmp_path)
    again = go(make(kind, small_problem, tmp_path, resume=True), 1000)
    assert again.exhausted
    assert table(tmp_path) == before


def test_a_search_of_failures_can_be_carried_on(kind, problem, tmp_path):
    async def fails(job):
        return "F_exception"

    whole, part = tmp_path / "whole", tmp_path / "part"
    go(make(kind, problem, whole), 20, fails)
    go(make(kind, problem, part), 9, fails)
    go(make(kind, problem, part, resume=True), 11, fails)
    assert table(part) == table(whole)


def test_one_objective_is_carried_on_as_well(kind, problem, tmp_path):
    whole, part = tmp_path / "whole", tmp_path / "part"
    go(make(kind, problem, whole, n_objectives=1), 20, instant_single)
    go(make(kind, problem, part, n_objectives=1), 9, instant_single)
    go(make(kind, problem, part, n_objectives=1, resume=True), 11, instant_single)
    assert table(part) == table(whole)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(part=st.floats(0, 1))
def test_wherever_a_kill_tears_the_table_no_whole_row_is_lost(
    part, problem, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("run")
    go(make(NSGAII, problem, folder), 12)
    results = RunFolder(folder).results
    content = results.read_bytes()
    length = round(part * len(content))
    results.write_bytes(content[:length])
    whole = max(content[:length].count(b"\n") - 1, 0)
    search = make(NSGAII, problem, folder, resume=True)
    search.take_over()
    assert search.recorder.n_before == whole
    # The next row must not be written behind half of another one.
    assert results.read_bytes()[-1:] in (b"", b"\n")
    go(search, 12 - whole) if whole < 12 else search.folder.release()
    assert [row["m:id"] for row in table(folder)] == [str(k) for k in range(12)]


def test_a_torn_record_of_what_was_handed_out_is_mended(kind, problem, tmp_path):
    go(make(kind, problem, tmp_path), 10)
    folder = RunFolder(tmp_path)
    folder.started.write_bytes(folder.started.read_bytes()[:-9])
    go(make(kind, problem, tmp_path, resume=True), 4)
    entries = [json.loads(line) for line in folder.started.read_text().splitlines()]
    assert [entry["id"] for entry in entries] == [*range(9), *range(10, 14)]


def test_drafts_and_activations_of_the_dominated_go(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 10)
    folder = RunFolder(tmp_path)
    for number in range(10):
        folder.activations(number).write_bytes(b"x")
    drafts = [
        folder.root / ".results.csv.7.part",
        folder.root / "activations" / ".3.npz.part.npz",
        folder.root / "save" / "config" / ".3.json.7.part",
    ]
    for draft in drafts:
        draft.write_bytes(b"x")
    search = make(NSGAII, problem, tmp_path, resume=True)
    search.take_over()
    assert not any(draft.exists() for draft in drafts)
    points = {one.id: one.objectives for one in search.recorder.evaluations}
    for first in (range(8), range(8, 10)):
        for number in first:
            dominated = any(
                all(b >= a for a, b in zip(points[number], points[k], strict=True))
                and points[k] != points[number]
                for k in first
            )
            assert folder.activations(number).exists() is not dominated


def refused(problem, folder, kind=NSGAII, **kwargs):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UsageError) as error:
        make(kind, problem, folder, resume=True, **kwargs).take_over()
    for path, content in before.items():
        assert path.read_bytes() == content
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_decides_rows_must_be_the_same_and_is_named(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path, infos={"run": "a.run"}), 4)

    def told(**kwargs):
        return refused(problem, tmp_path, **{"infos": {"run": "a.run"}, **kwargs})

    assert "--seed is 4" in told(random_state=4)
    assert "started with 3" in told(random_state=4)
    assert "--population-size is 9" in told(population_size=9)
    assert "objectives" in told(n_objectives=1)
    assert "--run is" in told(infos={"run": "another.run"})
    assert "the search is" in told(kind=RegularizedEvolutionXNAS)
    changed = problem.with_hyperparameters(learning_rate=0.2)
    told = refused(changed, tmp_path, infos={"run": "a.run"})
    assert "problem.hyperparameters.learning_rate is 0.2" in told
    assert "0.1" in told


def test_the_seed_comes_from_the_folder_if_none_is_given(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path, random_state=None), 4)
    first = RunFolder(tmp_path).infos()["search"]["seed"]
    assert make(NSGAII, problem, tmp_path, random_state=None, resume=True).seed == first


def test_a_folder_without_a_run_is_refused(problem, tmp_path):
    with pytest.raises(UsageError, match="holds no run"):
        make(NSGAII, problem, tmp_path, resume=True)


def test_a_table_of_something_else_is_refused(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 10)
    results = RunFolder(tmp_path).results
    good = results.read_text()
    lines = good.splitlines(keepends=True)
    for broken, told in (
        ("a,b\n1,2\n", "has the columns"),
        (good + "1,2,3\n", "has 3 fields"),
        (good.replace("DONE", "DONE,DONE", 1), "fields, expected"),
        (good + lines[-1], "which an earlier row has too"),
        (good.replace('"[', '"', 1), "row 1 cannot be read: m:arch_seq is"),
    ):
        results.write_text(broken)
        assert told in refused(problem, tmp_path)


def test_a_broken_init_infos_is_refused(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 4)
    RunFolder(tmp_path).init_infos.write_text('{"search": ')
    assert "cannot be read" in refused(problem, tmp_path)


def test_what_was_handed_out_is_read_from_the_record(problem, tmp_path):
    """Whatever a later release of an operator would breed instead."""
    go(make(NSGAII, problem, tmp_path), 20)
    folder = RunFolder(tmp_path)
    lines = folder.results.read_text().splitlines(keepends=True)
    # Evaluations 3 and 18 were handed out and lost; the last generation is under way.
    kept = [line for k, line in enumerate(lines) if k not in (4, 19)]
    folder.results.write_text("".join(kept))
    entries = [json.loads(line) for line in folder.started.read_text().splitlines()]
    space, known = problem.build_space(), [entry["arch_seq"] for entry in entries]
    other = next(
        g
        for g in np.ndindex(5, 5, 5, 5, 5, 5)
        if space.is_connected(g) and list(g) not in known
    )
    entries[18] |= {"arch_seq": list(other), "form": "00"}
    folder.started.write_text("".join(json.dumps(one) + "\n" for one in entries))
    go(make(NSGAII, problem, tmp_path, resume=True), 6)
    rows = {int(row["m:id"]): row for row in table(tmp_path)}
    assert sorted(rows) == list(range(24))
    assert json.loads(rows[18]["m:arch_seq"]) == list(other)
    assert json.loads(rows[3]["m:arch_seq"]) == entries[3]["arch_seq"]
    assert [rows[k]["m:generation"] for k in (3, 18, 23)] == ["0", "2", "2"]


def test_forms_of_another_version_are_worked_out_anew(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 10)
    folder = RunFolder(tmp_path)
    entries = [json.loads(line) for line in folder.started.read_text().splitlines()]
    for entry in entries:
        entry["form"] = "00"
    folder.started.write_text("".join(json.dumps(one) + "\n" for one in entries))
    write_json(folder.init_infos, {**folder.infos(), "form_version": 0})
    search = make(NSGAII, problem, tmp_path, resume=True)
    go(search, 6)
    networks = search.algorithm.networks
    for row in table(tmp_path):
        genotype = tuple(json.loads(row["m:arch_seq"]))
        assert networks.form_of(genotype) == search.space.canonical_form(genotype)


def test_cancelled_candidates_are_handed_out_again(kind, problem, tmp_path):
    """A timeout cancels what runs; it neither fails nor is lost."""

    async def slow_now_and_then(job):
        if job["job_id"] in (5, 6) and is_slow:
            await asyncio.sleep(3)
        return trade_off(job["arch_seq"])

    is_slow = True
    search = make(kind, problem, tmp_path)
    own = Evaluator.create(slow_now_and_then, "serial", {"num_workers": 2})
    search.search(own, max_evals=30, timeout=1)
    assert len(table(tmp_path)) == 5
    is_slow = False
    own = Evaluator.create(slow_now_and_then, "serial", {"num_workers": 2})
    search.search(own, max_evals=30 - len(table(tmp_path)))
    rows = table(tmp_path)
    assert sorted(int(row["m:id"]) for row in rows) == list(range(30))
    assert not any(row["objective_0"].startswith("F") for row in rows)
    lines = RunFolder(tmp_path).started.read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    first, again = ([e for e in entries if e["id"] == 5][k] for k in (0, 1))
    assert first["arch_seq"] == again["arch_seq"]


def test_two_cannot_carry_on_the_same_run(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 4)
    first = make(NSGAII, problem, tmp_path, resume=True)
    first.take_over()
    assert "another search" in refused(problem, tmp_path)
    go(first, 4)
    make(NSGAII, problem, tmp_path, resume=True).take_over()


def test_each_resume_is_recorded_beside_what_began_the_run(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 4)
    folder = RunFolder(tmp_path)
    before = folder.infos()
    go(make(NSGAII, problem, tmp_path, resume=True), 4)
    go(make(NSGAII, problem, tmp_path, resume=True), 2)
    infos = folder.infos()
    assert [entry["max_evals"] for entry in infos["resumed"]] == [8, 10]
    assert infos["search"]["max_evals"] == 10
    for key in ("started", "problem", "space", "environment"):
        assert infos[key] == before[key]


def test_a_changed_description_written_back_is_taken(problem, tmp_path):
    go(make(NSGAII, problem, tmp_path), 4)
    folder = RunFolder(tmp_path)
    write_json(folder.init_infos, folder.infos())
    go(make(NSGAII, problem, tmp_path, resume=True), 4)
    assert len(table(tmp_path)) == 8


def test_a_stopped_search_ends_with_what_runs(kind, problem, tmp_path):
    search = make(kind, problem, tmp_path)

    async def stops(job):
        if job["job_id"] == 5:
            search.stop()
        return trade_off(job["arch_seq"])

    go(search, 30, stops, num_workers=2)
    assert 5 < len(table(tmp_path)) < 9
    assert not search.exhausted
    go(make(kind, problem, tmp_path, resume=True), 30 - len(table(tmp_path)))
    assert sorted(int(row["m:id"]) for row in table(tmp_path)) == list(range(30))
