"""XNAS's searches beside those of others, at equal evaluations.

Run as ``python -m benchmarks.peers --task TASK --rows FILE``: each search evaluates
equally many genotypes with each seed, one after the other or ``--in-flight`` so many at
a time, of uneven durations on a clock that jumps. Searches that take long for each
proposal make fewer, and those whose packages are missing are left out
(``benchmarks/peers/requirements.txt``). FILE grows by every search that ends; the same
command carries on where it was interrupted.

What is searched for: two NK landscapes on the cells of NAS-Bench-201, new for each
seed, whose values equal networks share (``landscapes``); objectives of the table of all
cells on ``digits``; a large space of another shape (``chain``, see
:mod:`benchmarks.chain`); or the objectives of ``--run``. A genotype that is evaluated
again counts again, as it would be trained again. One without a path from input to
output, which XNAS's searches never propose, gets the lowest value in the space of each
objective.

The hypervolume of what was evaluated is a share of that of the space's whole front,
above ``--reference`` and, which differences weigh more in, above the space's mean in
each objective.
"""
