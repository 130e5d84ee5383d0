"""Which networks count as the same."""

from collections import defaultdict
from itertools import permutations, product

import keras
import numpy as np
import pytest

from experiments.pairs.problem import Problem as Pairs
from xnas.search_space_common import nas_bench_201_search_space
from xnas.space import (
    FORM_VERSION,
    Add,
    Concatenate,
    ConstantNode,
    Identity,
    KSearchSpace,
    MimeNode,
    MirrorNode,
    Operation,
    VariableNode,
    Zero,
)

EDGES = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))
POOL, NOTHING, SKIP = 2, 3, 4


def make_space(stack_size=1):
    return nas_bench_201_search_space((6, 6, 1), (3,), stack_size=stack_size)


@pytest.fixture(scope="module")
def space():
    return make_space()


@pytest.fixture(scope="module")
def connected(space):
    return [g for g in product(range(5), repeat=6) if space.is_connected(g)]


@pytest.fixture(scope="module")
def forms(space, connected):
    return {genotype: space.canonical_form(genotype) for genotype in connected}


def text_of(genotype, *, drop_dead):
    """NATS-Bench's rule: every node as the sorted sum of what arrives.

    Nothing, and what comes of nothing, is written ``#``, or left out of sums.
    """
    nodes = {0: "x"}
    for node in (1, 2, 3):
        terms = []
        for (target, source), choice in zip(EDGES, genotype, strict=True):
            if target != node:
                continue
            if choice == NOTHING or nodes[source] == "#":
                terms += [] if drop_dead else ["#"]
            elif choice == SKIP:
                terms.append(nodes[source])
            else:
                terms.append(f"({nodes[source]})@{choice}")
        nodes[node] = "+".join(sorted(terms)) or "#"
    return nodes[3]


def convolutions(genotype):
    """Convolutions by edge, each with the terms of its input, and those of the output.

    A term is the cell's input, a convolution, or the pooled sum of other terms.
    """
    found, nodes = {}, {0: ("x",)}
    for node in (1, 2, 3):
        terms = []
        for edge, ((target, source), choice) in enumerate(
            zip(EDGES, genotype, strict=True)
        ):
            if target != node or choice == NOTHING or not nodes[source]:
                continue
            if choice == SKIP:
                terms += nodes[source]
            elif choice == POOL:
                terms.append(("pool", tuple(sorted(nodes[source], key=repr))))
            else:
                found[edge] = choice, nodes[source]
                terms.append(edge)
        nodes[node] = tuple(terms)
    return found, nodes[3]


def smallest_text(genotype):
    """Write a cell down under every numbering of its convolutions; take the least."""
    found, output = convolutions(genotype)
    used, waiting = set(), list(output)
    while waiting:
        term = waiting.pop()
        if isinstance(term, tuple):
            waiting += term[1]
        elif term != "x" and term not in used:
            used.add(term)
            waiting += found[term][1]

    def write(terms, number):
        written = [
            f"pool({write(term[1], number)})"
            if isinstance(term, tuple)
            else str(number.get(term, term))
            for term in terms
        ]
        return "+".join(sorted(written))

    texts = []
    for order in permutations(sorted(used)):
        number = {edge: k for k, edge in enumerate(order)}
        rows = [f"{found[edge][0]}({write(found[edge][1], number)})" for edge in order]
        texts.append("; ".join(rows) + " -> " + write(output, number))
    return min(texts)


def test_the_rule_of_nats_bench_leaves_its_published_count():
    genotypes = list(product(range(5), repeat=6))
    assert len({text_of(g, drop_dead=False) for g in genotypes}) == 6466
    assert len({text_of(g, drop_dead=True) for g in genotypes}) == 5390


def test_forms_are_those_of_comparing_under_every_numbering(forms):
    texts = {genotype: smallest_text(genotype) for genotype in forms}
    pairs = {(texts[genotype], form) for genotype, form in forms.items()}
    assert len(pairs) == len(set(texts.values())) == len(set(forms.values())) == 5259


def test_texts_alone_would_take_different_networks_for_one(space, forms):
    # Once both edges take the one convolution, once each has a convolution of its own.
    shared, own = (0, NOTHING, SKIP, NOTHING, 1, SKIP), (0, 0, 3, NOTHING, 1, SKIP)
    assert text_of(shared, drop_dead=True) == text_of(own, drop_dead=True)
    assert forms[shared] != forms[own]
    space.set_ops(shared)
    smaller = space.create_model().count_params()
    space.set_ops(own)
    assert space.create_model().count_params() > smaller


def test_the_number_of_cells_does_not_matter(connected, forms):
    larger = make_space(stack_size=2)
    larger.compared_as = None
    sample = connected[::40]
    pairs = {(larger.canonical_form(g), forms[g]) for g in sample}
    assert len(pairs) == len({forms[g] for g in sample}) < len(sample)


def weights_of(model):
    """Weights by layer."""
    return {layer.name: layer.get_weights() for layer in model.layers}


def permute_edges(model, source, order):
    """Give a network's cells the weights of other edges."""
    for layer in model.layers:
        name = layer.name
        cell, dot, rest = name.partition(".edge_")
        if dot:
            edge, _, part = rest.partition(".")
            if int(edge) not in order:
                continue
            name = f"{cell}.edge_{order[int(edge)]}.{part}"
        layer.set_weights(source[name])


def assert_computes_the_same(space, first, second):
    keras.utils.set_random_seed(1)
    space.set_ops(first)
    model = space.create_model()
    X = np.random.default_rng(0).random((4, 6, 6, 1)).astype(np.float32)
    wanted = model(X).numpy()
    source = weights_of(model)
    ours = [k for k in range(6) if any(f".edge_{k}.conv" in name for name in source)]
    space.set_ops(second)
    other = space.create_model()
    names = [layer.name for layer in other.layers]
    theirs = [k for k in range(6) if any(f".edge_{k}.conv" in name for name in names)]
    assert len(ours) == len(theirs)
    for permuted in permutations(ours):
        order = dict(zip(theirs, permuted, strict=True))
        if any(first[order[k]] != second[k] for k in theirs):
            continue
        permute_edges(other, source, order)
        if np.allclose(other(X).numpy(), wanted, atol=1e-5):
            return
    raise AssertionError(f"{first} and {second} differ under every order of weights")


def test_networks_of_one_form_compute_the_same_for_permuted_weights(space, forms):
    classes = defaultdict(list)
    for genotype, form in forms.items():
        classes[form].append(genotype)
    several = [members for members in classes.values() if len(members) > 1]
    rng = np.random.default_rng(3)
    for k in rng.choice(len(several), 12, replace=False):
        members = several[k]
        picked = rng.choice(len(members), 2, replace=False)
        assert_computes_the_same(space, *(members[i] for i in picked))


def chosen(*operations):
    space = KSearchSpace((4,), (4,))
    nodes = []
    for i in range(2):
        node = VariableNode(f"choice_{i}")
        for operation in operations:
            node.add_op(operation)
        space.connect(space.input_nodes[0], node)
        nodes.append(node)
    return space, nodes


def test_a_sum_has_no_order_but_a_concatenation_has():
    dense = [keras.layers.Dense(4), keras.layers.Dense(4, activation="relu")]
    for merge, same in ((Add(), True), (Concatenate(), False)):
        space, nodes = chosen(*dense)
        end = ConstantNode(merge, "end")
        for node in nodes:
            space.connect(node, end)
        equal = space.canonical_form((0, 1)) == space.canonical_form((1, 0))
        assert equal is same
        assert space.canonical_form((0, 0)) != space.canonical_form((0, 1))


def test_names_of_layers_do_not_matter():
    space, nodes = chosen(
        keras.layers.Dense(4, name="one"), keras.layers.Dense(4, name="two"), Zero()
    )
    end = ConstantNode(Add(), "end")
    for node in nodes:
        space.connect(node, end)
    assert space.canonical_form((0, 2)) == space.canonical_form((2, 1))
    assert space.canonical_form((0, 2)) != space.canonical_form((0, 1))


class Mine(Operation):
    def layers(self, scope):
        return []


def test_operations_that_say_nothing_of_themselves_leave_the_choices():
    space, nodes = chosen(Mine(name="mine"), Identity())
    end = ConstantNode(Add(), "end")
    for node in nodes:
        space.connect(node, end)
    assert space.canonical_form((0, 1)) == (0, 1)
    assert space.canonical_form((1, 0)) == (1, 0)


def test_shared_weights_are_told_from_weights_of_ones_own():
    def compare(shares):
        space = KSearchSpace([(4,), (4,)], (4,))
        first = VariableNode("first")
        first.add_op(keras.layers.Dense(4))
        second = MirrorNode(first, "second") if shares else MimeNode(first, "second")
        space.connect(space.input_nodes[0], first)
        space.connect(space.input_nodes[1], second)
        end = ConstantNode(Add(), "end")
        space.connect(first, end)
        space.connect(second, end)
        return space.canonical_form((0,))

    assert compare(shares=True) != compare(shares=False)
    assert compare(shares=True) == compare(shares=True)


def test_an_operation_of_ones_own_leaves_a_space_to_its_genotypes():
    space = Pairs.build_space()
    choices = tuple(high for _, high in space.choices())
    assert space.canonical_form((0, *choices[1:])) == (0, *choices[1:])


@pytest.mark.parametrize(
    ("genotype", "digest"),
    [
        ((0, 1, 2, 3, 4, 0), "8cf2910bee58aa1792842abd9971afaf"),
        ((0, 1, 2, 2, 4, 4), "27c1ab30025117958ed73c50e3136ada"),
    ],
)
def test_a_form_means_what_its_version_says(genotype, digest):
    # Whoever changes these digests raises the version: runs record both.
    space = make_space()
    space.compared_as = None
    assert (FORM_VERSION, space.canonical_form(genotype).hex()) == (1, digest)
