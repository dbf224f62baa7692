"""Where an estimate stands on the path to a public target.

Belongs here: the comparison of an estimate with the path, and the rows it is published as. Does not belong here: the
path itself and which indicator may be compared with which target (editions), the drawing, the words for a state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from observatory.aggregate.distributions import student_quantile
from observatory.aggregate.intervals import interval
from observatory.editions.model import Edition, Target

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


def _bounds(row: Mapping[Any, Any]) -> tuple[float, float]:
    """The one-sided bounds of an estimate at 5 %.

    Of a share, those of Wilson's interval at 90 %, which has a width where nobody or everybody said yes. Of an amount,
    none where all respondents gave the same and others were not asked.
    """
    value, se, n_eff, df = (float(row[name]) for name in ("value", "se", "n_eff", "df"))
    if row["statistic"] == "share":
        one = [np.array([number]) for number in (value, se**2, float(row["n"]), n_eff, df)]
        low, high = interval("fixed", one[0], one[1], one[2], one[3], one[4], 0.90)
        return float(low[0]), float(high[0])
    if se == 0 and math.isfinite(n_eff):
        return math.nan, math.nan
    return one_sided(value, se, df)


def identifier(target: Target) -> str:
    """The name that a target's figures have among indicators."""
    return f"target.{target.id}"


def gaps(edition: Edition, estimates: pd.DataFrame) -> pd.DataFrame:
    """How far each estimate (the rows of targets.sql) is ahead of the path in its year, in the target's unit.

    `low` and `high` are the bounds of the two one-sided tests at 5 %: above 0 the estimate is ahead, under 0 behind,
    else compatible, which is not significant. A year before the path begins has no row.
    """
    targets = {identifier(target): target for target in edition.config.targets}
    rows = []
    for row in estimates.to_dict("records"):
        target, year = targets[row["target"]], int(row["year"])
        asked = target.required(year)
        if asked is None or math.isnan(row["value"]):
            continue
        if row["statistic"] == "total" and not row["extrapolated"]:
            continue  # a sum of those who answered is no estimate of what the target is about
        low, high = _bounds(row)
        found = state(target, year, low, high)
        wide = row["statistic"] == "share" and row["high"] - row["low"] > edition.config.thresholds.widest_interval
        gap, low, high = row["value"] - asked, low - asked, high - asked
        if target.target_value < target.base_value:
            gap, low, high = -gap, -high, -low
        rows.append(
            {
                "indicator": row["target"],
                "breakdown": "",
                "category": "",
                "option": "",
                "label": row["target_label"],
                "statistic": "change",
                "value": gap,
                "low": low,
                "high": high,
                "cv": row["cv"],
                "dominance": row["dominance"],
                "n": row["n"],
                "n_eff": row["n_eff"],
                "unit": row["unit"],
                "reference_year": year,
                "position": [int(place) for place in row["position"]],
                "query": "targets",
                "extrapolated": row["extrapolated"],
                "broken": False,
                "low_before": wide,
                "significant": None if found is None else found != "compatible",
            }
        )
    return pd.DataFrame(rows)
