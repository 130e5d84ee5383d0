"""Text of ``problem.py``."""

from xnas.new_task.found import Found
from xnas.new_task.literals import WIDTH, assignment, text_literal, with_exemption

FEWEST_STEPS = 40
"""Of an epoch, and"""
STEPS = 480
"""of a training: with fewer, batch normalisation has not averaged enough."""

FEWEST_EPOCHS, MOST_EPOCHS = 6, 20

SMALLEST_BATCH, LARGEST_BATCH = 8, 512

_PADDING_SHARE = 8


def problem_text(name: str, found: Found) -> str:
    """Write ``problem.py``.

    Args:
        name: of the task.
        found: what is known of its data.
    """
    blocks = [
        "\n".join([f'"""The task ``{name}``."""', "", *_imports(name, found)]),
        "\n".join(_constants(found)),
        "\n".join(
            [
                "Problem = NaProblem()",
                "Problem.load_data(load_data)",
                *_space(found),
                *_inputs(found),
                *_training(found),
                *_measures(found),
            ]
        ),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def batch_size(n_train: int) -> int:
    """Choose a power of two that gives 40 to 80 steps an epoch, within bounds."""
    fitting = max(1, n_train // FEWEST_STEPS)
    power = 2 ** (fitting.bit_length() - 1)
    return max(SMALLEST_BATCH, min(LARGEST_BATCH, power))


def _imports(name: str, found: Found) -> list[str]:
    images = []
    if found.flips:
        images.append("Compose")
    if found.normalization:
        images.append("Normalize")
    if found.are_pictures:
        images.append("RandomCrop")
    if found.flips:
        images.append("RandomFlip")
    lines = [
        f"from experiments.{name}.load_data import load_data",
        f"from experiments.{name}.search_space import create_search_space",
        "from xnas.problem import NaProblem",
    ]
    if images:
        lines.append(f"from xnas.training.images import {', '.join(images)}")
    return lines


def _constants(found: Found) -> list[str]:
    lines = []
    if found.classes:
        classes = assignment("CLASSES", [text_literal(name) for name in found.classes])
        lines.append(with_exemption(f"# In the order of their labels.\n{classes}"))
    if found.normalization:
        unit = " divided by 255" if found.normalization.scale == 255 else ""
        lines += [
            f"# Of each channel of the training pictures{unit}.",
            assignment("MEAN", [*map(repr, found.normalization.mean)], "()"),
            assignment("STD", [*map(repr, found.normalization.std)], "()"),
        ]
    return lines


def _space(found: Found) -> list[str]:
    if not found.are_pictures:
        return ["Problem.search_space(create_search_space)"]
    return [
        "# One cell a stage is quick to train; the paper's networks have five.",
        "Problem.search_space(create_search_space, stack_size=1)",
    ]


def _inputs(found: Found) -> list[str]:
    if not found.are_pictures:
        return []
    lines = []
    if found.normalization:
        scale = found.normalization.scale
        last = f", scale={scale}" if scale != 1 else ""
        lines.append(f"Problem.preprocessing(Normalize(MEAN, STD{last}))")
    padding = max(1, round(min(found.input_shape[:2]) / _PADDING_SHARE))
    crop = f"RandomCrop(padding={padding})"
    if not found.flips:
        return [*lines, f"Problem.augment({crop})"]
    return [
        *lines,
        "# Take RandomFlip() away where left and right matter, as in text or digits.",
        f"Problem.augment(Compose({crop}, RandomFlip()))",
    ]


def _training(found: Found) -> list[str]:
    size = batch_size(found.n_train)
    steps = -(-found.n_train // size)
    epochs = max(FEWEST_EPOCHS, min(MOST_EPOCHS, -(-STEPS // steps)))
    # The size of real labels' gradients knows no bounds, which SGD does not survive.
    optimizer = 'optimizer="adam", ' if found.is_regression else ""
    return [
        f"# Batches of {size} are {steps} steps an epoch. More epochs train networks",
        "# better and take longer; --set num_epochs=30 tries that without an edit.",
        "# Much higher learning rates break networks that only pool and skip.",
        *_call(
            "Problem.hyperparameters",
            f"batch_size={size}, learning_rate=0.01, {optimizer}num_epochs={epochs}",
        ),
    ]


def _call(function: str, arguments: str) -> list[str]:
    line = f"{function}({arguments})"
    return [line] if len(line) <= WIDTH else [f"{function}(", f"    {arguments}", ")"]


def _measures(found: Found) -> list[str]:
    if found.is_regression:
        return [
            "# Of targets with standard deviation 1, see load_data.py.",
            'Problem.loss("mean_squared_error")',
            'Problem.metrics(["mae"])',
            "# The minus minimises. Searches of a regression are run with",
            "# --multiobjective-explainability false, as there are no classes.",
            'Problem.objective("-val_loss__last")',
        ]
    sparse = "" if found.one_hot else "sparse_"
    return [
        f'Problem.loss("{sparse}categorical_crossentropy")',
        'Problem.metrics(["acc"])',
        'Problem.objective("val_acc__last")',
        "Problem.classes(CLASSES)",
    ]
