"""Samples drawn from a population that is known: are the estimates right, and their intervals as often as they say?

    python -m tests.aggregate.draws [DRAWS] [WORKERS]

An invented population of 3,000 firms in six strata of very unequal size. Each draw takes a stratified sample, at 10 to
60 %, of which some answer, then goes the way of an edition: non-response by stratum, calibration to the margins
(weighting.py), estimates (estimation.py). Beside the true values, for every estimand: the bias, the mean standard error
over the standard deviation of the draws, how often the interval holds the true value, with its Monte-Carlo error, and
how often there was an interval.

Five surveys of the same draws. In the first, answering is a chance of the stratum alone; in the others it depends on
the size and the region too, so that weights by stratum alone are wrong, and calibration has to set them right.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pandas as pd

from observatory.aggregate.estimation import Design, Statistic, estimate
from observatory.aggregate.weighting import Weighting, weighting
from observatory.editions.load import load_edition
from observatory.editions.model import Edition, KnownCounts, KnownMargins, KnownTotal
from observatory.problems import ProblemsError

SEED = 20251122
STRATA = {  # firms, share of them asked, share of those that answers
    "a": (1300, 0.10, 0.80),
    "b": (800, 0.12, 0.75),
    "c": (500, 0.20, 0.70),
    "d": (250, 0.35, 0.65),
    "e": (100, 0.60, 0.70),
    "f": (50, 0.60, 0.90),
}
SIZES = {"small": 0.65, "medium": 0.95, "large": 1.1}  # what answering is multiplied by
REGIONS = {"north": 0.8, "south": 1.05, "east": 0.95, "west": 1.1, "isles": 0.7}
ACTIVITIES = {"making": 0.5, "trade": 0.3, "care": 0.15, "law": 0.05}
SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
YES = tuple(f"yes{100 * share:.0f}" for share in SHARES)

Method = Literal["linear", "raking", "logit"]


def population() -> pd.DataFrame:
    random = np.random.default_rng(SEED)
    frame = pd.DataFrame({"stratum": np.repeat(list(STRATA), [firms for firms, _, _ in STRATA.values()])})
    rows, place = len(frame), frame["stratum"].map({name: number for number, name in enumerate(STRATA)}).to_numpy()
    size = np.clip(np.round(random.normal(0.2 + 0.3 * place, 0.7)), 0, 2).astype(int)
    region = random.choice(len(REGIONS), rows, p=[0.3, 0.25, 0.2, 0.15, 0.1])
    frame["size"], frame["region"] = np.array(list(SIZES))[size], np.array(list(REGIONS))[region]
    frame["activity"] = random.choice(list(ACTIVITIES), rows, p=list(ACTIVITIES.values()))
    leaning = 0.8 * size + np.array([0.0, 0.5, -0.4, 0.9, -0.8])[region] + 0.15 * place
    for name, share in zip(YES, SHARES, strict=True):
        score = leaning * random.choice([-1, 1]) + random.logistic(size=rows)
        frame[name] = (score >= np.quantile(score, 1 - share)).astype(int)
    frame["purchases"] = np.exp(random.normal(13 + 1.2 * size, 0.8)).round(-2)
    frame["rate"] = random.beta(2, 8, rows) * (1 + 0.3 * size)
    frame["bought"] = (frame["purchases"] * frame["rate"]).round()
    frame["respondent"] = [f"r{number}" for number in range(rows)]
    return frame


@dataclass(frozen=True)
class Survey:
    """`uneven`: answering depends on more than the stratum. `margins`: what the weights are calibrated to."""

    name: str
    uneven: bool
    counts: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    method: Method = "raking"
    bounds: tuple[float, float] | None = None


SURVEYS = (
    Survey("strata, answering even", False),
    Survey("strata alone", True),
    Survey("raking", True, ("size", "region")),
    Survey("logit", True, ("size", "region"), (), "logit", (0.3, 3.0)),
    Survey("linear", True, ("size", "region"), ("purchases",), "linear", (0.2, 4.0)),
)
JUDGED = ("strata, answering even", "raking", "logit", "linear")
PIECE = 50  # draws of one task of a worker


@cache
def firms() -> pd.DataFrame:
    return population()


@cache
def edition(survey: Survey) -> Edition:
    """An edition that knows this population's margins."""
    told = {"source": "la population inventée", "date": date(2025, 1, 1)}

    def counts(name: str) -> KnownCounts:
        return KnownCounts(question=name, counts=firms()[name].value_counts().astype(float).to_dict(), **told)

    margins = KnownMargins(
        audience="buyer",
        strata=counts("stratum"),
        method=survey.method,
        bounds=survey.bounds,
        counts=tuple(map(counts, survey.counts)),
        totals=tuple(KnownTotal(question=name, total=float(firms()[name].sum()), **told) for name in survey.totals),
    )
    tiny = load_edition(Path(__file__).parents[1] / "editions" / "tiny", "2025")
    return tiny.model_copy(update={"margins": {"buyer": margins}})


def answers(draw: int, *, uneven: bool) -> pd.DataFrame:
    """The firms that were asked and answered."""
    frame, random = firms(), np.random.default_rng((SEED, draw))
    order = random.random(len(frame))
    rank = pd.Series(order).groupby(frame["stratum"]).rank()
    asked = rank <= frame["stratum"].map({name: round(count * rate) for name, (count, rate, _) in STRATA.items()})
    chance = frame["stratum"].map({name: answering for name, (_, _, answering) in STRATA.items()})
    if uneven:
        chance = (chance * frame["size"].map(SIZES) * frame["region"].map(REGIONS)).clip(upper=0.98)
    return frame[asked & (random.random(len(frame)) < chance)].reset_index(drop=True)


def tabled(connection: duckdb.DuckDBPyConnection, survey: Survey, draw: int) -> Weighting:
    """The table `answers` of one draw, with its weights. Raises ProblemsError where there are none."""
    drawn = answers(draw, uneven=survey.uneven)
    weights = weighting(edition(survey), "buyer", drawn)
    columns = ["initial_weight", "weight", "population", *weights.auxiliary]
    together = pd.concat([drawn.drop(columns="respondent"), weights.frame[columns]], axis=1)
    connection.register("drawn", together)
    connection.execute("CREATE OR REPLACE TABLE answers AS FROM drawn")
    connection.unregister("drawn")
    return weights


def design(auxiliary: tuple[str, ...]) -> Design:
    return Design("weight", "stratum", "population", calibration=auxiliary, initial_weight="initial_weight")


QUESTIONS: tuple[tuple[Statistic, tuple[str, ...], str | None, str | None], ...] = (
    ("proportion", YES, None, None),
    ("proportion", YES, "activity", None),
    ("proportion", YES, "stratum", None),
    ("total", ("bought",), None, None),
    ("mean", ("bought", "rate"), None, None),
    ("ratio", ("bought",), None, "purchases"),
    ("quantile", ("rate",), None, None),
)
"""Statistic, variables, domains, denominator."""


def estimates(connection: duckdb.DuckDBPyConnection, asked: Design) -> pd.DataFrame:
    """All estimands of the table `answers`, by LABELS."""
    parts = []
    for statistic, variables, by, denominator in QUESTIONS:
        rows = estimate(
            connection,
            "answers",
            asked,
            statistic,
            variables,
            denominator=denominator,
            by=by or (),
            probability=0.5 if statistic == "quantile" else None,
        )
        place = rows[by] if by else ""
        parts.append(
            rows[["value", "se", "low", "high", "n"]].assign(
                statistic=statistic, variable=rows["variable"], by=by or "", domain=place
            )
        )
    return pd.concat(parts).set_index(LABELS)


LABELS = ["statistic", "by", "variable", "domain"]


def truth() -> pd.Series[float]:
    """The true values, by LABELS."""
    frame, found = firms(), {}
    for statistic, variables, by, denominator in QUESTIONS:
        for domain, part in frame.groupby(by) if by else [("", frame)]:
            for name in variables:
                value = part[name].sum() if statistic == "total" else part[name].mean()
                if denominator is not None:
                    value = part[name].sum() / part[denominator].sum()
                if statistic == "quantile":
                    value = np.sort(part[name])[math.ceil(len(part) / 2) - 1]
                found[statistic, by or "", name, domain] = float(value)
    return pd.Series(found).rename_axis(LABELS)


def drawn(survey: Survey, draws: range) -> list[pd.DataFrame]:
    """The estimates of each draw that has weights."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        found = []
        for draw in draws:
            try:
                weights = tabled(connection, survey, draw)
            except ProblemsError:
                continue
            found.append(estimates(connection, design(weights.auxiliary)))
        return found


def summary(found: list[pd.DataFrame]) -> pd.DataFrame:
    """One row an estimand: how its estimates and intervals do over the draws."""
    true = truth()
    every = pd.concat(found, keys=range(len(found)), names=["draw"]).reset_index("draw", drop=True)
    every = every.join(true.rename("true"))
    every["held"] = ((every["low"] <= every["true"] + 1e-12) & (every["true"] <= every["high"] + 1e-12)).astype(float)
    bounded = every["low"].notna() & every["high"].notna()
    every["held"], every["bounded"] = every["held"].where(bounded), bounded.astype(float)
    grouped = every.groupby(LABELS, sort=False)
    table = pd.DataFrame({"true": grouped["true"].first(), "draws": grouped["value"].count()})
    sd = grouped["value"].std()
    table["bias"] = (grouped["value"].mean() - table["true"]) / table["true"]
    table["bias / sd"] = (grouped["value"].mean() - table["true"]) / sd
    table["error of bias / sd"] = 1 / np.sqrt(table["draws"])
    table["se / sd"] = grouped["se"].mean() / sd
    table["coverage"] = grouped["held"].mean()
    table["error of coverage"] = np.sqrt(table["coverage"] * (1 - table["coverage"]) / grouped["held"].count())
    table["bounded"] = grouped["bounded"].mean()
    table["answers"] = grouped["n"].mean()
    rare = np.minimum(table["true"], 1 - table["true"])
    table["expected"] = (table["answers"] * rare).where(table.index.get_level_values("statistic") == "proportion")
    return table


def surveyed(draws: int, workers: int) -> Iterator[tuple[Survey, pd.DataFrame, int]]:
    """Each survey, what came of its draws, and how many had no weights."""
    with ProcessPoolExecutor(workers) as pool:
        for survey in SURVEYS:
            count = draws if survey.name in JUDGED else math.ceil(draws / 4)
            pieces = [range(first, min(first + PIECE, count)) for first in range(0, count, PIECE)]
            found = [table for part in pool.map(drawn, [survey] * len(pieces), pieces) for table in part]
            yield survey, summary(found), count - len(found)


def by_expected(table: pd.DataFrame) -> pd.DataFrame:
    """Proportions in domains, by how many answers of the rarer kind a draw has there."""
    parts = table[(table.index.get_level_values("by") != "") & table["expected"].notna()]
    classes = pd.cut(parts["expected"], [0, 1, 2, 5, 10, 20, np.inf], right=False)
    grouped = parts.groupby(classes, observed=True)
    return pd.DataFrame(
        {
            "domains": grouped.size(),
            "coverage": grouped["coverage"].mean(),
            "lowest": grouped["coverage"].min(),
            "se / sd": grouped["se / sd"].mean(),
            "least": grouped["se / sd"].min(),
            "most": grouped["se / sd"].max(),
            "largest bias / sd": grouped["bias / sd"].apply(lambda values: values.abs().max()),
        }
    )


def by_stratum(table: pd.DataFrame) -> pd.DataFrame:
    """Proportions in strata, 5 answers of the rarer kind expected: does the finite population correction, of those that
    answered in those that there are, hold? Without it, standard errors would be `se / sd without` of the draws'."""
    parts = table[(table.index.get_level_values("by") == "stratum") & (table["expected"] >= 5)]
    grouped = parts.groupby("domain")[["answers", "se / sd", "coverage"]].mean()
    answering = grouped["answers"] / pd.Series({name: firms for name, (firms, _, _) in STRATA.items()})
    return pd.DataFrame(
        {
            "firms": [STRATA[name][0] for name in grouped.index],
            "answering": answering,
            "se / sd": grouped["se / sd"],
            "se / sd without": grouped["se / sd"] / np.sqrt(1 - answering),
            "coverage": grouped["coverage"],
        }
    )


def verdict(table: pd.DataFrame) -> dict[str, bool]:
    """The bars of one survey, and whether they are met. `expected` counts answers of the rarer kind."""
    proportions = table[table["expected"].notna()]
    whole, parts = (proportions[(proportions.index.get_level_values("by") == "") == of] for of in (True, False))
    enough = proportions[proportions["expected"] >= 10]
    overall = table[table.index.get_level_values("by") == ""]
    bias = (overall["bias / sd"].abs() - 3 * overall["error of bias / sd"]).max()
    return {
        "proportions of everyone: mean coverage 93 to 97 %": bool(0.93 <= whole["coverage"].mean() <= 0.97),
        "proportions in domains, 5 expected: mean coverage 93 to 97 %": bool(
            0.93 <= parts[parts["expected"] >= 5]["coverage"].mean() <= 0.97
        ),
        "proportions, 10 expected: every se / sd 0.9 to 1.1": bool(enough["se / sd"].between(0.9, 1.1).all()),
        "everyone: bias under a tenth of the sd, but for the Monte-Carlo error": bool(bias <= 0.1),
    }


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    draws, workers = (*given, *(2000, 2)[len(given) :])
    started, missed = time.perf_counter(), False
    print(f"{len(firms())} firms, {draws} draws (strata alone: a quarter)")
    shown = ["true", "bias", "bias / sd", "se / sd", "coverage", "error of coverage", "bounded", "answers"]
    for survey, table, without in surveyed(draws, workers):
        print(f"\n== {survey.name}: {int(table['draws'].max())} draws, {without} without weights")
        everyone = table[table.index.get_level_values("by") == ""].droplevel(["by", "domain"])
        print(everyone[shown].to_string(float_format="{:.4g}".format))
        print(by_expected(table).to_string(float_format="{:.3f}".format))
        print(by_stratum(table).to_string(float_format="{:.3f}".format))
        if survey.name in JUDGED:
            bars = verdict(table)
            missed |= not all(bars.values())
            print("\n".join(f"{'met' if met else 'MISSED':<8}{bar}" for bar, met in bars.items()))
        sys.stdout.flush()
    print(f"\n{time.perf_counter() - started:.0f} s")
    sys.exit(missed)


if __name__ == "__main__":
    main()
