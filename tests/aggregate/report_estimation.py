"""Our estimates beside those of R's `survey`: every value of the reference cases, equal or explained.

    python -m tests.aggregate.report_estimation [FOLDER]

The folder is `stats/est` of the data shared by the projects. A value is equal (to 1e-6, relative), different by
definition, or not offered; the last two with their reason. Anything else is unexplained, and fails the test.
"""

from __future__ import annotations

import csv
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import NormalDist

import duckdb
import numpy as np
import pandas as pd

from observatory.aggregate.comparison import changes, panel_changes
from observatory.aggregate.distributions import student_quantile
from observatory.aggregate.estimation import Design, covariance, estimate
from observatory.aggregate.ranks import rank_intervals

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "stats" / "est"
TOLERANCE = 1e-6

EQUAL, DIFFERENT, ABSENT, UNEXPLAINED = "equal", "different by definition", "not offered", "unexplained"

# R's name of an interval of a proportion, and ours
METHODS = {m: m for m in ("logit", "asin", "beta", "wilson")} | {"xlogit": "logit", "mean": "student"}
QUANTILE_METHODS = {"mean": "student", "beta": "beta", "xlogit": "logit"}

API = ("api00", "api99", "enroll", "api.stu", "sch.wide1", "comp.imp1", "awards1", "yr.rnd1", "both1")
BARRIERS = tuple(f"b{i}" for i in range(1, 9))
STYPES = tuple(f"stype{level}" for level in "EHM")

STRATIFIED = Design(weight="pw", stratum="stype", population="fpc")
CLUSTERED = Design(weight="pw", population="fpc", cluster="dnum")
BAROMETER = Design(weight="w0", stratum="strate", population="N_h")
STACKED = Design(weight="w0", stratum="strate", cluster="id")
MARGINS = {
    "B1_poststrat": STYPES,
    "B2_rake": (*STYPES, "sch.wideYes", "sch.wideNo"),
    "B3_cal_linear": (*STYPES, "api99"),
    "B4_cal_linear_bounded": (*STYPES, "api99"),
    "B5_cal_raking": (*STYPES, "sch.wideYes", "sch.wideNo"),
    "B6_cal_logit": (*STYPES, "sch.wideYes", "sch.wideNo"),
    "B7_cal_raking3": (*STYPES, "sch.wideYes", "sch.wideNo", "awardsYes", "awardsNo"),
    "B8_trim": (*STYPES, "sch.wideYes", "sch.wideNo", "awardsYes", "awardsNo"),
    "E5_cal_raking": ("strate=*", "secteur=*", "region=*"),
    "E5b_rake_se": ("strate=*", "secteur=*", "region=*"),
    "E6_cal_logit": ("strate=*", "region=*", "achats_meur"),
}

NOT_OFFERED = {
    "likelihood": "an interval by profile likelihood needs a model fitted for each cell",
    "interpolated": "method 5 takes the inverse of the distribution function; rules that interpolate are not offered",
    "jackknife": "the variance is that of the linearisation; no replicates are made",
    "coverage": "the exact level of a rank interval is not given",
}
BY_DEFINITION = {
    "none in R": "R gives no value where nobody or everybody said yes, or fails on missing answers; ours are item "
    "non-response, left out",
    "rake": "rake() iterates unweighted residuals; ours, as calibrate(), regress with the initial weights (method)",
    "trim": "R regresses the trimmed scores by the weights before trimming; ours by the weights as they are",
    "beta n": "beta of a domain of a calibrated design: R counts the rows outside the domain in n",
    "logit": "where nobody or everybody said yes, R's logit stops where its iterations do; ours has no bound there",
    "median": "of an even number, the mean of the middle two; ours is a respondent's value (method 5)",
}


@dataclass
class Tally:
    """What became of the values of one case."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Key:
    """What R's rows that belong to one estimate have in common."""

    case: str
    data: str
    design: str
    estimator: str
    y: str
    x: str
    domain: str


Values = dict[str, float]


class Reference:
    """The shared data in a database, with the columns that the cases add."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = duckdb.connect()
        self.frames: dict[str, pd.DataFrame] = {}
        for path in sorted((folder / "data").glob("*.csv")):
            frame = pd.read_csv(path, dtype={"cds": str, "id": str})
            self._add(path.stem, self._completed(frame))
        weights = pd.read_csv(folder / "expected" / "expected_weights.csv")
        for case, given in weights.groupby("case"):
            table = "apiclus1" if str(case).startswith("B") else "barometre_2026"
            # in the order of the data file
            self._add(str(case), self.frames[table].assign(w1=given["w1"].to_numpy()))
        self._add("E5b_rake_se", self.frames["E5_cal_raking"])
        stacked = pd.concat([self.frames["barometre_2025"], self.frames["barometre_2026"]], ignore_index=True)
        self._add("stacked", stacked)

    def _add(self, name: str, frame: pd.DataFrame) -> None:
        self.frames[name] = frame
        self.connection.register("incoming", frame)
        self.connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
        self.connection.unregister("incoming")

    def _completed(self, frame: pd.DataFrame) -> pd.DataFrame:
        new: dict[str, pd.Series] = {}
        for name in ("sch.wide", "comp.imp", "awards", "both", "yr.rnd"):
            if name in frame:
                new |= {f"{name}1": frame[name] == "Yes"}
                new |= {f"{name}{level}": (frame[name] == level).astype(int) for level in ("Yes", "No")}
        if "stype" in frame:
            new |= {f"stype{level}": (frame["stype"] == level).astype(int) for level in "EHM"}
        for name in ("strate", "secteur", "region"):
            if name in frame:
                new |= {f"{name}={level}": (frame[name] == level).astype(int) for level in sorted(set(frame[name]))}
        if "achats" in frame:
            new |= {"achats_meur": frame["achats"] / 1e6, "taux": frame["achats_su"] / frame["achats"]}
        return frame.assign(**new)

    def design(self, key: Key) -> tuple[str, Design]:
        """The table and the design of a case."""
        if key.case in MARGINS:
            clusters = key.case.startswith("B")
            base, initial = (CLUSTERED, "pw") if clusters else (BAROMETER, "w0")
            columns = self.frames[key.case].columns
            margins = [
                name
                for wanted in MARGINS[key.case]
                for name in ([c for c in columns if c.startswith(wanted[:-1])] if wanted[-1] == "*" else [wanted])
            ]
            return key.case, Design(
                "w1", base.stratum, base.population, base.cluster, calibration=tuple(margins), initial_weight=initial
            )
        table = key.data.removesuffix(".csv")
        if key.case == "A10_nofpc":
            return table, Design(weight="pw", stratum="stype")
        if key.case == "E4_neff":
            return table, Design(weight="w0")
        if key.design.startswith("unweighted"):
            return table, Design()
        designs = {
            "apistrat": STRATIFIED,
            "apiclus1": CLUSTERED,
            "apisrs": Design(weight="pw", population="fpc"),
            "tiny_cells": Design(weight="w", stratum="cell"),
        }
        return table, designs.get(table, BAROMETER)


def values(reference: Reference, key: Key, statistics: frozenset[str]) -> Values:
    """Our figures under R's names."""
    if key.case.startswith(("E7", "E8")):
        return _changed(reference, key)
    if key.case.startswith("E9"):
        return _joint(reference, key)
    if key.case.startswith("E10"):
        return _ranked(reference, key)
    if key.case.startswith("E12"):
        return _matched(reference, key)
    if key.case.startswith("A8"):
        return _contrast(reference, key)
    table, design = reference.design(key)
    ask = Ask(reference, table, design, key)
    if key.estimator == "prop":
        return _proportion(ask, statistics)
    if key.estimator.startswith(("quantile", "median")):
        return _quantile(ask)
    if key.estimator.startswith("kish"):
        # of weights without a population, the effective size is Kish's n less one
        weights = Design(weight=design.weight)
        return {"estimate": Ask(reference, table, weights, key, y="achats").row("mean")["n_eff"] + 1}
    statistic = {"ratio of totals": "ratio", "mean of rates": "mean", "share of factor level": "proportion"}.get(
        key.estimator, key.estimator.split("[")[0]
    )
    found = {}
    deff = "replace" if "deff=replace" in key.estimator else "wor"
    for ours, name in (("normal", "z"), ("student", "t")):
        row = ask.row(statistic, method=ours, deff=deff)
        found |= {f"ci95_low_{name}": row["low"], f"ci95_high_{name}": row["high"]}
    return found | {
        "estimate": row["value"],
        "se": row["se"],
        "cv": row["se"] / row["value"],
        "df": row["df"],
        "deff": row["deff"],
    }


@dataclass
class Ask:
    """One estimate of a case, asked together with those of all the variables and domains alike."""

    reference: Reference
    table: str
    design: Design
    key: Key
    y: str = ""

    @property
    def variable(self) -> str:
        return self.y or self.key.y.split("=")[-1]

    @property
    def denominator(self) -> str | None:
        return self.key.x if self.key.x and not self.key.x.startswith("p=") else None

    def row(self, statistic: str, **options: object) -> Values:
        by, category = _by(self.key)
        variables = tuple(
            name
            for name in dict.fromkeys((*API, *STYPES, *BARRIERS, "achats", "achats_su", "taux", "y"))
            if name in self.reference.frames[self.table]
            and (statistic != "proportion" or name in {*API[4:], *STYPES, *BARRIERS, "y"})
        )
        found = _estimates(
            self.reference,
            self.table,
            self.design,
            statistic,
            variables,
            self.denominator if statistic == "ratio" else None,
            by,
            tuple(sorted(options.items())),
        )
        rows = found[(found["variable"] == self.variable) & (found[by].eq(category) if by else True)]
        assert len(rows) == 1, (self.key, len(rows))
        return {name: float(rows.iloc[0][name]) for name in ("value", "se", "low", "high", "n", "n_eff", "deff", "df")}


def _by(key: Key) -> tuple[str, str]:
    if key.case == "D_tiny":
        return "cell", key.domain
    last = key.domain.split(" & ")[-1]
    name, _, category = last.partition("=")
    return (name, category) if category else ("", "")


@cache
def _estimates(
    reference: Reference,
    table: str,
    design: Design,
    statistic: str,
    variables: tuple[str, ...],
    denominator: str | None,
    by: str,
    options: tuple[tuple[str, object], ...],
) -> pd.DataFrame:
    return estimate(
        reference.connection,
        f'"{table}"',
        design,
        statistic,
        variables,
        denominator=denominator,
        by=(by,) if by else (),
        **dict(options),
    )


def _proportion(ask: Ask, statistics: frozenset[str]) -> Values:
    percent = next((name[2:4] for name in sorted(statistics) if name.startswith("ci")), "95")
    found: Values = {}
    for theirs, ours in METHODS.items():
        row = ask.row("proportion", method=ours, level=int(percent) / 100)
        found |= {f"ci{percent}_low_{theirs}": row["low"], f"ci{percent}_high_{theirs}": row["high"]}
    variance = row["se"] ** 2
    return found | {
        "error": row["value"],
        "estimate": row["value"],
        "se": row["se"],
        "df": row["df"],
        "n_unweighted": row["n"],
        "n_eff_svyciprop": row["value"] * (1 - row["value"]) / variance if variance else math.nan,
    }


def _quantile(ask: Ask) -> Values:
    if ask.key.estimator.startswith("median"):
        row = ask.row("quantile", probability=0.5)
        return {"estimate": row["value"], "ci95_low": row["low"], "ci95_high": row["high"], "n": row["n"]}
    rule, method = ask.key.estimator.removeprefix("quantile[").removesuffix("]").split(",")
    if rule != "math":
        return {}
    probability = float((ask.key.x or ask.key.domain).removeprefix("p="))
    row = ask.row("quantile", probability=probability, method=QUANTILE_METHODS[method])
    return {"estimate": row["value"], "se": row["se"], "ci95_low": row["low"], "ci95_high": row["high"]}


def _contrast(reference: Reference, key: Key) -> Values:
    rows, matrix = covariance(reference.connection, "apistrat", STRATIFIED, "mean", [key.y, key.x])
    new, old = rows["value"]
    difference = key.case == "A8_paired_diff"
    slope = np.array([1.0, -1.0]) if difference else 100 * np.array([1 / old, -new / old**2])
    value, se, df = (
        new - old if difference else 100 * (new / old - 1),
        math.sqrt(slope @ matrix @ slope),
        float(rows["df"].iloc[0]),
    )
    t, z = float(student_quantile(0.975, np.array([df]))[0]), NormalDist().inv_cdf(0.975)
    bounds = {
        f"ci95_{side}_{name}": value + sign * quantile * se
        for side, sign in (("low", -1), ("high", 1))
        for name, quantile in (("t", t), ("z", z))
    }
    return {"estimate": value, "se": se, "cv": se / value, "df": df} | bounds


WAVES = {"wave": "vague", "before": 2025, "after": 2026}


def _changed(reference: Reference, key: Key) -> Values:
    designs = {
        "E7_change_indep_fpc": BAROMETER,
        "E7_change_indep_nofpc": Design(weight="w0", stratum="strate"),
        "E8_change_overlap": STACKED,
    }
    by, category = _by(key)
    found = _changes(reference, designs[key.case], key.y if key.x else "", key.x, by)
    rows = found[(found["variable"] == key.y) & (found[by].eq(category) if by else True)]
    assert len(rows) == 1, (key, len(rows))
    names = {"estimate": "value", "p_two_sided": "p", "ci95_low_z": "low", "ci95_high_z": "high", "se": "se", "z": "z"}
    values = {theirs: float(rows.iloc[0][ours]) for theirs, ours in names.items()}
    return values | ({"cov": _overlap(reference, key)} if key.case.startswith("E8") else {})


@cache
def _changes(reference: Reference, design: Design, y: str, x: str, by: str) -> pd.DataFrame:
    """Of one ratio, or of all the barriers' shares."""
    asked = {"statistic": "ratio", "denominator": x} if x else {}
    variables = (y,) if x else BARRIERS
    return changes(reference.connection, "stacked", design, variables, by=(by,) if by else (), **asked, **WAVES)


def _overlap(reference: Reference, key: Key) -> float:
    """The covariance of the two waves' estimates."""
    by, category = _by(key)
    statistic, denominator = ("ratio", key.x) if key.x else ("proportion", None)
    names = (key.y,) if key.x else BARRIERS
    rows, matrix = _covariances(reference, statistic, names, denominator, by)
    chosen = rows["variable"] == key.y
    if by:
        chosen &= rows[by] == category
    old, new = (int(np.flatnonzero(chosen & (rows["vague"] == year))[0]) for year in (2025, 2026))
    return float(matrix[old, new])


def _matched(reference: Reference, key: Key) -> Values:
    top, bottom = key.y.split("/")
    (row,) = panel_changes(
        reference.connection, "stacked", Design(cluster="id"), top, statistic="ratio", denominator=bottom, **WAVES
    ).itertuples()
    return {"n": row.n, "median_diff": row.median, "n_up": row.up, "n_down": row.down, "sign_test_p": row.sign_p}


def _ranked(reference: Reference, key: Key) -> Values:
    rows, matrix = barriers(reference)
    found = rank_intervals(rows["value"], matrix, adjusted=key.estimator.endswith("holm"))
    rank, low, high = found.iloc[BARRIERS.index(key.y)]
    return {"rank": rank, "rank_low": low, "rank_high": high}


@cache
def _covariances(
    reference: Reference, statistic: str, names: tuple[str, ...], denominator: str | None, by: str
) -> tuple[pd.DataFrame, np.ndarray]:
    keys = ("vague", by) if by else ("vague",)
    return covariance(reference.connection, "stacked", STACKED, statistic, names, denominator=denominator, by=keys)


def _joint(reference: Reference, key: Key) -> Values:
    rows, matrix = barriers(reference)
    if key.estimator == "mean":
        return {"estimate": float(rows["value"][BARRIERS.index(key.y)])}
    return {"cov": matrix[BARRIERS.index(key.y), BARRIERS.index(key.x)]}


@cache
def barriers(reference: Reference) -> tuple[pd.DataFrame, np.ndarray]:
    complete = " AND ".join(f"{name} IS NOT NULL" for name in BARRIERS)
    return covariance(reference.connection, "barometre_2026", BAROMETER, "mean", BARRIERS, where=complete)


def explanation(key: Key, statistic: str, expected: float) -> tuple[str, str] | None:
    """The kind and the reason of a difference, where there is one."""
    if statistic.endswith("_likelihood"):
        return ABSENT, NOT_OFFERED["likelihood"]
    if key.estimator.startswith("quantile[") and "[math" not in key.estimator:
        return ABSENT, NOT_OFFERED["interpolated"]
    if key.case == "A9_jackknife":
        return ABSENT, NOT_OFFERED["jackknife"]
    if key.estimator.startswith("median of rates"):
        return (ABSENT, NOT_OFFERED["coverage"]) if statistic == "coverage" else (DIFFERENT, BY_DEFINITION["median"])
    if math.isnan(expected):
        return DIFFERENT, BY_DEFINITION["none in R"]
    if statistic.endswith("_logit") and min(abs(expected), abs(1 - expected)) < 1e-8:
        return DIFFERENT, BY_DEFINITION["logit"]
    if statistic not in {"estimate", "df", "n_unweighted"}:
        if key.case in {"B2_rake", "E5b_rake_se"}:
            return DIFFERENT, BY_DEFINITION["rake"]
        if key.case == "B8_trim":
            return DIFFERENT, BY_DEFINITION["trim"]
        if key.case in MARGINS and statistic.endswith("_beta") and key.domain != "all":
            return DIFFERENT, BY_DEFINITION["beta n"]
    return None


def _close(ours: float, expected: float, scale: float) -> bool:
    """`scale`: beside what a value of zero is zero."""
    if math.isnan(expected) or math.isnan(ours):
        return math.isnan(expected) and math.isnan(ours)
    return abs(ours - expected) <= TOLERANCE * max(abs(expected), scale)


def expected_rows(folder: Path) -> Iterator[tuple[Key, str, float]]:
    with (folder / "expected" / "expected.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = Key(*(row[name] for name in ("case", "data", "design", "estimator", "y", "x", "domain")))
            yield key, row["statistic"], float(row["value"]) if row["value"] else math.nan


def walk(folder: Path) -> dict[str, Tally]:
    """What became of every value, by case."""
    reference = Reference(folder)
    groups: dict[Key, Values] = defaultdict(dict)
    for key, statistic, value in expected_rows(folder):
        groups[key][statistic] = value
    tallies: dict[str, Tally] = defaultdict(Tally)
    for key, group in groups.items():
        tally = tallies[key.case]
        offered = key.case != "A9_jackknife"
        found = values(reference, key, frozenset(group)) if offered else {}
        for statistic, value in group.items():
            # a standard error that is zero but for the rounding is so beside its estimate
            scale = 1e-6 * abs(group.get("estimate", 0.0)) if statistic in {"se", "cv"} else 1e-8
            if statistic in found and _close(found[statistic], value, scale):
                tally.counts[EQUAL] += 1
                continue
            explained = explanation(key, statistic, value)
            if explained is None:
                tally.counts[UNEXPLAINED] += 1
                tally.unexplained.append(f"{key} {statistic}: {found.get(statistic)} instead of {value}")
            else:
                tally.counts[explained[0]] += 1
                tally.reasons[": ".join(explained)] += 1
    return dict(tallies)


def lines(tallies: dict[str, Tally]) -> Iterator[str]:
    kinds = (EQUAL, DIFFERENT, ABSENT, UNEXPLAINED)
    yield f"{'case':<24}" + "".join(f"{kind:>26}" for kind in kinds)
    for case, tally in tallies.items():
        yield f"{case:<24}" + "".join(f"{tally.counts[kind]:>26}" for kind in kinds)
    total: Counter[str] = sum((tally.counts for tally in tallies.values()), Counter())
    yield f"{'all':<24}" + "".join(f"{total[kind]:>26}" for kind in kinds)
    reasons: Counter[str] = sum((tally.reasons for tally in tallies.values()), Counter())
    yield from (f"{count:>6}  {reason}" for reason, count in reasons.most_common())
    for tally in tallies.values():
        yield from tally.unexplained


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not folder.exists():
        sys.exit(f"the reference cases are not there: {folder}")
    tallies = walk(folder)
    print("\n".join(lines(tallies)))
    sys.exit(any(tally.unexplained for tally in tallies.values()))


if __name__ == "__main__":
    main()
