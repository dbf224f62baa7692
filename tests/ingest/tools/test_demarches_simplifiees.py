"""Démarches simplifiées. No real export is at hand: these are synthetic, after the columns its source code writes."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import xlsxwriter

from observatory.ingest.documents import parse_document
from observatory.ingest.tools import read_form

START = ["ID", "Email", "FranceConnect ?"]
STATE = ["À archiver", "État du dossier", "Dernière mise à jour le", "Dernière mise à jour du dossier le", "Déposé le"]
END = ["Passé en instruction le", "Traité le", "Motivation de la décision", "Instructeurs", "Groupe instructeur"]


def row(id: str, state: str, sent: str, *answers: str, between: tuple[str, ...] = ()) -> list[str]:
    return [
        id,
        "x@example.org",
        "false",
        *between,
        "false",
        state,
        sent,
        sent,
        sent,
        "",
        "",
        "",
        "",
        "défaut",
        *answers,
    ]


def test_state_of_the_file_says_whether_it_was_sent(as_csv: Callable[..., str]) -> None:
    states = ["Brouillon", "En construction", "En instruction", "Accepté", "Refusé", "Classé sans suite", "autre"]
    rows = [row(f"00{n}", state, "2025-10-01 10:00:00 +0200", "a, b") for n, state in enumerate(states)]
    text = as_csv([[*START, *STATE, *END, "Vos freins", "Email"], *([*cells, "y"] for cells in rows)], ",")
    form = read_form(parse_document(text.encode(), "dossiers_barometre_2025-10-02.csv"))
    assert form.tool == "demarches_simplifiees"
    assert form.complete == ["false", "true", "true", "true", "true", "true", None]
    assert (form.tool_id[0], form.submitted_at[0]) == ("000", "2025-10-01T10:00:00")
    assert [column.heading for column in form.columns if column.role is None] == ["Vos freins", "Email"]


@pytest.mark.parametrize(
    ("between", "answers"),
    [
        (["Civilité", "Nom", "Prénom", "Dépôt pour un tiers", "Nom du mandataire", "Prénom du mandataire"], []),
        (["Entreprise raison sociale"], ["Entreprise raison sociale"]),
        (
            ["Établissement SIRET", "Établissement NAF", "Entreprise SIREN", "Association RNA"],
            ["Établissement SIRET", "Entreprise SIREN"],
        ),
    ],
)
def test_who_filed_is_no_question_but_which_company_is(
    between: list[str], answers: list[str], as_csv: Callable[..., str]
) -> None:
    cells = row("1", "Accepté", "2025-10-01", "oui", between=tuple("x" for _ in between))
    text = as_csv([[*START, *between, *STATE, *END, "Entreprise préférée"], cells])
    form = read_form(parse_document(text.encode(), "dossiers.csv"))
    assert [column.heading for column in form.columns if column.role is None] == [*answers, "Entreprise préférée"]


def test_sheets_of_repeated_blocks_are_said() -> None:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        book.add_worksheet("Etablissements").write_row(0, 0, ["Dossier ID", "SIRET"])
        sheet = book.add_worksheet("Dossiers")
        sheet.write_row(0, 0, [*START, *STATE, *END, "Votre âge"])
        sheet.write_row(1, 0, row("1", "Accepté", "2025-10-01", "12"))
        book.add_worksheet("Avis").write_row(0, 0, ["Dossier ID", "Avis"])
    form = read_form(parse_document(packed.getvalue(), "dossiers.xlsx"))
    assert (form.tool, form.table.sheet, len(form.numbers)) == ("demarches_simplifiees", "Dossiers", 1)
    (warning,) = form.warnings
    assert "« Etablissements », « Avis »" in warning.found
