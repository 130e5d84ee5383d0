"""Which of the two trainers a run uses, decided from its settings alone.

Both give the same networks; they differ in what takes time. The plain one traces every
network anew. The compiled one traces the whole space once a worker, after which its
steps cost a little more. The constants below were measured on one core
(``python -m benchmarks.trainer_choice`` holds them against both trainers); a clock
would decide more finely, but not the same twice.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xnas.evaluation.settings import Trainer
from xnas.problem import NaProblem
from xnas.tasks import space_of
from xnas.training.data import TaskData

if TYPE_CHECKING:
    from xnas.supernet.plan import SupernetPlan

EVALUATIONS_WITHOUT_END = 1_000
"""Taken for a search that only a timeout ends."""

MULTIPLICATIONS_A_SECOND = 15e9

SECONDS_A_LAYER_AND_STEP = 1.2e-4

PLAIN_TRACING = 2.0, 0.045
"""Seconds a network, and a layer of it."""

COMPILED_EVALUATION = 0.05
"""Seconds that an evaluation takes beside its steps."""

COMPILED_TRACING = 1.7, 0.03
"""Seconds a worker, and a layer of the space."""

COMPILED_STEP = 1.15
"""What a training step takes against one of the plain trainer."""


@dataclass(frozen=True)
class TrainerChoice:
    """Which trainer, and why.

    Args:
        asked: what the user asked for.
        trainer: what is used.
        reason: half a sentence.
    """

    asked: str
    trainer: Trainer
    reason: str

    def __str__(self) -> str:
        """Return trainer and reason, and what to be ready for."""
        wait = "; each worker first traces the whole space, for up to half a minute"
        return f"{self.trainer}, {self.reason}" + wait * (self.trainer == "compiled")

    def to_json(self) -> dict[str, str]:
        """Return it as a JSON-able dictionary."""
        return {"asked": self.asked, "route": self.trainer, "reason": self.reason}


def choose_trainer(
    asked: str,
    problem: NaProblem,
    data: TaskData,
    *,
    max_evals: int | None,
    num_workers: int,
    on_gpus: bool = False,
) -> TrainerChoice:
    """Choose a trainer; loads TensorFlow unless the plain one is asked for.

    Args:
        asked: one of :data:`~xnas.evaluation.settings.TRAINERS`.
        problem: the task.
        data: its data.
        max_evals: evaluations of the search, ``None`` for no limit.
        num_workers: among how many workers they are shared.
        on_gpus: whether workers have GPUs, where nothing was measured.

    Returns:
        The choice; the plain trainer where the compiled one cannot do it.
    """
    if asked == "plain":
        return TrainerChoice(asked, "plain", "asked for")
    if asked == "auto" and on_gpus:
        return TrainerChoice(asked, "plain", "workers have GPUs")
    from xnas.supernet.errors import UnsupportedSpaceError
    from xnas.supernet.plan import SupernetPlan
    from xnas.supernet.training import check_supported

    try:
        check_supported(problem.training_settings())
        plan = SupernetPlan(space_of(problem, data))
    except UnsupportedSpaceError as error:
        return TrainerChoice(asked, "plain", f"the compiled one cannot: {error}")
    if asked == "compiled":
        return TrainerChoice(asked, "compiled", "asked for")
    evaluations = (max_evals or EVALUATIONS_WITHOUT_END) / num_workers
    plain, compiled = estimate_seconds(plan, problem, data, evaluations)
    cheaper: Trainer = "compiled" if compiled < plain else "plain"
    return TrainerChoice(
        asked,
        cheaper,
        f"about {compiled:,.0f} s a worker compiled and {plain:,.0f} s plain",
    )


def estimate_seconds(
    plan: "SupernetPlan", problem: NaProblem, data: TaskData, evaluations: float
) -> tuple[float, float]:
    """Estimate what a worker takes, either way, for an average network of the space.

    Args:
        plan: of the space.
        problem: the task.
        data: its data.
        evaluations: of one worker.

    Returns:
        Seconds with the plain and with the compiled trainer.
    """
    settings = problem.hyperparameter_values
    examples = settings["num_epochs"] * data.train_size
    steps = examples / min(settings["batch_size"], data.train_size)
    layers, all_layers, multiplications = _size(plan)
    # Backwards, there are two products for each one forwards.
    arithmetic = 3 * examples * multiplications / MULTIPLICATIONS_A_SECOND
    training = steps * layers * SECONDS_A_LAYER_AND_STEP + arithmetic
    plain = PLAIN_TRACING[0] + PLAIN_TRACING[1] * layers + training
    compiled = COMPILED_EVALUATION + COMPILED_STEP * training
    tracing = COMPILED_TRACING[0] + COMPILED_TRACING[1] * all_layers
    return evaluations * plain, tracing + evaluations * compiled


def _size(plan: "SupernetPlan") -> tuple[float, int, float]:
    """Count layers of an average network and of all, and its multiplications."""
    layers, all_layers, multiplications = 0.0, 0, 0.0
    for node in plan.nodes:
        branches = node.operations.branches
        n_choices = max(1, len(node.operations.numbers))
        counts = [len(b.model.layers) if b.model else 0 for b in branches]
        all_layers += sum(counts)
        layers += sum(counts) / n_choices
        multiplications += sum(b.n_multiplications for b in branches) / n_choices
    return layers, all_layers, multiplications
