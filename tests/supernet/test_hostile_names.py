"""Names that Keras does not take: both trainers train, and show them as given."""

from contextlib import closing

import numpy as np
import pytest
from small_spaces import NormedDense, choosing, load_table, make_task

from xnas.evaluation.settings import RunSettings
from xnas.nas_deephyper import nas_run
from xnas.records import Evaluation
from xnas.results import Columns, ResultsTable, RunFolder, load, write_json
from xnas.space import AutoKSearchSpace, MimeNode, Operation

NAMES = ("edge (1,0)", 'größe: "a"\n', "😀 <b>", "grosse: a")


def hostile_space(input_shape, output_shape):
    import keras

    def dense():
        return Operation(keras.layers.Dense(6, "tanh", name="dichte schicht ü"))

    nodes = [choosing(name, dense(), NormedDense()) for name in NAMES]
    nodes.append(MimeNode(nodes[0], "wie, edge"))
    space = AutoKSearchSpace(input_shape, output_shape)
    for before, node in zip([space.input_nodes[0], *nodes], nodes, strict=False):
        space.connect(before, node)
    return space


@pytest.mark.parametrize("trainer", ["plain", "compiled"])
def test_a_space_with_hostile_names_is_trained_and_shown(tmp_path, trainer):
    problem = make_task(hostile_space, load_table)
    space = hostile_space((6,), (3,))
    folder = RunFolder(tmp_path)
    folder.claim()
    settings = RunSettings(None, seed=1, log_dir=str(tmp_path), trainer=trainer)
    genotype = (0, 1, 0, 1)
    nas_run._load.cache_clear()
    job = {"job_id": 0, "arch_seq": list(genotype)}
    output = nas_run.run(job, settings, problem)
    nas_run._load.cache_clear()
    assert np.isfinite(output["objective"][0])

    infos = {"objectives": ["val_acc__last", "introspectability"]}
    write_json(folder.init_infos, {**infos, "space": space.describe()})
    with closing(ResultsTable(folder.results, Columns.of_run(NAMES, 2))) as table:
        table.append([Evaluation(0, genotype, objectives=tuple(output["objective"]))])
    run = load(tmp_path)
    assert [one.genotype for one in run.records] == [genotype]
    layers = (run.gram(0).layer_names, run.activations(0).layer_names)
    assert layers[0] == layers[1] == (f"{NAMES[1]}.relu", f"{NAMES[3]}.relu")
    folder.release()
