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

_JUDGED = ("measures", "measured", "significant_digits", "figures")
_ESTIMATED = ("estimation_strata", "estimation_margins", "estimation_cell_margins", "dominances", *_JUDGED)
QUERIES = {
    "counts": ("counts", *_JUDGED),
    "estimation_cells": ("estimation_cells", *_ESTIMATED),
    "estimation_quantiles": ("estimation_cells", "estimation_scores", "estimation_quantiles", *_ESTIMATED),
    "estimation_covariances": ("estimation_cells", "estimation_scores", "estimation_covariances", *_ESTIMATED),
    "changes": ("changes", "stacked_rows", "stacked_waves", "estimation_cells", *_ESTIMATED),
    "targets": ("targets", "estimation_cells", *_ESTIMATED),
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
    weighted_before: frozenset[str] | None = None,
) -> pd.DataFrame:
    """The masked figures of one edition, with the columns of the table of figures, sorted.

    `inputs` and `code` go into `provenance`.
    `previous_figures` are the published figures of the previous edition (no rows: no change is computed), and
    `weighted_before` the audiences that were weighted then: not told, those whose margins it has.
    """
    columns = ["indicator", "breakdown", "previous_indicator", "previous_question", "comparable"]
    pairs = pd.DataFrame(columns=columns, dtype="str")
    changed = pd.DataFrame(columns=list(CHANGES))
    relabelled = pd.DataFrame(columns=["audience", "question", "option"], dtype="str")
    if previous is not None and not previous_figures.empty:
        relabelled = catalogue.relabelled(previous, previous_figures)
        weighted = frozenset(previous.margins) if weighted_before is None else weighted_before
        pairs = catalogue.changes(edition, previous, weighted, relabelled)
        changed = changes_since(connection, edition, previous, pairs)
    digests = pd.DataFrame([(name, _digest(parts)) for name, parts in QUERIES.items()], columns=["query", "digest"])
    registered = {
        "indicators": catalogue.indicators(edition),
        "queries": digests,
        "indicator_changes": pairs.astype({"comparable": "bool"}),
        "estimated_changes": changed.astype(CHANGES),
        "previous_figures": previous_figures,
        "relabelled": relabelled,
        "targets": catalogue.targets(edition),
    }
    for name, frame in registered.items():
        connection.register(name, frame)
    limits = {name: str(value) for name, value in edition.config.thresholds.model_dump().items()}
    tables = {name: f"aggregates.{quoted(f'{name}_{edition.name}')}" for name in ("shares", "volumes")}
    connection.execute(statement(PACKAGE, "measured", **tables))
    connection.execute(f"INSERT INTO measured BY NAME {statement(PACKAGE, 'changes', **limits)}")
    beside = gaps(edition, connection.execute(statement(PACKAGE, "targets")).df())
    if len(beside):
        connection.register("beside", beside)
        connection.execute("INSERT INTO measured BY NAME SELECT * FROM beside")
        connection.unregister("beside")
    for name, value in (("edition", edition.name), ("inputs", inputs), ("code", code)):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute(statement(PACKAGE, "significant_digits"))
    table = connection.execute(statement(PACKAGE, "figures", **limits)).df()
    for name in registered:
        connection.unregister(name)
    return table


def _digest(parts: tuple[str, ...]) -> str:
    text = "".join(statement(PACKAGE, part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
