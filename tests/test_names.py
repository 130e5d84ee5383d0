"""Whatever users call things comes back as given, and tells things apart."""

import json
import shlex
import xml.etree.ElementTree as ET
from contextlib import closing

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from xnas.drawing import cell_svg
from xnas.drawing.svg import shortened
from xnas.names import UNFIT, keras_name, path_argument, tell_apart
from xnas.nas_deephyper.resuming import in_todays_form
from xnas.records import Evaluation
from xnas.report.choices import read_variables
from xnas.report.page import json_for_script
from xnas.results import Columns, ResultsTable
from xnas.results.table import read_table
from xnas.space import (
    ConstantNode,
    Dense,
    Identity,
    KSearchSpace,
    MimeNode,
    Operation,
    SpaceError,
    VariableNode,
)
from xnas.space.description import operation_names

HOSTILE = ("edge (1,0)", 'a"b', "two\nlines", "größe", "😀", "a: b", "-x", "=1+1", "\r")
names = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(",\"\n\r'ü😀:() /.<>&\\$%;|-", min_size=1, max_size=12),
    st.text(min_size=1, max_size=12),
).filter(lambda name: not UNFIT.search(name))
several = st.lists(names, min_size=2, max_size=5, unique=True)


def are_apart_with_dots(given_names):
    """Whether names differ by more than slashes for dots, which layers' do not."""
    return len({name.replace("/", ".") for name in given_names}) == len(given_names)


class Layer:
    """What an operation asks of a Keras layer."""

    def __init__(self, **config):
        self.config = config

    def get_config(self):
        return {"name": f"layer_{id(self)}", "trainable": True, **self.config}


class Conv2D(Layer):
    pass


def choosing(operations, name="choice"):
    node = VariableNode(name)
    for operation in operations:
        node.add_op(operation)
    return node


def chain(node_names, operation_names=("a", "b")):
    """A space of variable nodes one after another."""
    space = KSearchSpace((4,), (4,))
    last = space.input_nodes[0]
    for name in node_names:
        node = choosing([Identity(one) for one in operation_names], name)
        space.connect(last, node)
        last = node
    return space


@given(several)
@example(HOSTILE)
def test_names_of_nodes_come_back_from_the_table(tmp_path_factory, node_names):
    path = tmp_path_factory.mktemp("table") / "results.csv"
    row = Evaluation(0, (1,) * len(node_names), objectives=(0.5,), host="\r,\n")
    with closing(ResultsTable(path, Columns.of_run(node_names, 1))) as table:
        table.append([row])
    found = read_table(path)
    assert found.columns.variables == [f"p:{name}" for name in node_names]
    assert found.evaluations == [row]


@given(several, several)
@example(["/", "a/b"], ["a", "b"])
def test_names_come_back_from_the_description_and_the_drawing(node_names, operations):
    assume(not any(name.startswith("input_") for name in node_names))
    assume(are_apart_with_dots(node_names))
    space = chain(node_names, operations)
    described = json.loads(json.dumps(space.describe()))
    assert described["variables"] == node_names
    found = read_variables(described)
    assert [(one.name, one.operations) for one in found] == [
        (name, tuple(operations)) for name in node_names
    ]
    drawing = ET.fromstring(cell_svg(described, (1,) * len(node_names)))
    parts = [one for one in drawing.iter() if one.get("data-node") in node_names]
    assert [one.get("data-node") for one in parts] == node_names
    assert {one.get("data-operation") for one in parts} == {operations[1]}


@given(st.text())
def test_names_in_the_page_end_no_script(name):
    text = json_for_script({name: [name]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {name: [name]}


@given(several)
@example(("größe", "grosse", "gro_e", "große"))
@example(("a b", "a,b", "a_b"))
def test_layers_have_names_that_keras_takes_and_that_differ(given_names):
    assume(are_apart_with_dots(given_names))
    found = [keras_name(name) for name in given_names]
    assert len({*found}) == len(found)
    for name in found:
        assert set(name) <= {*map(chr, range(45, 127))} - set("/:;<=?@[\\]^`{|}~")


@pytest.mark.parametrize("name", ["edge_0", "cell_0.edge_1", "_x", "-1", "a>b"])
def test_names_that_keras_takes_stay(name):
    assert keras_name(name) == name
    assert VariableNode(name).scope == name
    assert keras_name("a/b") == "a.b"


def test_layers_of_hostile_nodes_are_readable():
    assert keras_name("edge (1,0)").startswith("edge_1_0_")
    assert keras_name("größe").startswith("groe_")
    assert keras_name("😀").startswith("n_")


@given(names)
def test_a_path_is_one_word_of_a_shell_and_no_flag(path):
    (word,) = shlex.split(path_argument(path))
    assert word.removeprefix("./") == path.removeprefix("./")
    assert not word.startswith("-")


@pytest.mark.parametrize("name", ["a\0", "\ud800", "\u202eabc", "\x1b[31m", 5])
def test_a_name_that_nothing_can_show_is_refused_when_the_node_is_made(name):
    for make in (VariableNode, Identity, lambda name: ConstantNode(name=name)):
        with pytest.raises(SpaceError, match="expected"):
            make(name)


def test_choices_of_one_name_are_told_apart_by_what_differs_in_their_layers():
    convolutions = [
        Operation(Conv2D(filters=f, kernel_size=(k, k), padding="same"))
        for f, k in ((16, 1), (16, 3), (32, 3))
    ]
    node = choosing([*convolutions[:2], Identity()])
    assert operation_names(node) == [
        "Conv2D kernel_size=1",
        "Conv2D kernel_size=3",
        "skip",
    ]
    assert operation_names(choosing(convolutions)) == [
        "Conv2D filters=16 kernel_size=1",
        "Conv2D filters=16 kernel_size=3",
        "Conv2D filters=32 kernel_size=3",
    ]
    assert operation_names(MimeNode(node)) == operation_names(node)


def test_choices_are_told_apart_by_kernels_of_unequal_sides_and_by_objects():
    sides = [Operation(Conv2D(kernel_size=k)) for k in ((1, 3), (3, 1))]
    assert operation_names(choosing(sides)) == [
        "Conv2D kernel_size=1×3",
        "Conv2D kernel_size=3×1",
    ]
    starts = [{"class_name": name, "config": {}} for name in ("Zeros", "Ones")]
    made = [Operation(Conv2D(start=start)) for start in starts]
    assert operation_names(choosing(made)) == [
        "Conv2D start=Zeros",
        "Conv2D start=Ones",
    ]


def test_own_operations_of_one_name_are_told_apart_by_their_attributes():
    class Block(Operation):
        def __init__(self, width):
            super().__init__()
            self.width = width

    assert operation_names(choosing([Block(4), Block(8)])) == [
        "Block width=4",
        "Block width=8",
    ]
    biased = [Dense(4, use_bias=bias) for bias in (True, False)]
    assert len({*operation_names(choosing(biased))}) == 2


def test_long_names_stay_apart_in_drawings():
    long = [f"Conv2D filters=16 kernel_size={k}" for k in (1, 3, 11)]
    found = [shortened(name) for name in long]
    assert len({*found}) == 3
    assert {len(one) for one in found} == {24}
    assert shortened("a" * 24) == "a" * 24


def test_choices_without_any_difference_are_numbered():
    same = [Operation(Conv2D(filters=16)) for _ in range(2)]
    assert operation_names(choosing(same)) == ["Conv2D (choice 0)", "Conv2D (choice 1)"]


@given(st.lists(st.sampled_from(["a", "b", "a (choice 0)", "a k=1"]), max_size=6))
def test_told_apart_names_differ_and_single_ones_stay(given_names):
    settings_ = [{"k": 1}] * len(given_names)
    for found in (tell_apart(given_names), tell_apart(given_names, settings_)):
        assert len({*found}) == len(found) == len(given_names)
        for name, told in zip(given_names, found, strict=True):
            assert told == name or given_names.count(name) > 1


def test_a_run_from_before_operations_were_told_apart_goes_on():
    now = chain(["a"]).describe()
    node = next(one for one in now["nodes"] if one["name"] == "a")
    before = json.loads(json.dumps(now))
    next(one for one in before["nodes"] if one["name"] == "a")["operations"] = ["c"] * 2
    found = in_todays_form({"format": 2, "space": before}, {"space": now})
    assert found["space"] == now
    assert [one.operations for one in read_variables(before)] == [
        ("c (choice 0)", "c (choice 1)")
    ]
    assert node["operations"] == ["a", "b"]
