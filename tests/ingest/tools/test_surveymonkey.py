"""SurveyMonkey's exports of all responses, as downloaded and as others saved them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.surveymonkey import TOOL
from observatory.problems import ProblemsError

Shared = Callable[[str], Path]
AsCsv = Callable[..., str]
OWN = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "Custom Data 2"]


@pytest.mark.parametrize(
    ("name", "responses", "first_id", "submitted"),
    [
        ("cncf_ambassadors_2019h1.csv", 21, "10650304707", "2019-04-09T04:49:59"),
        ("cncf_ambassadors_2021.csv", 44, "13097682923", "2021-11-03T19:44:24"),
        ("cncf_finops.csv", 102, "114467436022", None),
        ("cncf_maintainer_2019h1.csv", 64, "10580280324", "2019-03-08T20:50:49"),
        ("cncf_wasm_no-ids.csv", 93, None, None),
        ("fte_flying-etiquette_single-header.csv", 1040, "3436139758", None),
        ("fte_starwars.csv", 1186, "3292879998", None),
        ("ohbm_2022_pandas-resaved.csv", 311, None, None),
        ("ospo_2018_excel-dates.csv", 748, "10103000748", "2018-07-09T12:59:18"),
    ],
)
def test_real_exports(shared: Shared, name: str, responses: int, first_id: str | None, submitted: str | None) -> None:
    form = read_form(open_document(shared(f"forms/surveymonkey/{name}")))
    assert (form.tool, len(form.numbers)) == ("surveymonkey", responses)
    assert (form.tool_id[0], form.submitted_at[0]) == (first_id, submitted)
    assert set(form.complete) == set(form.test) == {None}


def test_export_without_any_sign_of_the_tool_is_a_plain_table(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/surveymonkey/cncf_maintainer_2024h1_ids-dropped.csv")))
    assert (form.tool, form.header_rows, form.numbers[0], len(form.numbers)) == ("plain", 1, 2, 93)


def test_real_multiple_choice_is_told_and_a_rating_is_not(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/surveymonkey/fte_starwars.csv")))
    seen = [column for column in form.columns if "have you seen? Please select all" in column.question]
    assert len(seen) == 6 and {column.kind for column in seen} == {"multiple"}
    assert seen[0].options == tuple(column.option for column in seen)
    ranked = [column for column in form.columns if "in order of preference" in column.question]
    assert len(ranked) == 6 and {column.kind for column in ranked} == {None}


def test_what_surveymonkey_adds_is_no_question(as_csv: AsCsv) -> None:
    rows = [
        [*OWN, "Vos freins ?", "", "Votre adresse", "Données simulées"],
        [*[""] * 7, "Lenteur", "Aucun", "Email Address", ""],
        ["1.14083E+11", "1", "09/01/2025 01:00:00 PM", "09/01/2025 01:10:00 PM", "", "", "x", "Lenteur", "", "", "oui"],
    ]
    form = read_form(parse_document(as_csv(rows).encode(), "export.csv"))
    assert [column.role for column in form.columns] == [
        *("id", "other", "other", "submitted", "other", "other", "other"),
        *(None, None, None, "simulated"),
    ]
    assert (form.tool_id, form.submitted_at) == (["1.14083E+11"], ["2025-09-01T13:10:00"])
    assert form.simulated == ["true"]


def test_one_option_in_each_row_may_be_a_single_choice(as_csv: AsCsv) -> None:
    rows = [[*OWN[:2], "Le contact ?", ""], ["", "", "Un salon", "Un ami"], ["1", "1", "Un salon", ""]]
    rows += [["2", "1", "", "Un ami"]]
    form = read_form(parse_document(as_csv(rows).encode(), "export.csv"))
    assert [column.kind for column in form.columns] == [None] * 4


def test_status_of_a_response_tells_whether_it_is_complete(as_csv: AsCsv) -> None:
    rows = [["Respondent ID", "Collector ID", "Response Status", "Vos freins ?"], ["", "", "", "Response"]]
    rows += [["1", "1", "Completed", "a"], ["2", "1", "Partial", "b"], ["3", "1", "?", "c"]]
    form = read_form(parse_document(as_csv(rows).encode(), "export.csv"))
    assert form.complete == ["true", "false", None]


@pytest.mark.parametrize(
    "rows",
    [
        [["Answer Choices", "Responses", ""], ["Lenteur", "40.00%", "2"], ["Aucun", "60.00%", "3"]],
        [["Vos freins ?", "", ""], ["Choix de réponses", "Réponses", ""], ["Lenteur", "40,00%", "2"]],
    ],
)
def test_summary_is_refused(as_csv: AsCsv, rows: list[list[str]]) -> None:
    with pytest.raises(ProblemsError, match="résumé de SurveyMonkey"):
        read_form(parse_document(as_csv(rows).encode(), "export.csv"))


def test_nothing_else_is_claimed(shared: Shared) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        if path.parent.name != "surveymonkey":
            assert TOOL.recognise(open_document(path)) == 0, path
