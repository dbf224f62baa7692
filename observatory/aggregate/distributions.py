"""Quantiles of the normal, Student, beta and binomial distributions.

Belongs here: what intervals need of probability, for arrays. Does not belong here: what the
intervals are. The environment holds no library that has these functions.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TINY = 1e-300
ENOUGH = 10_000  # steps; shapes of a million take some hundreds

_log_gamma = np.vectorize(math.lgamma, otypes=[float])


def normal_quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


@lru_cache(maxsize=4096)
def _student_quantile(probability: float, df: float) -> float:
    if probability < 0.5:
        return -_student_quantile(1 - probability, df)
    if math.isinf(df):
        return normal_quantile(probability)
    constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    t = normal_quantile(probability)
    # The upper tail is convex there, so that Newton's steps climb to the root without passing it.
    for _ in range(ENOUGH):
        tail = 0.5 * float(beta_probability(np.array(df / (df + t * t)), np.array(df / 2), np.array(0.5)))
        density = math.exp(constant - (df + 1) / 2 * math.log1p(t * t / df))
        step = (tail - (1 - probability)) / density
        t += step
        if abs(step) <= 1e-13 * abs(t):
            break
    return t


def student_quantile(probability: float, df: Floats) -> Floats:
    """NaN without a degree of freedom."""
    found = [_student_quantile(probability, value) if value > 0 else math.nan for value in df.tolist()]
    return np.array(found, dtype=float)


def beta_probability(x: Floats, a: Floats, b: Floats) -> Floats:
    """The regularised incomplete beta function, by its continued fraction (Lentz's method)."""
    x, a, b = np.broadcast_arrays(x, a, b)
    swap = x > (a + 1) / (a + b + 2)
    p, q, y = np.where(swap, b, a), np.where(swap, a, b), np.where(swap, 1 - x, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        front = np.exp(_log_gamma(p + q) - _log_gamma(p) - _log_gamma(q) + p * np.log(y) + q * np.log1p(-y) - np.log(p))
    c = np.ones_like(y)
    d = 1 / _away_from_zero(1 - (p + q) * y / (p + 1))
    fraction = d
    for m in range(1, ENOUGH):
        even = m * (q - m) * y / ((p + 2 * m - 1) * (p + 2 * m))
        d, c = 1 / _away_from_zero(1 + even * d), _away_from_zero(1 + even / c)
        fraction = fraction * d * c
        odd = -(p + m) * (p + q + m) * y / ((p + 2 * m) * (p + 2 * m + 1))
        d, c = 1 / _away_from_zero(1 + odd * d), _away_from_zero(1 + odd / c)
        fraction = fraction * d * c
        if np.all(np.abs(d * c - 1) < 1e-15):
            break
    value = np.where(y <= 0, 0.0, front * fraction)
    return np.where(swap, 1 - value, value)


def _away_from_zero(value: Floats) -> Floats:
    return np.where(np.abs(value) < TINY, TINY, value)


def beta_quantile(probability: float, a: Floats, b: Floats) -> Floats:
    """By halving; 0 or 1 where a shape is 0, NaN where one is negative or missing."""
    usable = (a > 0) & (b > 0) & np.isfinite(a) & np.isfinite(b)
    safe_a, safe_b = np.where(usable, a, 1.0), np.where(usable, b, 1.0)
    low, high = np.zeros_like(safe_a), np.ones_like(safe_a)
    for _ in range(60):
        middle = (low + high) / 2
        below = beta_probability(middle, safe_a, safe_b) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found = np.where(usable, (low + high) / 2, np.nan)
    return np.where((a == 0) & (b > 0), 0.0, np.where((b == 0) & (a > 0), 1.0, found))


@lru_cache(maxsize=4096)
def binomial_quantile(level: float, n: int, probability: float) -> int:
    """The least number of successes that as many or fewer come with a probability of at least `level`."""
    deviation = math.sqrt(n * probability * (1 - probability))
    first = max(0, math.floor(n * probability - 12 * deviation - 12))  # what lies below weighs less than 1e-30
    total = 0.0
    for k in range(first, n + 1):
        log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        total += math.exp(log + k * math.log(probability) + (n - k) * math.log1p(-probability))
        if total >= level * (1 - 1e-12):
            return k
    return n
