"""``deephyper_xnas export``: take results to MLflow, TensorBoard, CSV or JSON.

Write what a run has found where other programs read it: objectives, operations,
settings and learning curves of all networks. The same command again adds only what is
new. The run is read only, so it may be used while the search runs.

Args:
    run_dir: the run folder; results/<task>/latest: the newest of one task
    to: the program or format
    output: folder to write to (default: RUN_DIR/exported/ and the format); of mlflow
        also the address of a server or database (default: MLFLOW_TRACKING_URI if set)
    register: with mlflow, make what train has left versions of the registered model of
        this name, with their cards
    follow: go on until the search has ended
"""

import argparse
import time

from xnas.cli.exit_status import DONE, INTERRUPTED
from xnas.cli.flags import SWITCH, Flags
from xnas.cli.say import say
from xnas.exporters import TARGETS, wrong_target

SECONDS = 10.0
"""Between two looks at a search under way."""


def _target(text: str) -> str:
    """Refuse formats that another command writes."""
    if said := wrong_target(text):
        raise argparse.ArgumentTypeError(said)
    return text


FLAGS: Flags = {
    "": {
        "run_dir": {"metavar": "RUN_DIR"},
        "--to": {
            "required": True,
            "type": _target,
            "choices": TARGETS,
        },
        "-o --output": {"metavar": "DIR|URI"},
        "--register": {"metavar": "NAME"},
        "--follow": SWITCH,
    }
}


def run(arguments: argparse.Namespace) -> int:
    """Export, and tell where it is."""
    # Here and not above: other commands must not wait for pandas.
    from xnas.face.export import export
    from xnas.results.latest import named_run
    from xnas.results.summary import summarise

    folder = named_run(arguments.run_dir)
    told: list[str] = []
    try:
        while True:
            # Asked before the rows are read: none may come after the last look.
            goes_on = arguments.follow and summarise(folder).state.is_alive
            found = export(
                folder.root,
                arguments.to,
                arguments.output,
                register=arguments.register,
            )
            for line in found:
                if line not in told:
                    print(line, flush=True)
            told += found
            if not goes_on:
                return DONE
            time.sleep(SECONDS)
    except KeyboardInterrupt:
        say("Interrupted: what was exported stays. The same command goes on.")
        return INTERRUPTED
