"""Mean and confidence interval over replicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from statistics import fmean, stdev

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """What replicates tell of a network's score.

    Args:
        values: one a replicate.
        mean: of them.
        interval: confidence interval of the mean, by Student's t, as far as it lies
            within what is possible; ``None`` for fewer than two values, or where one of
            them is not finite.
    """

    values: tuple[float, ...]
    mean: float
    interval: tuple[float, float] | None

    @property
    def is_alike(self) -> bool:
        """Whether several values are all the same, which tells no spread."""
        return len(self.values) > 1 and min(self.values) == max(self.values)


def estimate(
    values: Sequence[float],
    confidence: float = CONFIDENCE,
    possible: tuple[float, float] = (-inf, inf),
) -> Estimate:
    """Estimate a mean.

    Args:
        values: one or more.
        confidence: of the interval.
        possible: least and greatest value there can be; cutting an interval there takes
            nothing from its confidence.
    """
    from scipy.stats import t

    mean = fmean(values)
    interval = None
    if len(values) > 1 and all(map(isfinite, values)):
        half = t.ppf((1 + confidence) / 2, len(values) - 1)
        half *= stdev(values) / sqrt(len(values))
        low, high = possible
        interval = (max(mean - float(half), low), min(mean + float(half), high))
    return Estimate(tuple(values), mean, interval)
