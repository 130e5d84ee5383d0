"""All networks of a search space in one graph, traced once.

Every operation of every node is there; a genotype says which of them run.
"""
