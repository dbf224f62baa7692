"""Estimates with their precision, from a table of answers and the design it was collected by.

Belongs here: totals, means, proportions, ratios and quantiles by domain, their standard
errors, intervals, effective sizes and joint covariances. Does not belong here: how weights
are made, which questions an edition asks, what may be published.

The variance is that of Taylor's linearisation in each stratum, with the finite population correction; domains keep the
whole sample. Calibrated weights are told by the margins they were calibrated on: the regression of the residual e on
the margins m, with the initial weights, takes away β'm. As the variance C is bilinear, that of e - β'm needs sums only:
C(e, e) - 2β'C(e, m) + β'C(m, m)β.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NoReturn

import duckdb
import numpy as np
import pandas as pd

from observatory.aggregate.distributions import Floats, binomial_quantile, student_quantile
from observatory.aggregate.intervals import AMOUNT_METHODS, PROPORTION_METHODS, interval
from observatory.database import quoted, statement
from observatory.problems import Problem, ProblemsError

PACKAGE = "observatory.aggregate"

Statistic = Literal["total", "mean", "proportion", "ratio", "quantile"]

RESULTS = ("variable", "value", "se", "low", "high", "n", "n_eff", "deff", "df")

QUANTILE_METHODS = ("ranks", *PROPORTION_METHODS)
METHODS: dict[str, tuple[str, ...]] = {  # the first is the default
    "total": AMOUNT_METHODS,
    "mean": AMOUNT_METHODS,
    "ratio": AMOUNT_METHODS,
    "proportion": PROPORTION_METHODS,
    "quantile": QUANTILE_METHODS,
}

# What a stratum with one primary unit is worth: the factor of its sum of squares, and what is taken off it.
LONELY = {
    "adjust": {"lonely_factor": "remaining", "lonely_centring": "0"},
    "remove": {"lonely_factor": "0", "lonely_centring": "0"},
    "average": {"lonely_factor": "NULL", "lonely_centring": "0"},
    "fail": {"lonely_factor": "NULL", "lonely_centring": "0"},
}

TOTAL = {"value": "sum(weight * y)", "slope": "0.0", "level": "sum(weight * y) / sum(weight)", "scale": "1.0"}
RATIO = {
    "value": "sum(weight * y) / nullif(sum(weight * x), 0)",
    "slope": "sum(weight * y) / nullif(sum(weight * x), 0)",
    "level": "0.0",
    "scale": "nullif(sum(weight * x), 0)",
}


@dataclass(frozen=True)
class Design:
    """How the respondents of a table came into it: names of its columns.

    `population` is the number of primary units in the stratum, for the finite population correction. `cluster` is the
    primary unit of a row where it is not the row itself. A stratum with one primary unit is treated as R's
    `survey.lonely.psu` of that name. `calibration` are the numeric columns (0/1 for the categories of a factor, all of
    them or all but one with a column of ones) whose totals `weight` was calibrated to, from `initial_weight`.
    """

    weight: str | None = None
    stratum: str | None = None
    population: str | None = None
    cluster: str | None = None
    lonely: Literal["adjust", "remove", "average", "fail"] = "adjust"
    calibration: tuple[str, ...] = ()
    initial_weight: str | None = None

    def __post_init__(self) -> None:
        if self.lonely not in LONELY:
            raise ValueError(f"lonely is one of {', '.join(LONELY)}, not {self.lonely!r}")
        if self.calibration and (self.weight is None or self.initial_weight is None):
            raise ValueError("calibrated weights need the names of the weight and of the initial weight")
        if self.calibration and self.lonely == "average":
            raise ValueError("lonely='average' is not defined for calibrated weights")


def estimate(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    statistic: Statistic,
    variable: str | Sequence[str],
    *,
    denominator: str | None = None,
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
    if statistic == "quantile":
        if probability is None or not 0 < probability < 1:
            raise ValueError("a quantile needs a probability between 0 and 1")
        return asked.named(_quantiles(asked, probability, chosen, level))
    rows = _measured(asked, deff)
    if statistic == "proportion":
        _check_proportions(asked, rows)
    rows["low"], rows["high"] = _bounds(chosen, rows, level)
    return asked.named(rows)


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
    rows = _measured(asked, "replace")
    if statistic == "proportion":
        _check_proportions(asked, rows)
    rows["low"], rows["high"] = _bounds(METHODS[statistic][0], rows, level)
    size = len(rows)
    matrix = _score_covariances(asked, size)
    if design.calibration:
        slopes = _calibration_slopes(asked, rows)
        keep = np.hstack([np.eye(size), -slopes])
        matrix = keep @ matrix @ keep.T
    matrix[rows["n"].to_numpy() == 0, :] = np.nan
    matrix[:, rows["n"].to_numpy() == 0] = np.nan
    return asked.named(rows), matrix


@dataclass(frozen=True)
class _Asked:
    """A question to a table, with the pieces of SQL that its statements have in common."""

    connection: duckdb.DuckDBPyConnection
    table: str
    design: Design
    statistic: str
    variables: tuple[str, ...]
    denominator: str | None
    by: tuple[str, ...]
    where: str | None

    def sample(self, *, numbered: bool = False) -> str:
        """The selection of what is needed of the table, under names of its own. `numbered`: each row is a unit."""
        design = self.design
        weight = "1.0" if design.weight is None else _number(design.weight)
        unit = quoted(design.cluster) if design.cluster is not None else "row_number() OVER ()" if numbered else "0"
        initial = weight if design.initial_weight is None else _number(design.initial_weight)
        columns = {
            "weight": weight,
            "initial": initial,
            "stratum": "0" if design.stratum is None else quoted(design.stratum),
            "unit": unit,
            "population": "CAST(NULL AS DOUBLE)" if design.population is None else _number(design.population),
            "inside": "true" if self.where is None else f"coalesce((\n{self.where}\n), false)",
            "x": "1.0" if self.denominator is None else _number(self.denominator),
        }
        columns |= {f"key{i}": quoted(name) for i, name in enumerate(self.by)}
        columns |= {f"y{i}": _number(name) for i, name in enumerate(self.variables)}
        columns |= {f"m{j}": _number(name) for j, name in enumerate(design.calibration)}
        selected = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
        return f"SELECT {selected} FROM {self.table}"

    @property
    def units(self) -> str:
        return "count(*)" if self.design.cluster is None else "count(DISTINCT unit)"

    @property
    def margins(self) -> range:
        return range(len(self.design.calibration))

    def scores(self, *, numbered: bool = False, thresholds: bool = False) -> str:
        """The table expressions of `estimation_scores.sql`; what people typed comes in last, as it is."""
        keys = [f"key{i}" for i in range(len(self.by))]
        names = ", ".join(keys)
        domains = (
            f"SELECT row_number() OVER (ORDER BY {names}) - 1 AS domain, {names} "
            f"FROM (SELECT DISTINCT {names} FROM sample WHERE inside)"
        )
        pieces = {
            "kept": "MATERIALIZED" if numbered else "NOT MATERIALIZED",
            "units": self.units,
            **LONELY[self.design.lonely],
            "margin_totals_inside": "".join(f", sum(weight * m{j}) AS margin{j}" for j in self.margins),
            "margin_totals": "".join(f", margin{j}" for j in self.margins),
            "domains": domains if keys else "SELECT 0 AS domain",
            "same_domain": " AND ".join(f"sample.{key} IS NOT DISTINCT FROM domains.{key}" for key in keys) or "true",
            "answers": "* REPLACE (CAST(y <= threshold AS DOUBLE) AS y)" if thresholds else "*",
            "thresholds": "JOIN estimation_thresholds USING (variable, domain)" if thresholds else "",
            "margins": "".join(f", m{j}" for j in self.margins),
            "variables": ", ".join(f"y{i}" for i in range(len(self.variables))),
            "count": str(len(self.variables)),
            **(TOTAL if self.statistic == "total" else RATIO),
        }
        return statement(PACKAGE, "estimation_scores", **pieces, sample=self.sample(numbered=numbered))

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the names of the caller's columns."""
        variable = np.array(self.variables, dtype=object)[rows["variable"].to_numpy()]
        keys = rows[[f"key{i}" for i in range(len(self.by))]].set_axis(list(self.by), axis=1)
        return pd.concat([keys, rows.assign(variable=variable)[list(RESULTS)]], axis=1)


def _asked(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    design: Design,
    statistic: str,
    variable: str | Sequence[str],
    denominator: str | None,
    by: str | Sequence[str],
    where: str | None,
) -> _Asked:
    if statistic not in METHODS:
        raise ValueError(f"a statistic is one of {', '.join(METHODS)}, not {statistic!r}")
    if (statistic == "ratio") != (denominator is not None):
        raise ValueError("a ratio, and nothing else, has a denominator")
    variables = (variable,) if isinstance(variable, str) else tuple(variable)
    keys = (by,) if isinstance(by, str) else tuple(by)
    if not variables:
        raise ValueError("there is no variable to estimate")
    if taken := set(keys) & set(RESULTS):
        raise ValueError(f"a column of domains can't have the name of a result: {', '.join(sorted(taken))}")
    asked = _Asked(connection, table, design, statistic, variables, denominator, keys, where)
    _check_columns(asked)
    _check_design(asked)
    return asked


def _number(name: str) -> str:
    return f"CAST({quoted(name)} AS DOUBLE)"


def _check_columns(asked: _Asked) -> None:
    design = asked.design
    single = (design.weight, design.stratum, design.population, design.cluster, design.initial_weight)
    wanted = (*asked.variables, asked.denominator, *asked.by, *single, *design.calibration)
    described = asked.connection.execute(f"SELECT * FROM {asked.table} LIMIT 0").description or []
    known = {str(column[0]).lower() for column in described}
    missing = [name for name in dict.fromkeys(wanted) if name is not None and name.lower() not in known]
    if missing:
        _refuse(
            asked,
            [(name, "une colonne absente", "une colonne de la table", "corrigez le nom demandé") for name in missing],
        )


def _check_design(asked: _Asked) -> None:
    design = asked.design
    missing = " OR ".join(f"m{j} IS NULL OR NOT isfinite(m{j})" for j in asked.margins) or "false"
    text = statement(
        PACKAGE, "estimation_design", units=asked.units, margin_missing=missing, sample=asked.sample(numbered=False)
    )
    result = asked.connection.execute(text)
    names = [str(column[0]) for column in result.description or []]
    found = dict(zip(names, result.fetchall()[0], strict=True))
    mend = "complétez ou corrigez cette colonne"
    weight = "un nombre positif ou nul pour chaque répondant"
    checks = (
        ("weight", design.weight, "poids manquants ou négatifs", weight),
        ("initial_weight", design.initial_weight, "poids initiaux manquants ou négatifs", weight),
        ("stratum", design.stratum, "répondants sans strate", "une strate pour chaque répondant"),
        ("cluster", design.cluster, "répondants sans grappe", "une grappe pour chaque répondant"),
        ("population", design.population, "répondants sans effectif de strate", "un effectif pour chaque répondant"),
        (
            "calibration",
            ", ".join(design.calibration) or None,
            "marges de calage manquantes",
            "un nombre par répondant",
        ),
        ("several_populations", design.population, "strates à plusieurs effectifs", "un seul effectif par strate"),
        (
            "small_populations",
            design.population,
            "strates avec plus de répondants que d'unités",
            "un effectif de strate au moins égal au nombre de ses répondants",
        ),
    )
    refused = [
        (column, f"{what} : {found[key]}", expected, mend)
        for key, column, what, expected in checks
        if column is not None and found[key]
    ]
    if design.lonely == "fail" and found["lonely"]:
        refused.append(
            (
                design.stratum or "",
                f"strates d'une seule unité : {found['lonely']}",
                "au moins deux unités par strate",
                "regroupez cette strate avec une autre",
            )
        )
    if refused:
        _refuse(asked, refused)


def _check_proportions(asked: _Asked, rows: pd.DataFrame) -> None:
    others = rows.loc[rows["n_other"] > 0].groupby("variable")["n_other"].sum()
    if len(others):
        _refuse(
            asked,
            [
                (
                    asked.variables[int(str(number))],
                    f"valeurs autres que 0 et 1 : {int(count)}",
                    "0, 1 ou une case vide",
                    "demandez une moyenne, ou corrigez cette colonne",
                )
                for number, count in others.items()
            ],
        )


def _refuse(asked: _Asked, refused: Iterable[tuple[str, str, str, str]]) -> NoReturn:
    raise ProblemsError(
        Problem(file=asked.table, column=column, found=found, expected=expected, action=action)
        for column, found, expected, action in refused
    )


def _measured(asked: _Asked, deff: str, *, thresholds: bool = False) -> pd.DataFrame:
    """The rows of every variable and domain, but for their intervals."""
    rows = _rows(asked, thresholds=thresholds)
    if asked.design.calibration:
        rows["variance"] = _calibrated_variances(asked, rows)
    variance = rows["variance"].to_numpy()
    n, size, squares = rows["n"].to_numpy(dtype=float), rows["size"].to_numpy(), rows["squares"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        random = rows["deviations"].to_numpy() * size / (rows["scale"].to_numpy() ** 2 * (n - 1))
        if deff == "wor":
            random *= 1 - n / size
        remaining = rows["squares_remaining"].to_numpy() / squares
        kish = size**2 / squares
        rows["n_kish"] = kish / remaining
        # one answer from a census of one is no sample: its size is infinite, not 0 / 0
        rows["n_eff"] = np.where(remaining == 0, np.inf, (kish - 1) / remaining)
        rows["deff"] = np.where(random > 0, variance / random, np.nan)
    rows["n_eff"] = rows["n_eff"].clip(lower=0).where(rows["n"] > 0)
    rows["se"] = np.sqrt(variance)
    return rows


def _rows(asked: _Asked, *, thresholds: bool) -> pd.DataFrame:
    margins = asked.margins
    text = statement(
        PACKAGE,
        "estimation_estimates",
        by_unit=_by_unit(asked),
        margin_cells="".join(f", sum(b{j}) AS b{j}, sum(score * g{j}) AS c{j}" for j in margins),
        margin_sums="".join(
            f", sum(b{j}) AS b{j}, sum(factor * (c{j} - total * margin{j} * centring)) AS c{j}" for j in margins
        ),
        count=str(len(asked.variables)),
        scores=asked.scores(thresholds=thresholds),
    )
    rows = asked.connection.execute(text).df()
    numbers = [name for name in rows.columns if not name.startswith("key")]
    return rows.astype(dict.fromkeys(numbers, "float64") | {"variable": "int64", "n": "int64"})


def _by_unit(asked: _Asked) -> str:
    """The scores of a primary unit, with `b` and `c`, the sums that the calibration's regression is made of."""
    keys = "variable, domain, stratum"
    if asked.design.cluster is None:
        products = "".join(f", initial * score * m{j} AS b{j}, weight * m{j} AS g{j}" for j in asked.margins)
        return (
            f"SELECT {keys}, weight * score AS score, weight, weight * deviation * deviation AS deviations{products} "
            "FROM scores"
        )
    products = "".join(f", sum(initial * score * m{j}) AS b{j}, any_value(g{j}) AS g{j}" for j in asked.margins)
    sums = "".join(f", sum(weight * m{j}) AS g{j}" for j in asked.margins)
    joined = f"JOIN (SELECT stratum, unit{sums} FROM sample GROUP BY stratum, unit) USING (stratum, unit)"
    return (
        f"SELECT {keys}, sum(weight * score) AS score, sum(weight) AS weight, "
        f"sum(weight * deviation * deviation) AS deviations{products} "
        f"FROM scores {joined if asked.design.calibration else ''} GROUP BY {keys}, unit"
    )


def _calibrated_variances(asked: _Asked, rows: pd.DataFrame) -> Floats:
    slopes = _calibration_slopes(asked, rows)
    crossed = rows[[f"c{j}" for j in asked.margins]].to_numpy()
    margins = _score_covariances(asked, 0)
    variance = rows["variance"].to_numpy()
    left = variance - 2 * np.sum(slopes * crossed, axis=1) + np.einsum("ij,jk,ik->i", slopes, margins, slopes)
    # what the margins explain to the last digit is known: what is left of its variance is the rounding of the sums
    return np.asarray(np.where(left <= 1e-13 * variance, 0.0, left))


def _calibration_slopes(asked: _Asked, rows: pd.DataFrame) -> Floats:
    """β of each row: the regression of its residuals on the margins. Collinear margins share theirs."""
    margins = asked.margins
    text = statement(
        PACKAGE,
        "estimation_normal_equations",
        products=", ".join(f"sum(initial * m{i} * m{j})" for i in margins for j in margins),
        sample=asked.sample(),
    )
    products = asked.connection.execute(text).fetchall()[0]
    normal = np.array(products, dtype=float).reshape(len(margins), len(margins))
    # amounts beside 0/1 columns: brought to one scale, or the small ones would pass for collinear
    scale = np.sqrt(np.where(np.diag(normal) > 0, np.diag(normal), 1.0))
    inverse = np.linalg.pinv(normal / np.outer(scale, scale), rcond=1e-11, hermitian=True) / np.outer(scale, scale)
    return np.asarray(rows[[f"b{j}" for j in margins]].to_numpy() @ inverse)


def _score_covariances(asked: _Asked, estimates: int) -> Floats:
    """Covariances of the first `estimates` rows (all, or none) and of the margins after them."""
    parts = []
    if estimates:
        places = "variable * (SELECT count(*) FROM domains) + domain"
        parts.append(f"SELECT {places} AS place, stratum, unit, weight * score AS score FROM scores")
    margins = asked.margins
    if margins:
        listed = ", ".join(f"weight * m{j}" for j in margins)
        parts.append(
            f"SELECT {estimates} + unnest(range({len(margins)})) AS place, stratum, unit, "
            f"unnest([{listed}]) AS score FROM sample"
        )
    text = statement(
        PACKAGE,
        "estimation_covariances",
        score_rows=" UNION ALL ".join(parts),
        scores=asked.scores(numbered=True),
    )
    matrix = np.zeros((estimates + len(margins),) * 2)
    for one, two, value in asked.connection.execute(text).fetchall():
        matrix[one, two] = matrix[two, one] = np.nan if value is None else value
    return matrix


def _bounds(method: str, rows: pd.DataFrame, level: float) -> tuple[Floats, Floats]:
    columns = ("value", "variance", "n", "n_eff", "df")
    value, variance, n, n_eff, df = (rows[name].to_numpy(dtype=float) for name in columns)
    return interval(method, value, variance, n, n_eff, df, level)


def _quantiles(asked: _Asked, probability: float, method: str, level: float) -> pd.DataFrame:
    """By ranks, the shares of the bounds are those of a binomial number of respondents below the quantile; by a method
    for proportions they are the interval of the share of respondents below it (Woodruff's)."""
    rows = _measured(asked, "replace")
    rows["value"] = _values_at(asked, rows, np.full((len(rows), 3), probability))["value"]
    rows["se"], rows["deff"] = np.nan, np.nan
    if method == "ranks":
        shares = [_rank_shares(size, probability, level) for size in rows["n_kish"].to_list()]
    else:
        below = _below(asked, rows)
        low, high = _bounds(method, below, level)
        shares = list(zip(np.where(low < 0, np.nan, low), np.where(high > 1, np.nan, high), strict=True))
    limits = np.column_stack([np.full(len(rows), probability), np.array(shares, dtype=float).reshape(-1, 2)])
    found = _values_at(asked, rows, limits)
    rows["low"], rows["high"] = found["low"], found["high"]
    if method != "ranks":
        rows["se"] = (rows["high"] - rows["low"]) / (
            2 * student_quantile((1 + level) / 2, rows["df"].to_numpy(dtype=float))
        )
    return rows


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


def _values_at(asked: _Asked, rows: pd.DataFrame, shares: Floats) -> pd.DataFrame:
    """The values at three shares of each row's weights."""
    frame = rows[["variable", "domain"]].assign(value=shares[:, 0], low=shares[:, 1], high=shares[:, 2])
    with _registered(asked.connection, "estimation_shares", frame):
        found = asked.connection.execute(statement(PACKAGE, "estimation_quantiles", scores=asked.scores())).df()
    return rows[["variable", "domain"]].merge(found, on=["variable", "domain"], how="left")


def _below(asked: _Asked, rows: pd.DataFrame) -> pd.DataFrame:
    """The share of respondents at or below each row's quantile, as a proportion with its variance."""
    thresholds = rows[["variable", "domain"]].assign(threshold=rows["value"])
    with _registered(asked.connection, "estimation_thresholds", thresholds):
        return _measured(asked, "replace", thresholds=True)


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> Iterator[None]:
    connection.register(name, frame)
    try:
        yield
    finally:
        connection.unregister(name)
