"""XNAS's searches beside those of others, at equal evaluations.

Run as ``python -m benchmarks.peers --rows FILE``: each search evaluates equally many
genotypes of NAS-Bench-201's cells, one after the other, with each seed. The objectives
are two NK landscapes, new for each seed, whose values equal networks share, or those of
``--run``. A genotype that is evaluated again counts again, as it would be trained
again. One without a path from input to output, which XNAS's searches never propose,
gets the lowest value in the space of either objective.

The hypervolume of what was evaluated is a share of that of the space's whole front,
above ``--reference`` and, which differences weigh more in, above the space's mean in
either objective.
"""
