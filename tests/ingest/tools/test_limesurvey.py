"""LimeSurvey: its exports of responses in three languages, and its files that hold none."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form
from observatory.ingest.tools.limesurvey import TOOL
from observatory.problems import ProblemsError

Rows = Sequence[Sequence[str]]
Read = Callable[..., Form]
Shared = Callable[[str], Path]


@pytest.fixture
def read(as_csv: Callable[..., str]) -> Read:
    """An export of those rows, read by the tool that recognises it."""
    return lambda rows, delimiter=";": read_form(parse_document(as_csv(rows, delimiter).encode(), "results.csv"))


def real(shared: Shared, name: str) -> Form:
    return read_form(open_document(shared(f"forms/limesurvey/{name}")))


# Real exports


def test_french_workbook_without_dates_knows_languages_and_no_completeness(shared: Shared) -> None:
    form = real(shared, "fr_fulltext_results-survey4914.xlsx")
    assert (form.tool, len(form.numbers), len(form.columns)) == ("limesurvey", 348, 22)
    assert Counter(form.language) == {"fr": 324, "de": 24}
    assert set(form.complete) == set(form.submitted_at) == {None}
    assert form.tool_id[:2] == ["1", "2"]
    assert form.not_shown == {"N/A"}


def test_french_workbook_tells_its_multiple_choices_by_their_ticks(shared: Shared) -> None:
    form = real(shared, "fr_fulltext_results-survey4914.xlsx")
    multiple = Counter(column.question[:20] for column in form.columns if column.kind == "multiple")
    assert multiple == {
        "À quelle(s) source(s": 4,
        "Quel(s) jour(s) avez": 2,
        "Vous êtes venu:": 4,
    }
    country = [column for column in form.columns if column.question == "Vous habitez dans quel pays?"]
    assert [(column.option, column.kind) for column in country] == [("", None), ("Autre", None)]


def test_withheld_dates_are_those_of_finished_responses(shared: Shared) -> None:
    form = real(shared, "en_fulltext_sealuzh_results-survey.csv")
    assert (len(form.numbers), set(form.complete), set(form.submitted_at)) == (70, {"true"}, {None})
    assert [column.role for column in form.columns[:6]] == ["id", "submitted", "other", "language", "other", None]


def test_codes_and_texts_without_metadata_are_still_its_own(shared: Shared) -> None:
    form = real(shared, "derived_rse2017uk_public_data.csv")
    assert (form.tool, len(form.numbers), len(form.columns)) == ("limesurvey", 253, 244)
    grid = next(column for column in form.columns if column.option_code == "affSat1")
    assert (grid.code, grid.option) == ("likertagree2", "I find real enjoyment in my job")
    assert [c.option_code for c in form.columns if c.kind == "ranking"] == [str(rank) for rank in range(1, 9)]


@pytest.mark.parametrize("name", ["derived_rse2016uk_public_data.csv", "fr_excel-resaved_results-survey4914.tsv"])
def test_files_without_its_signs_are_not_claimed(name: str, shared: Shared) -> None:
    assert real(shared, name).tool == "plain"


@pytest.mark.parametrize(
    "name",
    [
        "def_citric_432535.lss",
        "def_citric_free_text.lsq",
        "def_citric_group.lsg",
        "def_sgmodels_782678.lss",
        "def_tsv_structure_all_types.tsv",
        "def_tsv_structure_de_17_to_import.txt",
    ],
)
def test_definitions_are_refused_with_what_to_export(name: str, shared: Shared) -> None:
    with pytest.raises(ProblemsError) as caught:
        real(shared, name)
    (problem,) = caught.value.problems
    assert "structure" in problem.found
    assert "Exporter les résultats" in problem.action


# Headings


@pytest.mark.parametrize(
    ("headings", "language"),
    [
        (["id", "submitdate", "lastpage", "startlanguage", "seed"], "code"),
        (["Response ID", "Date submitted", "Last page", "Start language", "Seed"], "en"),
        (["ID de la réponse", "Date de soumission", "Dernière page", "Langue de départ", "Tête de série"], "fr"),
        (["Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Startsprache", "Zufallsstartwert"], "de"),
        (
            [
                "id. Response ID",
                "submitdate. Date submitted",
                "lastpage. Last page",
                "startlanguage. Start language",
                "seed. Seed",
            ],
            "both",
        ),
    ],
)
def test_metadata_in_every_language(headings: list[str], language: str, read: Read) -> None:
    form = read(
        [[*headings, "Q1. Votre âge ?"], ["007", "", "2", "fr", "99", "12"], ["8", "2025-10-01", "3", "fr", "9", ""]]
    )
    assert form.tool == "limesurvey", language
    assert [column.role for column in form.columns] == ["id", "submitted", "other", "language", "other", None]
    assert form.tool_id == ["007", "8"]
    assert form.complete == ["false", "true"]
    assert form.submitted_at == [None, "2025-10-01"]


def test_dates_addresses_tokens_and_timings_are_no_questions(read: Read) -> None:
    headings = ["id", "submitdate", "startlanguage", "token", "firstname", "email", "startdate", "datestamp", "ipaddr"]
    form = read([[*headings, "refurl", "Q1", "currentTime", "interviewtime", "groupTime3", "12X3X4Time"], ["1"] * 15])
    assert [column.code for column in form.columns if column.role is None] == ["Q1", "currentTime"]


def test_participants_names_are_questions_where_no_token_announces_them(read: Read) -> None:
    form = read(
        [["ID réponse", "Date de soumission", "Dernière page", "Langue de départ", "Prénom"], ["1", "", "", "fr", "x"]]
    )
    assert form.columns[-1].role is None


def test_every_shape_of_heading_gives_its_codes(read: Read) -> None:
    form = read(
        [
            [
                "id",
                "submitdate",
                "startlanguage",
                "freins[SQ001]",
                "freins[other]",
                "g[SQ001][SQ002]",
                "q4. Avis ? [Prix]",
            ],
            ["1", "2025-10-01", "fr", "Y", "", "3", "x"],
        ]
    )
    assert [(c.code, c.option_code, c.question, c.option) for c in form.columns[3:]] == [
        ("freins", "SQ001", "", ""),
        ("freins", "other", "", ""),
        ("g", "SQ001_SQ002", "", ""),
        ("q4", "", "Avis ?", "Prix"),
    ]


def test_arrays_of_two_dimensions_keep_row_and_column(read: Read) -> None:
    form = read([["ID réponse", "Vos achats ? [2023][Volume]"], ["1", "10"]])
    assert [(c.question, c.option, c.heading) for c in form.columns[1:]] == [
        ("Vos achats ?", "2023 | Volume", "Vos achats ? [2023][Volume]")
    ]


def test_rows_of_a_scale_are_no_multiple_choice(read: Read) -> None:
    form = read([["ID réponse", "Avis [Prix]", "Avis [Délai]"], ["1", "Oui", "Moyen"], ["2", "Non", "Oui"]])
    assert [column.kind for column in form.columns[1:]] == [None, None]


def test_ranks_are_told_by_their_labels(read: Read) -> None:
    form = read([["ID réponse", "Vos freins [Rang 1]", "Vos freins [Rang 2]"], ["1", "Coût", "Lenteur"]])
    assert [(column.kind, column.option) for column in form.columns[1:]] == [("ranking", ""), ("ranking", "")]


def test_boxes_to_type_in_are_no_ranking(read: Read) -> None:
    rows = [[str(row), f"a{row}", f"b{row}"] for row in range(20)]
    form = read([["ID réponse", "q[1]", "q[2]"], *rows])
    assert {column.kind for column in form.columns[1:]} == {None}


# Other files of LimeSurvey


def test_vv_file_has_two_rows_of_headers_and_its_own_signs() -> None:
    rows = [
        "id\ttoken\tsubmitdate\tlastpage\tstartlanguage\tVos freins ?\tVos freins ?\tVos remarques",
        "id\ttoken\tsubmitdate\tlastpage\tstartlanguage\tfreins_SQ001\tfreins_SQ002\trem",
        "7\tab\t2025-10-01 10:00:00\t3\tfr\tY\t\tun{tab}deux{newline}{lbrace}x}",
        "8\tac\t{question_not_shown}\t1\tfr\t{question_not_shown}\t{question_not_shown}\t",
    ]
    form = read_form(parse_document("\n".join([*rows, ""]).encode(), "vvexport_1.csv"))
    assert (form.tool, form.header_rows, form.numbers) == ("limesurvey", 2, (3, 4))
    assert [(c.code, c.option_code, c.question) for c in form.columns[5:]] == [
        ("freins", "SQ001", "Vos freins ?"),
        ("freins", "SQ002", "Vos freins ?"),
        ("rem", "", "Vos remarques"),
    ]
    assert form.complete == ["true", "false"]
    assert form.not_shown == {"{question_not_shown}"}
    assert list(form.cells[7]) == ["un\tdeux\n{x}", ""]


def test_survey_archive_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for kind, end in (("Survey", "lss"), ("Responses", "lsr")):
            text = f'<?xml version="1.0"?>\n<document>\n <LimeSurveyDocType>{kind}</LimeSurveyDocType>\n</document>'
            archive.writestr(f"survey_1.{end}", text)
    document = parse_document(packed.getvalue(), "survey_1.lsa")
    assert TOOL.recognise(document) > 0.9
    with pytest.raises(ProblemsError, match="archive d'un questionnaire LimeSurvey"):
        read_form(document)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["Nombre d'enregistrements pour cette requête :", "12"], ["Total", "100%"]], "statistiques"),
        ([["Number of records in this query:", "12"], ["Total records in survey:", "12"]], "statistiques"),
        ([["tid", "firstname", "email", "emailstatus", "token"], ["1", "x", "y", "OK", "z"]], "participants"),
    ],
)
def test_files_without_responses_are_refused(rows: Rows, found: str, read: Read) -> None:
    with pytest.raises(ProblemsError, match=found):
        read(rows)
