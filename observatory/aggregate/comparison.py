"""Change between two waves of a survey, some firms of which answered both.

Belongs here: the change of an estimate with its precision, the same among the firms of both waves, Holm's adjustment.
Does not belong here: how both waves become one table (stacked.py), whether two questions may be compared (editions and
their lineage), the words for a change, ranks and targets.

The firm is the primary unit of the stacked file, so that a firm in both waves counts once. With z the linearised,
weighted scores of a wave, summed by firm, the variance of a change is V(z₂) + V(z₁) - 2 C(z₁, z₂):

- clusters, no population: the firms of both waves are the units of one sample, as in R with `id = ~firm` (a firm of one
  wave has zero in the other);
- clusters and population: V is that of each wave alone, with its finite population correction: the one its own figures
  are published with. m firms of a stratum in both, of n₁ and n₂ among N, have the covariance
  (m - n₁n₂/N) s₁₂: of two samples drawn from one population, only the firms in both beyond those that chance
  gives make it (Tam 1984). The stacked file is no sample of N firms, and 1 - n/N of it would be wrong. s₁₂ is taken
  among the m firms, and can't be beyond what the variances of the waves allow. Without a firm in both, the waves are
  independent; if all are, this is the variance of the firms' differences with 1 - n/N; without any correction, the
  result would only be larger. Populations that differ between the waves: N is the larger, which gives the larger
  variance where the answers of one firm resemble each other;
- no clusters: two independent samples.

A firm that changed strata is a unit of each, as in R with `nest = TRUE`: each wave keeps the strata that its weights
come from, and the covariance of that firm's answers is left out. As answers of one firm resemble each other, the
interval is wider if anything; and the rule is the same whichever wave comes first.

Intervals and tests are normal, as the reference's for changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import bdtr, ndtr

from observatory.aggregate.distributions import Floats, normal_quantile
from observatory.aggregate.estimation import Design
from observatory.aggregate.stacked import WAVE, Domains, Places, Rows, Wave, read, stack
from observatory.aggregate.survey_design import Asked, kinds

__all__ = ["CHANGES", "PANEL", "WAVE", "Statistic", "Wave", "changes", "holm", "panel_changes", "stack"]

Statistic = Literal["proportion", "mean", "ratio", "total"]

_MEASURES = ["variable", "before", "after", "value", "se", "low", "high", "z", "p"]
_RELATIVE = ["relative", "relative_se", "relative_low", "relative_high"]
CHANGES = [*_MEASURES, *_RELATIVE, "n_before", "n_after"]
PANEL = [*_MEASURES, *_RELATIVE, "n", "median", "up", "down", "sign_p"]

ROUNDING = 1e-13  # of the terms of a difference: less is what their rounding leaves of zero
MOST_NUMBERS = 20_000_000  # that are worked on at once


def changes(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    variables: str | Sequence[str],
    *,
    wave: str,
    before: object,
    after: object,
    statistic: Statistic = "proportion",
    denominator: str | None = None,
    by: str | Sequence[str] = (),
    breakdowns: Sequence[str] | None = None,
    where: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row for each variable and domain: the `by` columns, then CHANGES.

    With `breakdowns` instead of `by`, the whole and each of these columns apart, all in one reading: the first columns
    are `breakdown` and `category`, '' and '' for the whole; a missing category is no domain.

    `table` holds both waves, `wave` is the column whose values `before` and `after` say which (see `stack`);
    `design.cluster` is the firm, or None for independent samples. `value` is after - before, `relative` after / before
    - 1. A respondent is of the domain that it said in that wave, so that a firm may change domains. The population may
    be missing for all respondents of a wave: that wave then has no correction.

    Where nobody or everybody said yes in both waves nothing is known of the precision: `se` is 0, as R's, and the
    bounds, z and p are missing. A change that is 0 for certain (the same answers of the same firms, or a census) has
    p = 1. What can't be estimated in one of the waves is missing.

    Raises ProblemsError where the table's columns can't be estimated with.
    """
    asked = _asked(connection, table, design, variables, statistic, denominator, by, breakdowns, where, level)
    rows, domains = read(asked, wave, before, after, apart=breakdowns is not None)
    return _framed(asked, domains, _compared(asked, rows, domains, level), CHANGES)


def panel_changes(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    variables: str | Sequence[str],
    *,
    wave: str,
    before: object,
    after: object,
    statistic: Statistic = "proportion",
    denominator: str | None = None,
    by: str | Sequence[str] = (),
    breakdowns: Sequence[str] | None = None,
    where: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The changes among the firms with a value in both waves: the `by` columns, then PANEL.

    A domain of the later wave's sample: each firm has one row, its stratum, weight and domain of that wave on both
    sides, so that only its answers can have changed; the calibration of that weight is left out of the variance. A firm
    that answers several times in a wave counts with their mean (with their sums for ratios and totals), if none lacks a
    value; for several domains, with none. `n` is the number of firms.

    Beside it, without weights, what each firm's own change is (of its ratio, where there is a denominator): its median,
    how many rose, how many fell, and the exact sign test of these two numbers (of a yes and no, it is McNemar's).
    """
    if design.cluster is None:
        raise ValueError("a panel needs the column of firms: design.cluster")
    asked = _asked(connection, table, design, variables, statistic, denominator, by, breakdowns, where, level)
    rows, domains = read(asked, wave, before, after, apart=breakdowns is not None)
    panel, both, own_changes = _matched(asked, rows)
    fixed = replace(asked, design=replace(design, calibration=(), initial_weight=None))
    results = _compared(fixed, panel, domains, level)
    members = [panel.domain[group, ::2] == place for group, place in domains.places]
    counted = [_counted(both[of], own_changes[of]) for of in members]
    results |= {name: np.array([one[name] for one in counted]).T.ravel() for name in counted[0]} if counted else {}
    return _framed(asked, domains, results, PANEL)


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """Adjusted so that a family of tests has the level of one, as R's p.adjust; a missing one is no test."""
    given = np.asarray(p_values, dtype=float)
    adjusted = np.full(given.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * given[order]), 1.0)
    return adjusted


def _asked(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    variables: str | Sequence[str],
    statistic: str,
    denominator: str | None,
    by: str | Sequence[str],
    breakdowns: Sequence[str] | None,
    where: str | None,
    level: float,
) -> Asked:
    names = (variables,) if isinstance(variables, str) else tuple(variables)
    keys = (by,) if isinstance(by, str) else tuple(by)
    if statistic not in ("proportion", "mean", "ratio", "total"):
        raise ValueError(f"a change is one of a proportion, a mean, a ratio or a total, not of a {statistic!r}")
    if (statistic == "ratio") != (denominator is not None):
        raise ValueError("a ratio, and nothing else, has a denominator")
    if not names:
        raise ValueError("there is no variable to compare")
    if design.lonely == "average":
        raise ValueError("lonely='average' is not defined for changes")
    if not 0 < level < 1:
        raise ValueError("level lies between 0 and 1")
    if keys and breakdowns is not None:
        raise ValueError("domains are given by `by` or by `breakdowns`, not by both")
    if taken := set(keys) & {*CHANGES, *PANEL}:
        raise ValueError(f"a column of domains can't have the name of a result: {', '.join(sorted(taken))}")
    found = kinds(connection, table, where)
    given = () if denominator is None else (denominator,)
    return Asked(connection, table, design, statistic, names, given, tuple(breakdowns or keys), where, found)


@dataclass(frozen=True)
class _Sample:
    """What the variance needs of one wave, one element a stratum: the share of the population not asked, what the
    squares are multiplied by, what share of the sum is taken off each unit, and the units that this is of."""

    remaining: Floats
    factor: Floats
    centring: Floats
    units: Floats


@dataclass(frozen=True)
class _Pair:
    """Both waves' samples; for the covariance, by stratum, the units in both, and by unit whether it is.

    `expected` is how many of them chance would give. None: the firms of both waves are one sample.
    """

    before: _Sample
    after: _Sample
    matched: npt.NDArray[np.bool_]
    matches: Floats
    expected: Floats | None
    stratum: Places


def _matched(asked: Asked, rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_], Floats]:
    """Two rows a firm of the later wave, first what it said in the earlier one; by firm and variable, whether it has a
    value in both, and its own change."""
    place = np.full(int(rows.firm.max(initial=-1)) + 1, -1)
    later = np.flatnonzero(rows.late)
    # rows are in the order of strata, and so are the first ones of the firms
    first = np.sort(later[np.unique(rows.firm[later], return_index=True)[1]])
    place[rows.firm[first]] = np.arange(len(first))
    own = place[rows.firm]
    kept = own >= 0
    met = kept & (rows.domain >= 0).any(axis=0) & (rows.weight > 0) & ~np.isnan(rows.x)
    shape = (len(first), 2, rows.values.shape[1])
    sums, missing, x, count = np.zeros(shape), np.zeros(shape), np.zeros(shape[:2]), np.zeros(shape[:2])
    at = own[met], rows.late[met].astype(int)
    np.add.at(sums, at, np.nan_to_num(rows.values[met]))
    np.add.at(missing, at, np.isnan(rows.values[met]))
    np.add.at(x, at, rows.x[met])
    np.add.at(count, at, 1)
    both = ((missing == 0) & (count > 0)[:, :, None]).all(axis=1)
    if not asked.denominators and asked.statistic != "total":
        several = np.maximum(count, 1)
        sums, x = sums / several[:, :, None], x / several
    values = np.where(both[:, None, :], sums, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = values / x[:, :, None]
        changed = ratios[:, 1] - ratios[:, 0]
    answers = np.bincount(own[later], minlength=len(first))
    weights = np.bincount(own[later], rows.weight[later], len(first)) / answers
    firms = np.arange(len(first)).repeat(2)
    panel = Rows(
        late=np.tile([False, True], len(first)),
        unit=firms,
        firm=firms,
        stratum=rows.stratum[first].repeat(2),
        domain=np.array([_later_domain(group, own, met & rows.late, len(first)) for group in rows.domain]).repeat(2, 1),
        weight=weights.repeat(2),
        initial=weights.repeat(2),
        x=x.ravel(),
        population=rows.population[first].repeat(2),
        values=values.reshape(2 * len(first), -1),
        margins=np.zeros((2 * len(first), 0)),
    )
    return panel, both, np.where(both & np.isfinite(changed), changed, np.nan)


def _later_domain(domain: Places, own: Places, met: npt.NDArray[np.bool_], firms: int) -> Places:
    """Each firm's domain in the later wave; -1 where it answered for none, or for several."""
    lowest, highest = np.full(firms, np.iinfo(np.intp).max), np.full(firms, -1)
    np.minimum.at(lowest, own[met], domain[met])
    np.maximum.at(highest, own[met], domain[met])
    return np.where(lowest == highest, highest, -1)


def _counted(both: npt.NDArray[np.bool_], own_changes: Floats) -> dict[str, npt.NDArray[Any]]:
    """Of the firms of one domain, by variable. Of a denominator of 0 a firm has no change of its own."""
    up, down = (own_changes > 0).sum(axis=0), (own_changes < 0).sum(axis=0)
    known = (~np.isnan(own_changes)).any(axis=0)
    median = np.full(len(up), np.nan)
    if known.any():
        median[known] = np.nanmedian(own_changes[:, known], axis=0)
    # the exact two-sided test of as many ups as downs, which is symmetrical
    sign_p = np.minimum(2 * bdtr(np.minimum(up, down), up + down, 0.5), 1.0)
    return {"n": both.sum(axis=0), "median": median, "up": up, "down": down, "sign_p": np.where(known, sign_p, np.nan)}


def _pair(asked: Asked, rows: Rows) -> _Pair:
    units = int(rows.unit.max()) + 1 if len(rows.unit) else 0
    stratum = np.zeros(units, dtype=np.intp)
    stratum[rows.unit] = rows.stratum
    strata_count = int(stratum.max()) + 1 if units else 0
    present = np.zeros((2, units), dtype=bool)
    present[rows.late.astype(int), rows.unit] = True

    def counted(which: npt.NDArray[np.bool_]) -> Floats:
        return np.bincount(stratum[which], minlength=strata_count).astype(float)

    def sample(size: Floats, remaining: Floats) -> _Sample:
        several = size > 1
        lonely = 0.0 if asked.design.lonely == "remove" else 1.0
        factor = np.where(several, size / np.where(several, size - 1, 1), lonely)
        return _Sample(remaining, factor, np.where(several, 1 / np.maximum(size, 1), 0.0), size)

    matched = present[0] & present[1]
    whole = np.ones(strata_count)
    if asked.design.cluster is not None and np.isnan(rows.population).all():
        together = sample(counted(present[0] | present[1]), whole)
        return _Pair(together, together, matched, counted(matched), None, stratum)
    populations = np.full((2, strata_count), np.nan)
    populations[rows.late.astype(int), rows.stratum] = rows.population
    sizes = np.array([counted(present[0]), counted(present[1])])
    remaining = np.where(np.isnan(populations), 1.0, 1 - sizes / populations)
    larger = np.fmax(populations[0], populations[1])
    expected = np.where(np.isnan(larger), 0.0, sizes[0] * sizes[1] / larger)
    return _Pair(
        sample(sizes[0], remaining[0]),
        sample(sizes[1], remaining[1]),
        matched,
        counted(matched),
        expected,
        stratum,
    )


@dataclass(frozen=True)
class _Level:
    """Of one wave in one domain, a column a variable: the estimates, their bases, and the scores by unit."""

    value: Floats
    n: npt.NDArray[np.int_]
    units: Places
    scores: Floats


def _levels(asked: Asked, rows: Rows, late: bool, domain: tuple[int, int], variables: slice) -> _Level:
    group, place = domain
    met = (rows.domain[group] == place) & (rows.late == late) & (rows.weight > 0) & ~np.isnan(rows.x)
    own = np.flatnonzero(rows.late == late) if asked.design.calibration else np.flatnonzero(met)
    values = rows.values[own, variables]
    counted = ~np.isnan(values) & met[own, None]
    weight, x = rows.weight[own, None], rows.x[own, None]
    filled, denominators = np.where(counted, values, 0.0), np.where(counted, x, 0.0)
    n = counted.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if asked.statistic == "total":
            level, residuals = (weight * filled).sum(axis=0), filled
        else:
            scale = (weight * denominators).sum(axis=0)
            # taken around a rough mean, or what hardly varies would lose its digits
            rough = filled.sum(axis=0) / denominators.sum(axis=0)
            rough = np.where(np.isfinite(rough), rough, 0.0)
            apart = filled - rough * denominators
            slope = (weight * apart).sum(axis=0) / scale
            level, residuals = rough + slope, (apart - slope * denominators) / scale
    level = np.where(n > 0, level, np.nan)
    residuals = np.where(np.isfinite(residuals), residuals, 0.0)
    if asked.design.calibration:
        residuals = residuals - _fitted(rows.margins[own], rows.initial[own], residuals)
    scores = weight * residuals
    units = rows.unit[own]
    starts = np.flatnonzero(np.r_[True, units[1:] != units[:-1]]) if len(units) else units
    if len(starts) < len(units):
        scores = np.add.reduceat(scores, starts, axis=0)
    return _Level(level, n, units[starts], scores)


def _fitted(margins: Floats, initial: Floats, residuals: Floats) -> Floats:
    """What the regression of the residuals on the margins, with the initial weights, makes of them."""
    used = margins[:, (margins != 0).any(axis=0)]
    normal = used.T @ (initial[:, None] * used)
    # amounts beside 0/1 columns: brought to one scale, or the small ones would pass for collinear
    scale = np.sqrt(np.where(np.diag(normal) > 0, np.diag(normal), 1.0))
    inverse = np.linalg.pinv(normal / np.outer(scale, scale), rcond=1e-11, hermitian=True) / np.outer(scale, scale)
    return cast(Floats, used @ (inverse @ (used.T @ (initial[:, None] * residuals))))


@dataclass(frozen=True)
class _Sums:
    """By stratum and variable: the sums of a wave's scores, and of the squares of the centred ones times `factor`."""

    totals: Floats
    squares: Floats


def _sums(level: _Level, sample: _Sample, stratum: Places) -> _Sums:
    totals, squares = np.zeros((2, len(sample.units), level.scores.shape[1]))
    if len(level.units):
        own = stratum[level.units]
        starts = np.flatnonzero(np.r_[True, own[1:] != own[:-1]])
        here = own[starts]
        counts = np.diff(np.r_[starts, len(own)])
        totals[here] = np.add.reduceat(level.scores, starts, axis=0)
        middle = sample.centring[here, None] * totals[here]
        centred = level.scores - np.repeat(middle, counts, axis=0)
        outside = (sample.units[here] - counts)[:, None] * middle**2
        squares[here] = sample.factor[here, None] * (np.add.reduceat(centred**2, starts, axis=0) + outside)
    return _Sums(totals, squares)


def _covariance(before: _Level, after: _Level, sums: tuple[_Sums, _Sums], pair: _Pair) -> Floats:
    """Of the two waves' scores, one element a variable."""
    strata_count, width = sums[0].totals.shape

    def by_stratum(units: Places, values: Floats) -> Floats:
        found = np.zeros((strata_count, width))
        if len(units):
            own = pair.stratum[units]
            starts = np.flatnonzero(np.r_[True, own[1:] != own[:-1]])
            found[own[starts]] = np.add.reduceat(values, starts, axis=0)
        return found

    units, here, there = np.intersect1d(before.units, after.units, assume_unique=True, return_indices=True)
    products = by_stratum(units, before.scores[here] * after.scores[there])
    first, last = pair.before, pair.after
    middles = first.centring[:, None] * sums[0].totals, last.centring[:, None] * sums[1].totals
    if pair.expected is None:
        return np.asarray(first.factor @ (products - middles[0] * sums[1].totals))
    of_panel = [
        by_stratum(level.units[kept], level.scores[kept])
        for level in (before, after)
        for kept in (pair.matched[level.units],)
    ]
    matches = pair.matches[:, None]
    products += matches * middles[0] * middles[1] - middles[0] * of_panel[1] - middles[1] * of_panel[0]
    products *= np.sqrt(first.factor * last.factor)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = products / matches
        most = np.sqrt(sums[0].squares / first.units[:, None] * (sums[1].squares / last.units[:, None]))
    joint = np.where(matches > 0, np.clip(joint, -most, most), 0.0)
    return np.asarray((pair.matches - pair.expected) @ joint)


def _compared(asked: Asked, rows: Rows, domains: Domains, level: float) -> dict[str, Floats]:
    """The results, variable after variable, in the order of the domains."""
    pair = _pair(asked, rows)
    width = max(1, MOST_NUMBERS // max(1, len(rows.unit)))
    count = len(asked.variables)
    names = ("before", "after", "v_before", "v_after", "covariance", "n_before", "n_after", "unknown")
    found = {name: np.full((count, len(domains.places)), np.nan) for name in names}
    for first in range(0, count, width):
        variables = slice(first, min(first + width, count))
        for number, domain in enumerate(domains.places):
            before, after = (_levels(asked, rows, late, domain, variables) for late in (False, True))
            sums = _sums(before, pair.before, pair.stratum), _sums(after, pair.after, pair.stratum)
            shared = asked.design.cluster is not None
            census = not (pair.before.remaining.any() or pair.after.remaining.any())
            of_domain = {
                "before": before.value,
                "after": after.value,
                "v_before": pair.before.remaining @ sums[0].squares,
                "v_after": pair.after.remaining @ sums[1].squares,
                "covariance": _covariance(before, after, sums, pair) if shared else np.zeros_like(before.value),
                "n_before": before.n,
                "n_after": after.n,
                "unknown": ~(sums[0].squares.any(axis=0) | sums[1].squares.any(axis=0)) & (not census),
            }
            for name, values in of_domain.items():
                found[name][variables, number] = values
    return _tested({name: values.ravel() for name, values in found.items()}, level)


def _tested(found: dict[str, Floats], level: float) -> dict[str, Floats]:
    before, after, unknown = found["before"], found["after"], found["unknown"].astype(bool)
    reach = normal_quantile((1 + level) / 2)
    value = after - before
    value = np.where(np.abs(value) <= ROUNDING * (np.abs(after) + np.abs(before)), 0.0, value)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = after / before
        relative = slope - 1
        se, relative_se = (
            np.sqrt(_difference(found["v_after"], -2 * by * found["covariance"], by**2 * found["v_before"]))
            for by in (np.ones_like(slope), slope)
        )
        relative_se = relative_se / np.abs(before)
        z = np.where((value == 0) & (se == 0), 0.0, value / se)
    relative, relative_se = (np.where(np.isfinite(one), one, np.nan) for one in (relative, relative_se))
    se, relative_se = np.where(np.isnan(value), np.nan, se), np.where(np.isnan(relative), np.nan, relative_se)
    z = np.where(unknown | np.isnan(value), np.nan, z)
    blank = np.where(unknown, np.nan, 1.0)
    return {
        "before": before,
        "after": after,
        "value": value,
        "se": se,
        "low": blank * (value - reach * se),
        "high": blank * (value + reach * se),
        "z": z,
        "p": 2 * ndtr(-np.abs(z)),
        "relative": relative,
        "relative_se": relative_se,
        "relative_low": blank * (relative - reach * relative_se),
        "relative_high": blank * (relative + reach * relative_se),
        "n_before": found["n_before"].astype(int),
        "n_after": found["n_after"].astype(int),
    }


def _difference(first: Floats, second: Floats, third: Floats) -> Floats:
    """The sum of three terms that may leave nothing but their rounding, which is then zero."""
    left = first + second + third
    return np.where(left > ROUNDING * (np.abs(first) + np.abs(second) + np.abs(third)), left, 0.0)


def _framed(asked: Asked, domains: Domains, results: dict[str, Floats], names: list[str]) -> pd.DataFrame:
    frame = pd.concat([domains.columns] * len(asked.variables), ignore_index=True)
    frame["variable"] = np.repeat(np.array(asked.variables, dtype=object), len(domains.places))
    return pd.concat([frame, pd.DataFrame({name: results[name] for name in names if name != "variable"})], axis=1)
