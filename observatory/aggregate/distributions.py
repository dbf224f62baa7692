"""Quantiles of the normal, Student, beta and binomial distributions.

Belongs here: what intervals need of probability, for arrays, and what it is at the edges. Does not belong here: what
the intervals are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrik, betaincinv, ndtri, stdtrit

ROUNDING = 1e-12  # of a probability that is one of the distribution's own

Floats = npt.NDArray[np.float64]


def normal_quantile(probability: float) -> float:
    return float(ndtri(probability))


def student_quantile(probability: float, df: Floats) -> Floats:
    """NaN without a degree of freedom."""
    found = stdtrit(np.where(df > 0, df, np.nan), probability)
    return np.where(np.isinf(df), normal_quantile(probability), found)


def beta_quantile(probability: float, a: Floats, b: Floats) -> Floats:
    """0 or 1 where a shape is 0, NaN where one is negative or missing."""
    usable = (a > 0) & (b > 0) & np.isfinite(a) & np.isfinite(b)
    found = betaincinv(np.where(usable, a, np.nan), np.where(usable, b, np.nan), probability)
    return np.where((a == 0) & (b > 0), 0.0, np.where((b == 0) & (a > 0), 1.0, found))


def binomial_quantile(level: float, n: int, probability: float) -> int:
    """The least number of successes that as many or fewer come with a probability of at least `level`."""
    # scipy.stats has it whole, but takes 0.4 s and 47 MB to be loaded.
    reached = level * (1 - ROUNDING)
    found = int(np.ceil(bdtrik(level, n, probability)))
    if found > 0 and bdtr(found - 1, n, probability) >= reached:
        return found - 1
    return found + 1 if bdtr(found, n, probability) < reached else found
