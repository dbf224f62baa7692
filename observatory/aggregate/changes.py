"""What changed since the previous edition: which shares are compared, and how sure their differences are.

Belongs here: the answers of two editions put one under the other, for the shares that lineage allows. Does not belong
here: how a change is estimated (comparison.py), which lineage allows one (catalogue.py).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import duckdb
import numpy as np
import pandas as pd

from observatory.aggregate import catalogue
from observatory.aggregate.answers import Answers, answers, domain, ticks, variable
from observatory.aggregate.comparison import changes, holm, panel_changes
from observatory.aggregate.stacked import WAVE, Wave, stack
from observatory.editions.model import Audience, Edition

CHANGES = {
    "indicator": "str",
    "breakdown": "str",
    "category": "str",
    "option": "str",
    "before": "float64",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "significant": "boolean",
    "n": "float64",
    "apart": "float64",
}
"""A row: one share of both editions, as a difference with its interval. `significant` after Holm's correction across
the options of the question in that domain, missing without a test. `breakdown` "panel": among the organisations of both
editions, `n` of them; `apart` is the least number of respondents of one edition only, where there are any."""

PANEL = ("panel", "constant")
"""The breakdown and the category of the constant panel. No question has this name: a breakdown is a choice question."""

LEVEL = 0.95

MOST_NUMBERS = 20_000_000  # answers that are compared at once


def changes_since(
    connection: duckdb.DuckDBPyConnection, edition: Edition, previous: Edition, pairs: pd.DataFrame
) -> pd.DataFrame:
    """The changes of the comparable pairs of `catalogue.changes`, with the columns CHANGES.

    No rows for an audience whose earlier answers are no longer in the workspace.
    """
    allowed = pairs[pairs["comparable"]]
    parts = [
        part
        for audience in edition.audiences
        if _kept(connection, previous, audience)
        for part in _of_audience(connection, edition, previous, audience, allowed)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CHANGES))


def _of_audience(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    previous: Edition,
    audience: Audience,
    allowed: pd.DataFrame,
) -> Iterable[pd.DataFrame]:
    selected = [item for item in catalogue.of_audience(edition, audience) if item.id in set(allowed["indicator"])]
    allowed = allowed[allowed["indicator"].isin([item.id for item in selected])]
    ancestors = dict(zip(allowed["indicator"], allowed["previous_indicator"], strict=True))
    earlier = {item.id: item for item in previous.indicators}
    now = ticks(edition, selected)
    before = {
        variable(item.id, name.split("|", 1)[1]): sql
        for item in selected
        for name, sql in ticks(previous, [earlier[ancestors[item.id]]]).items()
    }
    shared = [name for name in now if name in before]
    if not shared:
        return
    waves = [
        _wave(answers(connection, known, audience, f"answers_{place}", columns), known.name)
        for place, known, columns in (("before", previous, before), ("after", edition, now))
    ]
    table, design = stack(connection, "answers_of_both", *waves)
    asked = {domain(name): name for name in allowed["breakdown"].unique() if name}
    last, this = previous.name, edition.name
    wanted = set(zip(allowed["indicator"], allowed["breakdown"], strict=True))
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    for names in _together(shared, max(1, MOST_NUMBERS // max(1, rows))):
        found = changes(
            connection, table, design, names, wave=WAVE, before=last, after=this, breakdowns=list(asked), level=LEVEL
        )
        found = found.assign(**_places(found), breakdown=found["breakdown"].map(lambda column: asked.get(column, "")))
        found = found[[place in wanted for place in zip(found["indicator"], found["breakdown"], strict=True)]]
        yield _tested(found.assign(n=found[["n_before", "n_after"]].min(axis=1), apart=math.nan))
        overall = found[found["breakdown"] == ""]
        panel = panel_changes(connection, table, design, names, wave=WAVE, before=last, after=this, level=LEVEL)
        others = overall[["n_before", "n_after"]].reset_index(drop=True).sub(panel["n"], axis=0)
        apart = others.where(others > 0).min(axis=1)
        yield _tested(panel.assign(**_places(panel), breakdown=PANEL[0], category=PANEL[1], apart=apart))


def _together(variables: list[str], most: int) -> Iterable[list[str]]:
    """The variables in portions of about so many; a question's options are tested together and never parted."""
    portion: list[str] = []
    for _, of_question in itertools.groupby(variables, key=lambda name: name.split("|")[0]):
        options = list(of_question)
        if portion and len(portion) + len(options) > most:
            yield portion
            portion = []
        portion += options
    if portion:
        yield portion


def _places(found: pd.DataFrame) -> dict[str, pd.Series[str]]:
    names = found["variable"].str.split("|", n=1, expand=True)
    return {"indicator": names[0], "option": names[1]}


def _wave(known: Answers, name: str) -> Wave:
    """The answers with the columns of weights, where none are known."""
    none = "" if known.weighting.known else ", 1.0 AS weight, 1.0 AS initial_weight, '' AS stratum, NULL AS population"
    return Wave(name, f"(SELECT *{none} FROM {known.table})")


def _tested(found: pd.DataFrame) -> pd.DataFrame:
    """The rows with the columns CHANGES, significant or not after Holm's correction across a question's options."""
    rows = found.dropna(subset=["value", "category"]).copy()
    # Where no answer differs, nothing is known of how surely: the interval of no width is R's, and is not told.
    rows.loc[rows["se"] == 0, ["low", "high", "p"]] = math.nan
    adjusted = np.full(len(rows), np.nan)
    for of_question in rows.groupby(["indicator", "breakdown", "category"], sort=False).indices.values():
        adjusted[of_question] = holm(rows["p"].to_numpy(dtype=float)[of_question])
    significant = pd.array(adjusted < 1 - LEVEL, dtype="boolean")
    significant[np.isnan(adjusted)] = pd.NA
    return rows.assign(significant=significant)[list(CHANGES)].astype(CHANGES)


def _kept(connection: duckdb.DuckDBPyConnection, previous: Edition, audience: Audience) -> bool:
    query = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'validated' AND table_name = ?"
    return connection.execute(query, [f"{audience}_{previous.name}"]).fetchall() != []
