"""The nodes of a space, with what each may apply and whose variables it uses."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from xnas.space import KSearchSpace
from xnas.space.checks import Shape
from xnas.space.merges import Add
from xnas.space.plan import Plan, Step
from xnas.space.precision import FULL, compute_dtype, computing_in
from xnas.supernet.branch import VECTORS, Branch, BranchVariable
from xnas.supernet.branch_set import NOTHING, BranchSet
from xnas.supernet.errors import UnsupportedSpaceError


@dataclass(frozen=True)
class SupernetNode:
    """A node.

    Args:
        step: its position in the space's plan.
        sources: positions of the steps whose outputs it takes.
        operations: what it may apply; a sum has none.
        owner: position of the step whose variables it uses.
        always: whether it is part of every network, with nothing to choose.
        scope: prefix of its layers' names.
        made_for: that of the node whose layers it shares.
    """

    step: int
    sources: tuple[int, ...]
    operations: BranchSet
    owner: int
    always: bool
    scope: str
    made_for: str

    @property
    def is_sum(self) -> bool:
        """Whether it just adds what arrives."""
        return not self.operations.numbers

    def name(self, layer: str) -> str:
        """Name one of the operations' layers as it is called in a network."""
        shared = layer.startswith(f"{self.made_for}.")
        return self.scope + layer[len(self.made_for) :] if shared else layer


class SupernetPlan:
    """All nodes of a space.

    Args:
        space: the search space.

    Attributes:
        space_plan: the space's own plan.
        nodes: the nodes but for inputs, in the plan's order.
        owners: those of them that own variables.

    Raises:
        UnsupportedSpaceError: its networks do not go into one graph.
    """

    def __init__(self, space: KSearchSpace) -> None:
        self.space_plan: Plan = space.plan
        self._always_reached = _always_reached(self.space_plan)
        always = _always_active(self.space_plan, self._always_reached)
        for i, is_needed in enumerate(_needed(self.space_plan)):
            self._always_reached[i] |= is_needed
            always[i] |= is_needed and len(self.space_plan.steps[i].feeds) == 1
        self._known: dict[Hashable, tuple[BranchSet, str]] = {}
        shapes: dict[int, Shape] = {
            i: tuple(shape)
            for i, shape in zip(self.space_plan.inputs, space.input_shape, strict=True)
        }
        position = {step.node: i for i, step in enumerate(self.space_plan.steps)}
        self.nodes: list[SupernetNode] = []
        for i, step in enumerate(self.space_plan.steps):
            if i in shapes:
                continue
            sources = tuple(sorted({s for feed in step.feeds for s in feed}))
            # What passes nothing on still has the shape of what would arrive.
            sources = sources or step.sources
            precision = FULL if i == self.space_plan.output else space.precision
            with computing_in(precision):
                operations, made_for = self._operations_of(
                    step, sources, shapes, precision
                )
            shapes[i] = operations.shape
            self.nodes.append(
                SupernetNode(
                    step=i,
                    sources=sources,
                    operations=operations,
                    owner=position[step.node.owner],
                    always=always[i],
                    scope=step.node.owner.scope,
                    made_for=made_for,
                )
            )
        self.owners = [p for p in self.nodes if p.owner == p.step and not p.is_sum]
        self._check_mirrors()
        self._prepare_output()

    def _operations_of(
        self,
        step: Step,
        sources: Sequence[int],
        shapes: dict[int, Shape],
        precision: str,
    ) -> tuple[BranchSet, str]:
        """Find or make what a step may apply; tell whose layers it has."""
        arriving = [shapes[source] for source in sources]
        dtype = compute_dtype(precision)
        owner = step.node.owner
        operations = owner.ops
        (only, *others) = operations
        adds = not others and isinstance(only, Add) and only.only_adds
        if adds and len(set(arriving)) == 1:
            return BranchSet([], arriving[0], dtype), owner.scope
        self._check_merges(step)
        signatures = [operation.signature() for operation in operations]
        takes = [tuple(sources.index(s) for s in feed) for feed in step.feeds]
        alike: Any = owner if None in signatures else tuple(signatures)
        key = (alike, tuple(takes), tuple(arriving), dtype)
        if key not in self._known:
            branches = [
                Branch(operation, owner.scope, taken, arriving, dtype)
                if taken
                else None
                for operation, taken in zip(operations, takes, strict=True)
            ]
            made = {b.output_shape for b in branches if b is not None}
            if len(made) > 1:
                raise UnsupportedSpaceError(
                    f"node {step.node.name!r} has choices of unequal output shape"
                )
            shape = made.pop() if made else arriving[0]
            self._known[key] = BranchSet(branches, shape, dtype), owner.scope
        return self._known[key]

    def _check_merges(self, step: Step) -> None:
        for feed in step.feeds:
            if len(feed) > 1 and not all(self._always_reached[s] for s in feed):
                raise UnsupportedSpaceError(
                    f"node {step.node.name!r} merges inputs that some networks lack"
                )

    def _prepare_output(self) -> None:
        (last,) = (node for node in self.nodes if node.step == self.space_plan.output)
        if not last.always:
            raise UnsupportedSpaceError("the output node has a choice")
        last.operations.keep_logits()

    def _check_mirrors(self) -> None:
        known = {node.step: node.operations for node in self.nodes}
        for node in self.nodes:
            mine, owners = node.operations, known[node.owner]
            if mine.numbers != owners.numbers:
                raise UnsupportedSpaceError(
                    f"node {node.scope!r} is mirrored where other choices are cut off"
                )
            if _shapes(mine) != _shapes(owners):
                raise UnsupportedSpaceError(
                    f"node {node.scope!r} is mirrored with other weights"
                )
        for owner in self.owners:
            keeps_state = any(vector > 0 for vector in owner.operations.vectors)
            if keeps_state and not self._is_ordered(owner.step):
                raise UnsupportedSpaceError(
                    f"node {owner.scope!r} keeps statistics or random states, and is "
                    "mirrored where nothing says which is applied first"
                )

    def _is_ordered(self, owner: int) -> bool:
        """Tell whether of nodes with the same layers each is fed by the one before.

        Keras applies others by their depth, which choices elsewhere may change.
        """
        steps = [node.step for node in self.nodes if node.owner == owner]
        return not any(
            after in _reached_without(self.space_plan, before)
            for before, after in pairwise(steps)
        )

    def variables(self, vector: int) -> list[tuple[SupernetNode, int, BranchVariable]]:
        """List what a vector holds, in order: node, number of a branch, variable."""
        return [
            (node, number, one)
            for node in self.owners
            for number, branch in enumerate(node.operations.branches, NOTHING + 1)
            for one in branch.variables_of(vector)
        ]

    def branch_numbers(self, genotype: Sequence[int]) -> list[int]:
        """Number the branch that each node takes in one network.

        Args:
            genotype: one choice a variable node.

        Returns:
            One number a node; sums have none, and get :data:`NOTHING`.
        """
        active = self.space_plan.active(genotype)
        numbers = []
        for node in self.nodes:
            operation = self.space_plan.steps[node.step].choice(genotype)
            runs = node.step in active and not node.is_sum
            numbers.append(node.operations.numbers[operation] if runs else NOTHING)
        return numbers


def _shapes(operations: BranchSet) -> list[list[Shape]]:
    """List the shapes of the variables in each vector."""
    return [
        [one.variable.shape for one in operations.variables_of(vector)]
        for vector in range(len(VECTORS))
    ]


def _always_reached(plan: Plan) -> list[bool]:
    """Tell which steps an input reaches whatever is chosen."""
    reached = [False] * len(plan.steps)
    for i, step in enumerate(plan.steps):
        reached[i] = i in plan.inputs or all(
            any(reached[s] for s in feed) for feed in step.feeds
        )
    return reached


def _needed(plan: Plan) -> list[bool]:
    """Tell without which steps no input reaches the output, whatever is chosen."""
    return [
        plan.output not in _reached_without(plan, without)
        for without in range(len(plan.steps))
    ]


def _reached_without(plan: Plan, without: int) -> set[int]:
    """Find the steps that an input may reach around a step."""
    reached = set(plan.inputs) - {without}
    for i, step in enumerate(plan.steps):
        sources = {s for feed in step.feeds for s in feed}
        if i != without and sources & reached:
            reached.add(i)
    return reached


def _always_active(plan: Plan, reached: Sequence[bool]) -> list[bool]:
    """Tell which steps without a choice are part of every network."""
    active = [False] * len(plan.steps)
    for i in reversed(range(len(plan.steps))):
        used = i == plan.output or any(
            active[user] and all(i in feed for feed in step.feeds)
            for user, step in enumerate(plan.steps)
        )
        active[i] = used and reached[i]
    return [active[i] and len(step.feeds) == 1 for i, step in enumerate(plan.steps)]
