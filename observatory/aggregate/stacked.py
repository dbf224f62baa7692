"""The stacked file of two waves of a survey.

Belongs here: making one table of two editions' answers, checking and reading what a comparison needs of it. Does not
belong here: estimates and comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from observatory.aggregate.distributions import Floats
from observatory.aggregate.survey_design import PACKAGE, Asked, Design, refuse, strata
from observatory.aggregate.weighting import AUXILIARY
from observatory.database import quoted, statement
from observatory.problems import ProblemsError

WAVE = "wave__"
"""The column of a stacked table that says which wave a row is of. No question and no option has such a name."""

_LATE = "late__"

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Wave:
    """The answers of one edition: `table` is what stands after FROM.

    Its columns: respondent, firm (missing where unknown), weight, initial_weight, stratum, population, those of the
    calibration (`auxiliary__…`), and any others, which are kept.
    """

    name: str
    table: str


def stack(connection: duckdb.DuckDBPyConnection, name: str, before: Wave, after: Wave) -> tuple[str, Design]:
    """Make the temporary table `name` of both waves; what stands after FROM to read it, and its design.

    The column WAVE holds the wave's name. A respondent whose firm is unknown is a firm of its own, in its wave only. A
    column that one wave lacks is missing there. Each wave's calibration keeps columns of its own, zero in the other
    wave: as weights were calibrated wave by wave, so are the residuals taken.
    """
    if before.name == after.name:
        raise ValueError("two waves have two names")
    parts, auxiliary, populations = [], [], 0
    for side, wave in (("before", before), ("after", after)):
        described = connection.execute(f"SELECT * FROM {wave.table} LIMIT 0").description or []
        own = [str(column[0]) for column in described if str(column[0]).startswith(AUXILIARY)]
        renamed = ", ".join(f"{quoted(column)} AS {quoted(f'{side}__{column}')}" for column in own)
        label = _text(wave.name)
        replaced = f"coalesce(CAST(firm AS VARCHAR), {label} || ' ' || CAST(respondent AS VARCHAR)) AS firm"
        kept = f"EXCLUDE ({', '.join(map(quoted, own))})" if own else ""
        parts.append(
            f"SELECT * {kept} REPLACE ({replaced}){', ' + renamed if own else ''}, {label} AS {WAVE} FROM {wave.table}"
        )
        auxiliary += [f"{side}__{column}" for column in own]
        populations += connection.execute(f"SELECT count(population) FROM {wave.table}").fetchall()[0][0]
    filled = ", ".join(f"coalesce({quoted(column)}, 0.0) AS {quoted(column)}" for column in auxiliary)
    text = statement(
        PACKAGE,
        "stacked_waves",
        filled=f"REPLACE ({filled})" if filled else "",
        before=parts[0],
        after=parts[1],
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {text}")
    return quoted(name), Design(
        weight="weight",
        stratum="stratum",
        population="population" if populations else None,
        cluster="firm",
        calibration=tuple(auxiliary),
        initial_weight="initial_weight",
    )


@dataclass(frozen=True)
class Rows:
    """The respondents of both waves, in the order of their units, which are in that of their strata.

    `unit`, `firm`, `stratum` and `domain` are numbers from 0; `domain` has a row for each group of domains, and is -1
    outside of them; `values` and `margins` have a column for each variable and each margin of the calibration.
    """

    late: npt.NDArray[np.bool_]
    unit: Places
    firm: Places
    stratum: Places
    domain: Places
    weight: Floats
    initial: Floats
    x: Floats
    population: Floats
    values: Floats
    margins: Floats


@dataclass(frozen=True)
class Domains:
    """`columns`: what the results say of each; `places`: its group and its number in the group."""

    columns: pd.DataFrame
    places: list[tuple[int, int]]


def read(asked: Asked, wave: str, before: object, after: object, *, apart: bool) -> tuple[Rows, Domains]:
    """The respondents of these two values of the column `wave`, and the domains: those of all the keys together, or
    the whole and those of each key `apart`.

    Raises ProblemsError where the table's columns can't be compared with.
    """
    design = asked.design
    described = asked.connection.execute(f"SELECT * FROM {asked.table} LIMIT 0").description or []
    there = {str(column[0]).lower() for column in described}
    absent = [name for name in (wave, design.population) if name is not None and name.lower() not in there]
    if absent:
        expected, mend = "une colonne de la table", "corrigez le nom demandé"
        refuse(asked, [(name, "une colonne absente", expected, mend) for name in absent])
    late = f"CAST({quoted(wave)} AS VARCHAR) = {_text(after)}"
    waves = f"CAST({quoted(wave)} AS VARCHAR) IN ({_text(before)}, {_text(after)})"
    both = replace(asked, table=f"(SELECT *, {late} AS {_LATE} FROM {asked.table} WHERE {waves})")
    for side, known in zip(("NOT ", ""), _population_known(both), strict=True):
        # each wave is checked as a sample of its own: its populations are its own
        table = f"(SELECT * FROM {both.table} WHERE {side}{_LATE})"
        own = design if known else replace(design, population=None)
        try:
            strata(replace(asked, table=table, design=own))
        except ProblemsError as error:
            raise ProblemsError(replace(problem, file=asked.table) for problem in error.problems) from None
    rows, domains = _rows(both, apart=apart)
    if asked.statistic == "proportion":
        _check_proportions(asked, rows)
    return rows, domains


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _population_known(asked: Asked) -> tuple[bool, bool]:
    """Of the earlier and of the later wave."""
    if asked.design.population is None:
        return False, False
    population = quoted(asked.design.population)
    counted = ", ".join(f"count({population}) FILTER ({side}{_LATE})" for side in ("NOT ", ""))
    before, after = asked.connection.execute(f"SELECT {counted} FROM {asked.table}").fetchall()[0]
    return before > 0, after > 0


def _rows(asked: Asked, *, apart: bool) -> tuple[Rows, Domains]:
    count = len(asked.variables)
    named = [f"y{i}" for i in range(count)] + [f"m{j}" for j in asked.margins]
    keys = [f"CAST({key} AS VARCHAR) AS {key}" if apart else key for key in asked.keys]
    text = statement(
        PACKAGE,
        "stacked_rows",
        keys="".join(f", {key}" for key in keys),
        numbers="".join(f", {name}" for name in named),
        sample=asked.sample(numbered=True).replace("SELECT ", f"SELECT {_LATE} AS late, ", 1),
    )
    found = asked.connection.execute(text).df()
    stratum, firm = _numbered([found["stratum"]]), _numbered([found["unit"]])
    unit = _numbered([stratum, firm])
    order = np.argsort(unit, kind="stable")
    numbers = found[named].to_numpy(dtype=float)[order]
    found = found.drop(columns=named).iloc[order]
    domain, domains = _domains(asked, found, apart=apart)
    floats = {name: found[name].to_numpy(dtype=float) for name in ("weight", "initial", "x", "population")}
    return Rows(
        late=found["late"].to_numpy(dtype=bool),
        unit=unit[order],
        firm=firm[order],
        stratum=stratum[order],
        domain=domain,
        weight=floats["weight"],
        initial=floats["initial"],
        x=floats["x"],
        population=floats["population"],
        values=numbers[:, :count],
        margins=numbers[:, count:],
    ), domains


def _numbered(columns: Sequence[pd.Series | Places]) -> Places:
    """The place of each row's combination of values in their order, missing ones last."""
    places = np.zeros(len(columns[0]), dtype=np.intp)
    for column in columns:
        codes = pd.factorize(column, sort=True)[0]
        codes = np.where(codes < 0, codes.max(initial=-1) + 1, codes)
        places = pd.factorize(places * (codes.max(initial=0) + 1) + codes, sort=True)[0]
    return places


def _domains(asked: Asked, found: pd.DataFrame, *, apart: bool) -> tuple[Places, Domains]:
    """The place of each row in each group of domains, -1 outside of them; the domains."""
    inside = found["inside"].to_numpy(dtype=bool)
    groups = [(), *((key,) for key in asked.keys)] if apart else [asked.keys]
    domain, frames, places = np.full((len(groups), len(found)), -1), [], []
    for group, keys in enumerate(groups):
        met = inside & found[list(keys)].notna().all(axis=1).to_numpy() if apart else inside
        if not keys:
            domain[group, met] = 0
            frames.append(pd.DataFrame({"breakdown": [""], "category": [""]} if apart else {}, index=[0]))
        else:
            domain[group, met] = _numbered([found.loc[met, key] for key in keys])
            first = np.unique(domain[group, met], return_index=True)[1]
            names = dict(zip(keys, ["category"] if apart else asked.by, strict=True))
            frame = found.loc[met, list(keys)].iloc[first].rename(columns=names)
            if apart:
                frame.insert(0, "breakdown", asked.by[group - 1])
            frames.append(frame)
        places += [(group, place) for place in range(len(frames[-1]))]
    return domain, Domains(pd.concat(frames, ignore_index=True), places)


def _check_proportions(asked: Asked, rows: Rows) -> None:
    inside = rows.values[(rows.domain[0] >= 0) & (rows.weight > 0)]
    others = (~np.isnan(inside) & (inside != 0) & (inside != 1)).sum(axis=0)
    if others.any():
        mend = "demandez une moyenne, ou corrigez cette colonne"
        refuse(
            asked,
            [
                (name, f"valeurs autres que 0 et 1 : {count}", "0, 1 ou une case vide", mend)
                for name, count in zip(asked.variables, others.tolist(), strict=True)
                if count
            ],
        )
