"""Networks that compute the same: a form that equal networks share.

A network is reduced to the applications of its operations. What passes nothing on or is
not used is gone already (:meth:`~xnas.space.plan.Plan.active`), skip connections
and merges of one tensor are passed through, sums of sums become one sum, whose terms
have no order, and what has no weights is applied to the same sum once. Two networks
with the same form compute the same function for suitably permuted weights.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple
from weakref import WeakKeyDictionary

from xnas.distances import Features
from xnas.space.base import Operation
from xnas.space.merges import Add, Merge
from xnas.space.operations import Identity
from xnas.space.plan import Plan

FORM_VERSION = 1
"""Raised whenever a form comes to mean something else: forms of different versions,
such as those that an older run recorded, cannot be compared."""

Terms = tuple[int, ...]
"""Positions of the applications whose outputs are added up; often one alone."""


@dataclass(slots=True)
class _Application:
    """An operation where it is applied.

    Args:
        signature: stands for what it does.
        arguments: what it is applied to.
        owner: position of the step whose layers it applies.
    """

    signature: int
    arguments: list[Terms]
    owner: int
    users: list[tuple[int, int]] = field(default_factory=list)


_Active = Mapping[int, tuple[int, ...]]
_Reduced = tuple[list[_Application], Terms] | None


def canonical_form(plan: Plan, choices: Sequence[int]) -> Hashable:
    """Return what all networks share that compute the same function.

    Args:
        plan: of the space.
        choices: one whole number a variable node.

    Returns:
        A digest of 16 bytes; the choices themselves where an operation says nothing
        of what it does (:meth:`~xnas.space.operations.Operation.signature`); ``None``
        where no path leads from input to output.
    """
    active = plan.active(choices)
    if not active:
        return None
    reduced = _reduce(plan, choices, active)
    _remember(plan, choices, (active, reduced))
    if reduced is None:
        return tuple(choices)
    applications, output = reduced
    _note_users(applications, output)
    return _digest(applications, output, _distinct_colours(applications))


class _Role(NamedTuple):
    """What an operation is to a form.

    Args:
        passes: a tensor that comes alone goes through unchanged.
        adds: it adds up whatever arrives.
        signature: stands for what it does; ``None`` where it says nothing of that.
        is_pure: without weights, so that one application stands for equal ones.
    """

    passes: bool
    adds: bool
    signature: int | None
    is_pure: bool


_roles_of_plan: WeakKeyDictionary[Plan, list[list[_Role]]] = WeakKeyDictionary()


def _roles(plan: Plan) -> list[list[_Role]]:
    """For each step, what each of its operations is; worked out once a plan."""
    if plan not in _roles_of_plan:
        _roles_of_plan[plan] = [
            [
                _role(operation, plan.inputs.index(i) if i in plan.inputs else None)
                for operation in step.node.ops
            ]
            for i, step in enumerate(plan.steps)
        ]
    return _roles_of_plan[plan]


def _role(operation: Operation, position: int | None) -> _Role:
    if position is not None:
        return _Role(False, False, _number(f"input {position}"), operation.is_pure)
    text = operation.signature()
    return _Role(
        # A projection, too, is made only where there are tensors to make alike.
        isinstance(operation, (Identity, Merge)),
        isinstance(operation, Add) and operation.only_adds,
        None if text is None else _number(text),
        operation.is_pure,
    )


def _reduce(plan: Plan, choices: Sequence[int], active: _Active) -> _Reduced:
    """List the applications in topological order, and the terms of the output."""
    applications: list[_Application] = []
    values: dict[int, Terms] = {}
    owners: dict[object, int] = {}
    repeated: dict[tuple[int, Terms], Terms] = {}
    roles = _roles(plan)
    choices = (*choices, 0)  # steps without a choice look it up at −1
    for i, feeds in active.items():
        step = plan.steps[i]
        role = roles[i][choices[step.variable]]
        arguments = [values[source] for source in feeds]
        if role.passes and len(arguments) == 1:
            values[i] = arguments[0]
            continue
        if role.adds:
            values[i] = tuple(term for terms in arguments for term in terms)
            continue
        if role.signature is None:
            return None
        if role.is_pure and len(arguments) == 1:
            key = role.signature, tuple(sorted(arguments[0]))
            if key in repeated:
                values[i] = repeated[key]
                continue
            repeated[key] = (len(applications),)
        values[i] = (len(applications),)
        owner = owners.setdefault(step.node.owner, i)
        applications.append(_Application(role.signature, arguments, owner))
    return applications, values[plan.output]


RECENT = 1_000
"""Networks whose reduction is kept: what asks for a form soon asks for features."""

_recent: WeakKeyDictionary[Plan, dict[tuple[int, ...], tuple[_Active, _Reduced]]]
_recent = WeakKeyDictionary()


def _remember(
    plan: Plan, choices: Sequence[int], reduction: tuple[_Active, _Reduced]
) -> None:
    recent = _recent.setdefault(plan, {})
    if len(recent) >= RECENT:
        recent.clear()
    recent[tuple(choices)] = reduction


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest())


def _note_users(applications: list[_Application], output: Terms) -> None:
    for k, application in enumerate(applications):
        for position, terms in enumerate(application.arguments):
            for term in terms:
                applications[term].users.append((k, position))
    for term in output:
        applications[term].users.append((-1, 0))


def _distinct_colours(applications: list[_Application]) -> list[int]:
    """Colour applications by what is below and above them, until all differ.

    Where some look alike, one is marked and the others coloured anew. They are nearly
    always interchangeable, so that it does not matter which. Were they not, two equal
    networks might get different forms, but never two different ones the same.
    """
    marks = [0] * len(applications)
    while True:
        colours = _colours(applications, marks)
        first: dict[int, int] = {}
        alike = [
            first[colour]
            for k, colour in enumerate(colours)
            if first.setdefault(colour, k) != k
        ]
        if not alike:
            return colours
        marks[min(alike, key=lambda k: colours[k])] = len(alike)


def _colours(applications: list[_Application], marks: Sequence[int]) -> list[int]:
    below: list[int] = []
    for mark, application in zip(marks, applications, strict=True):
        arguments = tuple(
            [
                tuple(sorted([below[term] for term in terms]))
                for terms in application.arguments
            ]
        )
        below.append(hash((application.signature, mark, arguments)))
    shared: dict[int, list[int]] = {}
    for colour, application in zip(below, applications, strict=True):
        shared.setdefault(application.owner, []).append(colour)
    colours = below.copy()
    for k in range(len(applications) - 1, -1, -1):
        users = sorted(
            [
                (colours[user] if user >= 0 else 0, position)
                for user, position in applications[k].users
            ]
        )
        with_weights = tuple(sorted(shared[applications[k].owner]))
        colours[k] = hash((below[k], tuple(users), with_weights))
    return colours


def _digest(
    applications: list[_Application], output: Terms, colours: list[int]
) -> bytes:
    """Write the whole graph down in the order of colours, and hash that."""
    order = sorted(range(len(applications)), key=colours.__getitem__)
    rank = {k: position for position, k in enumerate(order)}
    owner_rank: dict[int, int] = {}
    for k in order:
        owner_rank.setdefault(applications[k].owner, rank[k])

    def ranks(terms: Terms) -> list[int]:
        return sorted(rank[term] for term in terms)

    written = [
        (one.signature, owner_rank[one.owner], [*map(ranks, one.arguments)])
        for one in (applications[k] for k in order)
    ]
    return blake2b(repr((written, ranks(output))).encode(), digest_size=16).digest()


DEPTH = 2
"""Applications before one that tell it from others of the same operation."""


def features(plan: Plan, choices: Sequence[int]) -> Features:
    """List what a network has in common with others that are much like it.

    Args:
        plan: of the space.
        choices: one whole number a variable node, of a connected network.

    Returns:
        Pairs of a variable node's position and its choice, −1 where the network does
        not use it; and the Weisfeiler-Lehman colours of the reduced network's
        applications, none where an operation says nothing of what it does.
    """
    active, reduced = _recent.get(plan, {}).get(tuple(choices)) or (None, None)
    if active is None:
        active = plan.active(choices)
        reduced = _reduce(plan, choices, active)
    used = {plan.steps[i].variable for i in active}
    chosen = ((i, choice if i in used else -1) for i, choice in enumerate(choices))
    return frozenset(chosen), frozenset(_history_colours(*reduced) if reduced else ())


def _history_colours(
    applications: list[_Application], output: Terms
) -> Iterator[tuple[int, int]]:
    """Colour applications by what comes before them, up to each depth.

    Shervashidze et al., *Weisfeiler-Lehman Graph Kernels*, Journal of Machine Learning
    Research 12, 2011.
    """
    colours = [one.signature for one in applications]
    for depth in range(DEPTH + 1):
        yield from ((depth, colour) for colour in colours)
        colours = [
            hash(
                (one.signature, *sorted(colours[t] for ts in one.arguments for t in ts))
            )
            for one in applications
        ]
    yield -1, hash(tuple(sorted(colours[term] for term in output)))
