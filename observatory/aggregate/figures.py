"""The table of figures: its columns, how it is measured and masked.

Belongs here: from the validated tables of an edition to `figures.published`. Does not
belong here: reading files, drawing, wording.

Tables made here, for each edition, replaced as a whole:
`aggregates.shares_<edition>` and `aggregates.volumes_<edition>`, unmasked, one row a measure;
`figures.published`, one row a figure of one run, masked: what everything published reads.
"""

from __future__ import annotations

import hashlib

import duckdb
import pandas as pd

from observatory.aggregate import catalogue
from observatory.database import quoted, statement
from observatory.editions.columns import option_column, state_column
from observatory.editions.expressions import condition
from observatory.editions.model import NUMERIC_TYPES, Audience, Edition, Indicator

PACKAGE = "observatory.aggregate"

ONE_CHOICE_TYPES = frozenset({"single", "likert", "bracket"})
SHARE_QUERIES = ("respondents", "shares")
VOLUME_QUERIES = ("amounts", "growths", "rates")


def measure(connection: duckdb.DuckDBPyConnection, edition: Edition, name: str, queries: tuple[str, ...]) -> int:
    """Run these statements for every audience into `aggregates.<name>_<edition>`; returns its number of rows.

    The validated tables of all the edition's audiences must exist.
    """
    table = f"aggregates.{quoted(f'{name}_{edition.name}')}"
    parts: list[str] = []
    for audience in edition.audiences:
        _prepare(connection, edition, audience)
        for query in queries:
            part = f"{query}_{audience}"
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {part} AS {statement(PACKAGE, query)}")
            parts.append(part)
    union = " UNION ALL ".join(f"SELECT * FROM {part}" for part in parts)
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS {union}")
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _prepare(connection: duckdb.DuckDBPyConnection, edition: Edition, audience: Audience) -> None:
    """Long tables of one audience's answers, and what is asked of them."""
    selected = catalogue.of_audience(edition, audience)
    answers = f"validated.{quoted(f'{audience}_{edition.name}')}"
    _register(connection, "indicator_statistics", catalogue.statistics(selected))
    _register(connection, "indicator_domains", catalogue.domains(edition, selected))
    _register(connection, "indicator_options", catalogue.options(edition, selected))
    _register(connection, "indicator_amounts", catalogue.amounts(edition, selected))
    _register(connection, "indicator_growths", catalogue.growths(edition, selected))
    _register(connection, "indicator_rates", catalogue.rates(edition, selected))
    _register(connection, "indicator_respondents", catalogue.respondents(edition, selected))
    questions = [q for q in edition.questionnaires[audience].questions if not q.personal]
    several = {
        option_column(q.id, choice.code): quoted(option_column(q.id, choice.code))
        if q.type == "multiple"
        else f"({quoted(option_column(q.id, choice.code))} IS NOT NULL)"
        for q in questions
        if q.type in {"multiple", "ranking"}
        for choice in edition.choices(q)
    }
    states = _columns("states", "VARCHAR", {state_column(q.id): quoted(state_column(q.id)) for q in questions})
    one = _columns("one", "VARCHAR", {q.id: quoted(q.id) for q in questions if q.type in ONE_CHOICE_TYPES})
    numbers = _columns("numbers", "DOUBLE", {q.id: quoted(q.id) for q in questions if q.type in NUMERIC_TYPES})
    ticks = _columns("several", "BOOLEAN", several) | one
    connection.execute(statement(PACKAGE, "respondent_states", answers=answers, **states))
    connection.execute(statement(PACKAGE, "respondent_ticks", answers=answers, **ticks))
    connection.execute(statement(PACKAGE, "respondent_amounts", answers=answers, **numbers))
    connection.execute(statement(PACKAGE, "respondent_domains", answers=answers))
    _members(connection, edition, audience, selected, answers)


def _columns(placeholder: str, kind: str, columns: dict[str, str]) -> dict[str, str]:
    """The two texts a statement needs to turn columns into rows: what to select and its names.

    UNPIVOT needs a column: where the questionnaire has none, one without values stands in.
    """
    given = columns or {"no_column": f"CAST(NULL AS {kind})"}
    return {
        placeholder: ", ".join(f"{value} AS {quoted(name)}" for name, value in given.items()),
        f"{placeholder}_names": ", ".join(quoted(name) for name in given),
    }


def _members(
    connection: duckdb.DuckDBPyConnection, edition: Edition, audience: Audience, selected: list[Indicator], answers: str
) -> None:
    """`indicator_members`: one row a respondent in the field of an indicator."""
    questionnaire = edition.questionnaires[audience]
    parts = []
    for item in selected:
        field = "true" if item.where is None else condition(item.where, questionnaire, edition).sql
        parts.append(f"SELECT '{item.id}' AS indicator, respondent FROM {answers} WHERE {field}")
    empty = f"SELECT '' AS indicator, respondent FROM {answers} WHERE false"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE indicator_members AS {' UNION ALL '.join(parts) if parts else empty}"
    )


def _register(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    connection.register("incoming", frame)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def figures(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    previous: Edition | None,
    previous_figures: pd.DataFrame,
    *,
    inputs: str,
    code: str,
) -> pd.DataFrame:
    """The masked figures of one edition, with the columns of the table of figures, sorted.

    `inputs` and `code` go into `provenance`.
    `previous_figures` are the published figures of the previous edition (no rows: no change is computed).
    """
    minimum = str(edition.config.thresholds.minimum_base)
    _register(connection, "indicators", catalogue.indicators(edition))
    pairs = pd.DataFrame(columns=["indicator", "breakdown", "previous_indicator", "comparable"], dtype="str")
    if previous is not None and not previous_figures.empty:
        pairs = catalogue.changes(edition, previous)
    _register(connection, "indicator_changes", pairs.astype({"comparable": "bool"}))
    _register(connection, "previous_figures", previous_figures)
    queries = (*SHARE_QUERIES, *VOLUME_QUERIES, "changes")
    _register(
        connection, "queries", pd.DataFrame([(query, _digest(query)) for query in queries], columns=["query", "digest"])
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE measured AS
        SELECT *, false AS broken, CAST(NULL AS VARCHAR) AS hidden_before
        FROM (
            FROM aggregates.{quoted(f"shares_{edition.name}")}
            UNION ALL FROM aggregates.{quoted(f"volumes_{edition.name}")}
        )"""
    )
    connection.execute(f"INSERT INTO measured {statement(PACKAGE, 'changes')}")
    for name, value in (("edition", edition.name), ("inputs", inputs), ("code", code)):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    low = str(edition.config.thresholds.low_base)
    return connection.execute(statement(PACKAGE, "figures", minimum_base=minimum, low_base=low)).df()


def _digest(query: str) -> str:
    return hashlib.sha256(statement(PACKAGE, query).encode()).hexdigest()[:8]
