"""Every measure of an edition, unmasked: the items of its indicators, estimated in each of their domains.

Belongs here: which estimate is asked for which item, and putting the answers side by side. Does not belong here: how an
estimate is made (estimation.py), what may be published (figures.sql).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import numpy as np
import pandas as pd

from observatory.aggregate import catalogue
from observatory.aggregate.answers import (
    Answers,
    Pair,
    amounts,
    answers,
    domain,
    growths,
    rates,
    respondents,
    ticks,
    variable,
)
from observatory.aggregate.estimation import Statistic, covariance, estimate
from observatory.aggregate.ranks import rank_intervals
from observatory.database import quoted, statement
from observatory.editions.model import Audience, Edition, Indicator

PACKAGE = "observatory.aggregate"

NUMBERS = ("value", "low", "high", "se", "n", "n_eff", "df")
PLACES = ("statistic", "breakdown", "category")
ESTIMATES = ("variable", *PLACES, *NUMBERS)

DOMINANCES = {"variable": "str", "breakdown": "str", "category": "str", "dominance": "float64"}

SHARES: tuple[str, ...] = ("share", "count", "rank")
VOLUMES: tuple[str, ...] = ("total", "mean", "median", "ratio", "change")


def measure_shares(connection: duckdb.DuckDBPyConnection, edition: Edition) -> int:
    """Respondents, distributions and ranks into `aggregates.shares_<edition>`; returns its number of rows.

    The validated tables of all the edition's audiences must exist. Raises ProblemsError when margins can't be met.
    """
    parts = []
    for audience in edition.audiences:
        selected = catalogue.of_audience(edition, audience)
        counted = respondents(edition, selected)
        chosen = ticks(edition, selected)
        table = answers(connection, edition, audience, "answers_of_shares", counted | chosen)
        parts.append(
            _measured(
                connection,
                edition,
                audience,
                SHARES,
                [
                    *_counts(connection, table, selected, [*counted, *chosen], edition),
                    *_by_domain(connection, table, "proportion", "share", selected, list(chosen), edition),
                    *_ranks(connection, table, edition, selected),
                ],
                pd.DataFrame(columns=list(DOMINANCES)),
                table.weighting.known,
            )
        )
    return _kept(connection, f"shares_{edition.name}", parts)


def measure_volumes(connection: duckdb.DuckDBPyConnection, edition: Edition) -> int:
    """Amounts, rates and growths into `aggregates.volumes_<edition>`; returns its number of rows."""
    parts = []
    for audience in edition.audiences:
        selected = catalogue.of_audience(edition, audience)
        given = amounts(edition, selected)
        pairs, of_rates = rates(edition, selected)
        years, of_growths = growths(edition, selected)
        table = answers(connection, edition, audience, "answers_of_volumes", given | of_rates | of_growths)
        individual = [pair.rate for pair in pairs if pair.rate is not None]
        asked = [*given, *individual]
        summed = [name for pair in (*pairs, *years) for name in (pair.numerator, pair.denominator)]
        parts.append(
            _measured(
                connection,
                edition,
                audience,
                VOLUMES,
                [
                    *_by_domain(connection, table, "total", "total", selected, list(given), edition),
                    *_by_domain(connection, table, "mean", "mean", selected, asked, edition),
                    *_by_domain(connection, table, "quantile", "median", selected, asked, edition, probability=0.5),
                    *_ratios(connection, table, "ratio", selected, pairs, edition),
                    *_growths(_ratios(connection, table, "change", selected, years, edition)),
                ],
                _dominances(connection, table, selected, [*given, *summed], edition),
                table.weighting.known,
            )
        )
    return _kept(connection, f"volumes_{edition.name}", parts)


def _wanted(edition: Edition, selected: Iterable[Indicator]) -> dict[str, set[str]]:
    """The indicators of each breakdown; "" is everyone."""
    wanted: dict[str, set[str]] = {"": set()}
    for item in selected:
        wanted[""].add(item.id)
        for breakdown in catalogue.breakdowns(item, edition.questionnaires[item.audience]):
            wanted.setdefault(breakdown, set()).add(item.id)
    return wanted


def _portions(edition: Edition, selected: Iterable[Indicator], variables: list[str]) -> Iterable[tuple[str, list[str]]]:
    """The variables asked for in each breakdown, where there are any."""
    for breakdown, indicators in _wanted(edition, selected).items():
        if asked := [name for name in variables if name.split("|")[0] in indicators]:
            yield breakdown, asked


def _by_domain(
    connection: duckdb.DuckDBPyConnection,
    table: Answers,
    estimator: Statistic,
    statistic: str,
    selected: list[Indicator],
    variables: list[str],
    edition: Edition,
    *,
    probability: float | None = None,
) -> Iterable[pd.DataFrame]:
    """The estimates of these variables in the domains of their indicators, all variables of a breakdown in one pass."""
    for breakdown, asked in _portions(edition, selected, variables):
        by = (domain(breakdown),) if breakdown else ()
        found = estimate(connection, table.table, table.design, estimator, asked, by=by, probability=probability)
        yield _placed(found, statistic, breakdown)


def _ratios(
    connection: duckdb.DuckDBPyConnection,
    table: Answers,
    statistic: str,
    selected: list[Indicator],
    pairs: list[Pair],
    edition: Edition,
) -> Iterable[pd.DataFrame]:
    for breakdown, indicators in _wanted(edition, selected).items():
        asked = [pair for pair in pairs if pair.indicator in indicators]
        if asked:
            found = estimate(
                connection,
                table.table,
                table.design,
                "ratio",
                [pair.numerator for pair in asked],
                denominator=[pair.denominator for pair in asked],
                by=(domain(breakdown),) if breakdown else (),
            )
            names = {pair.numerator: variable(pair.indicator, pair.item) for pair in asked}
            yield _placed(found.assign(variable=found["variable"].map(names)), statistic, breakdown)


def _growths(ratios: Iterable[pd.DataFrame]) -> Iterable[pd.DataFrame]:
    """The last year's total by the first's, less 1. The standard error is kept: it judges the ratio."""
    for found in ratios:
        yield found.assign(value=found["value"] - 1, low=found["low"] - 1, high=found["high"] - 1)


def _counts(
    connection: duckdb.DuckDBPyConnection,
    table: Answers,
    selected: list[Indicator],
    variables: list[str],
    edition: Edition,
) -> Iterable[pd.DataFrame]:
    """How many respondents: a plain count, never weighted."""
    for breakdown, asked in _portions(edition, selected, variables):
        found = connection.execute(
            statement(
                PACKAGE,
                "counts",
                category=quoted(domain(breakdown)) if breakdown else "''",
                variables=", ".join(map(quoted, asked)),
                count=str(len(asked)),
                answers=table.table,
            )
        ).df()
        names = pd.Series(asked)
        rows = found.assign(variable=found["variable"].map(names), value=found["chosen"])
        yield _placed(rows, "count", breakdown, category="category")


def _dominances(
    connection: duckdb.DuckDBPyConnection,
    table: Answers,
    selected: list[Indicator],
    variables: list[str],
    edition: Edition,
) -> pd.DataFrame:
    """The largest contributor's share of the amounts that each item is made of, with the columns DOMINANCES: of a ratio
    or a growth, the greater of its two sides'."""
    parts = []
    for breakdown, asked in _portions(edition, selected, variables):
        text = statement(
            PACKAGE,
            "dominances",
            category=quoted(domain(breakdown)) if breakdown else "''",
            variables=", ".join(map(quoted, asked)),
            count=str(len(asked)),
            answers=table.table,
        )
        found = connection.execute(text).df()
        items = ["|".join(asked[place].split("|")[:2]) for place in found["variable"]]
        parts.append(found.assign(variable=items, breakdown=breakdown))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(DOMINANCES))
    return rows.groupby(["variable", "breakdown", "category"])[["dominance"]].max().reset_index()


def _ranks(
    connection: duckdb.DuckDBPyConnection, table: Answers, edition: Edition, selected: list[Indicator]
) -> Iterable[pd.DataFrame]:
    for item in selected:
        asked = [variable(item.id, code) for code in catalogue.ranked(edition, item)]
        if len(asked) > 1:
            found, joint = covariance(connection, table.table, table.design, "proportion", asked)
            ranks = rank_intervals(found["value"].to_numpy(dtype=float), joint)
            rows = found.assign(value=ranks["rank"], low=ranks["low"], high=ranks["high"], se=float("nan"))
            yield _placed(rows, "rank", "")


def _placed(found: pd.DataFrame, statistic: str, breakdown: str, category: str | None = None) -> pd.DataFrame:
    """The rows with ESTIMATES, as plain arrays: there are dozens of these frames."""
    column = category or (domain(breakdown) if breakdown else None)
    count = len(found)
    columns = {
        "variable": found["variable"].to_numpy(),
        "statistic": np.full(count, statistic, dtype=object),
        "breakdown": np.full(count, breakdown, dtype=object),
        "category": np.full(count, "", dtype=object) if column is None else found[column].to_numpy(dtype=object),
    }
    none = np.full(count, np.nan)
    columns |= {name: found[name].to_numpy(dtype=float) if name in found else none for name in NUMBERS}
    return pd.DataFrame(columns)


def _measured(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    audience: Audience,
    statistics: tuple[str, ...],
    estimates: list[pd.DataFrame],
    dominances: pd.DataFrame,
    weighted: bool,
) -> pd.DataFrame:
    """The estimates of one audience, each item in every domain it is asked for."""
    selected = catalogue.of_audience(edition, audience)
    items = catalogue.items(edition, selected)
    found = pd.concat(estimates, ignore_index=True) if estimates else pd.DataFrame(columns=list(ESTIMATES))
    # who has no category is in no domain
    found = found.dropna(subset="category").astype(dict.fromkeys(("variable", *PLACES), "str"))
    frames: Mapping[str, pd.DataFrame] = {
        "measure_items": items[items["statistic"].isin(statistics)],
        "measure_domains": catalogue.domains(edition, selected),
        "estimates": found.astype(dict.fromkeys(NUMBERS, "float64")),
        "dominances": dominances.astype(DOMINANCES),
    }
    for name, frame in frames.items():
        connection.register(name, frame)
    rows = connection.execute(statement(PACKAGE, "measures", weighted="true" if weighted else "false")).df()
    for name in frames:
        connection.unregister(name)
    return rows


def _kept(connection: duckdb.DuckDBPyConnection, name: str, parts: list[pd.DataFrame]) -> int:
    rows = pd.concat(parts, ignore_index=True)
    connection.register("incoming", rows)
    connection.execute(f"CREATE OR REPLACE TABLE aggregates.{quoted(name)} AS SELECT * FROM incoming")
    connection.unregister("incoming")
    return len(rows)
