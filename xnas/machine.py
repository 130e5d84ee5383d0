"""What this machine has: the CPUs and GPUs that a process may use."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import joblib

from xnas.errors import UsageError

VISIBLE = "CUDA_VISIBLE_DEVICES"

MIB = 2**20

_LISTED = re.compile(r"GPU (\d+):(?:.*\(UUID: ([^)]+)\))?|\s+MIG .*\(UUID: ([^)]+)\)")


class GPU(NamedTuple):
    """A GPU that the driver shows.

    Args:
        number: its index.
        uuid: its name, empty if it is not known.
        parts: names of the instances that it is divided into, if it is (MIG).
    """

    number: str
    uuid: str = ""
    parts: tuple[str, ...] = ()


@contextmanager
def seeing(gpus: Sequence[str]) -> Iterator[None]:
    """Name GPUs one by one to what is started meanwhile, such as Ray.

    Args:
        gpus: their names; without any, nothing is changed.
    """
    before = os.environ.get(VISIBLE)
    if gpus:
        os.environ[VISIBLE] = ",".join(gpus)
    try:
        yield
    finally:
        os.environ.pop(VISIBLE, None)
        if before is not None:
            os.environ[VISIBLE] = before


def cpu_count() -> int:
    """Return how many CPUs this process may use.

    Neither those that its affinity leaves out count, nor more than the quota of its
    container, rounded up.
    """
    found: int = joblib.cpu_count()
    return found


def driver_gpus(path: str | None = None, devices: Path = Path("/dev")) -> list[GPU]:
    """Ask NVIDIA's driver for its GPUs.

    Args:
        path: where to look for its tool, as in ``PATH``.
        devices: the folder of device files, which count where the tool is missing.
    """
    program = shutil.which("nvidia-smi", path=path)
    if program is None:
        files = (one.name.removeprefix("nvidia") for one in devices.glob("nvidia*"))
        return [GPU(one) for one in sorted(filter(str.isdecimal, files), key=int)]
    return read_list(_answer([program, "-L"]))


def _answer(query: list[str]) -> str:
    """Return what a program prints, nothing if it fails."""
    try:
        done = subprocess.run(
            query, capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def gpu_models(path: str | None = None) -> list[str]:
    """Ask NVIDIA's driver what its GPUs are.

    Args:
        path: as for :func:`driver_gpus`.

    Returns:
        Name, memory and version of the driver of each, in a line.
    """
    return _smi("--query-gpu=name,memory.total,driver_version", path).splitlines()


def gpu_memory(path: str | None = None) -> dict[int, int]:
    """Ask NVIDIA's driver which processes hold memory of GPUs.

    Args:
        path: as for :func:`driver_gpus`.

    Returns:
        Bytes on all GPUs, by the process's id. In a container the driver may show no
        processes, or ids that are known outside of it alone.
    """
    return read_memory(_smi("--query-compute-apps=pid,used_memory", path, ",nounits"))


def gpu_memory_in_all(path: str | None = None) -> int:
    """Ask NVIDIA's driver for the memory of its smallest GPU, in bytes; 0 if unknown.

    Args:
        path: as for :func:`driver_gpus`.
    """
    sizes = _smi("--query-gpu=memory.total", path, ",nounits").split()
    return min((int(one) * MIB for one in sizes if one.isdecimal()), default=0)


def _smi(query: str, path: str | None, more: str = "") -> str:
    program = shutil.which("nvidia-smi", path=path)
    return _answer([program, query, f"--format=csv,noheader{more}"]) if program else ""


def read_memory(text: str) -> dict[int, int]:
    """Read what ``nvidia-smi`` says of processes.

    Args:
        text: a line for each process and GPU, ``1234, 567`` for its id and MiB. What is
            no number, such as ``[N/A]``, counts as 0 bytes.

    Returns:
        Bytes on all GPUs, by the process's id.
    """
    found: dict[int, int] = {}
    for line in text.splitlines():
        process, _, used = (word.strip() for word in line.partition(","))
        if process.isdecimal():
            held = int(used) * MIB if used.isdecimal() else 0
            found[int(process)] = found.get(int(process), 0) + held
    return found


def read_list(text: str) -> list[GPU]:
    """Read what ``nvidia-smi -L`` says.

    Args:
        text: a line a GPU, each followed by one for each of its instances.
    """
    found: list[GPU] = []
    for line in text.splitlines():
        listed = _LISTED.match(line)
        if listed and listed[1]:
            found.append(GPU(listed[1], listed[2] or ""))
        elif listed and found:
            found[-1] = found[-1]._replace(parts=(*found[-1].parts, listed[3]))
    return found


def choose_gpus(gpus: Sequence[GPU], wanted: str | None) -> list[str]:
    """Tell which GPUs a value of ``CUDA_VISIBLE_DEVICES`` means.

    Args:
        gpus: that the driver shows.
        wanted: indices, UUIDs or their beginnings, and instances (``MIG-…``), with
            commas between them; also ``all`` and ranges such as ``0-3``. ``None`` for
            all. Empty, ``-1``, ``none``, ``void`` and ``NoDevFiles``, which Slurm sets,
            mean none.

    Returns:
        Each as CUDA takes it; of a GPU that is divided, its instances.

    Raises:
        UsageError: one of them is not there, or is there twice.
    """
    words = [] if wanted is None else [one.strip() for one in wanted.split(",")]
    if wanted is None or words == ["all"]:
        return [one for gpu in gpus for one in gpu.parts or (gpu.number,)]
    found: list[str] = []
    for word in words:
        # CUDA, too, ignores what follows.
        if word.lower() in ("", "-1", "none", "void", "nodevfiles"):
            break
        found += _meant(word, gpus)
    if len({*found}) < len(found):
        raise UsageError(f"{VISIBLE} is {wanted!r}, expected each GPU once")
    return found


def _meant(word: str, gpus: Sequence[GPU]) -> list[str]:
    by_index = {gpu.number: gpu for gpu in gpus}
    limits = re.fullmatch(r"(\d+)-(\d+)", word)
    indices = [word]
    if limits:
        first, last = map(int, limits.groups())
        indices = [str(i) for i in range(first, min(last, first + 1000) + 1)]
    if indices and all(index in by_index for index in indices):
        # Of a divided one, CUDA shows the first instance.
        return [(*by_index[i].parts, i)[0] for i in indices]
    names = [one for gpu in gpus for one in gpu.parts if one == word]
    if word.startswith("GPU-"):
        # CUDA takes the beginning of a UUID as well.
        alike = [gpu for gpu in gpus if gpu.uuid.startswith(word)]
        names = [one for gpu in alike for one in (*gpu.parts, gpu.uuid)[:1]]
    if len(names) != 1:
        shown = ", ".join(gpu.number for gpu in gpus) or "none"
        raise UsageError(
            f"{VISIBLE} names {word!r}, but the GPUs that the driver shows are {shown}"
        )
    return names


def visible_gpus(variables: Mapping[str, str] | None = None) -> list[str]:
    """Return the GPUs this process may use, as ``CUDA_VISIBLE_DEVICES`` takes them.

    Args:
        variables: of the environment; this process's if ``None``.

    Raises:
        UsageError: that variable names one that is not there.
    """
    variables = os.environ if variables is None else variables
    wanted = variables.get(VISIBLE)
    return choose_gpus(driver_gpus(variables.get("PATH")), wanted)
