"""Typeform's exports: dates in UTC, options without their question, partial responses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.typeform import TOOL
from observatory.problems import ProblemsError

Shared = Callable[[str], Path]
AsCsv = Callable[..., str]


@pytest.mark.parametrize(
    ("name", "responses"), [("fr_wave_snapshot1_old.csv", 6), ("fr_wave_snapshot2_2021-04-10.csv", 27)]
)
def test_real_exports(shared: Shared, name: str, responses: int) -> None:
    form = read_form(open_document(shared(f"forms/typeform/{name}")))
    assert (form.tool, len(form.numbers), len(form.columns)) == ("typeform", responses, 91)
    assert set(form.complete) == {"true"}
    assert all(id and len(id) == 32 for id in form.tool_id) and all(form.submitted_at)
    assert [column.role for column in form.columns if column.role] == ["id", "other", "submitted", "other"]


def test_real_options_are_told_from_questions(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/typeform/fr_wave_snapshot2_2021-04-10.csv")))
    found = {column.heading: column for column in form.columns if column.heading != "Other"}
    assert (found["Smartphone personnel"].kind, found["Smartphone personnel"].options) == (
        "multiple",
        ("Smartphone personnel",),
    )
    assert found["Vivez-vous en France ?"].kind is None
    other = next(column for column in form.columns if column.heading == "Other")
    assert (other.question, other.option) == ("Quelle est votre spécialité ?", "Other")


@pytest.mark.parametrize("name", ["coderefinery_2017_meta-trimmed.csv", "coderefinery_2018_meta-trimmed.csv"])
def test_without_its_own_columns_it_is_a_plain_table(shared: Shared, name: str) -> None:
    assert read_form(open_document(shared(f"forms/typeform/{name}"))).tool == "plain"


def test_form_definition_is_refused(shared: Shared) -> None:
    with pytest.raises(ProblemsError, match="définition d'un formulaire Typeform"):
        read_form(open_document(shared("forms/typeform/fr_form_definition.json")))


def test_responses_in_json_are_refused() -> None:
    data = b'{"total_items": 1, "page_count": 1, "items": []}'
    with pytest.raises(ProblemsError, match="réponses Typeform en JSON"):
        read_form(parse_document(data, "responses.json"))


def test_partial_responses_are_told(as_csv: AsCsv) -> None:
    head = ["#", "Votre SIREN ?", "Response Type", "Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)"]
    rows = [
        [*head, "Network ID", "Tags", "Ending", "partenaire"],
        ["abc1", "012345678", "completed", "2025-10-01 10:00:00", "", "2025-10-01 10:05:00", "n", "", "", "Réseau"],
        ["abc2", "732829320", "partial", "2025-10-01 10:00:00", "2025-10-01 10:02:00", "", "n", "", "", ""],
    ]
    form = read_form(parse_document(as_csv(rows, ",").encode(), "responses.csv"))
    assert (form.complete, form.tool_id) == (["true", "false"], ["abc1", "abc2"])
    assert (form.submitted_at, form.partner) == (["2025-10-01T10:05:00", None], ["Réseau", None])
    assert [column.heading for column in form.columns if column.role is None] == ["Votre SIREN ?"]
    without = [[cell for at, cell in enumerate(row) if at != 2] for row in rows]
    assert read_form(parse_document(as_csv(without, ",").encode(), "responses.csv")).complete == ["true", "false"]


def test_nothing_else_is_claimed(shared: Shared) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        assert (TOOL.recognise(open_document(path)) > 0) == path.name.startswith("fr_") * (
            path.parent.name == "typeform"
        ), path
