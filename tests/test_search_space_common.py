"""What ``search_space.py`` files import, and those files themselves."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import xnas.space
from xnas import search_space_common
from xnas.search_space_common import SpaceError, summarize

ROOT = Path(search_space_common.__file__).parents[1]
TASKS = {"digits": ((8, 8, 1), (10,), 3), "lines": ((12, 12, 1), (4,), 6)}


def factory(task):
    module = importlib.import_module(f"experiments.{task}.search_space")
    return module.create_search_space


def test_the_public_face_has_the_whole_vocabulary():
    for name in search_space_common.__all__:
        assert hasattr(search_space_common, name)
    for_others = {"FORM_VERSION", "Plan", "Step"}
    assert set(xnas.space.__all__) - for_others <= set(search_space_common.__all__)


def test_asking_a_space_loads_no_framework():
    code = (
        "import sys\n"
        "from experiments.digits.search_space import create_search_space\n"
        "space = create_search_space(stack_size=5)\n"
        "space.choices(), space.describe(), space.is_connected([0] * 6)\n"
        "print(*{'keras', 'tensorflow', 'deephyper', 'ray'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("task", TASKS)
def test_a_task_has_the_shapes_and_depth_of_its_data(task):
    input_shape, output_shape, cells = TASKS[task]
    space = factory(task)()
    assert space.input_shape == [input_shape]
    assert space.output_shape == output_shape
    heads = {n.name.split(".")[0] for n in space.nodes if ".node_" in n.name}
    assert len(heads) == cells


@pytest.mark.parametrize("task", TASKS)
def test_a_task_passes_everything_on(task):
    space = factory(task)(
        input_shape=[(16, 16, 3)],
        output_shape=(2,),
        regression=True,
        n_nodes=3,
        stack_size=1,
        filter_scale_factor=0.25,
    )
    space.set_ops([0, 0, 0])
    model = space.create_model()
    assert model.input_shape == (None, 16, 16, 3)
    assert model.layers[-1].activation.__name__ == "linear"
    assert model.get_layer("stem.conv").filters == 4
    assert not any(layer.name.startswith("cell_3") for layer in model.layers)


def test_a_task_of_one_picture_refuses_two():
    with pytest.raises(SpaceError, match="2 inputs found, expected one picture"):
        factory("digits")(input_shape=[(8, 8, 1), (8, 8, 1)])


def test_a_summary_shows_the_chosen_network(capsys):
    assert summarize(factory("digits"), ["0", "1", "2", "4", "0", "0.3"]) == 0
    shown = capsys.readouterr().out
    assert "cell_2.edge_5.conv" in shown
    assert "Total params: 183,370" in shown


def test_the_module_of_a_task_is_a_command():
    command = [sys.executable, "-m", "experiments.digits.search_space"]
    done = subprocess.run(
        [*command, *"012401"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "Total params: 183,370" in done.stdout


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "0 choices found, expected 6"),
        (["0"] * 7, "7 choices found, expected 6"),
        (["0", "1", "2", "4", "0", "5"], "'edge_5' has no choice 5"),
        (["0", "1", "2", "4", "0", "1.0"], "'edge_5' has no choice 1.0"),
        (["0", "1", "2", "four", "0", "1"], "choice 'four' found"),
        (["0", "3", "3", "3", "3", "0"], "no path from input to output"),
    ],
)
def test_arguments_that_choose_nothing_are_told_in_one_sentence(argv, words, capsys):
    assert summarize(factory("digits"), argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert words in captured.err
