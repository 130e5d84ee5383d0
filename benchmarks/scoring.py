"""Cost of introspectability beside plain prediction.

``python -m benchmarks.scoring`` compares, for some networks of the NAS-Bench-201 space
(28×28×1 pictures, 10 classes, N = 5), scoring 2,048 pictures with Keras's own
``predict`` of the same network over the same pictures, both warmed up, in alternating
pairs, ``predict`` at whichever batch size from 32 to 512 it is fastest with. The
memory is the peak of a fresh process that only builds and scores the network.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

# Before TensorFlow loads, which prints its start-up notes else.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from xnas.search_space_common import nas_bench_201_search_space
from xnas.xai import collect_activations

NETWORKS = {
    "all 3×3": [0, 0, 0, 0, 0, 0],
    "all 1×1": [1, 1, 1, 1, 1, 1],
    "mixed": [0, 1, 2, 4, 0, 1],
    "sparse": [3, 3, 3, 0, 1, 2],
}
BATCH_SIZES = (32, 64, 128, 256, 512)
EXAMPLES = 2048
PAIRS = 5
LIMIT_RATIO = 1.3
LIMIT_BYTES = 2.5e9
COLUMNS = (
    "network",
    "features",
    "classes",
    "predict, s (batch)",
    "scoring, s",
    "ratio",
    "first predict, s",
    "first scoring, s",
    "peak, GB",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Print one row a network.

    Args:
        argv: arguments; those of the process by default.

    Returns:
        0 if the limits hold on the all-3×3 network, else 1.
    """
    parser = argparse.ArgumentParser(description="cost of introspectability")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=[*NETWORKS])
    parser.add_argument("--only-score", choices=NETWORKS, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    pictures = np.random.default_rng(0).standard_normal((EXAMPLES, 28, 28, 1), "f4")
    if arguments.only_score:
        _score(_build(arguments.only_score), pictures)
        print(_peak_bytes())
        return 0
    print(" | ".join(COLUMNS), flush=True)
    within_limits = True
    for name in arguments.networks:
        ratio, row = _compare(name, pictures)
        peak = _peak_in_fresh_process(name)
        print(" | ".join([name, *row, f"{peak / 1e9:.2f}"]), flush=True)
        if name == "all 3×3":
            within_limits = ratio <= LIMIT_RATIO and peak <= LIMIT_BYTES
    return 0 if within_limits else 1


def _compare(name: str, pictures: NDArray[np.float32]) -> tuple[float, list[str]]:
    model = _build(name)
    first_predict = _seconds(lambda: model.predict(pictures, 512, verbose=0))
    _spread_predictions(model, pictures)
    first_scoring = _seconds(lambda: _score(model, pictures))
    found = collect_activations(model, _dataset(pictures))

    def predict(batch_size: int) -> float:
        return _seconds(lambda: model.predict(pictures, batch_size, verbose=0))

    # The first run at a size is not counted: Keras may compile for it.
    best = min(BATCH_SIZES, key=lambda size: min(predict(size) for _ in range(3)))
    pairs = [
        (predict(best), _seconds(lambda: _score(model, pictures))) for _ in range(PAIRS)
    ]
    ratio = median(scoring / predicting for predicting, scoring in pairs)
    predicting, scoring = (median(times) for times in zip(*pairs, strict=True))
    return ratio, [
        f"{sum(found.layer_sizes):,}",
        str(len(found.classes)),
        f"{predicting:.2f} ({best})",
        f"{scoring:.2f}",
        f"{ratio:.2f}",
        f"{first_predict:.2f}",
        f"{first_scoring:.2f}",
    ]


def _build(name: str) -> Any:
    space = nas_bench_201_search_space((28, 28, 1), (10,), stack_size=5)
    space.set_ops(NETWORKS[name])
    return space.create_model()


def _spread_predictions(model: Any, pictures: NDArray[np.float32]) -> None:
    """Centre the logits, so that an untrained network predicts many classes."""
    dense = model.layers[-1]
    kernel, bias = dense.get_weights()
    scores = np.log(model.predict(pictures[:512], verbose=0) + 1e-30)
    dense.set_weights([kernel, bias - scores.mean(axis=0)])


def _dataset(pictures: NDArray[np.float32]) -> tuple[NDArray, NDArray]:
    return pictures, np.zeros(len(pictures), np.int64)


def _score(model: Any, pictures: NDArray[np.float32]) -> float:
    return collect_activations(model, _dataset(pictures)).score()


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _peak_in_fresh_process(name: str) -> int:
    command = [sys.executable, "-m", "benchmarks.scoring", "--only-score", name]
    output = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(output.stdout.split()[-1])


def _peak_bytes() -> int:
    # Not getrusage's maximum, which counts the parent's memory before exec.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM line")


if __name__ == "__main__":
    sys.exit(main())
