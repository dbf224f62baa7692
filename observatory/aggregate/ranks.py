"""How sure the rank of an option is among those of its question.

Belongs here: the tests between options two by two, the interval of each rank. Does not belong here: the estimates and
their joint covariance (estimation.covariance), what a rank is called in the report.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from observatory.aggregate.comparison import ROUNDING, holm
from observatory.aggregate.distributions import Floats


def rank_intervals(
    values: npt.ArrayLike, covariance: npt.ArrayLike, level: float = 0.95, *, adjusted: bool = True
) -> pd.DataFrame:
    """One row an option, in the order given: rank, low, high. The largest value has rank 1, equal ones their mean rank.

    `low` is one more than the number of options that are surely above, `high` leaves room for those that are surely
    below: two options whose difference is not significant may stand in either order. The tests are those of
    `pairwise`. An option without a value has no rank and takes no place.
    """
    given = np.asarray(values, dtype=float)
    apart = pairwise(given, covariance, adjusted=adjusted) < 1 - level
    known = ~np.isnan(given)
    difference = _differences(given)
    higher = difference < 0
    above, below = (apart & higher).sum(axis=1), (apart & higher.T).sum(axis=1)
    equal = (difference == 0).sum(axis=1)
    return pd.DataFrame(
        {
            "rank": np.where(known, higher.sum(axis=1) + (equal + 1) / 2, np.nan),
            "low": np.where(known, 1.0 + above, np.nan),
            "high": np.where(known, known.sum() - below, np.nan),
        }
    )


def pairwise(values: npt.ArrayLike, covariance: npt.ArrayLike, *, adjusted: bool = True) -> Floats:
    """The p-values of the differences, option by option (two-sided z tests), by Holm's over all pairs if `adjusted`.

    Two options that nobody chose, or that the same respondents did, are equal for certain: 1. A difference without any
    variance, as in a census, is certain: 0. Where a value is missing there is no test.
    """
    given, matrix = np.asarray(values, dtype=float), np.asarray(covariance, dtype=float)
    if given.ndim != 1 or matrix.shape != (len(given), len(given)):
        raise ValueError("the covariance has a row and a column for each value")
    difference = _differences(given)
    own = np.diag(matrix)
    variance = own[:, None] + own[None, :] - 2 * matrix
    variance = np.where(variance > ROUNDING * (own[:, None] + own[None, :] + 2 * np.abs(matrix)), variance, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(difference == 0, 0.0, difference / np.sqrt(variance))
    p = np.where(np.isnan(matrix) | np.isnan(difference), np.nan, 2 * ndtr(-np.abs(z)))
    if adjusted:
        upper = np.triu_indices(len(given), 1)
        p[upper] = holm(p[upper])
        p.T[upper] = p[upper]
    return p


def _differences(values: Floats) -> Floats:
    """Of each value to each other, 0 where only rounding parts them."""
    difference = values[:, None] - values[None, :]
    size = np.abs(values)[:, None] + np.abs(values)[None, :]
    return np.where(np.abs(difference) <= ROUNDING * size, 0.0, difference)
