"""Framaforms and Drupal's Webform. No real export is at hand: these are synthetic, after its source code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from observatory.ingest.documents import parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form
from observatory.ingest.tools.framaforms import TOOL

FRENCH = ["Numéro", "SID", "Heure", "Heure de fin", "Modifié", "Brouillon", "Adresse IP", "UID", "Nom d'utilisateur"]
ENGLISH = ["Serial", "SID", "Time", "Draft", "IP Address", "UID", "Username"]
KEYS = ["webform_serial", "webform_sid", "webform_time", "webform_draft", "webform_ip_address", "webform_uid"]

Rows = Sequence[Sequence[str]]
Text = Callable[..., str]


def export(metadata: list[str], above: list[str], below: list[str], *rows: list[str]) -> Rows:
    """The three rows of headers over the answers."""
    blank = [""] * (len(metadata) - 1)
    return [
        ["Baromètre", *blank, *("" for _ in below)],
        ["Submission Details", *blank, *above],
        [*metadata, *below],
        *rows,
    ]


QUESTIONS = (
    ["", "Vos freins ?", "", "", "", "Avis", "", ""],
    ["Votre âge ?", "Coût", "Lenteur", "Autre…", "Votre ville ?", "Prix", "Délai", "Remarques"],
)


def answer(number: str, draft: str, *cells: str) -> list[str]:
    return [
        number,
        f"00{number}",
        "01/10/2025 - 10:00",
        "03/10/2025 - 10:00",
        "04/10/2025 - 10:00",
        draft,
        "",
        "0",
        "",
        *cells,
    ]


ANSWERS = (
    answer("1", "0", "12", "X", "", "", "Lyon", "Bon", "Moyen", "ras"),
    answer("2", "1", "13", "", "X", "les délais", "Paris", "Moyen", "Bon", ""),
)


def read(rows: Rows, as_csv: Text, delimiter: str = "\t", encoding: str = "utf-8") -> Form:
    return read_form(parse_document(as_csv(rows, delimiter).encode(encoding), "barometre.tsv"))


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [("\t", "utf-16"), ("\t", "utf-8-sig"), (";", "utf-8"), (",", "utf-8")]
)
def test_three_rows_of_headers(delimiter: str, encoding: str, as_csv: Text) -> None:
    form = read(export(FRENCH, *QUESTIONS, *ANSWERS), as_csv, delimiter, encoding)
    assert (form.tool, form.header_rows, form.numbers) == ("framaforms", 3, (4, 5))
    assert [(c.question, c.option, c.kind) for c in form.columns[9:]] == [
        ("Votre âge ?", "", None),
        ("Vos freins ?", "Coût", "multiple"),
        ("Vos freins ?", "Lenteur", "multiple"),
        ("Vos freins ?", "Autre…", "multiple"),
        ("Votre ville ?", "", None),
        ("Avis", "Prix", None),
        ("Avis", "Délai", None),
        ("Remarques", "", None),
    ]


def test_metadata_and_drafts(as_csv: Text) -> None:
    form = read(export(FRENCH, *QUESTIONS, *ANSWERS), as_csv)
    roles = [column.role for column in form.columns[:10]]
    assert roles == ["other", "id", "other", "submitted", "other", "other", "other", "other", "other", None]
    assert (form.tool_id, form.complete) == (["001", "002"], ["true", "false"])
    assert form.submitted_at == ["2025-10-03T10:00:00"] * 2


def test_english_site_writes_the_month_first(as_csv: Text) -> None:
    rows = export(ENGLISH, [""], ["Your age?"], ["1", "7", "10/03/2025 - 10:00", "No", "", "0", "", "12"])
    form = read(rows, as_csv, ",")
    assert (form.tool_id, form.complete, form.submitted_at) == (["7"], ["true"], ["2025-10-03T10:00:00"])


def test_keys_instead_of_labels_are_codes(as_csv: Text) -> None:
    rows = export(
        KEYS,
        ["", "obstacles", ""],
        ["age", "slow", "cost"],
        ["1", "7", "2025-10-03T10:00:00", "0", "", "0", "12", "X", ""],
        ["2", "8", "2025-10-03T10:00:00", "0", "", "0", "12", "", "X"],
    )
    columns = read(rows, as_csv).columns[6:]
    assert [(c.code, c.option_code, c.question) for c in columns] == [
        ("age", "", ""),
        ("obstacles", "slow", ""),
        ("obstacles", "cost", ""),
    ]


def test_a_draft_column_left_out_leaves_completeness_unknown(as_csv: Text) -> None:
    rows = export(["SID", "Heure", "Adresse IP", "UID"], [""], ["Votre âge ?"], ["7", "2025-10-03", "", "0", "12"])
    form = read(rows, as_csv)
    assert (form.tool, form.complete, form.submitted_at) == ("framaforms", [None], ["2025-10-03"])


def test_a_question_that_nobody_answered_takes_none_after_it(as_csv: Text) -> None:
    rows = export(
        ["SID", "Heure", "Adresse IP", "UID"],
        ["Vos freins ?", "", "", ""],
        ["Coût", "Lenteur", "Client ?", "Fournisseur ?"],
        ["7", "2025-10-03", "", "0", "", "", "Oui", "Oui"],
    )
    assert [(column.question, column.option) for column in read(rows, as_csv).columns[4:]] == [
        ("Vos freins ?", "Coût"),
        ("Lenteur", ""),
        ("Client ?", ""),
        ("Fournisseur ?", ""),
    ]


def test_two_rows_of_headers_are_no_webform(as_csv: Text) -> None:
    rows = [["SID", "Brouillon", "UID"], ["1", "0", "2"], ["2", "0", "2"]]
    assert TOOL.recognise(parse_document(as_csv(rows).encode(), "export.csv")) == 0
