"""All that a report is made from, handed over by whoever runs the year.

Belongs here: the inputs of `build_report` and nothing else. Does not belong here: where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from observatory.editions.model import Audience, Edition, Publisher

WEIGHTING_COLUMNS = (
    "audience",
    "known",
    "method",
    "strata",
    "margins",
    "respondents",
    "population",
    "smallest_ratio",
    "largest_ratio",
    "design_effect",
)


RESPONSE_COLUMNS = ("audience", "question", "label", "shown", "answered")


@dataclass(frozen=True)
class Source:
    """One file that was read: its name, its audience, its number of answer rows and its SHA-256."""

    name: str
    audience: Audience
    rows: int
    sha256: str


@dataclass(frozen=True)
class ReportInputs:
    """The edition, its figures and their origin.

    figures      the table of figures, one row a figure, this edition's and the earlier editions' (column `edition`)
    steps        one row a step of one audience: audience, step, label, count, in order from received to used
    weighting    one row a weighted audience: audience, known (bool), method, strata (question or ''), margins (each
                 « question (source, date) », joined by « ; »), respondents, population (or null), smallest_ratio,
                 largest_ratio, design_effect; no rows: every weight is 1
    responses    one row a question: audience, question, label, shown (respondents), answered
    weighted_before  the audiences weighted in the previous edition's figures; None where that is not told
    previous     the previous edition's questionnaires, to say what was asked then; without it the annex
                 of changes says only what the lineage says
    templates    the reports folder; the edition names which report in it
    chart_cache  folder of kept drawings, safe to delete
    """

    edition: Edition
    figures: pd.DataFrame
    steps: pd.DataFrame
    sources: tuple[Source, ...]
    simulated: bool
    publisher: Publisher
    code_version: str
    chart_cache: Path
    templates: Path
    previous: Edition | None = None
    responses: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(RESPONSE_COLUMNS)))
    weighted_before: frozenset[str] | None = None
    weighting: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(WEIGHTING_COLUMNS)))
