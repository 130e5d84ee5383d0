"""Task folders of the 2021 tool: what is said of them, and that they then work."""

import importlib
import itertools
import json
import runpy
import sys

import numpy as np
import pytest
from folder_of_2021 import ARRAYS, LOAD_DATA, OWN_SPACE, SPACE, write

from xnas import search_space_common
from xnas.cli import main
from xnas.evaluation.trainers import make_trainer
from xnas.new_task.porting import REPLACED, changes_of
from xnas.results import RunFolder, load
from xnas.space import Tensor
from xnas.utils import configure_logging, get_logger, log_exceptions

COUNT = itertools.count()


def apply(folder):
    """Change the lines that are named to what is named; imports are all there are."""
    for file in folder.glob("*.py"):
        lines = file.read_text().splitlines()
        for one in changes_of(folder):
            if one.file == file and one.is_needed:
                assert one.new.startswith("from xnas.")
                assert lines[one.line - 1] == one.old
                lines[one.line - 1] = one.new
        file.write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder_of(tmp_path, monkeypatch):
    """Write a folder that can be imported; TensorFlow keeps functions of it."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)

    def make(load_data, space):
        return write(tmp_path, f"old_{next(COUNT)}", load_data, space)

    return make


def content(folder):
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_line_to_change_is_named_with_what_to_write(folder_of, capsys):
    folder = folder_of(LOAD_DATA, OWN_SPACE)
    before = content(folder)
    assert main(["port", str(folder)]) == 0
    said = capsys.readouterr().out
    assert f"{folder}/problem.py:1: from deephyper.problem import NaProblem" in said
    assert "-> from xnas.problem import NaProblem" in said
    assert "-> from xnas.search_space_common import ConstantNode, VariableNode" in said
    assert "Problem.augment(...)" in said
    assert "6 line(s) of 2 file(s) have to change." in said
    assert content(folder) == before
    apply(folder)
    assert main(["port", str(folder)]) == 0
    assert "Nothing has to change" in capsys.readouterr().out


OLD_LINES = {
    "from deephyper.nas.space import KSearchSpace as Space": (
        "from xnas.search_space_common import KSearchSpace as Space"
    ),
    "from deephyper.search.nas.model.space.op.merge import Concatenate": (
        "from xnas.search_space_common import Concatenate"
    ),
    "import deephyper.nas.space.node as nodes": (
        "import xnas.search_space_common as nodes"
    ),
    "from deephyper.nas.metrics import r2": "r2_score",
    "from deephyper.benchmark import NaProblem": "from xnas.problem import NaProblem",
    "from xnas.search_space_common import TransposeLayer": "keras.layers.Permute",
    "from deephyper.nas.space.op.op1d import Conv1D": "keras.layers.Conv1D",
    "import tensorflow_addons as tfa": "xnas.training.images",
    "from xnas.tf_utils import load_model": "keras.models.load_model",
    "from deephyper.contrib.callbacks import import_callback": "code of your own",
    "class Own(Operation):\n    def __call__(self, inputs):\n        pass": (
        "Own needs a method layers(self, scope)"
    ),
    "Problem.hyperparameters(momentum=0.9, optimizer='adam')": "does not take",
    "Problem.hyperparameters(patience=3)": "hyperparameter 'patience' found",
    "x = np.zeros(3, dtype=np.float)": "float for np.float",
    "print 'old'": "Python 3.11 or newer cannot read it",
}


@pytest.mark.parametrize("old", OLD_LINES)
def test_what_is_gone_is_named_with_what_stands_for_it(tmp_path, old):
    (tmp_path / "task.py").write_text(f"import numpy as np\n\n{old}\n")
    (change,) = changes_of(tmp_path)
    assert change.line == 3
    assert OLD_LINES[old] in change.new


def test_tasks_of_today_need_no_change(request):
    assert changes_of(request.config.rootpath / "experiments") == []


@pytest.mark.parametrize(("make", "told"), [(False, "is no folder"), (True, "no Pyth")])
def test_a_folder_without_a_task_is_refused(tmp_path, capsys, make, told):
    folder = tmp_path / "none"
    if make:
        folder.mkdir()
    assert main(["port", str(folder)]) == 2
    assert told in capsys.readouterr().err


def test_names_that_are_gone_are_not_there():
    assert not set(REPLACED) & set(search_space_common.__all__)


def test_a_task_that_was_not_ported_is_told_of_the_command(folder_of, capsys):
    folder = folder_of(ARRAYS, SPACE)
    assert main(["check", "--problem", f"{folder.name}.problem.Problem"]) == 2
    assert "deephyper_xnas port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("load_data", "space"), [(LOAD_DATA, SPACE), (ARRAYS, OWN_SPACE)]
)
def test_a_ported_task_checks_and_searches(
    folder_of, tmp_path, capsys, load_data, space
):
    folder = folder_of(load_data, space)
    apply(folder)
    problem = f"{folder.name}.problem.Problem"
    assert main(["check", "--problem", problem]) == 0, capsys.readouterr().err
    flags = ["--problem", problem, "--evaluator", "serial", "--max-evals", "2"]
    flags += ["--log-dir", str(tmp_path / "run"), "--no-report", "--seed", "0"]
    assert main(["nas", "nsga2", *flags]) == 0
    run = load(tmp_path / "run")
    assert [one.failure for one in run.records] == [None, None]
    infos = json.loads(RunFolder(tmp_path / "run").init_infos.read_text())
    assert infos["problem"]["hyperparameters"]["momentum"] == 0.9


def test_blocks_and_cells_of_2021_train_alike_by_both_trainers(folder_of):
    # Where a merge's inputs may be missing, there is no one graph of the whole space.
    folder = folder_of(ARRAYS, OWN_SPACE.replace("[norm, stem]", "[norm]"))
    apply(folder)
    problem = importlib.import_module(f"{folder.name}.problem").Problem
    plain, compiled = (make_trainer(name, problem) for name in ("plain", "compiled"))
    space = problem.build_space()
    genotype = (0, 0)
    ours, theirs = (one.evaluate(genotype, seed=1) for one in (plain, compiled))
    assert ours.n_parameters == theirs.n_parameters
    np.testing.assert_allclose(ours.history["loss"], theirs.history["loss"], rtol=1e-3)
    for last in range(5):
        space.set_ops([1, last])
        assert space.create_model().output_shape == (None, 4)


def test_a_residual_block_shrinks_pictures_by_its_strides():
    for strides in (1, 2, 3):
        space = search_space_common.AutoKSearchSpace((6, 6, 1), (2,))
        block = search_space_common.NASBench201ResidualBlock(space, 2, strides)
        space.connect(space.input_nodes[0], block.input_node)
        end = search_space_common.ConstantNode(search_space_common.Identity(), "end")
        space.connect(block.output_node, end)
        model = space.create_model()
        last = [one for one in model.layers if len(one.output.shape) == 4][-1]
        side = -(-6 // strides)
        assert last.output.shape == (None, side, side, 2)


def test_a_search_space_file_of_2021_prints_and_draws(folder_of, tmp_path, capsys):
    folder = folder_of(ARRAYS, SPACE)
    old = sys.argv
    sys.argv = ["search_space.py", "0.1", "0.9", "0.5"]
    try:
        runpy.run_path(str(folder / "search_space.py"), run_name="__main__")
    finally:
        sys.argv = old
    assert "[0, 4, 2]" in capsys.readouterr().out
    drawn = tmp_path / "sampled_neural_network.png"
    assert drawn.read_bytes()[:4] == b"\x89PNG"


def test_operations_of_2021_need_not_call_the_base_class():
    class Own(search_space_common.Operation):
        def __init__(self):
            self._layer = None

        def __call__(self, inputs):
            return inputs[0]

    assert Own().name == "Own"
    with pytest.raises(search_space_common.SpaceError, match=r"layers\(self, scope\)"):
        Own().layers("scope")


def test_a_sum_with_an_activation_is_another_network_than_one_without():
    def form(activation):
        space = search_space_common.KSearchSpace((4,), (4,))
        nodes = [search_space_common.VariableNode(f"node_{k}") for k in range(2)]
        merge = search_space_common.ConstantNode(
            search_space_common.AddStrictly(activation), name="sum"
        )
        for node in nodes:
            node.add_op(search_space_common.NullableIdentity())
            node.add_op(Tensor([]))
            space.connect(space.input_nodes[0], node)
            space.connect(node, merge)
        return space.canonical_form([0, 0])

    assert form(None) != form("relu")


def test_choices_of_2021_are_as_many_as_they_were():
    counts = []
    for add in ("add_dense_to_", "add_conv2d_to_", "add_pool2d_to_"):
        node = search_space_common.VariableNode("node")
        getattr(search_space_common, add)(node)
        counts.append(len({op.name for op in node.ops}))
    assert counts == [18, 36, 4]


def test_exceptions_are_logged_and_pass(caplog):
    configure_logging()

    @log_exceptions(logger=get_logger("old"))
    def fails():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert caplog.records[0].name == "old"
    assert caplog.records[0].exc_info
    assert log_exceptions(len)("abc") == 3
