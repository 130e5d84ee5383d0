"""Flags that several commands take."""

import argparse

from xnas.cli import values
from xnas.evaluation.settings import EXPLAINABILITY_TYPES, MAX_SCORED_EXAMPLES


class Help(argparse.ArgumentDefaultsHelpFormatter):
    """Shows defaults where there are any."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, [], (), False):
            return action.help
        return super()._get_help_string(action)


def add_task_flags(
    parser: argparse.ArgumentParser, *, problem_required: bool = True
) -> None:
    """Add the flags that say what is trained and how it is scored.

    Args:
        parser: of the command.
        problem_required: whether the task must be among them.
    """
    task = parser.add_argument_group("task")
    task.add_argument(
        "--problem",
        required=problem_required,
        metavar="PATH",
        help="the task, such as experiments.digits.problem.Problem",
    )
    task.add_argument(
        "--run",
        default="xnas.nas_deephyper.nas_run.run",
        metavar="PATH",
        help="the function that evaluates one network",
    )
    task.add_argument(
        "--set",
        dest="hyperparameters",
        action="append",
        type=values.setting,
        default=[],
        metavar="NAME=VALUE",
        help="replace a hyperparameter of the task, such as num_epochs=1; may be "
        "given several times",
    )
    task.add_argument(
        "--objectives",
        type=values.names,
        metavar="NAME[,NAME...]",
        help="what is looked for, in order: metrics of the task such as val_acc__last, "
        "introspectability, n_parameters, n_multiplications, training_time, "
        "explainers; a minus in front minimises (default: what the task states, or "
        "its objective and introspectability)",
    )
    task.add_argument(
        "--record",
        type=values.names,
        default=(),
        metavar="NAME[,NAME...]",
        help="what is measured and written down besides",
    )
    task.add_argument(
        "--reference",
        dest="references",
        action="append",
        type=values.reference,
        default=[],
        metavar="NAME=VALUE",
        help="worst value of an objective that counts for the hypervolume, as "
        "measured; may be given several times",
    )
    task.add_argument(
        "--multiobjective-explainability",
        type=values.boolean,
        metavar="true|false",
        help="score introspectability; false leaves it out altogether (default: true)",
    )
    task.add_argument(
        "--record-mo-xai-only",
        type=values.boolean,
        metavar="true|false",
        help="record introspectability, but search for the task alone (default: false)",
    )
    task.add_argument(
        "--explainability-type",
        choices=EXPLAINABILITY_TYPES,
        default="activations",
        help="whether pairs of classes weigh the same in introspectability, or by the "
        "similarity that the task states, or by WordNet's",
    )
    task.add_argument(
        "--group-by",
        choices=["prediction", "label"],
        default="prediction",
        help="what decides the class that an example counts for in introspectability",
    )
    task.add_argument(
        "--divide-by-mean-similarity",
        type=values.boolean,
        default="false",
        metavar="true|false",
        help="divide weighted introspectability by the mean weight",
    )
    task.add_argument(
        "--max-scored-examples",
        type=values.whole_number(1),
        default=MAX_SCORED_EXAMPLES,
        metavar="N",
        help="validation examples that introspectability uses at most",
    )
