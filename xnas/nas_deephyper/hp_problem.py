"""A search space as DeepHyper sees it."""

from deephyper.hpo import HpProblem

from xnas.space import KSearchSpace


def make_hp_problem(space: KSearchSpace) -> HpProblem:
    """Make one hyperparameter for each variable node.

    Args:
        space: the search space.
    """
    problem = HpProblem()
    for node, (low, high) in zip(space.variable_nodes, space.choices(), strict=True):
        # DeepHyper has no range of one number; it takes a list of one instead.
        problem.add_hyperparameter((low, high) if high > low else [low], node.name)
    return problem
