"""``check --gpu`` judges what workers find, and writes a report of it."""

import os

import pytest

from xnas.cli import check_gpu, main
from xnas.cli.check_gpu import (
    Finding,
    agreement,
    line_of,
    look_findings,
    mixed_precision,
    report,
    sharing,
    timing,
)
from xnas.errors import UsageError
from xnas.machine import MIB
from xnas.nas_deephyper.gpu_jobs import do

DRIVER = 7
WHOLE = 16_000 * MIB


def look(pid, visible, **changes):
    memory = {"101": 500 * MIB, "102": 600 * MIB}
    found = {"pid": pid, "visible": visible, "gpus": ["A100"], "growth": True}
    return {**found, "computed_on": "GPU:0", "memory": memory, **changes}


LOOKS = [look(101, "0"), look(102, "1")]


def verdicts(looks, whole=WHOLE):
    return [one.passed for one in look_findings(looks, DRIVER, whole)]


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Stands for the driver's tool, on a machine with two GPUs."""
    program = tmp_path / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\ncase $1 in\n"
        "-L) echo 'GPU 0: A100 (UUID: GPU-a)'; echo 'GPU 1: A100 (UUID: GPU-b)';;\n"
        "--query-gpu=memory.total) echo 16000;;\n"
        "--query-gpu=*) echo 'A100, 16000 MiB, 580.1';;\n"
        "esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    # TensorFlow takes seconds to load.
    monkeypatch.setattr(check_gpu, "_compute_here", lambda: None)


def test_without_a_gpu_one_sentence_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--gpu"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "no GPU that NVIDIA's driver shows (CUDA_VISIBLE_DEVICES is '-1')" in said
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--gpu", "--reliability"], "--gpu and --reliability are given"),
        (["--problem", "digits", "--output", "here.md"], "--output is given without"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(words, sentence, capsys):
    assert main(["check", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_workers_with_a_gpu_each_pass():
    assert verdicts(LOOKS) == [True] * 4


@pytest.mark.parametrize(
    ("changes", "whole", "expected"),
    [
        ({"computed_on": "CPU:0", "gpus": []}, WHOLE, [False, False, True, True]),
        ({"visible": "0"}, WHOLE, [True, False, True, True]),
        ({"gpus": ["A100", "A100"]}, WHOLE, [True, False, True, True]),
        ({"growth": False}, WHOLE, [True, True, False, True]),
        ({}, 700 * MIB, [True, True, False, True]),
        ({}, 0, [True, True, None, True]),
        ({"memory": {}}, WHOLE, [True, True, None, None]),
    ],
)
def test_each_thing_that_workers_see_is_judged_for_itself(changes, whole, expected):
    assert verdicts([LOOKS[0], {**LOOKS[1], **changes}], whole) == expected


def test_memory_of_the_searchs_own_process_is_a_fault():
    memory = {**LOOKS[0]["memory"], str(DRIVER): 300 * MIB}
    *_, last = look_findings([look(101, "0", memory=memory)], DRIVER, WHOLE)
    assert not last.passed
    assert "300 MiB" in last.sentence


def test_a_worker_that_fails_tells_why():
    (found,) = look_findings([{"failure": "no CUDA"}], DRIVER, WHOLE)
    assert (found.passed, found.sentence) == (False, "no CUDA")
    for judge in (agreement, mixed_precision, timing):
        assert judge({"failure": "no CUDA"}).sentence == "no CUDA"


def test_predictions_are_to_be_near_and_numbers():
    assert agreement({"plain": 1e-6, "compiled": 2e-6}).passed
    assert not agreement({"plain": 1e-6, "compiled": 0.1}).passed
    assert not agreement({"plain": float("nan"), "compiled": 0.0}).passed


def test_a_loss_is_to_fall_in_every_precision():
    assert mixed_precision({"a": [1.0, 0.5], "b": [1.0, 0.9]}).passed
    assert not mixed_precision({"a": [1.0, 0.5], "b": [1.0, 1.1]}).passed
    assert not mixed_precision({"a": [1.0, float("nan")]}).passed


@pytest.mark.parametrize(
    ("plain", "compiled", "words"),
    [
        ([3, 3], [9, 1], "compiled is the quicker one from 4 evaluations a worker on"),
        ([3, 3], [2, 1], "compiled is the quicker one from 2 evaluations"),
        ([3, 1], [9, 1], "plain is the quicker one, however many"),
    ],
)
def test_timing_tells_the_trainer_to_take(plain, compiled, words):
    assert words in timing({"plain": plain, "compiled": compiled}).sentence


def test_workers_that_share_a_gpu_are_two_processes_on_one():
    assert sharing([look(101, "0"), look(102, "0")]).passed
    assert not sharing([look(101, "0"), look(102, "1")]).passed
    assert not sharing([look(101, "0"), look(101, "0")]).passed


def test_the_report_names_everything_and_nobody():
    findings = [Finding("This", True, "a|b"), Finding("That", None, "not shown")]
    text = report(findings, ["A100, 40 GiB"], {"ray": "2.60"}, 65)
    assert "| passed | This | a/b |\n| unknown | That | not shown |\n" in text
    assert "- GPU: A100, 40 GiB\n- ray: 2.60\n" in text
    assert os.uname().nodename not in check_gpu.versions().values()
    assert line_of(findings[1]) == "unknown  That: not shown"


def test_all_is_checked_in_order_and_reported(driver, tmp_path, capsys):
    asked = []

    def found(parts, arguments, **more):
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        asked.append((parts, more.get("method"), more.get("num_workers"), visible))
        if parts[0] == "look":
            second = "1" if visible is None else "0"
            return [look(101, "0"), look(102, second)][: len(parts)]
        assert arguments[parts[0]] == {"problem": "task"}
        pairs = {"agree": (0.0, 0.0), "mixed": ([2, 1], [2, 1]), "timed": ([3, 3],) * 2}
        return [dict(zip(("plain", "compiled"), pairs[parts[0]], strict=True))]

    file = tmp_path / "sent.md"
    count = min(2, check_gpu.cpu_count())
    assert check_gpu.check_gpu("task", ["0", "1"], file, found) == 0
    assert asked == [
        (["look"] * count, None, count, None),
        *((["agree"], None, None, None), (["mixed"], None, None, None)),
        (["timed"], None, None, None),
        (["look"] * 2, "ray", 2, "0"),
    ]
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    text = file.read_text()
    assert text.count("| passed |") == 8
    assert "A100, 16000 MiB, 580.1" in text
    assert "FAILED" not in capsys.readouterr().out


def test_what_cannot_be_done_fails_the_check_and_is_in_the_report(driver, tmp_path):
    def refuses(parts, arguments, **more):
        raise UsageError("there is no such thing")

    file = tmp_path / "sent.md"
    assert check_gpu.check_gpu("task", ["0"], file, refuses) == 1
    assert "FAILED | TensorFlow computes on the GPU | there is no such" in (
        file.read_text()
    )
    with pytest.raises(UsageError, match="--output is"):
        check_gpu.check_gpu("task", ["0"], tmp_path, refuses)


def test_workers_do_the_parts_and_tell_what_fails():
    here = {"device": "CPU:0"}
    cpus = {"method": "serial", "num_gpus_per_task": 0}
    found, fault = do(["look", "mixed"], {"look": here}, **cpus)
    assert found["computed_on"] == "CPU:0"
    assert found["visible"] == "-1"
    assert found["growth"]
    assert "missing 1 required positional argument" in fault["failure"]
