"""Where an estimate stands on the path to a public target.

Belongs here: the comparison of an estimate with the path. Does not belong here: the path itself and which indicator may
be compared with which target (editions), the drawing, the words for a state.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from observatory.aggregate.distributions import student_quantile
from observatory.editions.model import Target

State = Literal["ahead", "compatible", "behind"]


def state(target: Target, year: int, low: float, high: float) -> State | None:
    """ahead, behind: the estimate is beyond the path, or short of it, by a one-sided test; compatible: neither.

    `low` and `high` are the estimate's one-sided bounds (`one_sided`, or the interval of twice the risk: at 90 % for
    tests at 5 %). A target below its base is to be reached from above: less is ahead. None where there is no path yet,
    or no bound.
    """
    asked = target.required(year)
    if asked is None or math.isnan(low) or math.isnan(high):
        return None
    if low > high:
        raise ValueError("the lower bound lies above the upper one")
    upwards = target.target_value > target.base_value
    if low > asked:
        return "ahead" if upwards else "behind"
    if high < asked:
        return "behind" if upwards else "ahead"
    return "compatible"


def one_sided(value: float, se: float, df: float = math.inf, level: float = 0.95) -> tuple[float, float]:
    """The bounds that the true value lies above, or below, with that confidence each; the value itself if se is 0."""
    if not 0.5 < level < 1:
        raise ValueError("level lies between 0.5 and 1")
    if se == 0:
        return value, value
    reach = float(student_quantile(level, np.array([df]))[0]) * se
    return value - reach, value + reach
