"""A run function that a worker loads in no time and that takes uneven times."""

import random
import time


def run(job):
    """Take 30 ms on average, log-normally, always the same for a genotype."""
    choices = job["arch_seq"]
    time.sleep(0.03 * random.Random(str(choices)).lognormvariate(-0.5, 1))
    first = sum(choices) / 24
    return first, sum((4 - c) * (k + 1) for k, c in enumerate(choices)) / 84
