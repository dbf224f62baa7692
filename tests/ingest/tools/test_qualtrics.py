"""Qualtrics' exports: three rows of headers or two, previews and tests, questions of several columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Column, Form
from observatory.ingest.tools.qualtrics import TOOL
from observatory.problems import ProblemsError

Shared = Callable[[str], Path]
AsCsv = Callable[..., str]

FIELDS = (
    ("StartDate", "Date de début", {"ImportId": "startDate", "timeZone": "Europe/Paris"}),
    ("EndDate", "Date de fin", {"ImportId": "endDate", "timeZone": "Europe/Paris"}),
    ("Status", "Type de réponse", {"ImportId": "status"}),
    ("Finished", "Terminé", {"ImportId": "finished"}),
    ("ResponseId", "ID de la réponse", {"ImportId": "_recordId"}),
    ("UserLanguage", "Langue", {"ImportId": "userLanguage"}),
    ("siren", "Quel est votre numéro SIREN ?", {"ImportId": "QID1_TEXT"}),
    ("Q2", "Le premier contact ? - Choix sélectionné", {"ImportId": "QID2"}),
    ("Q2_3_TEXT", "Le premier contact ? - Autre - Texte", {"ImportId": "QID2_3_TEXT"}),
    ("freins_1", "Vos freins ? - Lenteur - des décisions", {"ImportId": "QID3", "choiceId": "1"}),
    ("freins_2", "Vos freins ? - Aucun", {"ImportId": "QID3", "choiceId": "2"}),
    ("Q4_1", "Satisfait de : - Paiement", {"ImportId": "QID4_1"}),
    ("Q4_2", "Satisfait de : - Prise de contact", {"ImportId": "QID4_2"}),
    ("Q2_DO", "Ordre", {"ImportId": "QID2_DO"}),
    ("Q5_First Click", "Minuteur - First Click", {"ImportId": "QID5_FIRST_CLICK"}),
    ("Q_RecaptchaScore", "Q_RecaptchaScore", {"ImportId": "Q_RecaptchaScore"}),
    ("partenaire", "partenaire", {"ImportId": "partenaire"}),
)


def answers(
    status: str, finished: str = "True", freins: tuple[str, str] = ("Lenteur - des décisions", "")
) -> list[str]:
    moment = "2025-10-02 14:30:00"
    first = [moment, moment, status, finished, "R_3aBcDeFgHiJkLmN", "FR", "012345678", "Autre", "Un ami", *freins]
    return [*first, "4", "4", "1|2", "3.2", "0.9", "Le Réseau"]


def export(*rows: list[str], imports: bool = True) -> list[list[str]]:
    headers = [[code for code, _, _ in FIELDS], [text for _, text, _ in FIELDS]]
    return [*headers, *([[json.dumps(of) for _, _, of in FIELDS]] if imports else []), *rows]


def by_code(form: Form) -> Mapping[tuple[str, str], Column]:
    return {(column.code, column.option_code): column for column in form.columns}


@pytest.mark.parametrize(
    ("name", "responses", "columns", "test"),
    [
        ("qt_alltypes_insights.csv", 5, 190, "true"),
        ("qt_alltypes_legacy.csv", 5, 189, "true"),
        ("qt_better_sample.csv", 10, 59, "true"),
        ("qt_sidebyside_insights.csv", 25, 71, "true"),
        ("qt_sidebyside_legacy.csv", 25, 70, "true"),
        ("qualtrics_legacy_german_sample.csv", 1, 15, "false"),
        ("qualtrics_v3_german_sample.csv", 1, 20, "false"),
    ],
)
def test_real_exports(shared: Shared, name: str, responses: int, columns: int, test: str) -> None:
    form = read_form(open_document(shared(f"forms/qualtrics/{name}")))
    assert (form.tool, len(form.numbers), len(form.columns)) == ("qualtrics", responses, columns)
    assert set(form.complete) == {"true"} and set(form.test) == {test}
    assert all(id and id.startswith("R_") for id in form.tool_id) and all(form.submitted_at)
    own = [column for column in form.columns if "Recipient" in column.code or "Location" in column.heading]
    assert all(column.role == "other" for column in own)


def test_labels_in_another_language_do_not_hide_the_metadata(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/qualtrics/qualtrics_v3_german_sample.csv")))
    assert (form.tool_id, form.language) == (["R_2YPOQ602ER1jkf1"], ["DE"])
    questions = [column.question for column in form.columns if column.role is None]
    assert questions == ["This is a multiple choice question.", "This is a free text question."]


def test_question_and_options_of_a_real_multiple_choice(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/qualtrics/qt_better_sample.csv")))
    found = [column for column in form.columns if column.code == "q3_volunteer"]
    assert {column.question for column in found} == {"Please select the fruit you would voluntarily eat."}
    assert [column.option for column in found] == ["Cantaloupe", "Kiwi", "Pomegranate", "None of the above"]


@pytest.mark.parametrize("name", ["qt_alltypes.qsf", "qt_better_sample.qsf", "qt_sidebyside.qsf"])
def test_definition_is_refused_with_what_to_export(shared: Shared, name: str) -> None:
    with pytest.raises(ProblemsError, match="définition d'un questionnaire Qualtrics") as caught:
        read_form(open_document(shared(f"forms/qualtrics/{name}")))
    assert "Exporter les données" in caught.value.problems[0].action


def test_nothing_else_is_claimed(shared: Shared) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        assert (TOOL.recognise(open_document(path)) > 0) == (path.parent.name == "qualtrics"), path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_columns_of_one_question_share_it(as_csv: AsCsv, encoding: str) -> None:
    rows = export(answers("IP Address"), answers("IP Address", freins=("", "Aucun")))
    form = read_form(parse_document(as_csv(rows, "\t").encode(encoding), "export.tsv"))
    found = by_code(form)
    slow, other = found["freins", "1"], found["Q2", "3_TEXT"]
    assert (slow.question, slow.option, slow.kind) == ("Vos freins ?", "Lenteur - des décisions", "multiple")
    assert slow.options == ("Lenteur - des décisions", "Aucun")
    assert (other.question, other.option) == ("Le premier contact ?", "Autre")
    assert (found["Q2", ""].question, found["Q2", ""].option) == ("Le premier contact ?", "")
    assert (found["Q4", "1"].question, found["Q4", "1"].option, found["Q4", "1"].kind) == (
        "Satisfait de :",
        "Paiement",
        None,
    )
    assert form.cells[found["siren", ""].position][0] == "012345678"


def test_what_qualtrics_adds_is_no_question(as_csv: AsCsv) -> None:
    form = read_form(parse_document(as_csv(export(answers("0"))).encode(), "export.csv"))
    roles = {column.code: column.role for column in form.columns}
    assert [roles[code] for code in ("Q2_DO", "Q5_First Click", "Q_RecaptchaScore", "StartDate")] == ["other"] * 4
    assert (form.partner, form.language, form.submitted_at) == (["Le Réseau"], ["FR"], ["2025-10-02T14:30:00"])


@pytest.mark.parametrize(
    ("status", "test"),
    [
        ("0", "false"),
        ("4", "false"),
        ("16", "false"),
        ("1", "true"),
        ("2", "true"),
        ("8", "true"),
        ("17", "true"),
        ("IP Address", "false"),
        ("Adresse IP", "false"),
        ("Survey Preview", "true"),
        ("Survey Test", "true"),
        ("Spam", "true"),
        ("Aperçu de l'enquête", "true"),
    ],
)
def test_status_tells_previews_and_tests(as_csv: AsCsv, status: str, test: str) -> None:
    form = read_form(parse_document(as_csv(export(answers(status, "False"))).encode(), "export.csv"))
    assert (form.test, form.complete, form.warnings) == ([test], ["false"], ())


def test_unknown_status_is_said_and_not_guessed(as_csv: AsCsv) -> None:
    form = read_form(parse_document(as_csv(export(answers("Nouveau"), answers("0"))).encode(), "export.csv"))
    assert form.test == [None, "false"]
    (warning,) = form.warnings
    assert "1 réponse" in warning.found and "Nouveau" not in str(warning)


def test_without_import_ids_the_first_response_is_no_header(as_csv: AsCsv) -> None:
    rows = export(answers("0"), answers("2"), imports=False)
    for headers in (rows, [rows[0], *rows[2:]]):
        form = read_form(parse_document(as_csv(headers).encode(), "export.csv"))
        assert (form.tool, form.test) == ("qualtrics", ["false", "true"])
