"""Fronts by brute force."""


def dominates(one, other):
    return all(a >= b for a, b in zip(one, other, strict=True)) and one != other


def slow_front(points):
    """Ids of what nothing dominates, by comparing all with all."""
    return [
        i
        for i, p in points.items()
        if not any(dominates(q, p) for q in points.values())
    ]


def points_of(rows):
    return {
        int(row["m:id"]): (float(row["objective_0"]), float(row["objective_1"]))
        for row in rows
        if not row["objective_0"].startswith("F_")
    }
