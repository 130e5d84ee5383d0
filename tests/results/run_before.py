"""A run of the version before, as it left its folder, without what is large."""

import csv
import json
import shutil
from pathlib import Path

STORED = Path(__file__).parents[1] / "data" / "run_before"
OBJECTIVES = {
    0: (0.9083333611488342, 0.26113226841796106),
    1: (0.6499999761581421, 0.16121736955733465),
    2: (0.625, 0.2411235989860885),
    3: (0.5305555462837219, 0.23535831467837298),
    4: (0.10000000149011612, 0.14443362057097542),
    5: (0.49444442987442017, 0.26827116670914974),
}
FRONT = [0, 5]


def copy_of_run(root):
    """Put the run into a folder that may be written to."""
    return Path(shutil.copytree(STORED, root))


def change_infos(folder, change):
    """Edit ``init_infos.json``."""
    path = folder / "init_infos.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def copy_with_recorded_score(root):
    """The same as a run with ``--record-mo-xai-only true`` would have left it."""
    folder = copy_of_run(root)

    def change(content):
        content["objectives"] = ["val_acc__last"]
        content["hypervolume_reference"] = [0.1]
        content["run_settings"]["optimise_introspectability"] = False
        content["arguments"]["record_mo_xai_only"] = True

    change_infos(folder, change)
    path = folder / "results.csv"
    with open(path, newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["objective"] = row.pop("objective_0")
        del row["objective_1"]
        row["pareto_efficient"] = str(row["m:id"] == "0")
    names = [name for name in rows[0] if not name.startswith(("m:", "objective"))]
    names.insert(6, "objective")
    names += [name for name in rows[0] if name.startswith("m:")]
    with open(path, "w", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder
