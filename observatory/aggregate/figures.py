"""The table of figures: measures and changes, judged and masked.

Belongs here: from the measures of an edition to the rows of `figures.published`. Does not belong here: reading files,
estimating (measures.py, changes.py), drawing, wording.

Tables made for each edition, replaced as a whole:
`aggregates.shares_<edition>` and `aggregates.volumes_<edition>`, unmasked, one row a measure;
`figures.published`, one row a figure of one run, masked: what everything published reads.
"""

from __future__ import annotations

import hashlib

import duckdb
import pandas as pd

from observatory.aggregate import catalogue
from observatory.aggregate.changes import CHANGES, changes_since
from observatory.aggregate.targets import gaps
from observatory.database import quoted, statement
from observatory.editions.model import Edition

PACKAGE = "observatory.aggregate"

QUERIES = {
    "counts": ("counts", "measures"),
    "estimation_cells": ("estimation_strata", "estimation_cells", "measures"),
    "estimation_quantiles": ("estimation_strata", "estimation_quantiles", "measures"),
    "estimation_covariances": ("estimation_strata", "estimation_scores", "estimation_covariances", "measures"),
    "changes": ("changes",),
    "targets": ("targets",),
}
"""The statement that a figure is traced to, and all those that its value depends on."""


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
    pairs = pd.DataFrame(columns=["indicator", "breakdown", "previous_indicator", "comparable"], dtype="str")
    changed = pd.DataFrame(columns=list(CHANGES))
    before = pd.DataFrame(columns=["indicator", "option", "label"], dtype="str")
    if previous is not None and not previous_figures.empty:
        pairs = catalogue.changes(edition, previous)
        changed = changes_since(connection, edition, previous, pairs)
        before = catalogue.labels_before(previous)
    digests = pd.DataFrame([(name, _digest(parts)) for name, parts in QUERIES.items()], columns=["query", "digest"])
    registered = {
        "indicators": catalogue.indicators(edition),
        "queries": digests,
        "indicator_changes": pairs.astype({"comparable": "bool"}),
        "estimated_changes": changed.astype(CHANGES),
        "previous_figures": previous_figures,
        "labels_before": before,
        "targets": catalogue.targets(edition),
    }
    for name, frame in registered.items():
        connection.register(name, frame)
    limits = {name: str(value) for name, value in edition.config.thresholds.model_dump().items()}
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE measured AS
        SELECT
            *,
            false AS broken,
            CAST(NULL AS VARCHAR) AS hidden_before,
            false AS low_before,
            CAST(NULL AS BIGINT) AS apart,
            CASE WHEN statistic = 'change' THEN low > 0 OR high < 0 END AS significant
        FROM (
            FROM aggregates.{quoted(f"shares_{edition.name}")}
            UNION ALL FROM aggregates.{quoted(f"volumes_{edition.name}")}
        )"""
    )
    connection.execute(f"INSERT INTO measured BY NAME {statement(PACKAGE, 'changes', **limits)}")
    beside = gaps(edition, connection.execute(statement(PACKAGE, "targets")).df())
    if len(beside):
        connection.execute("INSERT INTO measured BY NAME SELECT * FROM beside")
    for name, value in (("edition", edition.name), ("inputs", inputs), ("code", code)):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    table = connection.execute(statement(PACKAGE, "figures", **limits)).df()
    for name in registered:
        connection.unregister(name)
    return table


def _digest(parts: tuple[str, ...]) -> str:
    text = "".join(statement(PACKAGE, part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
