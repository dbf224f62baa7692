"""How results and refusals are shown on Dagster's pages.

Belongs here: metadata and failures made from what `observatory` returns. Never an
answer: tables of individual answers are described by counts and columns only.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pandas as pd
from dagster import (
    Failure,
    MarkdownMetadataValue,
    MetadataValue,
    TableColumn,
    TableMetadataValue,
    TableRecord,
    TableSchema,
    TableSchemaMetadataValue,
)
from dagster._core.definitions.metadata import RawMetadataValue

from observatory.problems import Problem, ProblemsError

MOST_ROWS = 50
Metadata = Mapping[str, RawMetadataValue]


@contextmanager
def problems_as_failure() -> Iterator[None]:
    """Turn a refusal into a failed step that shows file, row, column and rule as a table."""
    try:
        yield
    except ProblemsError as error:
        raise Failure(
            description="\n\n".join(problem.render() for problem in error.problems[:MOST_ROWS]),
            metadata={"problèmes": problem_table(error.problems)},
            allow_retries=False,
        ) from error


def problem_table(problems: Sequence[Problem]) -> TableMetadataValue:
    """One row a problem: where, what was found, what was expected, what to do."""
    return table(
        [
            {
                "fichier": problem.file,
                "ligne": str(problem.line or problem.row or ""),
                "colonne": problem.column,
                "trouvé": problem.found,
                "attendu": problem.expected,
                "à faire": problem.action,
            }
            for problem in problems
        ]
    )


def table(rows: Sequence[Mapping[str, str]]) -> TableMetadataValue:
    """The first rows of any table that may be shown."""
    names = list(rows[0]) if rows else ["—"]
    schema = TableSchema(columns=[TableColumn(name) for name in names])
    return MetadataValue.table([TableRecord(dict(row)) for row in rows[:MOST_ROWS]], schema=schema)


def frame_table(frame: pd.DataFrame) -> TableMetadataValue:
    """The first rows of a frame that may be shown: figures, counts, places; never answers."""
    texts = frame.head(MOST_ROWS).astype("str")
    return table([{str(name): str(cell) for name, cell in row.items()} for row in texts.to_dict("records")])


def image(png: bytes, title: str) -> MarkdownMetadataValue:
    """A drawing of published figures."""
    return MetadataValue.md(f"![{title}](data:image/png;base64,{base64.b64encode(png).decode()})")


def shape(frame: pd.DataFrame) -> dict[str, RawMetadataValue]:
    """Row count and columns of a table, without one of its values."""
    columns = [TableColumn(str(name), str(kind)) for name, kind in frame.dtypes.items()]
    return {
        "dagster/row_count": len(frame),
        "dagster/column_schema": TableSchemaMetadataValue(TableSchema(columns=columns)),
    }


def text_shape(rows: int, columns: Sequence[str]) -> dict[str, RawMetadataValue]:
    """Row count and columns of a table of texts."""
    return {
        "dagster/row_count": rows,
        "dagster/column_schema": TableSchemaMetadataValue(TableSchema(columns=[TableColumn(name) for name in columns])),
    }
