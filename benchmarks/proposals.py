"""What a proposal of MOBO costs, of processor time on one thread.

Run as ``python -m benchmarks.proposals``: rows of random networks are restored, then
networks are proposed and told one by one, three times over; of each proposal the least
of the three times counts, since other processes make times longer, never shorter.
"""

import time

import numpy as np
from numpy.typing import NDArray

from benchmarks import landscape
from benchmarks.bookkeeping import create_search_space
from xnas.objectives import Objective
from xnas.records import Candidate, evaluated
from xnas.searches import Networks
from xnas.searches.mobo import MOBO

SIZES = ((900, 150), (16_000, 100))
"""Rows restored, and proposals made after them."""

REPETITIONS = 3


def measure(n_rows: int, n_proposals: int) -> NDArray[np.float64]:
    """Time proposals.

    Args:
        n_rows: how many rows there are before.
        n_proposals: how many are made.

    Returns:
        (proposals,) float64, milliseconds.
    """
    run = landscape.run_of(0)
    search = MOBO(
        Networks(create_search_space()), [Objective("one"), Objective("other")], 0
    )
    drawn = search.networks.draw(n_rows, np.random.default_rng(0))
    rows = [
        evaluated(Candidate(i, genotype), run({"arch_seq": genotype}))
        for i, genotype in enumerate(drawn)
    ]
    search.restore(rows, [])
    times = []
    for _ in range(n_proposals):
        started = time.process_time()
        (candidate,) = search.ask(1)
        times.append(1000 * (time.process_time() - started))
        search.tell(evaluated(candidate, run({"arch_seq": candidate.genotype})))
    return np.array(times)


def main() -> None:
    """Print means and the worst; the first proposal after restoring is apart."""
    for size in SIZES:
        times = np.min([measure(*size) for _ in range(REPETITIONS)], axis=0)
        print(
            f"from {size[0]:,} rows on: {times[1:].mean():.0f} ms on average, "
            f"{times[1:].max():.0f} ms at worst; the first {times[0]:.0f} ms",
            flush=True,
        )


if __name__ == "__main__":
    main()
