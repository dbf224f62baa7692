"""Indico: the surveys of its events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form


@pytest.mark.parametrize(
    ("name", "rows", "columns", "first", "question"),
    [
        ("coderefinery_post_2018.csv", 38, 14, "2020-12-12T17:05:03", "Which workshop did you attend?"),
        (
            "coderefinery_pre_lille_2019.csv",
            26,
            20,
            "2019-11-20T10:19:45",
            "Will you participate only in the first week (December 3-5) or in both weeks (Decembe",
        ),
    ],
)
def test_real_exports(
    name: str, rows: int, columns: int, first: str, question: str, shared: Callable[[str], Path]
) -> None:
    form = read_form(open_document(shared(f"forms/indico/{name}")))
    assert (form.tool, len(form.numbers), len(form.columns)) == ("indico", rows, columns)
    assert (form.submitted_at[0], set(form.complete)) == (first, {"true"})
    assert [column.role for column in form.columns[:4]] == ["other", "other", "submitted", None]
    assert form.columns[3].question.startswith(question[:40])


def test_what_stands_before_a_colon_is_a_section_only_if_all_questions_have_one(as_csv: Callable[..., str]) -> None:
    """A synthetic export, after two sections and after none."""
    start = ["Submitter", "ID", "Submission Date"]
    row = ["", "17", "2025-10-01 10:00:00+00:00", "1", "2", "3", "4"]

    def questions(*headings: str) -> list[str]:
        document = parse_document(as_csv([[*start, *headings], row], ",").encode(), "submissions.csv")
        form = read_form(document)
        assert form.tool_id == ["17"]
        return [column.question for column in form.columns[3:]]

    assert questions("Vous: Âge", "Vous: Ville", "Avis: Prix", "Avis: Délai") == ["Âge", "Ville", "Prix", "Délai"]
    assert questions("Âge", "Ville", "Avis: Prix", "Avis: Délai") == ["Âge", "Ville", "Avis: Prix", "Avis: Délai"]
