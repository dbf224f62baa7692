"""How the respondents of a table came into it, and what is asked of that table.

Belongs here: the names of the design's columns, what is refused in them, the strata, the
selection that every statement of an estimate starts from. Does not belong here: estimates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from observatory.aggregate.distributions import Floats
from observatory.database import quoted, statement
from observatory.problems import Problem, ProblemsError

PACKAGE = "observatory.aggregate"

NUMBERS = frozenset(
    ["boolean", "float", "double", "decimal"]
    + [f"{sign}{size}int" for sign in ("", "u") for size in ("tiny", "small", "big", "huge")]
    + ["integer", "uinteger"]
)  # what DuckDB calls the kinds of columns that stand for a number

Lonely = Literal["adjust", "remove", "average", "fail"]


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
    lonely: Lonely = "adjust"
    calibration: tuple[str, ...] = ()
    initial_weight: str | None = None

    def __post_init__(self) -> None:
        if self.lonely not in ("adjust", "remove", "average", "fail"):
            raise ValueError(f"lonely is adjust, remove, average or fail, not {self.lonely!r}")
        object.__setattr__(self, "calibration", tuple(self.calibration))
        if self.calibration and (self.weight is None or self.initial_weight is None):
            raise ValueError("calibrated weights need the names of the weight and of the initial weight")
        if self.calibration and self.lonely == "average":
            raise ValueError("lonely='average' is not defined for calibrated weights")


@dataclass(frozen=True)
class Asked:
    """A question to a table, with the pieces of SQL that its statements have in common."""

    connection: duckdb.DuckDBPyConnection
    table: str
    design: Design
    statistic: str
    variables: tuple[str, ...]
    denominators: tuple[str, ...]
    by: tuple[str, ...]
    where: str | None
    kinds: Mapping[str, str]
    """DuckDB's types of the table's columns, whose names are in small letters."""

    def sample(self, *, numbered: bool = False, answers: bool = True) -> str:
        """The selection of what is needed of the table, under names of its own: each row a unit where `numbered`,
        without the variables and domains unless `answers`."""
        unit = {"unit": "row_number() OVER ()"} if numbered and self.design.cluster is None else {}
        columns = self.units | unit
        if answers:
            columns |= {"inside": "true" if self.where is None else f"coalesce({self.condition}, false)"}
            columns |= {"x": self.x} if len(self.denominators) < 2 else self.several
            columns |= self.domain_columns
            columns |= {f"y{i}": _number(name) for i, name in enumerate(self.variables)}
        return f"SELECT {named(columns)} FROM {self.table}"

    @property
    def units(self) -> dict[str, str]:
        """What the statements call the design's columns: an expression over the table each."""
        design = self.design
        weight = "1.0" if design.weight is None else _number(design.weight)
        return {
            "weight": weight,
            "initial": weight if design.initial_weight is None else _number(design.initial_weight),
            "stratum": "0" if design.stratum is None else quoted(design.stratum),
            "unit": "0" if design.cluster is None else quoted(design.cluster),
            "population": "CAST(NULL AS DOUBLE)" if design.population is None else _number(design.population),
            **{f"m{j}": _number(name) for j, name in enumerate(design.calibration)},
        }

    @property
    def domain_columns(self) -> dict[str, str]:
        return {key: quoted(name) for key, name in zip(self.keys, self.by, strict=True)}

    @property
    def x(self) -> str:
        """The denominator of a ratio, the same of all variables."""
        return _number(self.denominators[0]) if self.denominators else "1.0"

    @property
    def several(self) -> dict[str, str]:
        """The denominators, where each variable has its own."""
        return {f"x{i}": _number(name) for i, name in enumerate(self.denominators)}

    def of_answers(self, variables: range) -> str:
        """The denominator of each of these variables, in rows that hold one variable each."""
        if len(self.denominators) < 2:
            return self.x
        return f"unnest([{', '.join(_number(self.denominators[i]) for i in variables)}])"

    @property
    def condition(self) -> str:
        """What the respondents of the estimates meet; on lines of its own, as it may end in a comment."""
        return "true" if self.where is None else f"(\n{self.where}\n)"

    def values(self, variables: range) -> str:
        """These variables of a respondent as a list of numbers. Columns of one kind are cast together, which is half
        the work of planning a statement over hundreds of them; of several kinds, a list would lose their digits."""
        names = [self.variables[i] for i in variables]
        if len({self.kinds[name.lower()] for name in names}) == 1:
            return f"CAST([{', '.join(map(quoted, names))}] AS DOUBLE[])"
        return f"[{', '.join(map(_number, names))}]"

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the columns of domains in the statements."""
        return tuple(f"key{i}" for i in range(len(self.by)))

    @property
    def margins(self) -> range:
        return range(len(self.design.calibration))

    @property
    def domains(self) -> str:
        """One row a domain, numbered in the order of its categories."""
        if not self.by:
            return "SELECT 0 AS domain"
        names = ", ".join(self.keys)
        return (
            f"SELECT row_number() OVER (ORDER BY {names}) - 1 AS domain, {names} "
            f"FROM (SELECT DISTINCT {names} FROM estimation_sample WHERE inside AND weight > 0)"
        )

    @property
    def same_domain(self) -> str:
        return (
            " AND ".join(f"estimation_sample.{key} IS NOT DISTINCT FROM domains.{key}" for key in self.keys) or "true"
        )


def named(columns: Mapping[str, str]) -> str:
    """Expressions by the name they get, as a list of a selection."""
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _number(name: str) -> str:
    return f"CAST({quoted(name)} AS DOUBLE)"


@dataclass(frozen=True)
class Strata:
    """The strata of the whole sample, one element each: what the squares of a stratum's scores are multiplied by
    (`factor`), what share of the square of their sum is taken off them (`centring`), the share of the population that
    was not asked (`remaining`); one row each, the averages of the variables, then of the denominators; and the number
    of rows of the sample."""

    names: pd.Index
    factor: Floats
    centring: Floats
    remaining: Floats
    averages: Floats
    rows: int

    def places(self, names: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
        """Which of the strata these are."""
        return self.names.get_indexer(pd.Index(names, dtype=names.dtype))


def kinds(connection: duckdb.DuckDBPyConnection, table: str, where: str | None) -> dict[str, str]:
    """DuckDB's types of the columns, by name in small letters. The condition is tried here, where it can only mean
    columns of the table."""
    met = "" if where is None else f"WHERE (\n{where}\n)"
    described = connection.execute(f"SELECT * FROM {table} {met} LIMIT 0").description or []
    return {str(column[0]).lower(): str(column[1]).lower() for column in described}


def strata(asked: Asked) -> Strata:
    """Raises ProblemsError where the table's columns can't be estimated with."""
    _check_columns(asked)
    design = asked.design
    averaged = []
    if asked.statistic in {"mean", "ratio"}:
        averaged = [f"y{i}" for i in range(len(asked.variables))]
        averaged += list(asked.several) if len(asked.denominators) > 1 else ["x"]
    text = statement(
        PACKAGE,
        "estimation_strata",
        sums=named(_stratum_sums(asked) | {f"average_{name}": f"avg({name})" for name in averaged}),
        sample=asked.sample(answers=bool(averaged)),
    )
    found = {name: np.ma.getdata(values) for name, values in asked.connection.execute(text).fetchnumpy().items()}
    names = found["stratum"]
    found.setdefault("units", found["rows"])
    _check_design(asked, found)
    units = found["units"].astype(float)
    remaining = np.ones(len(names))
    if design.population is not None:
        remaining = 1 - units / found["population"].astype(float)
    lonely = {"adjust": remaining, "remove": np.zeros(len(names))}.get(design.lonely, np.full(len(names), np.nan))
    several = units > 1
    return Strata(
        names=pd.Index(names, dtype=names.dtype),
        factor=np.where(several, remaining * units / np.where(several, units - 1, 1), lonely),
        centring=np.where(several, 1 / units, 0.0),
        remaining=remaining,
        rows=int(found["rows"].sum()),
        averages=np.array([found[f"average_{name}"] for name in averaged], dtype=float),
    )


def _stratum_sums(asked: Asked) -> dict[str, str]:
    """What is counted and added up in each stratum: no more than the design needs, as each sum costs the planner."""
    design = asked.design
    positive = "count(*) FILTER ({0} >= 0 AND isfinite({0}))"
    sums = {"rows": "count(*)"}
    sums |= {} if design.weight is None else {"with_weight": positive.format("weight")}
    sums |= {} if design.initial_weight is None else {"with_initial": positive.format("initial")}
    sums |= {} if design.stratum is None else {"with_stratum": "count(stratum)"}
    sums |= {} if design.cluster is None else {"with_unit": "count(unit)", "units": "count(DISTINCT unit)"}
    if design.population is not None:
        sums |= {"with_population": "count(population)", "population": "min(population)", "most": "max(population)"}
    if margin := " AND ".join(f"isfinite(m{j})" for j in asked.margins):
        sums |= {"with_margin": f"count(*) FILTER ({margin})"}
    return sums


def _check_columns(asked: Asked) -> None:
    """Before any value is read: DuckDB's own refusal of a text would show it."""
    design = asked.design
    numbers = (*asked.variables, *asked.denominators, design.weight, design.population, design.initial_weight)
    numeric = dict.fromkeys((*numbers, *design.calibration))
    wanted = numeric | dict.fromkeys((*asked.by, design.stratum, design.cluster))
    refused = []
    for name in wanted:
        kind = None if name is None else asked.kinds.get(name.lower(), "").partition("(")[0] or None
        if name is not None and kind is None:
            refused.append((name, "une colonne absente", "une colonne de la table", "corrigez le nom demandé"))
        elif name in numeric and kind is not None and kind not in NUMBERS:
            refused.append((str(name), "une colonne qui n'est pas numérique", "des nombres", "convertissez la colonne"))
    if refused:
        refuse(asked, refused)


def _check_design(asked: Asked, found: Mapping[str, npt.NDArray[Any]]) -> None:
    design = asked.design
    mend = "complétez ou corrigez cette colonne"
    weight = "un nombre positif ou nul pour chaque répondant"
    calibration = ", ".join(design.calibration) or None
    checks = (
        ("with_weight", design.weight, "poids manquants ou négatifs", weight),
        ("with_initial", design.initial_weight, "poids initiaux manquants ou négatifs", weight),
        ("with_stratum", design.stratum, "répondants sans strate", "une strate pour chaque répondant"),
        ("with_unit", design.cluster, "répondants sans grappe", "une grappe pour chaque répondant"),
        (
            "with_population",
            design.population,
            "répondants sans effectif de strate",
            "un effectif pour chaque répondant",
        ),
        ("with_margin", calibration, "marges de calage manquantes", "un nombre pour chaque répondant"),
    )
    refused = [
        (column, f"{what} : {count}", expected, mend)
        for name, column, what, expected in checks
        if column is not None and (count := int(found["rows"].sum() - found[name].sum()))
    ]
    if design.population is not None:
        if several := int((found["population"] < found["most"]).sum()):
            refused.append(
                (design.population, f"strates à plusieurs effectifs : {several}", "un seul effectif par strate", mend)
            )
        if small := int((found["units"] > found["most"]).sum()):
            asking = "un effectif de strate au moins égal au nombre de ses répondants"
            refused.append((design.population, f"strates plus petites que leur échantillon : {small}", asking, mend))
    if design.lonely == "fail" and (lonely := int((found["units"] == 1).sum())):
        refused.append(
            (
                design.stratum or "",
                f"strates d'une seule unité : {lonely}",
                "au moins deux unités par strate",
                "regroupez cette strate avec une autre",
            )
        )
    if refused:
        refuse(asked, refused)


def refuse(asked: Asked, refused: Iterable[tuple[str, str, str, str]]) -> NoReturn:
    """Each: column, what was found, what was expected, what to do."""
    raise ProblemsError(
        Problem(file=asked.table, column=column, found=found, expected=expected, action=action)
        for column, found, expected, action in refused
    )
