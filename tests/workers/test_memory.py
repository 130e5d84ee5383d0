"""A worker on as many pictures as CIFAR-10 has, beside one on digits."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONE_CONVOLUTION = (3, 3, 3, 1, 3, 3)
LIMIT = 1.5e9

# Pictures are drawn one by one, so that the mock itself needs no memory.
WORKER = """
import json, resource, sys
import numpy as np, tensorflow as tf, tensorflow_datasets as tfds
from xnas.imports import load_object
from xnas.nas_deephyper import nas_run
from xnas.evaluation.rehearsal import rehearse
from xnas.evaluation.settings import RunSettings

reads = []

def made_up(self, split, **kwargs):
    reads.append(split)
    count = {"train": 50_000, "test": 10_000}[split]
    def example(i):
        seed = tf.stack([i, tf.cast(count, tf.int64)])
        picture = tf.random.stateless_uniform((32, 32, 3), seed, 0, 256, tf.int32)
        return {"image": tf.cast(picture, tf.uint8), "label": i % 10}
    return tf.data.Dataset.range(count).map(example)

task = sys.argv[1]
with tfds.testing.mock_data(as_dataset_fn=made_up):
    path = f"experiments.{task}.problem.Problem"
    for _ in range(2):
        problem = load_object(path, "--problem")
        settings = RunSettings(path, seed=0)
        data = nas_run._load(settings, problem).trainer._data
        rehearse(problem.build_space(), GENOTYPE, problem, data, settings, None)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"peak": peak, "reads": reads}))
""".replace("GENOTYPE", repr(ONE_CONVOLUTION))


def work(task):
    done = subprocess.run(
        [sys.executable, "-c", WORKER, task],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_worker_keeps_bytes_and_reads_them_once():
    digits, cifar10 = work("digits"), work("cifar10")
    assert digits["reads"] == []
    assert cifar10["reads"] == ["train", "test"], "the second evaluation reads nothing"
    assert cifar10["peak"] - digits["peak"] < LIMIT
