"""Whether a measure tells networks apart, or the luck of one training.

The intraclass correlation ICC(1) of Shrout and Fleiss, *Intraclass Correlations: Uses
in Assessing Rater Reliability*, Psychological Bulletin 86, 1979: the share of a
measure's variance that is between networks, the rest being between seeds.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f

CONFIDENCE = 0.95

LEAST = 0.3
"""A smaller share says more of seeds than of networks."""


@dataclass(frozen=True)
class Reliability:
    """How much of a measure is the network.

    Args:
        share: of the variance between networks; NaN where nothing varies.
        interval: its confidence interval.
        n_networks: that it is known of.
    """

    share: float
    interval: tuple[float, float]
    n_networks: int

    @property
    def is_luck(self) -> bool:
        """Whether a search for it would select luck."""
        return self.share < LEAST


def reliability(values: ArrayLike, confidence: float = CONFIDENCE) -> Reliability:
    """Estimate ICC(1), with its interval by the F distribution.

    Args:
        values: (networks, seeds) of one measure; networks with a value that is not
            finite are left out.
        confidence: of the interval.

    Returns:
        The estimate; NaN for fewer than two networks or seeds, or equal values.

    Raises:
        ValueError: ``values`` has another shape.
    """
    table = np.asarray(values, np.float64)
    if table.ndim != 2:
        raise ValueError(f"values must be (networks, seeds), but have {table.shape}")
    table = table[np.isfinite(table).all(axis=1)]
    n, k = table.shape
    if n < 2 or k < 2 or np.ptp(table) == 0:
        return Reliability(nan, (nan, nan), n)
    means = table.mean(axis=1, keepdims=True)
    between = k * ((means - table.mean()) ** 2).sum() / (n - 1)
    within = ((table - means) ** 2).sum() / (n * (k - 1))
    if within == 0:
        return Reliability(1.0, (1.0, 1.0), n)
    ratio = between / within
    tail = (1 + confidence) / 2
    low = ratio / f.ppf(tail, n - 1, n * (k - 1))
    high = ratio * f.ppf(tail, n * (k - 1), n - 1)
    share, *ends = (float((one - 1) / (one + k - 1)) for one in (ratio, low, high))
    return Reliability(share, (ends[0], ends[1]), n)
