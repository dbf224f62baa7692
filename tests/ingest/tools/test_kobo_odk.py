"""KoboToolbox, ODK Central, ODK Briefcase and Ona: paths, options beside joined codes, repeated questions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from observatory.editions.model import Edition
from observatory.ingest.catalogue import catalogue
from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.matching import match_columns
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Column, Form
from observatory.ingest.tools.kobo_odk import TOOL
from observatory.problems import ProblemsError

Shared = Callable[[str], Path]
AsCsv = Callable[..., str]
KOBO = ["_id", "_uuid", "_submission_time", "_index"]
SENT = ["1", "3e1b7a30-0001", "2025-10-01T10:00:00", "1"]


def read(text: str, name: str = "export.csv") -> Form:
    return read_form(parse_document(text.encode(), name))


def by_heading(form: Form) -> Mapping[str, Column]:
    return {column.heading: column for column in form.columns}


@pytest.mark.parametrize(
    ("name", "submissions", "questions", "submitted"),
    [
        ("kobo_tutorial_w_repeats.csv", 1, 9, "2013-02-18T15:54:01"),
        ("odk_briefcase_all-data-types.csv", 1, 9, "2018-04-26T08:58:20"),
        ("odk_briefcase_choice-lists.csv", 1, 5, "2018-04-26T08:58:20"),
        ("odk_briefcase_simple-form.csv", 31, 1, "2018-04-01T00:00:00"),
        ("ona_childrens_survey.csv", 2, 5, None),
        ("ona_flattened-repeats.csv", 1, 0, "2013-02-18T15:54:01"),
        ("ona_tutorial_split-multi.csv", 1, 9, None),
    ],
)
def test_real_exports(shared: Shared, name: str, submissions: int, questions: int, submitted: str | None) -> None:
    form = read_form(open_document(shared(f"forms/kobo_odk/{name}")))
    assert (form.tool, len(form.numbers), form.submitted_at[0]) == ("kobo_odk", submissions, submitted)
    assert sum(column.role is None for column in form.columns) == questions
    assert set(form.complete) == set(form.test) == {None}


def test_real_leading_zeros_and_ids_are_kept(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/kobo_odk/odk_briefcase_all-data-types.csv")))
    assert form.cells[by_heading(form)["some_barcode"].position] == ("000049499094",)
    assert form.tool_id == ["uuid:39f3dd36-161e-45cb-a1a4-395831d253a7"]
    simple = read_form(open_document(shared("forms/kobo_odk/odk_briefcase_simple-form.csv")))
    assert len(set(simple.tool_id)) == 31 and None not in simple.tool_id


def test_real_options_are_read_and_the_joined_codes_are_left_out(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/kobo_odk/odk_briefcase_choice-lists.csv")))
    found = [column for column in form.columns if column.kind == "multiple"]
    assert [(column.code, column.option_code) for column in found] == [
        *(("some_string", "CHOICE_1"), ("some_string", "CHOICE_2")),
        *(("yet_another_string", "CHOICE_1"), ("yet_another_string", "CHOICE_2")),
    ]
    assert found[0].options == ("CHOICE_1", "CHOICE_2")
    assert [column.code for column in form.columns if column.role is None and column.kind is None] == ["another_string"]


def test_real_filler_is_no_answer(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/kobo_odk/ona_tutorial_split-multi.csv")))
    assert form.not_shown == frozenset()
    answered = [column.heading for column in form.columns if form.cells.filled(column.position)]
    assert answered == ["gps", "_gps_latitude", "_gps_longitude", "_gps_altitude", "_gps_precision", "meta/instanceID"]


@pytest.mark.parametrize("name", ["kobo_tutorial_w_repeats.csv", "ona_flattened-repeats.csv"])
def test_real_repeated_questions_are_said_and_not_read(shared: Shared, name: str) -> None:
    form = read_form(open_document(shared(f"forms/kobo_odk/{name}")))
    assert {column.role for column in form.columns if "[" in column.heading} == {"other"}
    assert ["questions répétées" in warning.found for warning in form.warnings] == [True]


@pytest.mark.parametrize(("name", "rows"), [("children", 3), ("cartoons", 4)])
def test_real_table_of_repeats_alone_is_read_with_a_warning(shared: Shared, name: str, rows: int) -> None:
    form = read_form(open_document(shared(f"forms/kobo_odk/ona_childrens_survey_repeat_{name}.csv")))
    assert len(form.numbers) == rows
    assert ["tableau de questions répétées" in warning.found for warning in form.warnings] == [True]


def test_real_main_table_of_an_archive_is_read_whatever_its_place(shared: Shared) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for part in ("_repeat_children", "_repeat_cartoons", ""):
            name = f"ona_childrens_survey{part}.csv"
            archive.write(shared(f"forms/kobo_odk/{name}"), name)
    form = read_form(parse_document(data.getvalue(), "export.zip"))
    assert (len(form.numbers), form.table.sheet) == (2, "ona_childrens_survey.csv")
    (warning,) = form.warnings
    assert "ona_childrens_survey_repeat_children.csv" in warning.found


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("kobo_tutorial_w_repeats_xlsform.xls", "XLSForm"),
        ("ona_childrens_survey_xlsform.xlsx", "XLSForm"),
        ("xlsform_or_other.xlsx", "XLSForm"),
        ("xlsform_unhcr_demo.xlsx", "XLSForm"),
        ("odk_briefcase_choice-lists_form.xml", "XForm"),
    ],
)
def test_definitions_are_refused_with_what_to_export(shared: Shared, name: str, what: str) -> None:
    with pytest.raises(ProblemsError, match=what) as caught:
        read_form(open_document(shared(f"forms/kobo_odk/{name}")))
    assert "exportez les réponses" in caught.value.problems[0].action


def test_nothing_else_is_claimed(shared: Shared) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        assert (TOOL.recognise(open_document(path)) > 0) == (path.parent.name == "kobo_odk"), path


def test_codes_in_groups_find_their_questions(as_csv: AsCsv, edition: Edition) -> None:
    rows = [
        ["start", "end", "firme/siren", "firme/siren_ok", "f/obstacles", "f/obstacles/slow", "f/obstacles/contact"],
        ["2025", "2025", "012345678", "1", "slow contact", "1", "1"],
        ["2025", "2025", "732829320", "0", "contact", "0", "1"],
    ]
    rows[0] += ["f/obstacles/other", "f/obstacles_other", "f/first_contact", "f/first_contact_other", *KOBO]
    rows[1] += ["1", "Le stationnement", "other", "Un ami", *SENT]
    rows[2] += ["0", "", "event", "", "2", "3e1b7a30-0002", *SENT[2:]]
    form = read(as_csv(rows))
    matches = match_columns(form, catalogue(edition, "startup"), {})
    assert {match.column.heading: match.target for match in matches if match.decided} == {
        "firme/siren": "siren",
        "f/obstacles/slow": "obstacles__slow",
        "f/obstacles/contact": "obstacles__contact",
        "f/obstacles/other": "obstacles__other",
        "f/obstacles_other": "obstacles__other_text",
        "f/first_contact": "first_contact",
        "f/first_contact_other": "first_contact__other_text",
    }


def test_labels_as_headings(as_csv: AsCsv) -> None:
    rows = [
        ["Vos freins ?", "Vos freins ?/Lenteur des décisions", "Vos freins ?/Aucun / autre", "Start-up/PME ?", *KOBO],
        ["Lenteur des décisions Aucun / autre", "1", "1", "Oui", *SENT],
    ]
    form = read(as_csv(rows))
    assert [(column.question, column.option) for column in form.columns[:3]] == [
        ("Vos freins ?", "Lenteur des décisions"),
        ("Vos freins ?", "Aucun / autre"),
        ("Start-up/PME ?", ""),
    ]


def test_options_alone_are_told_by_their_ticks(as_csv: AsCsv) -> None:
    rows = [["f/freins/slow", "f/freins/none", "g/a", "g/b", *KOBO], ["True", "False", "1", "texte", *SENT]]
    found = by_heading(read(as_csv(rows)))
    assert (found["f/freins/slow"].code, found["f/freins/slow"].option_code) == ("freins", "slow")
    assert (found["g/a"].code, found["g/a"].option_code, found["g/a"].kind) == ("a", "", None)


def test_joined_codes_are_kept_where_the_options_say_nothing(as_csv: AsCsv) -> None:
    rows = [["freins", "freins/slow", "freins/none", *KOBO], ["slow none", "", "", *SENT]]
    assert by_heading(read(as_csv(rows)))["freins"].code == "freins"


def test_odk_central(as_csv: AsCsv) -> None:
    own = ["SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState"]
    rows = [
        ["SubmissionDate", "meta-instanceID", "firme-siren", "freins", "freins/slow", "KEY", *own, "Données simulées"],
        ["2025-10-01T10:00:00.000Z", "uuid:1", "012345678", "slow", "1", "uuid:1", "5", "Al", "0", "0", "", "", "oui"],
    ]
    form = read(as_csv(rows, ","))
    found = by_heading(form)
    assert (form.tool_id, form.submitted_at, form.simulated) == (["uuid:1"], ["2025-10-01T10:00:00"], ["true"])
    assert {found[name].role for name in ("meta-instanceID", *own)} == {"other"}
    assert (found["firme-siren"].code, found["freins/slow"].option_code) == ("siren", "slow")
