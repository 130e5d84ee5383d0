"""What DeepHyper sees of a search space."""

from xnas.nas_deephyper.hp_problem import make_hp_problem
from xnas.space import nas_bench_201_search_space


def test_deephyper_sees_one_hyperparameter_a_variable_node():
    space = nas_bench_201_search_space((6, 6, 1), (3,), stack_size=1)
    hyperparameters = list(make_hp_problem(space).space.values())
    assert [h.name for h in hyperparameters] == [n.name for n in space.variable_nodes]
    assert [(h.lower, h.upper) for h in hyperparameters] == space.choices()


def test_a_node_without_choice_is_a_hyperparameter_too():
    class Node:
        name = "only"

    class Space:
        variable_nodes = (Node(),)

        def choices(self):
            return [(0, 0)]

    (hyperparameter,) = make_hp_problem(Space()).space.values()
    assert hyperparameter.default_value == 0
