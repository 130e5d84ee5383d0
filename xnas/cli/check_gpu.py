"""``check --gpu``: whether searches can use this machine's GPUs, and a report of it."""

import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from math import ceil, isfinite
from pathlib import Path
from typing import Any, NamedTuple

from xnas.cli.exit_status import DONE, FAILED
from xnas.cli.say import say
from xnas.errors import UsageError, XNASError
from xnas.machine import (
    MIB,
    VISIBLE,
    cpu_count,
    gpu_memory_in_all,
    gpu_models,
    seeing,
    visible_gpus,
)
from xnas.problem import NaProblem
from xnas.results.durations import duration

REPORT = "gpu-check.md"

TOLERANCE = 1e-3
"""Predictions of float32 may differ by so much after a trial's ten steps."""

PACKAGES = ("xnas", "tensorflow", "keras", "ray", "deephyper")

Found = Mapping[str, Any]
"""What a worker has found; ``failure`` why it found nothing."""

Do = Callable[..., list[dict[str, Any]]]
"""Has workers do something, see :func:`xnas.nas_deephyper.gpu_jobs.do`."""


class Finding(NamedTuple):
    """One thing that was checked.

    Args:
        name: of it.
        passed: whether it is as it should be; ``None`` if that cannot be told.
        sentence: what was seen.
    """

    name: str
    passed: bool | None
    sentence: str


def need_gpus() -> list[str]:
    """Return the GPUs that this process may use.

    Raises:
        UsageError: there is none.
    """
    gpus = visible_gpus()
    if not gpus:
        limit = os.environ.get(VISIBLE)
        hidden = "" if limit is None else f" ({VISIBLE} is {limit!r})"
        raise UsageError(
            f"--gpu found no GPU that NVIDIA's driver shows{hidden}, expected one: see "
            "docs/gpu.md"
        )
    return gpus


def check_gpu(
    problem: NaProblem, gpus: Sequence[str], output: Path, do: Do | None = None
) -> int:
    """Check a machine's GPUs, tell what is found, and write the report.

    Args:
        problem: that is trained.
        gpus: that this process may use, 1 or more.
        output: file of the report.
        do: as :func:`xnas.nas_deephyper.gpu_jobs.do`, which it is if ``None``.

    Returns:
        The exit status: 1 if something is not as it should be.

    Raises:
        UsageError: the report cannot be written.
    """
    _write(output, "The check has not come to its end.\n")
    started = time.perf_counter()
    _compute_here()
    findings: list[Finding] = []
    for found in _findings(problem, gpus, do or _of_workers()):
        findings.append(found)
        print(line_of(found), flush=True)
    taken = time.perf_counter() - started
    _write(output, report(findings, gpu_models(), versions(), taken))
    say(f"The report is in {output}.")
    return FAILED if any(one.passed is False for one in findings) else DONE


def _of_workers() -> Do:
    from xnas.nas_deephyper.gpu_jobs import do  # loads DeepHyper

    return do


def _compute_here() -> None:
    """Compute in this process, which is what would take a GPU's memory."""
    import tensorflow as tf

    tf.ones((64, 64)).numpy()


def _findings(problem: NaProblem, gpus: Sequence[str], do: Do) -> Iterator[Finding]:
    """Check one thing after the other, what others need first."""
    count = min(len(gpus), cpu_count())
    say(f"Starting a worker on each of {count} GPUs.")
    looks = _done(do, ["look"] * count, {}, num_workers=count)
    yield from look_findings(looks, os.getpid(), gpu_memory_in_all())
    if any("failure" in look for look in looks):
        return
    own = {"problem": problem}
    say("Training on a GPU, and the same on the CPU.")
    yield agreement(*_done(do, ["agree"], {"agree": own}))
    say("Training in mixed precision.")
    yield mixed_precision(*_done(do, ["mixed"], {"mixed": own}))
    say("Timing both trainers.")
    yield timing(*_done(do, ["timed"], {"timed": own}))
    say("Starting Ray, and two workers on one GPU.")
    half = {"num_gpus_per_task": 0.5, "num_cpus_per_task": min(1.0, cpu_count() / 2)}
    with seeing(gpus[:1]):  # so that the Ray that is started has no other
        shared = _done(do, ["look"] * 2, {}, method="ray", num_workers=2, **half)
    yield sharing(shared)


def _done(do: Do, parts: list[str], arguments: Found, **more: Any) -> list[Any]:
    try:
        return do(parts, arguments, **more)
    except XNASError as error:
        return [{"failure": str(error)}] * len(parts)


def _failure(found: Sequence[Found]) -> str | None:
    return next((str(one["failure"]) for one in found if "failure" in one), None)


def look_findings(looks: Sequence[Found], driver: int, whole: int) -> Iterator[Finding]:
    """Judge what workers on a GPU each see.

    Args:
        looks: what each has found.
        driver: id of the process that started them.
        whole: bytes of memory of a GPU, 0 if unknown.

    Yields:
        Whether TensorFlow computes on GPUs, each worker sees its own only, memory grows
        as it is needed, and the search's own process leaves it alone.
    """
    if failure := _failure(looks):
        yield Finding("TensorFlow computes on the GPU", False, failure)
        return
    used = {str(look["computed_on"]) for look in looks}
    on_gpus = all(one.startswith("GPU") for one in used)
    models = ", ".join(name for look in looks for name in look["gpus"]) or "none"
    hint = "" if on_gpus else "; pip install -r requirements-gpu.txt"
    yield Finding(
        "TensorFlow computes on the GPU", on_gpus, f"GPUs it finds: {models}{hint}"
    )
    seen = [str(look["visible"]) for look in looks]
    alone = len({*seen}) == len(seen) and all(len(one["gpus"]) == 1 for one in looks)
    yield Finding(
        "Workers see their own GPU only",
        alone,
        f"{len(seen)} workers have {VISIBLE} {', '.join(seen)}",
    )
    yield _growth(looks, whole)
    yield _driver_memory(looks, driver)


def _growth(looks: Sequence[Found], whole: int) -> Finding:
    name = "Memory growth is on"
    if not all(look["growth"] for look in looks):
        return Finding(name, False, "TF_FORCE_GPU_ALLOW_GROWTH is not true in a worker")
    held = [look["memory"].get(str(look["pid"]), 0) for look in looks]
    if not whole or not all(held):
        return Finding(name, None, "on, but the driver does not show what workers hold")
    sentence = (
        f"a worker holds {max(held) // MIB:,} of {whole // MIB:,} MiB for a small "
        "product"
    )
    return Finding(name, max(held) < whole / 2, sentence)


def _driver_memory(looks: Sequence[Found], driver: int) -> Finding:
    name = "The search's own process takes no GPU memory"
    held = max(look["memory"].get(str(driver), 0) for look in looks)
    is_listed = any(str(driver) in look["memory"] for look in looks)
    if is_listed:
        return Finding(name, False, f"it holds {held // MIB:,} MiB")
    if not all(str(look["pid"]) in look["memory"] for look in looks):
        return Finding(name, None, "the driver shows no processes here (a container?)")
    return Finding(name, True, "the driver shows workers only")


def agreement(found: Found) -> Finding:
    """Judge how far predictions are from the CPU's.

    Args:
        found: the largest difference by trainer.
    """
    name = "Both trainers agree with the CPU"
    if failure := _failure([found]):
        return Finding(name, False, failure)
    each = ", ".join(f"{trainer} {value:.1e}" for trainer, value in found.items())
    agrees = all(value <= TOLERANCE for value in found.values())
    return Finding(
        name, agrees, f"largest difference: {each} (expected at most {TOLERANCE:g})"
    )


def mixed_precision(found: Found) -> Finding:
    """Judge trainings in lower precision.

    Args:
        found: the loss of each epoch, by precision.
    """
    name = "Mixed precision trains"
    if failure := _failure([found]):
        return Finding(name, False, failure)
    falls = all(
        all(map(isfinite, losses)) and losses[-1] < losses[0]
        for losses in found.values()
    )
    each = (
        f"{precision} {losses[0]:.3f} to {losses[-1]:.3f}"
        for precision, losses in found.items()
    )
    return Finding(name, falls, f"loss of the first and last epoch: {', '.join(each)}")


def timing(found: Found) -> Finding:
    """Tell which trainer to take.

    Args:
        found: seconds of the first and of later evaluations, by trainer.
    """
    name = "Plain against compiled"
    if failure := _failure([found]):
        return Finding(name, False, failure)
    each = ", ".join(
        f"{trainer} {later:.2f} s an evaluation, the first {first:.1f} s"
        for trainer, (first, later) in found.items()
    )
    return Finding(name, True, f"{each}: {_quicker_trainer(**found)}")


def _quicker_trainer(plain: Sequence[float], compiled: Sequence[float]) -> str:
    """Tell from how many evaluations on which trainer is the quicker one.

    Args:
        plain: seconds of the first evaluation and of each later one.
        compiled: likewise.
    """
    gain = plain[1] - compiled[1]
    if gain <= 0:
        return "--trainer plain is the quicker one, however many networks are evaluated"
    even = 1 + max(0.0, compiled[0] - plain[0]) / gain
    return (
        f"--trainer compiled is the quicker one from {max(2, ceil(even))} evaluations "
        "a worker on"
    )


def sharing(looks: Sequence[Found]) -> Finding:
    """Judge two workers of Ray with half a GPU each.

    Args:
        looks: what each has found.
    """
    name = "Workers share a GPU (Ray, 0.5 each)"
    if failure := _failure(looks):
        return Finding(name, False, failure)
    seen = {str(look["visible"]) for look in looks}
    processes = {look["pid"] for look in looks}
    computed = all(str(look["computed_on"]).startswith("GPU") for look in looks)
    return Finding(
        name,
        computed and len(seen) == 1 and len(processes) == len(looks),
        f"{len(processes)} processes computed, {VISIBLE} {', '.join(sorted(seen))}",
    )


MARKS = {True: "passed", False: "FAILED", None: "unknown"}


def line_of(found: Finding) -> str:
    """Return a line for people."""
    return f"{MARKS[found.passed]:<8} {found.name}: {found.sentence}"


def versions() -> dict[str, str]:
    """Return what the report says of software, by name."""
    found = {"Python": platform.python_version(), "system": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except ImportError:  # in a clone that is not installed
            found[name] = "not installed"
    return found


def report(
    findings: Sequence[Finding],
    models: Sequence[str],
    software: Mapping[str, str],
    seconds: float,
) -> str:
    """Write the report, in Markdown; it holds no names of hosts, users or folders.

    Args:
        findings: what was checked.
        models: a line a GPU.
        software: its versions, by name.
        seconds: that the check took.
    """
    rows = [
        f"| {MARKS[one.passed]} | {one.name} | {one.sentence.replace('|', '/')} |"
        for one in findings
    ]
    lines = [
        "# GPU check of XNAS",
        "",
        f"It took {duration(seconds)} on {cpu_count()} CPUs.",
        "",
        *(f"- GPU: {one}" for one in models),
        *(f"- {name}: {text}" for name, text in software.items()),
        "",
        "| result | what | seen |",
        "| --- | --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise UsageError(
            f"--output is {path}, but it cannot be written: {error.strerror}"
        ) from error
