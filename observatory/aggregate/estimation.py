"""Estimates with their precision, from a table of answers and the design it was collected by.

Belongs here: totals, means, proportions, ratios and quantiles by domain, their standard
errors, effective sizes and joint covariances. Does not belong here: how weights are made,
which questions an edition asks, what may be published.

The variance is that of Taylor's linearisation in each stratum, with the finite population correction; domains keep the
whole sample. It is a quadratic form, so that sums by stratum suffice: with the numerator p and the denominator q of
each unit, that of their ratio R is made of C(p, p) - 2R C(p, q) + R² C(q, q). Calibrated weights are told by the
margins they were calibrated on: the regression of the residual e on the margins m, with the initial weights, takes away
β'm, and leaves C(e, e) - 2β'C(e, m) + β'C(m, m)β. Numerators are taken around a rough mean, or
the sums would lose digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from observatory.aggregate.distributions import Floats, binomial_quantile, student_quantile
from observatory.aggregate.intervals import AMOUNT_METHODS, PROPORTION_METHODS, interval
from observatory.aggregate.residuals import cell_products, margins, present
from observatory.aggregate.survey_design import NUMBERS, PACKAGE, Asked, Design, Strata, kinds, named, refuse, strata
from observatory.database import statement

__all__ = ["METHODS", "RESULTS", "Design", "Statistic", "covariance", "estimate"]

Statistic = Literal["total", "mean", "proportion", "ratio", "quantile"]

RESULTS = ("variable", "value", "se", "low", "high", "n", "n_eff", "deff", "df")

METHODS: dict[str, tuple[str, ...]] = {  # the first is the default
    "total": AMOUNT_METHODS,
    "mean": AMOUNT_METHODS,
    "ratio": AMOUNT_METHODS,
    "proportion": PROPORTION_METHODS,
    "quantile": ("ranks", *PROPORTION_METHODS),
}

Rows = dict[str, Any]  # arrays of one length, and the columns of domains

ALIKE = NUMBERS | {"varchar", "date", "timestamp"}  # kinds of columns that are the same in an array and in a frame

MOST_UNITS = 10_000_000  # rows of one variable and one cluster that are grouped at once

ROUNDING = 1e-13  # of the terms of a difference: less is what their rounding leaves of zero


def estimate(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    statistic: Statistic,
    variable: str | Sequence[str],
    *,
    denominator: str | Sequence[str] | None = None,
    by: str | Sequence[str] = (),
    where: str | None = None,
    probability: float | None = None,
    method: str | None = None,
    level: float = 0.95,
    deff: Literal["replace", "wor"] = "replace",
) -> pd.DataFrame:
    """One row for each variable and domain: the `by` columns, then RESULTS.

    `table` is what stands after FROM, quoted where it has to be; `where` is a SQL condition over its columns, and the
    estimates are those of the respondents that meet it. A missing value leaves its respondent out of that variable's
    domain. A missing `by` value is a domain of its own.

    `n` counts the respondents of the domain with a value, `n_eff` is what their weights and the finite population make
    of it (method 4): (Kish's n - 1) / (Σw²(1 - n_h/N_h) / Σw²), each cluster taken as one respondent. `deff` compares
    the variance with that of a simple random sample of n, drawn with replacement as R's deff="replace", or without
    ("wor", R's deff=TRUE). `df` is the number of primary units less that of strata.
    `denominator` of a ratio is one column for all variables, or one for each.
    A bound that doesn't exist is NaN, as is the standard error of a quantile by ranks.

    Raises ProblemsError where the table's columns can't be estimated with.
    """
    asked = _asked(connection, table, design, statistic, variable, denominator, by, where)
    methods = METHODS[statistic]
    chosen = methods[0] if method is None else method
    if chosen not in methods:
        raise ValueError(f"the intervals of a {statistic} are {', '.join(methods)}, not {chosen!r}")
    if not 0 < level < 1:
        raise ValueError("level lies between 0 and 1")
    if statistic == "quantile" and (probability is None or not 0 < probability < 1):
        raise ValueError("a quantile needs a probability between 0 and 1")
    known = strata(asked)
    if probability is not None and statistic == "quantile":
        return _named(asked, _quantiles(asked, known, probability, chosen, level))
    rows = _measured(asked, known, deff)
    if statistic == "proportion":
        _check_proportions(asked, rows)
    rows["low"], rows["high"] = _bounds(chosen, rows, level)
    return _named(asked, rows)


def covariance(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    statistic: Literal["total", "mean", "proportion", "ratio"],
    variables: str | Sequence[str],
    *,
    denominator: str | None = None,
    by: str | Sequence[str] = (),
    where: str | None = None,
    level: float = 0.95,
) -> tuple[pd.DataFrame, Floats]:
    """The estimates, as `estimate` gives them, and their joint covariance matrix in the order of the rows."""
    asked = _asked(connection, table, design, statistic, variables, denominator, by, where)
    if asked.statistic == "quantile":
        raise ValueError("quantiles have no covariance")
    if design.lonely == "average":
        raise ValueError("lonely='average' is not defined for covariances")
    known = strata(asked)
    rows = _measured(asked, known)
    if statistic == "proportion":
        _check_proportions(asked, rows)
    rows["low"], rows["high"] = _bounds(METHODS[statistic][0], rows, level)
    size = len(rows["n"])
    matrix = _score_covariances(asked, known, size)
    if design.calibration:
        keep = np.hstack([np.eye(size), -rows["slopes"]])
        matrix = keep @ matrix @ keep.T
    matrix[rows["n"] == 0, :] = np.nan
    matrix[:, rows["n"] == 0] = np.nan
    return _named(asked, rows), matrix


def _asked(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    statistic: str,
    variable: str | Sequence[str],
    denominator: str | Sequence[str] | None,
    by: str | Sequence[str],
    where: str | None,
) -> Asked:
    if statistic not in METHODS:
        raise ValueError(f"a statistic is one of {', '.join(METHODS)}, not {statistic!r}")
    if (statistic == "ratio") != (denominator is not None):
        raise ValueError("a ratio, and nothing else, has a denominator")
    variables = (variable,) if isinstance(variable, str) else tuple(variable)
    keys = (by,) if isinstance(by, str) else tuple(by)
    if not variables:
        raise ValueError("there is no variable to estimate")
    if where is not None and not where.strip():
        raise ValueError("where is a condition; None asks for everyone")
    if taken := set(keys) & set(RESULTS):
        raise ValueError(f"a column of domains can't have the name of a result: {', '.join(sorted(taken))}")
    given = () if denominator is None else (denominator,) if isinstance(denominator, str) else tuple(denominator)
    if denominator is not None and len(given) not in (1, len(variables)):
        raise ValueError("there is one denominator of all variables, or one of each")
    found = kinds(connection, table, where)
    return Asked(connection, table, design, statistic, variables, given, keys, where, found)


def _named(asked: Asked, rows: Rows) -> pd.DataFrame:
    """The rows with the names of the caller's columns."""
    columns: dict[str, object] = {name: rows[key] for key, name in zip(asked.keys, asked.by, strict=True)}
    columns |= {name: rows[name] for name in RESULTS}
    columns["variable"] = np.array(asked.variables, dtype=object)[rows["variable"]]
    return pd.DataFrame(columns)


def _check_finite(asked: Asked, cells: Rows, others: set[str]) -> None:
    """Not a number, or infinite: DuckDB stores such values, and one of them would be the whole sum."""
    numbers = [np.ma.filled(values, 0) for name, values in cells.items() if name not in others]
    finite = np.all([np.isfinite(values.astype(float)) for values in numbers], axis=0)
    if not finite.all():
        mend = "videz ces cases, ou corrigez-les"
        found = "des valeurs qui ne sont pas des nombres finis (NaN ou infini)"
        named = dict.fromkeys(asked.variables[place] for place in cells["variable"][~finite])
        refuse(asked, [(name, found, "des nombres, ou une case vide", mend) for name in named])


def _check_proportions(asked: Asked, rows: Rows) -> None:
    others = np.bincount(rows["variable"], rows["n_other"]).astype(int)
    if others.any():
        mend = "demandez une moyenne, ou corrigez cette colonne"
        refuse(
            asked,
            [
                (asked.variables[number], f"valeurs autres que 0 et 1 : {count}", "0, 1 ou une case vide", mend)
                for number, count in enumerate(others.tolist())
                if count
            ],
        )


def _measured(asked: Asked, known: Strata, deff: str = "replace", *, thresholds: bool = False) -> Rows:
    """One row a variable and domain, in this order; all but its interval."""
    offsets = _offsets(asked, known)
    cells, products = _cells(asked, known, offsets, thresholds=thresholds)
    if not len(cells["variable"]) and not asked.by:
        return _unanswered(asked)
    starts = _starts(cells, asked)
    place = known.places(np.ma.getdata(cells["stratum"]))
    factor, centring, remaining = known.factor[place], known.centring[place], known.remaining[place]
    others = {"variable", "stratum", *asked.keys}
    _check_finite(asked, cells, others)
    cell = {name: np.nan_to_num(np.ma.filled(cells[name], 0).astype(float)) for name in cells if name not in others}
    # what is not asked for is the same as another sum, as each costs the planner
    same = {"n": "units", "q": "size", "cc": "p", "cx": "p", "xx": "size"}
    cell |= {name: cell[other] for name, other in same.items() if name not in cell}
    cell.setdefault("n_other", np.zeros_like(cell["n"]))
    units, answered = cell["units"], cell["units"] > 0

    def added(values: Floats) -> Floats:
        return np.add.reduceat(values, starts) if len(starts) else values[:0]

    def form(one: str, two: str) -> Floats:
        """C(one, two): what the units vary around the mean of their stratum, those outside the domain as zeros."""
        apart = np.divide(1.0, units, out=np.zeros_like(units), where=answered) - centring
        return added(np.nan_to_num(factor * (units * cell[one + two] + cell[one] * cell[two] * apart)))

    n, size, squares, p, q = (added(cell[name]) for name in ("n", "size", "squares", "p", "q"))
    pp, pq, qq, cc, cx, xx = (
        form("p", "p"),
        form("p", "q"),
        form("q", "q"),
        *(added(cell[k]) for k in ("cc", "cx", "xx")),
    )
    total = asked.statistic == "total"
    offset = np.repeat(offsets, len(starts) // len(asked.variables)) if len(starts) else np.zeros(0)
    domain = np.arange(len(starts)) % max(1, len(starts) // len(asked.variables))
    with np.errstate(divide="ignore", invalid="ignore"):
        level = p / q
        slope, scale = (np.zeros_like(p), np.ones_like(q)) if total else (level, q)
        variance = _difference(pp, -2 * slope * pq, slope**2 * qq) / scale**2
        if asked.design.lonely == "average":
            variance *= added(answered.astype(float)) / added((answered & ~np.isnan(factor)).astype(float))
        rows = {
            "variable": cells["variable"][starts],
            **_domain_columns(asked, {key: cells[key][starts] for key in asked.keys}, domain),
            "domain": domain,
            "value": p if total else offset + level,
            "n": n.astype(int),
            "n_other": added(cell["n_other"]).astype(int),
            "df": added(units) - added(answered.astype(float)),
        }
        if asked.margins:
            regression = margins(asked, known)
            count, row = len(asked.margins), np.repeat(np.arange(len(starts)), np.diff(starts, append=len(place)))
            at, weighted = row[products["cell"]] * count + products["place"], np.nan_to_num(factor)[products["cell"]]

            def by_margin(values: Floats) -> Floats:
                sums = np.bincount(at, values, minlength=len(starts) * count)
                return sums.reshape(len(starts), count).astype(float)

            def crossed(name: str) -> Floats:
                left_out = np.nan_to_num(factor * centring * cell[name])[:, None] * regression.totals[place]
                return by_margin(weighted * products[name]) - added(left_out)

            bp, bq, across_p, across_q = (
                by_margin(products["bp"]),
                by_margin(products["bq"]),
                crossed("p"),
                crossed("q"),
            )
            slopes = regression.slopes((bp - slope[:, None] * bq) / scale[:, None])
            across = (across_p - slope[:, None] * across_q) / scale[:, None]
            within = np.einsum("ij,jk,ik->i", slopes, regression.covariances, slopes)
            variance = _difference(variance, -2 * np.sum(slopes * across, axis=1), within)
            rows["slopes"] = slopes
        random = _difference(cc, -2 * level * cx, level**2 * xx) * size / (scale**2 * (n - 1))
        random = random * (1 - n / size) if deff == "wor" else random
        kish, left = size**2 / squares, added(cell["squares"] * remaining) / squares
        # one answer of one asked is no sample: a census's size is infinite, not 0 / 0
        rows |= {
            "variance": variance,
            "se": np.sqrt(variance),
            "n_kish": kish / left,
            "n_eff": np.where(left == 0, np.inf, np.maximum(kish - 1, 0) / left),
            "deff": np.where(random > 0, variance / random, np.nan),
        }
    for name in ("value", "variance", "se", "df", "n_kish", "n_eff", "deff"):
        rows[name] = np.where(n > 0, rows[name], np.nan)
    return rows


def _unanswered(asked: Asked) -> Rows:
    """Of a whole that has no respondent."""
    count = len(asked.variables)
    nothing = {name: np.full(count, np.nan) for name in ("value", "variance", "se", "df", "n_kish", "n_eff", "deff")}
    none = {name: np.zeros(count, dtype=int) for name in ("n", "n_other", "domain")}
    slopes = np.zeros((count, len(asked.margins)))
    return {"variable": np.arange(count), "slopes": slopes} | nothing | none


def _difference(first: Floats, second: Floats, third: Floats) -> Floats:
    """The sum of three terms that may leave nothing but their rounding, which is then zero."""
    left = first + second + third
    terms = np.abs(first) + np.abs(second) + np.abs(third)
    return np.where(np.isnan(left) | (left > ROUNDING * terms), left, 0.0)


def _offsets(asked: Asked, known: Strata) -> Floats:
    """A rough value of each variable, around which its sums are taken."""
    if asked.statistic not in {"mean", "ratio"}:
        return np.zeros(len(asked.variables))
    known_somewhere = np.ma.masked_invalid(known.averages).mean(axis=1).filled(np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rough = known_somewhere[: len(asked.variables)] / known_somewhere[len(asked.variables) :]
    return np.where(np.isfinite(rough), rough, 0.0)


def _cells(asked: Asked, known: Strata, offsets: Floats, *, thresholds: bool) -> tuple[Rows, Rows]:
    """The sums by variable, domain and stratum, and their products with the calibration's margins: in one reading, but
    for clusters so many that all variables of them at once would not fit into memory."""
    together = len(offsets)
    if asked.design.cluster is not None:
        together = max(1, MOST_UNITS // max(1, known.rows))
    keys = ", ".join(("variable", *asked.keys, "stratum"))
    parts, products = [], []
    for first in range(0, len(offsets), together):
        answers = _answers(asked, offsets, range(first, min(first + together, len(offsets))), thresholds=thresholds)
        units, sums = _units(asked, answers)
        listed = "".join(f", {term} AS {name}" for name, term in sums.items())
        text = statement(PACKAGE, "estimation_cells", keys=keys, sums=listed, units=units)
        parts.append(asked.connection.execute(text).fetchnumpy())
        if asked.margins:
            found = asked.connection.execute(cell_products(asked, answers, units)).fetchnumpy()
            products.append(_with_cell(found, asked, sum(len(part["variable"]) for part in parts[:-1])))
    return _joined(parts), _joined(products)


def _joined(parts: list[Rows]) -> Rows:
    if len(parts) < 2:
        return parts[0] if parts else {}
    return {name: np.ma.concatenate([part[name] for part in parts]) for name in parts[0]}  # type: ignore[no-untyped-call]


def _with_cell(found: Rows, asked: Asked, before: int) -> Rows:
    """The products of one margin with the sums of one cell, and the number of that cell."""
    turns = np.zeros(len(found["place"]), dtype=np.intp)
    turns[_starts(found, asked, "stratum")] = 1
    values = {name: np.ma.filled(found[name], 0) for name in ("place", "bp", "bq", "p", "q")}
    return values | {"cell": before + np.cumsum(turns) - 1}


def _answers(asked: Asked, offsets: Floats, variables: range, *, thresholds: bool) -> str:
    """The selection of one row a respondent and variable: `c` its value less the offset, `w` its weight, `p` and `q`
    its weighted numerator and denominator, all missing without an answer; `x` the denominator of a ratio; what the
    calibration's regression needs."""
    ratio, clustered = bool(asked.denominators), asked.design.cluster is not None
    columns = {name: asked.units[name] for name in ("weight", "stratum", *(("unit",) if clustered else ()))}
    if asked.margins:
        columns |= {"initial": asked.units["initial"], "present": present(asked.units[f"m{j}"] for j in asked.margins)}
    columns |= asked.domain_columns | ({"x": asked.of_answers(variables)} if ratio else {})
    values = f"unnest({asked.values(variables)})"
    if asked.statistic in {"mean", "ratio"}:
        listed = ", ".join(f"{offset:.17e}" for offset in offsets[variables.start : variables.stop].tolist())
        values += f" - unnest(CAST([{listed}] AS DOUBLE[])) * {asked.of_answers(variables)}"
    columns |= {"c": values, "variable": f"unnest(range({variables.start}, {variables.stop}))"}
    rows = f"SELECT {named(columns)} FROM {asked.table} WHERE {asked.condition} AND {asked.units['weight']} > 0"
    if thresholds:
        rows = (
            f"WITH estimation_sample AS (SELECT *, true AS inside FROM ({rows})) "
            "SELECT * REPLACE (CAST(c <= threshold AS DOUBLE) AS c) FROM estimation_sample "
            f"JOIN ({asked.domains}) AS domains ON {asked.same_domain} "
            "JOIN estimation_thresholds USING (variable, domain)"
        )
    w = "CASE WHEN c IS NOT NULL THEN weight END"
    return f"SELECT *, {w} AS w, weight * c AS p, {f'{w} * x' if ratio else w} AS q FROM ({rows})"


def _units(asked: Asked, answers: str) -> tuple[str, dict[str, str]]:
    """A selection of primary units, and the sums of theirs that a cell is made of beside those of every estimate. Units
    are the answers themselves, or groups of them."""
    ratio = bool(asked.denominators)
    terms = {"cc": "p * c"} if asked.statistic in {"total", "mean", "ratio"} else {}
    terms = {name: f"sum({term})" for name, term in (terms | ({"cx": "q * c", "xx": "q * x"} if ratio else {})).items()}
    counts = {"n_other": "count(*) FILTER (c <> 0 AND c <> 1)"} if asked.statistic == "proportion" else {}
    whole = {"q": "sum(q)"} if ratio else {}
    if asked.design.cluster is None:
        return f"({answers})", counts | terms | whole
    counts |= {"n": "count(c)"}
    keys = ", ".join(("variable", *asked.keys, "stratum", "unit"))
    grouped = {name: f"sum({name})" for name in ("w", "p", "q")} | counts | terms
    sums = {name: f"CAST(sum({name}) AS BIGINT)" for name in counts} | {name: f"sum({name})" for name in terms}
    return f"(SELECT {keys}, {named(grouped)} FROM ({answers}) GROUP BY {keys})", sums | whole


def _starts(cells: Rows, asked: Asked, *others: str) -> npt.NDArray[np.intp]:
    """Where each variable and domain begins, or each value of other columns in it."""
    if not len(cells["variable"]):
        return np.zeros(0, dtype=np.intp)
    turns = np.zeros(len(cells["variable"]) - 1, dtype=bool)
    for name in ("variable", *asked.keys, *others):
        values, missing = np.ma.getdata(cells[name]), np.ma.getmaskarray(cells[name])
        turned = np.asarray(values[:-1] != values[1:]) & ~missing[1:]
        apart = np.flatnonzero(turned)
        before, after = values[apart], values[apart + 1]
        turned[apart] = (before == before) | (after == after)  # not a number is one value
        turns |= turned | (missing[:-1] != missing[1:])
    return np.flatnonzero(np.r_[True, turns])


def _domain_columns(asked: Asked, keys: Rows, domain: npt.NDArray[np.intp]) -> dict[str, pd.Series[Any]]:
    """As the table's columns come in a frame: read again where DuckDB's arrays say less of them than its frames."""
    kinds = {asked.kinds[name.lower()].partition("(")[0] for name in asked.by}
    if not kinds <= ALIKE:
        text = f"WITH estimation_sample AS ({asked.sample()}) {asked.domains} ORDER BY domain"
        frame = asked.connection.execute(text).df().take(domain).reset_index(drop=True)
        return {key: frame[key] for key in asked.keys}
    return {key: _column(values) for key, values in keys.items()}


def _column(values: npt.NDArray[Any]) -> pd.Series[Any]:
    missing = np.ma.getmaskarray(values)
    if values.dtype.kind in "iub" and missing.any():
        kind = pd.arrays.BooleanArray if values.dtype.kind == "b" else pd.arrays.IntegerArray
        return pd.Series(kind(np.ma.getdata(values), missing))
    return pd.Series(values if missing.any() else np.ma.getdata(values))


def _score_covariances(asked: Asked, known: Strata, estimates: int) -> Floats:
    """Covariances of the estimates and of the margins after them."""
    places = f"variable * {estimates // len(asked.variables)} + domain"
    parts = [f"SELECT {places} AS place, stratum, unit, weight * score AS score FROM scores"]
    if asked.margins:
        listed = present(f"weight * m{j}" for j in asked.margins)
        parts.append(
            f"SELECT {estimates} + pair[1] AS place, stratum, unit, pair[2] AS score "
            f"FROM (SELECT stratum, unit, unnest({listed}) AS pair FROM estimation_sample)"
        )
    text = statement(
        PACKAGE, "estimation_covariances", score_rows=" UNION ALL ".join(parts), scores=_scores(asked, numbered=True)
    )
    matrix = np.zeros((estimates + len(asked.margins),) * 2)
    frame = pd.DataFrame({"stratum": known.names, "factor": known.factor, "centring": known.centring})
    with _registered(asked.connection, "estimation_strata", frame):
        found = asked.connection.execute(text).fetchall()
    for one, two, value in found:
        matrix[one, two] = matrix[two, one] = value
    return matrix


def _scores(asked: Asked, *, numbered: bool = False) -> str:
    """The table expressions of `estimation_scores.sql`; what the caller typed comes in last, as it is."""
    ratio = {"slope": "sum(weight * y) / nullif(sum(weight * x), 0)", "scale": "nullif(sum(weight * x), 0)"}
    return statement(
        PACKAGE,
        "estimation_scores",
        kept="MATERIALIZED" if numbered else "NOT MATERIALIZED",
        domains=asked.domains,
        same_domain=asked.same_domain,
        variables=", ".join(f"y{i}" for i in range(len(asked.variables))),
        count=str(len(asked.variables)),
        **({"slope": "0.0", "scale": "1.0"} if asked.statistic == "total" else ratio),
        sample=asked.sample(numbered=numbered),
    )


def _bounds(method: str, rows: Rows, level: float) -> tuple[Floats, Floats]:
    return interval(method, rows["value"], rows["variance"], rows["n"].astype(float), rows["n_eff"], rows["df"], level)


def _quantiles(asked: Asked, known: Strata, probability: float, method: str, level: float) -> Rows:
    """By ranks, the shares of the bounds are those of a binomial number of respondents below the quantile; by a method
    for proportions they are the interval of the share of respondents below it (Woodruff's)."""
    if method == "ranks":  # which need the sizes alone
        rows = _measured(replace(asked, design=replace(asked.design, calibration=())), known)
        nowhere, wanted = np.full(len(rows["n"]), np.nan), np.full(len(rows["n"]), probability)
        shares = [_rank_shares(size, probability, level) for size in rows["n_kish"].tolist()]
        low, high = np.array(shares, dtype=float).reshape(-1, 2).T
        rows["value"], rows["low"], rows["high"] = _values_at(asked, rows, wanted, low, high)
        return rows | {"se": nowhere, "deff": nowhere}
    rows = _measured(asked, known)
    nowhere, wanted = np.full(len(rows["n"]), np.nan), np.full(len(rows["n"]), probability)
    rows["value"], _, _ = _values_at(asked, rows, wanted, nowhere, nowhere)
    low, high = _bounds(method, _below(asked, known, rows), level)
    low, high = np.where(low < 0, np.nan, low), np.where(high > 1, np.nan, high)
    _, rows["low"], rows["high"] = _values_at(asked, rows, nowhere, low, high)
    rows["se"] = (rows["high"] - rows["low"]) / (2 * student_quantile((1 + level) / 2, rows["df"]))
    return rows | {"deff": nowhere}


def _rank_shares(size: float, probability: float, level: float) -> tuple[float, float]:
    """The ranks of the bounds among `size` respondents, as shares of it; NaN beyond the first or the last."""
    if np.isnan(size):
        return np.nan, np.nan
    if np.isinf(size):
        return probability, probability
    whole = int(size + 1e-9)
    lower = binomial_quantile((1 - level) / 2, whole, probability)
    upper = binomial_quantile((1 + level) / 2, whole, probability) + 1
    return lower / whole if lower else np.nan, upper / whole if upper <= whole else np.nan


def _values_at(asked: Asked, rows: Rows, *shares: Floats) -> tuple[Floats, Floats, Floats]:
    """The values at three shares of each row's weights, NaN where the share is."""
    columns = ("value", "low", "high")
    places = {"variable": rows["variable"], "domain": rows["domain"]}
    frame = pd.DataFrame(places | dict(zip(columns, shares, strict=True)))
    with _registered(asked.connection, "estimation_shares", frame):
        found = asked.connection.execute(statement(PACKAGE, "estimation_quantiles", scores=_scores(asked))).df()
    values = frame[["variable", "domain"]].merge(found, on=["variable", "domain"], how="left")
    value, low, high = (values[name].to_numpy(dtype=float) for name in columns)
    return value, low, high


def _below(asked: Asked, known: Strata, rows: Rows) -> Rows:
    """The share of respondents at or below each row's quantile, as a proportion with its variance."""
    places = {"variable": rows["variable"], "domain": rows["domain"], "threshold": rows["value"]}
    with _registered(asked.connection, "estimation_thresholds", pd.DataFrame(places)):
        return _measured(asked, known, thresholds=True)


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> Iterator[None]:
    connection.register(name, frame)
    try:
        yield
    finally:
        connection.unregister(name)
