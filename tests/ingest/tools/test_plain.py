"""Tables that no tool signs: when each answer was given."""

from __future__ import annotations

import pytest

from observatory.ingest.documents import parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form


def form_of(text: str) -> Form:
    return read_form(parse_document(text.encode(), "export.csv"))


@pytest.mark.parametrize(
    "heading",
    [
        *("Date", "Date de réponse", "Submission Date", "Soumis le", "Date de saisie", "Horodatage", "Date et heure"),
        *("Response date", "Terminé le", "Date de soumission", "Completed at", "Timestamp", "DATE DE RÉPONSE :"),
    ],
)
def test_the_moment_of_an_answer_is_kept(heading: str) -> None:
    form = form_of(f"SIREN;{heading};Taille\n732829320;24/11/2025 10:30;Petite\n552100554;25/11/2025 11:00;Grande\n")
    assert form.submitted_at == ["2025-11-24T10:30:00", "2025-11-25T11:00:00"]
    assert not form.warnings


def test_a_heading_alone_makes_no_moment() -> None:
    form = form_of("SIREN;Date;Taille\n732829320;avant l'été;Petite\n552100554;25/11/2025;Grande\n")
    assert form.submitted_at == [None, None]
    assert [column.role for column in form.columns] == [None, None, None]


def test_of_several_dates_the_fullest_then_the_latest_is_taken_and_said() -> None:
    rows = "732829320;24/11/2025;25/11/2025;\n552100554;24/11/2025;26/11/2025;27/11/2025\n"
    form = form_of(f"SIREN;Date de saisie;Soumis le;Terminé le\n{rows}")
    assert form.submitted_at == ["2025-11-25", "2025-11-26"]
    (warning,) = form.warnings
    assert (warning.column, warning.severity) == ("Soumis le", "warning")
    assert "« Date de saisie », « Terminé le »" in warning.found


def test_an_empty_column_does_not_hide_the_date_beside_it() -> None:
    form = form_of("SIREN;Horodateur;Date\n732829320;;24/11/2025\n552100554;;25/11/2025\n")
    assert form.submitted_at == ["2025-11-24", "2025-11-25"]
