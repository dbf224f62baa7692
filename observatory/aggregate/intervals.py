"""Intervals around an estimate, by name.

Belongs here: from estimates, variances and effective sizes to bounds, for arrays. Does not
belong here: where those come from.

For a proportion p with variance v:
`fixed`     Wilson's with the fixed effective size, which holds near 0 and 1 and in small strata: the default;
`wilson`    Wilson's with p(1 - p) / v and Student's quantile, as R's;
`logit`     symmetrical on the logit scale, with Student's quantile, as R's `logit` and `xlogit`;
`asin`      symmetrical on the scale of the arc sine of the square root, as R's;
`beta`      Korn and Graubard's, as R's;
`student`   p ± t·√v, as R's `mean`;
`normal`    p ± z·√v.
All but the first have no width, or no bounds, where nobody or everybody said yes.
For a total, a mean or a ratio: `student` (the default) and `normal`.
"""

from __future__ import annotations

import numpy as np

from observatory.aggregate.distributions import Floats, beta_quantile, normal_quantile, student_quantile

PROPORTION_METHODS = ("fixed", "wilson", "logit", "asin", "beta", "student", "normal")
AMOUNT_METHODS = ("student", "normal")

CERTAIN = 1e12  # an effective size that only the rounding of a variance of zero gives


def interval(
    method: str, value: Floats, variance: Floats, n: Floats, n_eff: Floats, df: Floats, level: float
) -> tuple[Floats, Floats]:
    """The lower and the upper bounds; NaN where the method has none."""
    upper = (1 + level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "fixed":
            return _wilson(value, n_eff, np.full_like(value, normal_quantile(upper)))
        if method == "normal":
            reach = normal_quantile(upper) * np.sqrt(variance)
            return value - reach, value + reach
        t = student_quantile(upper, df)
        if method == "student":
            return value - t * np.sqrt(variance), value + t * np.sqrt(variance)
        odds = value * (1 - value)
        if method == "wilson":
            return _wilson(value, odds / variance, t)
        if method == "logit":
            middle, reach = np.log(value / (1 - value)), t * np.sqrt(variance) / odds
            return 1 / (1 + np.exp(reach - middle)), 1 / (1 + np.exp(-reach - middle))
        if method == "asin":
            middle, reach = np.arcsin(np.sqrt(value)), t * np.sqrt(variance / odds) / 2
            return np.sin(middle - reach) ** 2, np.sin(middle + reach) ** 2
        size = odds / variance * (student_quantile(upper, n - 1) / t) ** 2
        certain = size > CERTAIN
        finite = np.where(certain, np.nan, size)
        yes, no = finite * value, finite * (1 - value)
        low, high = beta_quantile(1 - upper, yes, no + 1), beta_quantile(upper, yes + 1, no)
        return np.where(certain, value, low), np.where(certain, value, high)


def _wilson(value: Floats, size: Floats, quantile: Floats) -> tuple[Floats, Floats]:
    """Written so that a size of 0 gives 0 to 1, and an infinite one, a census, the value itself."""
    square = quantile**2
    certain = np.isinf(size)
    finite = np.where(certain, 1.0, size)
    middle = finite * value + square / 2
    reach = quantile * np.sqrt(finite * value * (1 - value) + square / 4)
    low, high = (middle - reach) / (finite + square), (middle + reach) / (finite + square)
    low, high = np.clip(low, 0.0, None), np.clip(high, None, 1.0)  # k = 0 and k = n, to the last digit
    return np.where(certain, value, low), np.where(certain, value, high)
