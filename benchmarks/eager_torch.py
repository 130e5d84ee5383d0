"""The networks of ``digits`` in PyTorch, eager: the other side of benchmarks.eager.

Needs PyTorch and NumPy alone, and nothing of XNAS, so that it runs in an environment of
its own. It reads jobs as lines of JSON, ``{"genotype": [...], "seed": 0}``, and answers
each with a line: CPU seconds, accuracy, introspectability, parameters and features. A
job ``{"genotype": [...], "steps": FILE}`` has it make the training steps of a file that
XNAS wrote, and answer with what :func:`followed` says.

One thing is left as PyTorch has it: running variances are of samples, which XNAS's are
not. With the fewest numbers that are averaged here, 116, that makes 0.9 %.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

STAGES = (16, 32, 64)
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""Of a cell: from which of its nodes to which."""

CONV3, CONV1, POOL, ZERO, SKIP = range(5)

KERAS_EPSILON = 1e-3
"""Of batch normalisation."""


def operation(choice: int, filters: int) -> nn.Module:
    """Make what an edge of a cell does."""
    if choice == POOL:
        return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    if choice == SKIP:
        return nn.Identity()
    size = 3 if choice == CONV3 else 1
    return nn.Sequential(nn.ReLU(), convolution(filters, filters, size), norm(filters))


def convolution(before: int, filters: int, size: int, stride: int = 1) -> nn.Conv2d:
    """Make a convolution with a bias; with a stride it pads nothing."""
    made = nn.Conv2d(before, filters, size, stride, padding=size // 2 * (stride == 1))
    nn.init.xavier_uniform_(made.weight)
    nn.init.zeros_(made.bias)
    return made


def norm(filters: int) -> nn.BatchNorm2d:
    """Make a batch normalisation with XNAS's constants."""
    return nn.BatchNorm2d(filters, eps=KERAS_EPSILON, momentum=0.1)


def live_edges(genotype: Sequence[int]) -> list[int]:
    """Return the edges on a path from a cell's first node to its last."""
    passing = [i for i, choice in enumerate(genotype) if choice != ZERO]
    reached, reaching = {0}, {3}
    for i in passing:
        reached |= {EDGES[i][1]} if EDGES[i][0] in reached else set()
    for i in reversed(passing):
        reaching |= {EDGES[i][0]} if EDGES[i][1] in reaching else set()
    return [i for i in passing if EDGES[i][0] in reached and EDGES[i][1] in reaching]


class Cell(nn.Module):
    """A cell of four nodes."""

    def __init__(self, genotype: Sequence[int], filters: int) -> None:
        super().__init__()
        self.live = live_edges(genotype)
        self.edges = nn.ModuleList(operation(genotype[i], filters) for i in self.live)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add up what arrives at each node."""
        nodes: dict[int, torch.Tensor] = {0: x}
        for i, module in zip(self.live, self.edges, strict=True):
            source, target = EDGES[i]
            value = module(nodes[source])
            nodes[target] = nodes[target] + value if target in nodes else value
        return nodes[3]


class Residual(nn.Module):
    """Halves height and width."""

    def __init__(self, before: int, filters: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ZeroPad2d((0, 1, 0, 1)),  # on the side where Keras pads
            convolution(before, filters, 3, 2),
            norm(filters),
            nn.ReLU(),
            convolution(filters, filters, 3),
            norm(filters),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, 2), convolution(before, filters, 1)
        )
        self.end = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add both branches."""
        return self.end(self.main(x) + self.shortcut(x))


def network(genotype: Sequence[int], classes: int) -> nn.Sequential:
    """Make a network of one cell a stage."""
    layers: list[nn.Module] = [convolution(1, STAGES[0], 3), norm(STAGES[0])]
    before = STAGES[0]
    for filters in STAGES:
        if filters != before:
            layers.append(Residual(before, filters))
        layers.append(Cell(genotype, filters))
        before = filters
    head = nn.Linear(before, classes)
    nn.init.xavier_uniform_(head.weight)
    nn.init.zeros_(head.bias)
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), head]
    return nn.Sequential(*layers)


def shifted(x: torch.Tensor, padding: int) -> torch.Tensor:
    """Pad pictures with zeros and cut each out at random."""
    count, _, height, width = x.shape
    padded = functional.pad(x, (padding,) * 4)
    top, left = torch.randint(0, 2 * padding + 1, (2, count, 1))
    rows, columns = top + torch.arange(height), left + torch.arange(width)
    which = torch.arange(count)[:, None, None]
    return padded[which, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def rates(settings: dict[str, Any], steps: int) -> Iterator[float]:
    """Give the learning rate of each step: linear warm-up, then cosine decay."""
    total = steps * settings["num_epochs"]
    warmup = round(settings["warmup_epochs"] * steps)
    for step in range(total):
        if step < warmup:
            yield settings["learning_rate"] * (step + 1) / (warmup + 1)
        else:
            done = (step - warmup) / (total - warmup)
            yield settings["learning_rate"] * (1 + math.cos(math.pi * done)) / 2


def train(
    model: nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    valid: tuple[torch.Tensor, torch.Tensor],
    settings: dict[str, Any],
) -> float:
    """Train a network as the task does; returns validation accuracy."""
    step = stepper(model, settings)
    size = settings["batch_size"]
    following = rates(settings, math.ceil(len(x) / size))
    for _ in range(settings["num_epochs"]):
        model.train()
        for index in torch.randperm(len(x)).split(size):
            step(shifted(x[index], 1), y[index], next(following))
        accuracy = accuracy_of(model, valid)
    return accuracy


def stepper(
    model: nn.Module, settings: dict[str, Any]
) -> Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]:
    """Make what takes a batch and a learning rate, makes a step, and returns the loss.

    In Keras momentum adds up steps as they were made, each with the rate of its time;
    in PyTorch gradients, all of which get the rate of now. So the rate is put into the
    gradients here.
    """
    layers = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    decaying = [p for layer in layers for p in layer.parameters()]
    others = [
        p
        for m in model.modules()
        if isinstance(m, nn.BatchNorm2d)
        for p in m.parameters()
    ]
    groups: list[dict[str, Any]] = [{"params": decaying}, {"params": others}]
    optimizer = torch.optim.SGD(groups, lr=1.0, momentum=0.9, nesterov=True)

    def step(x: torch.Tensor, y: torch.Tensor, rate: float) -> torch.Tensor:
        # PyTorch's penalty is half the square.
        optimizer.param_groups[0]["weight_decay"] = rate * 2 * settings["weight_decay"]
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(x), y)
        (rate * loss).backward()
        optimizer.step()
        return loss.detach()

    return step


def accuracy_of(model: nn.Module, valid: tuple[torch.Tensor, torch.Tensor]) -> float:
    """Measure a network, which is no longer in training then."""
    model.eval()
    with torch.inference_mode():
        return float((model(valid[0]).argmax(1) == valid[1]).float().mean())


def followed(
    model: nn.Module,
    file: str,
    valid: tuple[torch.Tensor, torch.Tensor],
    settings: dict[str, Any],
) -> dict[str, float]:
    """Make steps that XNAS made, then take over the weights that it ended with.

    Returns:
        ``loss``, the mean of the steps; accuracy and introspectability at the end.
    """
    with np.load(file, allow_pickle=False) as data:
        arrays = {name: torch.from_numpy(data[name]) for name in data.files}
    fill(model, [arrays[name] for name in arrays if name.startswith("start")])
    model.double().train()  # so that one side's rounding alone is in the difference
    step = stepper(model, settings)
    pictures = arrays["x"].permute(0, 1, 4, 2, 3).double()
    following = rates(settings, int(arrays["steps_per_epoch"]))
    losses = [step(*one) for one in zip(pictures, arrays["y"], following, strict=False)]
    loss = float(torch.stack(losses).mean())
    fill(model.float(), [arrays[name] for name in arrays if name.startswith("end")])
    accuracy = accuracy_of(model, valid)
    score = introspectability(class_sums(model, valid[0]))
    return {"loss": loss, "accuracy": accuracy, "introspectability": score}


def fill(model: nn.Module, values: Sequence[torch.Tensor]) -> None:
    """Give a network Keras's weights, those of one layer after the other."""
    tensors: list[torch.Tensor] = []
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)):
            tensors += layer.parameters()
        if isinstance(layer, nn.BatchNorm2d):
            tensors += [layer.running_mean, layer.running_var]
    axes = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value.permute(axes[value.ndim]))


def class_sums(model: nn.Module, x: torch.Tensor) -> NDArray[np.float64]:
    """Add up outputs of convolutions and activations over each predicted class."""
    outputs: list[torch.Tensor] = []
    hooks = [
        module.register_forward_hook(lambda *call: outputs.append(call[2].flatten(1)))
        for module in model.modules()
        if isinstance(module, (nn.Conv2d, nn.ReLU))
    ]
    with torch.inference_mode():
        scores = model(x)
        members = functional.one_hot(scores.argmax(1), scores.shape[1]).float()
        sums = members.T @ torch.cat(outputs, 1)
    for hook in hooks:
        hook.remove()
    return sums.numpy().astype(np.float64)


def introspectability(sums: NDArray[np.float64]) -> float:
    """Return the mean cosine distance of classes that are predicted."""
    sums = sums[sums.any(axis=1)]
    units = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    pairs = np.triu_indices(len(units), 1)
    return float(np.mean(1 - (units @ units.T)[pairs]))


def main(data_file: str) -> None:
    """Serve jobs from standard input until it ends."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    with np.load(data_file, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    settings = json.loads(str(arrays["settings"]))
    x, valid_x = (
        torch.from_numpy(arrays[name]).permute(0, 3, 1, 2).contiguous()
        for name in ("X_train", "X_valid")
    )
    y, valid_y = (torch.from_numpy(arrays[name]) for name in ("y_train", "y_valid"))
    classes = int(y.max()) + 1
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        started = time.process_time()
        torch.manual_seed(job.get("seed", 0))
        model = network(job["genotype"], classes)
        if "steps" in job:
            found = followed(model, job["steps"], (valid_x, valid_y), settings)
            print(json.dumps(found), flush=True)
            continue
        accuracy = train(model, x, y, (valid_x, valid_y), settings)
        sums = class_sums(model, valid_x)
        score = introspectability(sums)
        seconds = time.process_time() - started
        answer = {
            "seconds": seconds,
            "accuracy": accuracy,
            "introspectability": score,
            "n_parameters": sum(p.numel() for p in model.parameters())
            + sum(b.numel() for n, b in model.named_buffers() if "running" in n),
            "n_features": sums.shape[1],
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
