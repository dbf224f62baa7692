"""Tables made from answers are refused with what to export; tables of respondents that resemble them are read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from observatory.cli import main_group
from observatory.figure_table import FIGURE_COLUMNS
from observatory.ingest.documents import parse_document
from observatory.ingest.tools import read_form
from observatory.problems import ProblemsError

COUNTS = "Question;Modalité;Effectif;%\nTaille;De 1 à 9;20;50,0\nTaille;De 10 à 49;20;50,0\nRégion;Bretagne;10;25,0\n"
PIVOT = "Étiquettes de lignes;Nombre de SIREN\nDe 1 à 9;20\nDe 10 à 49;15\nTotal général;35\n"
CROSSED = "Taille;Oui;Non;Total\nDe 1 à 9;10;12;22\nDe 10 à 49;9;8;17\nTotal;19;20;39\n"
BLOCKS = "Vos freins ?;;\nRéponse;Nombre de réponses;%\nLenteur;12;60 %\nDélais;8;40 %\n" * 2
PIVOT_OF_TWO = (
    "Nombre de SIREN;Étiquettes de colonnes;;\nÉtiquettes de lignes;Oui;Non;Total général\n"
    "De 1 à 9;1;;1\nDe 10 à 49;2;3;5\nTotal général;3;3;6\n"
)


@pytest.mark.parametrize("text", [COUNTS, PIVOT, CROSSED, BLOCKS, PIVOT_OF_TWO])
def test_counts_are_refused_as_results(text: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_form(parse_document(text.encode(), "resume.csv"))
    (problem,) = caught.value.problems
    assert problem.found == "un tableau de résultats (des effectifs, des totaux), pas les réponses"
    assert "exportez de nouveau les réponses" in problem.action


def test_the_table_of_figures_is_refused() -> None:
    row = ";".join("x" for _ in FIGURE_COLUMNS)
    with pytest.raises(ProblemsError, match="tableau de chiffres"):
        read_form(parse_document(f"{';'.join(FIGURE_COLUMNS)}\n{row}\n".encode(), "chiffres-2025.csv"))


@pytest.mark.parametrize(
    ("headings", "marked"),
    [
        (("Question", "Intitulé", "Règle", "Valeur trouvée", "Attendu", "À faire"), "À corriger"),
        (("Raison du retrait", "Décision"), "Répondants retirés"),
    ],
)
def test_the_workbook_to_correct_belongs_in_corrections(headings: Sequence[str], marked: str) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet(marked)
        sheet.write_row(0, 0, ["Public", "Répondant", "Fichier", "Rangée", *headings])
        sheet.write_row(1, 0, ["start-up", "1227a96f1774", "a.csv", 39, *("x" for _ in headings)])
        sheet = book.add_worksheet("Corrections lues")
        sheet.write_row(0, 0, [f"Colonne {at}" for at in range(8)])
        sheet.write_row(1, 0, ["x" for _ in range(8)])
    with pytest.raises(ProblemsError) as caught:
        read_form(parse_document(stream.getvalue(), "a-corriger-startup.xlsx"))
    (problem,) = caught.value.problems
    assert "corrections/" in problem.action


@pytest.mark.parametrize(
    "text",
    [
        # A questionnaire that asks for staff, and for a share of it.
        "Effectif;Chiffre d'affaires\n12;100\n15;200\n",
        "Nom de l'entreprise;Effectif;%\nAlpha;12;50\nBeta;15;40\n",
        "Taille;Effectif;Secteur\nPetite;12;Santé\nGrande;15;Énergie\n",
        # Amounts over their sum, by respondent.
        "Organisme;Achats 2023;Total\nAlpha;10;12\nBeta;5;6\nTotal;15;18\n",
        "Question;Réponse\nAvez-vous des clients ?;Oui\nEt demain ?;Non\n",
        "id;Question;Total\n1;12;3\n2;5;4\n3;6;5\n",
    ],
)
def test_tables_of_respondents_that_resemble_counts_are_read(text: str) -> None:
    assert len(read_form(parse_document(text.encode(), "export.csv")).numbers) >= 2


def test_inspecting_a_summary_fails(tmp_path: Path) -> None:
    file = tmp_path / "resume.csv"
    file.write_text(COUNTS, encoding="utf-8")
    for form in ("text", "json"):
        result = CliRunner().invoke(main_group, ["inspect", str(file), "--format", form])
        assert result.exit_code != 0
        assert not result.stdout
