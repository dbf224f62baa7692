"""Which rows are headers, on real exports and on the shapes they come in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.headers import Layout, lay_out
from observatory.ingest.tools import read_form
from observatory.problems import ProblemsError

LayOut = Callable[..., Layout]
Shared = Callable[[str], Path]


@pytest.fixture
def laid_out(as_csv: Callable[..., str]) -> LayOut:
    """The layout of rows, as if read from a file."""
    return lambda *rows: lay_out(parse_document(as_csv(rows).encode(), "export.csv").table)


@pytest.mark.parametrize(
    ("wave", "header_rows", "rows"), [("2018", 2, 748), ("2019", 3, 2681), ("2020", 2, 1026), ("2021", 2, 1141)]
)
def test_real_waves_of_a_survey(wave: str, header_rows: int, rows: int, shared: Shared) -> None:
    layout = lay_out(open_document(shared(f"surveys/ospo/{wave}_results.csv")).table)
    assert (layout.header_rows, len(layout.numbers)) == (header_rows, rows)


@pytest.mark.parametrize(
    ("file", "tool", "header_rows", "rows"),
    [
        ("limesurvey/fr_fulltext_results-survey4914.xlsx", "limesurvey", 1, 348),
        ("limesurvey/fr_excel-resaved_results-survey4914.tsv", "plain", 1, 348),
        ("limesurvey/en_fulltext_sealuzh_results-survey.csv", "limesurvey", 1, 70),
        ("limesurvey/derived_rse2016uk_public_data.csv", "plain", 1, 273),
        ("limesurvey/derived_rse2017uk_public_data.csv", "limesurvey", 1, 253),
        ("googleforms/spack_2020.csv", "googleforms", 1, 170),
        ("googleforms/spack_2022.csv", "googleforms", 1, 182),
        ("googleforms/spack_2022.xlsx", "googleforms", 1, 182),
        ("googleforms/cncf_maintainer_2018h1.csv", "googleforms", 1, 56),
        ("msforms/rse_ah_2024_uk.csv", "msforms", 1, 24),
        ("excel_fr_csv/cp1252_semicolon_CRE4.csv", "plain", 1, 6),
        ("indico/coderefinery_post_2018.csv", "indico", 1, 38),
        ("sphinx/sphinx_iq_annecy.xlsx", "sphinx", 1, 25),
        ("eusurvey/everse_2024_assigned-values.xls", "eusurvey", 3, 28),
        ("surveymonkey/cncf_ambassadors_2019h1.csv", "surveymonkey", 2, 21),
        ("surveymonkey/cncf_finops.csv", "surveymonkey", 2, 102),
        ("surveymonkey/cncf_wasm_no-ids.csv", "surveymonkey", 2, 93),
        ("surveymonkey/fte_starwars.csv", "surveymonkey", 2, 1186),
        ("surveymonkey/ohbm_2022_pandas-resaved.csv", "surveymonkey", 2, 311),
        ("surveymonkey/fte_flying-etiquette_single-header.csv", "surveymonkey", 1, 1040),
        ("typeform/fr_wave_snapshot2_2021-04-10.csv", "typeform", 1, 27),
    ],
)
def test_real_exports(file: str, tool: str, header_rows: int, rows: int, shared: Shared) -> None:
    form = read_form(open_document(shared(f"forms/{file}")))
    assert (form.tool, form.header_rows, len(form.numbers)) == (tool, header_rows, rows)


@pytest.mark.parametrize(("wave", "rows"), [("2018", 2401), ("2019", 1337)])
def test_real_waves_whose_answers_slipped_into_other_columns(wave: str, rows: int, shared: Shared) -> None:
    layout = lay_out(open_document(shared(f"surveys/cncf/Cloud_Native_Survey_{wave}.csv")).table)
    assert (layout.header_rows, len(layout.numbers)) == (2, rows)


def test_an_answer_that_reads_like_a_header_is_an_answer(laid_out: LayOut) -> None:
    assert laid_out(["siren", "Vos remarques"], ["732829320", "Réponse"], ["542051180", ""]).header_rows == 1


def test_question_is_carried_over_its_options(laid_out: LayOut) -> None:
    layout = laid_out(
        ["Identifiant", "Vos freins ?", "", "Votre âge ?"],
        ["", "Lenteur", "Coût", "Response"],
        ["a1", "Lenteur", "", "12"],
        ["a2", "", "Coût", "15"],
    )
    assert [(heading.question, heading.option) for heading in layout.headings] == [
        ("Identifiant", ""),
        ("Vos freins ?", "Lenteur"),
        ("Vos freins ?", "Coût"),
        ("Votre âge ?", "Response"),
    ]
    assert layout.numbers == (3, 4)


def test_first_answers_are_no_header(laid_out: LayOut) -> None:
    layout = laid_out(
        ["Identifiant", "", "Vos freins ?", "Vos freins ?"],
        ["a1", "x", "Oui", "Non"],
        ["a2", "y", "Non", "Non"],
        ["a3", "x", "Oui", "Oui"],
    )
    assert (layout.header_rows, len(layout.numbers)) == (1, 3)


def test_a_first_answer_with_remarks_left_blank_is_no_header(laid_out: LayOut) -> None:
    """Each question is followed by a column for a remark, without a heading, and there is one answer to compare."""
    head = ["Employeur", "", "Projet", "", "Satisfait", "", "Soutien", ""]
    first = ["Un éditeur", "", "Le premier", "", "Tout à fait", "Oui, souvent", "Tout à fait", "Très bien"]
    second = ["Aucun", "", "Le second", "", "Tout à fait", "", "Un peu", "Peut mieux faire"]
    assert laid_out(head, first, second).header_rows == 1


def test_blank_rows_are_left_out_and_rows_keep_their_number(laid_out: LayOut) -> None:
    layout = laid_out(
        ["Titre du fichier"], [" ", "\u00a0", ""], ["a", "b", "c"], ["", " ", ""], ["1", "2", "3"], ["", "", ""]
    )
    assert (layout.titles, layout.header_rows, layout.numbers) == (("Titre du fichier",), 2, (5,))


def test_short_rows_are_said_and_filled() -> None:
    layout = lay_out(parse_document(b"a;b;c\n1;2;3\n4;5\n6;7;8\n", "export.csv").table)
    (warning,) = layout.warnings
    assert (warning.row, warning.severity, layout.columns[2]) == (3, "warning", ("3", "", "8"))


def test_answers_beyond_the_headers_are_refused_with_their_row() -> None:
    with pytest.raises(ProblemsError) as caught:
        lay_out(parse_document(b"a;b;c\n1;2;3\n4;5;6;7\n6;7;8\n", "export.csv").table)
    assert caught.value.problems[0].row == 3


def test_empty_cells_beyond_the_headers_are_harmless() -> None:
    assert lay_out(parse_document(b"a;b;c\n1;2;3;;\n4;5;6;;\n7;8;9;;\n", "export.csv").table).columns[2] == (
        "3",
        "6",
        "9",
    )
