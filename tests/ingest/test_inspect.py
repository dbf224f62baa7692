"""What a file is, told without an edition: facts counted, questions recognised, answers never shown."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.cli import main_group
from observatory.ingest.cells import MemoryColumns
from observatory.ingest.documents import parse_document
from observatory.ingest.files import Table
from observatory.ingest.inspect import Inspection, inspect_form
from observatory.ingest.packed import packed
from observatory.ingest.questions import AskedQuestion, asked_questions
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Column, Form, QuestionKind
from observatory.inspection import as_json, as_text
from observatory.problems import ProblemsError

AsCsv = Callable[..., str]


@pytest.fixture
def inspected(as_csv: AsCsv) -> Callable[..., Inspection]:
    """The facts of an export whose rows are given, headers first."""

    def of(rows: Sequence[Sequence[str]]) -> Inspection:
        return inspect_form(read_form(parse_document(as_csv(rows).encode(), "export.csv")))

    return of


def form_of(columns: Sequence[tuple[Column, Sequence[str]]]) -> Form:
    """A form as a tool hands it over, its columns and their cells given."""
    cells = MemoryColumns([tuple(texts) for _, texts in columns], len(columns[0][1]))
    nobody: list[str | None] = [None] * cells.rows
    return Form(
        table=Table("export.sav", "", "", "", []),
        tool="sphinx",
        header_rows=1,
        columns=tuple(column for column, _ in columns),
        numbers=range(2, cells.rows + 2),
        cells=cells,
        tool_id=nobody,
        submitted_at=nobody,
        language=nobody,
        complete=nobody,
        test=nobody,
        simulated=nobody,
        partner=nobody,
    )


def questions_of(rows: Sequence[Sequence[str]], as_csv: AsCsv) -> tuple[AskedQuestion, ...]:
    return inspect_form(read_form(parse_document(as_csv(rows).encode(), "export.csv"))).questions


def one_column(cells: Sequence[str], as_csv: AsCsv) -> AskedQuestion:
    """The question of one column; a second one keeps the table a table."""
    rows = [["Votre réponse ?", "Rang"], *([cell, str(number)] for number, cell in enumerate(cells, 1))]
    return questions_of(rows, as_csv)[0]


# Respondents


LIMESURVEY = ["id", "submitdate", "lastpage", "startlanguage", "q1. Êtes-vous une start-up ?", "q2. Vos remarques"]


def test_respondents_are_complete_partial_or_empty(inspected: Callable[..., Inspection]) -> None:
    found = inspected(
        [
            LIMESURVEY,
            ["1", "2025-10-02 10:00:00", "3", "fr", "Oui", ""],
            ["2", "2025-11-30 08:00:00", "3", "en", "Non", "Rien"],
            ["3", "", "1", "fr", "Oui", ""],
            ["4", "", "0", "fr", "", " "],
            ["5", "", "0", "fr", "N/A", ""],
        ]
    )
    assert (found.rows, found.complete, found.partial, found.empty, found.test) == (5, 2, 1, 2, None)
    assert (found.first_date, found.last_date) == ("2025-10-02", "2025-11-30")
    assert found.languages == {"fr": 2, "en": 1}
    assert (found.tool, found.encoding, found.delimiter, found.header_rows, found.columns) == (
        "limesurvey",
        "utf-8",
        ";",
        1,
        6,
    )


def test_what_the_file_does_not_tell_is_unknown_not_zero(inspected: Callable[..., Inspection]) -> None:
    found = inspected([["Question une", "Question deux"], ["Oui", "a"], ["", ""], ["Non", ""]])
    assert (found.rows, found.complete, found.partial, found.empty, found.test) == (2, None, None, 0, None)
    assert (found.first_date, found.last_date, found.languages) == (None, None, {})


def test_completeness_told_for_some_only_is_unknown() -> None:
    form = form_of([(Column(0, "Question", "Question"), ["Oui", "Non", "Oui"])])
    assert inspect_form(replace(form, complete=["true", None, "false"])).complete is None


def test_a_test_counts_as_a_test_only() -> None:
    form = form_of([(Column(0, "Question", "Question"), ["Oui", "Non", "", "Oui", ""])])
    found = inspect_form(
        replace(
            form,
            test=["false", "true", "true", "false", "false"],
            complete=["true", "true", "false", "false", "true"],
            submitted_at=["2025-10-02", "2020-01-01", None, "2025-10-03", None],
        )
    )
    assert (found.rows, found.complete, found.partial, found.empty, found.test) == (5, 1, 1, 1, 2)
    assert found.first_date == "2025-10-02"


def test_a_file_of_tests_only_is_warned_of() -> None:
    form = form_of([(Column(0, "Question", "Question"), ["Oui", "Non"])])
    found = inspect_form(replace(form, test=["true", "true"], complete=["true", "true"]))
    assert (found.complete, found.partial, found.empty, found.test) == (0, 0, 0, 2)
    assert ["aucun répondant" in warning.found for warning in found.warnings] == [True]


def test_a_withheld_date_is_no_date(inspected: Callable[..., Inspection]) -> None:
    found = inspected([LIMESURVEY, *([str(n), "1980-01-01 00:00:00", "3", "fr", "Oui", ""] for n in range(3))])
    assert (found.complete, found.first_date) == (3, None)


def test_dates_that_can_not_be_read_are_told_of(inspected: Callable[..., Inspection]) -> None:
    moments = ["2025-10-02 10:00:00", "le 3 octobre", "", "1980-01-01 00:00:00", "2025-13-45", "N/A"]
    found = inspected([LIMESURVEY, *([str(n), moment, "3", "fr", "Oui", ""] for n, moment in enumerate(moments))])
    (warning,) = found.warnings
    assert (warning.row, warning.column) == (3, "submitdate")
    assert warning.found.startswith("2 dates d'envoi") and "octobre" not in str(warning)


def test_an_order_of_day_and_month_that_nothing_tells_is_told_of(inspected: Callable[..., Inspection]) -> None:
    moments = ["25/03/2025 10:00", "03/25/2025 10:00", "03/04/2025 10:00"]
    found = inspected([LIMESURVEY, *([str(n), moment, "3", "fr", "Oui", ""] for n, moment in enumerate(moments))])
    assert [warning.found.split(" (")[0] for warning in found.warnings] == ["1 date d'envoi que l'on ne sait pas lire"]


def test_a_language_that_may_be_an_answer_is_not_shown(inspected: Callable[..., Inspection]) -> None:
    found = inspected([["Langue", "Question"], ["fr", "a"], ["Je préfère en parler au 06 12 34 56 78", "b"]])
    assert found.languages == {"fr": 1, "autre": 1}


# Questions that are several columns


def test_ticked_columns_are_one_question(as_csv: AsCsv) -> None:
    heads = ["q1[SQ1]. Vos freins ? [Délais]", "q1[SQ2]. Vos freins ? [Prix]", "q1[other]. Vos freins ? [Autre]"]
    rows = [["Oui", "Non", ""], ["Non", "Oui", "La météo"], ["Oui", "Oui", ""]]
    assert questions_of([heads, *rows], as_csv) == (
        AskedQuestion("q1", "Vos freins ?", "multiple", ("Délais", "Prix", "Autre")),
    )


def test_columns_that_repeat_their_option_are_one_question(as_csv: AsCsv) -> None:
    heads = [["Vos freins ?", "", "", "Votre région ?"], ["Délais", "Prix", "Autre (précisez)", "Response"]]
    rows = [["Délais", "", "", "Nord"], ["", "Prix", "La météo", "Sud"], ["Délais", "Prix", "", "Nord"]]
    multiple, region = questions_of([*heads, *rows, *([["", "", "", "Nord"], ["", "", "", "Sud"]] * 2)], as_csv)
    assert multiple == AskedQuestion("", "Vos freins ?", "multiple", ("Délais", "Prix", "Autre (précisez)"))
    assert (region.kind, set(region.options)) == ("single", {"Nord", "Sud"})


def test_a_grid_is_one_question_a_row(as_csv: AsCsv) -> None:
    heads = ["Satisfaction ? [Délais]", "Satisfaction ? [Prix]"]
    rows = [["Bien", "Mal"], ["Mal", "Bien"], ["Bien", "Moyen"], ["Bien", "Moyen"], ["Mal", "Mal"], ["Bien", "Bien"]]
    assert questions_of([heads, *rows, *rows], as_csv) == (
        AskedQuestion("", "Satisfaction ? [Délais]", "single", ("Bien", "Mal")),
        AskedQuestion("", "Satisfaction ? [Prix]", "single", ("Bien", "Mal", "Moyen")),
    )


def test_the_same_question_asked_again_is_another_one(as_csv: AsCsv) -> None:
    heads = ["Vos freins ? [Délais]", "Vos freins ? [Prix]", "Vos freins ? [Délais]", "Vos freins ? [Prix]"]
    questions = questions_of([heads, ["Oui", "Non", "Oui", "Oui"], ["Non", "Oui", "Oui", "Non"]], as_csv)
    assert [(question.kind, question.options) for question in questions] == [("multiple", ("Délais", "Prix"))] * 2


def test_the_free_text_of_a_choice_is_no_question(as_csv: AsCsv) -> None:
    heads = ["Votre pays ?", "Votre pays ? [Autre]"]
    rows = [["France", ""], ["Autre", "Norvège"], *([["France", ""], ["Suisse", ""]] * 3)]
    (question,) = questions_of([heads, *rows], as_csv)
    assert (question.kind, question.options) == ("single", ("France", "Suisse"))


def test_choices_in_order_are_a_ranking(as_csv: AsCsv) -> None:
    heads = ["Vos priorités ? [Rang 1]", "Vos priorités ? [Rang 2]"]
    (question,) = questions_of(
        [heads, ["Prix", "Délais"], ["Délais", "Prix"], ["Prix", "Qualité"], ["Prix", "Délais"]], as_csv
    )
    assert (question.kind, question.options) == ("ranking", ("Prix", "Délais"))


def test_a_tick_box_without_its_question_is_an_option(as_csv: AsCsv) -> None:
    heads, rows = ["Un téléphone", "Âge"], [["Un téléphone", "31"], ["", "47"], ["Un téléphone", "52"]]
    assert questions_of([heads, *rows], as_csv)[0] == AskedQuestion("", "Un téléphone", "multiple", ("Un téléphone",))


# Kinds of one column


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["12", "1 250,5", "3.75", "-4"], "number"),
        (["1.5", "12 %", "30 %"], "number"),
        (["2025-10-02", "2025-11-03", "2025-12-04"], "date"),
        (["02/10/2025", "03/11/2025 10:30", "04/12/2025"], "date"),
        (["59000", "75001", "13002"], "number"),
        (["un avis", "un autre avis", "rien"], "text"),
        (["", " ", ""], "text"),
        (["Oui", "Non", "Oui", "Non", "Oui", "Non"], "single"),
        (["Oui", "Non", "Oui", "Non"], "text"),
    ],
)
def test_kind_of_a_column(cells: list[str], kind: QuestionKind, as_csv: AsCsv) -> None:
    assert one_column(cells, as_csv).kind == kind


def test_a_scale_is_a_choice_and_a_count_a_number(as_csv: AsCsv) -> None:
    assert one_column(["5", "4", "5", "4", "5", "3", "3", "3", "4"], as_csv).options == ("3", "4", "5")
    assert one_column(["5", "40", "5", "40", "5", "40"], as_csv).kind == "number"


def test_options_come_by_frequency_and_one_answer_is_none(as_csv: AsCsv) -> None:
    question = one_column(["Nord"] * 3 + ["Sud"] * 4 + ["Ailleurs, chez Mme Dupont"], as_csv)
    assert (question.kind, question.options) == ("single", ("Sud", "Nord"))


@pytest.mark.parametrize("kind", [None, "single"])
def test_names_given_twice_are_answers(kind: QuestionKind | None) -> None:
    manager = Column(0, "Qui est votre manager ?", "Qui est votre manager ?", kind=kind)
    form = form_of([(manager, ["Jean Martin", "Awa Diop", "Jean Martin", "Awa Diop"])])
    assert asked_questions(form) == (AskedQuestion("", "Qui est votre manager ?", kind or "text"),)


def test_names_given_twice_in_one_cell_are_answers(as_csv: AsCsv) -> None:
    question = one_column(["Martin; Diop", "Martin; Roy", "Diop; Roy", "Léa", "Léa; Marc", "Marc"], as_csv)
    assert question.options == ()


def test_what_often_comes_among_free_texts_is_an_answer(as_csv: AsCsv) -> None:
    cells = ["Jean Martin"] * 7 + ["Awa Diop", "Léa Roy"]
    assert one_column([*cells, "Marc"], as_csv) == AskedQuestion("", "Votre réponse ?", "text")
    assert one_column(["Jamais", *cells], as_csv).options == ()
    assert one_column(["Nord"] * 8 + ["Awa Diop", "Léa Roy"], as_csv).options == ("Nord",)


def test_an_address_given_often_is_no_option(as_csv: AsCsv) -> None:
    cells = ["Non"] * 12 + ["Oui"] * 8 + ["jean@exemple.fr"] * 3 + ["06 12 34 56 78"] * 3
    assert one_column(cells, as_csv).options == ("Non", "Oui")


def test_a_typed_answer_that_comes_back_is_no_option(as_csv: AsCsv) -> None:
    typed = ["Paris", "paris", "PARIS", "Paris", "paris", "Lyon", "lyon", "Lyon", "lyon", "LYON", "Lille", "lille"]
    assert one_column(typed, as_csv) == AskedQuestion("", "Votre réponse ?", "text")


def test_what_the_tool_says_holds() -> None:
    codebook = ("Jamais", "Parfois", "Toujours")
    form = form_of(
        [
            (Column(0, "Fréquence", "Fréquence", kind="single", options=codebook), ["a", "b", "c"]),
            (Column(1, "Codes", "Codes", kind="text"), ["1", "1", "1"]),
            (Column(2, "Freins", "Freins", kind="multiple"), ["Prix;Délais;", "Délais;Prix;", "Prix;Délais;"]),
            (Column(3, "V4_1", "Moyens", "1", "V4", "1", kind="multiple", options=("Train", "Vélo")), ["Vélo", "", ""]),
            (Column(4, "V4_2", "Moyens", "2", "V4", "2", kind="multiple", options=("Train", "Vélo")), ["", "", ""]),
        ]
    )
    assert asked_questions(form) == (
        AskedQuestion("", "Fréquence", "single", codebook),
        AskedQuestion("", "Codes", "text"),
        AskedQuestion("", "Freins", "multiple", ("Délais", "Prix")),
        AskedQuestion("V4", "Moyens", "multiple", ("Train", "Vélo")),
    )


def test_answers_side_by_side_are_one_question() -> None:
    slots = [Column(position, f"Freins_{position + 1}", "Freins", kind="multiple") for position in range(2)]
    form = form_of(
        [
            (slots[0], ["Prix", "Délais", "Prix", "Délais", "Prix", "La météo"]),
            (slots[1], ["Délais", "", "Accès", "Accès", "Accès", ""]),
        ]
    )
    assert asked_questions(form) == (AskedQuestion("", "Freins", "multiple", ("Accès", "Délais", "Prix")),)


def test_a_comment_is_neither_option_nor_question() -> None:
    form = form_of(
        [
            (Column(0, "Prix", "Freins", "Prix", "q1", "SQ1"), ["Oui", "Non"]),
            (Column(1, "Prix, commentaire", "Freins", "Prix [Commentaire]", "q1", "SQ1comment"), ["Trop cher", ""]),
            (Column(2, "Délais", "Freins", "Délais", "q1", "SQ2"), ["Non", "Oui"]),
            (Column(3, "Autre", "Freins", "Autre", "q1", "other"), ["", "La météo"]),
        ]
    )
    assert asked_questions(form) == (AskedQuestion("q1", "Freins", "multiple", ("Prix", "Délais", "Autre")),)


# Several answers in one cell


@pytest.mark.parametrize("glue", [";", "; ", ", ", "\n"])
def test_options_packed_in_a_cell_are_found(glue: str, as_csv: AsCsv) -> None:
    cells = [["Prix"], ["Prix", "Délais"], ["Délais", "Accès"], ["Accès"], ["Prix", "Délais", "Accès"], ["La météo"]]
    question = one_column([glue.join(cell) for cell in cells], as_csv)
    assert (question.kind, set(question.options)) == ("multiple", {"Prix", "Délais", "Accès"})


def test_a_separator_at_the_end_of_each_cell_separates() -> None:
    found = packed(Counter({"Prix;": 3, "Prix;Délais;": 2, "Délais;": 1}))
    assert found is not None
    assert (found.separator, found.options) == (";", {"Prix": 5, "Délais": 3})


def test_an_option_may_hold_the_separator(as_csv: AsCsv) -> None:
    train, others = "Transports (train, bus, etc.)", "Moto, scooter"
    cells = [train, f"{train}, {others}", others, f"Vélo, {others}", "Vélo", f"{train}, Vélo"]
    assert set(one_column(cells, as_csv).options) == {train, others, "Vélo"}


@pytest.mark.parametrize(
    "options",
    [
        ["Oui, j'y serai", "Oui, et j'y parlerai", "Non"],
        ["Lille, mai", "Lyon, mai", "Brest, août"],
        ["Génie électrique, électronique", "Chimie"],
    ],
)
def test_commas_within_the_options_of_a_single_choice_separate_nothing(options: list[str], as_csv: AsCsv) -> None:
    question = one_column([option for option in options for _ in range(3)], as_csv)
    assert (question.kind, set(question.options)) == ("single", set(options))


def test_free_texts_with_commas_stay_free(as_csv: AsCsv) -> None:
    cells = ["oui, mais pas toujours", "non, rarement", "les délais, les prix, et le reste", "rien, merci", "rien"]
    assert one_column(cells, as_csv) == AskedQuestion("", "Votre réponse ?", "text")


OPTIONS = st.lists(
    st.text(st.characters(categories=("Ll", "Lu", "Nd"), max_codepoint=0x17F), min_size=1, max_size=8)
    .map(lambda word: f"option {word}")
    .filter(lambda word: word.casefold() == word),
    min_size=2,
    max_size=5,
    unique=True,
)


@settings(max_examples=80, deadline=None)
@given(OPTIONS, st.sampled_from([";", "; ", ", "]), st.text("abcdef ,;", min_size=3, max_size=8))
def test_every_mixture_of_options_is_taken_apart_and_no_free_answer_shown(
    options: list[str], glue: str, free: str
) -> None:
    mixtures = [
        glue.join(chosen) for number in range(1, len(options) + 1) for chosen in itertools.combinations(options, number)
    ]
    found = packed(Counter([*(mixtures * 5), f"tout autre chose : {free}"]))
    assert found is not None
    assert set(found.options) == set(options)
    assert set(found.options.values()) == {5 * 2 ** (len(options) - 1)}


# Personal data, and what looks damaged


def test_a_personal_column_is_named_and_lists_no_option(inspected: Callable[..., Inspection]) -> None:
    rows = [["Nom", "Région"], ["Dupont", "Nord"], ["Dupont", "Nord"], ["Dupont", "Sud"], ["Durand", "Sud"]]
    found = inspected([["Votre nom", "Région"], *rows[1:]])
    assert [person.column.heading for person in found.personal_data] == ["Votre nom"]
    assert "Dupont" not in json.dumps(as_json(found), ensure_ascii=False) + as_text(found, 100)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["Response ID", "Question"], ["1.14083E+11", "a"], ["1.14083E+11", "b"]], "2 identifiants abîmés"),
        ([["Response ID", "Question"], ["7", "a"], ["8", "b"], ["7", "c"]], "1 identifiant sur plusieurs rangées"),
        ([["Effectif ?", "B"], ["1-9", "a"], ["oct-49", "b"], ["50-249", "c"]], "1 réponse devenue une date"),
        ([["Effectif ?", "B"], ["1-9", "a"], ["49-oct.", "b"], ["50-249", "c"]], "1 réponse devenue une date"),
        ([["Même question", "B", "Même question"], ["1", "2", "3"], ["4", "5", "6"]], "1 en-tête sur plusieurs"),
        ([["Question", "Autre question"]], "aucune réponse"),
    ],
)
def test_what_looks_damaged_is_warned_of(
    rows: list[list[str]], found: str, inspected: Callable[..., Inspection]
) -> None:
    (warning,) = inspected(rows).warnings
    assert found in warning.found


def test_a_column_of_months_is_not_damaged(inspected: Callable[..., Inspection]) -> None:
    assert inspected([["Mois ?", "B"], ["oct-24", "a"], ["nov-24", "b"], ["", "c"]]).warnings == ()


def test_windows_text_and_columns_without_heading_are_warned_of() -> None:
    data = "Société;;Coût\nÀ;x;1\nÉ;y;2\n".encode("cp1252")
    warnings = inspect_form(read_form(parse_document(data, "export.csv"))).warnings
    assert [warning.severity for warning in warnings] == ["warning", "warning"]


# What is no table of answers


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"une ligne\nune autre ligne\n", "d'une seule colonne"),
        (b"".join(b"mot, " * (n % 4) + b"fin\n" for n in (3, *range(2, 40))), "n'ont pas les mêmes colonnes"),
        (b",,\n,,\n", "sans en-têtes"),
        (b"jean@exemple.fr;Oui\nmarie@exemple.fr;Non\n", "là où devraient se trouver les en-têtes"),
        (b"12;2025-01-02\n15;2025-01-03\n", "là où devraient se trouver les en-têtes"),
        (b"Oui;Nord\nNon;Sud\nOui;Nord\nPeut-\xc3\xaatre;Est\n", "là où devraient se trouver les en-têtes"),
        (b"[" * 100_000, "d'une seule colonne"),
    ],
)
def test_what_is_no_table_of_answers_is_refused_without_showing_it(data: bytes, found: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        inspect_form(read_form(parse_document(data, "export.csv")))
    message = str(caught.value)
    assert found in message
    assert "exemple.fr" not in message


SIGNATURES = [
    *(
        b"",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ),
    *(b"SQLite format 3\x00", b"$FL2@(#) ", b"$FL3", b"<?xml version='1.0'?>", b"{", b"[", b"sep=;\r\n"),
    *(
        b"id;submitdate;lastpage;startlanguage\n",
        b"Timestamp,a\n",
        b"#,a,Network ID\n",
        b"Respondent ID,a\n,Response\n",
    ),
]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SIGNATURES),
    st.binary(max_size=200)
    | st.text("ab12,;\t\n\r\"'|@éX/-: []", max_size=120).map(lambda text: text.encode())
    | st.lists(st.sampled_from([b",", b";", b"\n", b'"', b"\x00", b"Oui", b"\xe9", b"1.5", b"{}"]), max_size=60).map(
        b"".join
    ),
)
def test_any_bytes_are_read_or_refused(signature: bytes, rest: bytes) -> None:
    try:
        found = inspect_form(read_form(parse_document(signature + rest, "export.csv")))
    except ProblemsError:
        return
    json.dumps(as_json(found))
    assert "Ensuite :" in as_text(found, 80)


# The command


@pytest.fixture
def command() -> Callable[..., Result]:
    """`observatory inspect` with these arguments."""
    return lambda *arguments: CliRunner().invoke(main_group, ["inspect", *map(str, arguments)])


@pytest.fixture
def export(tmp_path: Path, as_csv: AsCsv) -> Path:
    path = tmp_path / "export.csv"
    rows = [[str(n), "2025-10-02 10:00:00", "3", "fr", "Oui" if n % 2 else "Non", f"secret {n}"] for n in range(1, 7)]
    path.write_text(as_csv([LIMESURVEY, *rows]), encoding="utf-8")
    return path


def test_json_has_the_promised_keys(command: Callable[..., Result], export: Path) -> None:
    result = command("--format", "json", export)
    facts = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(facts) >= {
        *("tool", "encoding", "delimiter", "header_rows", "rows", "complete", "partial", "empty", "test", "columns"),
        *("questions", "personal_data", "warnings"),
    }
    assert facts["questions"] == [
        {"code": "q1", "text": "Êtes-vous une start-up ?", "kind": "single", "options": ["Non", "Oui"]},
        {"code": "q2", "text": "Vos remarques", "kind": "text", "options": []},
    ]


def test_a_person_reads_facts_and_no_answer(command: Callable[..., Result], export: Path) -> None:
    text = command(export).stdout
    for fact in ("LimeSurvey", "6 complets", "0 sans réponse", "fr (6)", "le 02/10/2025", "2 questions", "Ensuite :"):
        assert fact in text
    assert "secret" not in text


def in_a_shell(*arguments: object) -> subprocess.CompletedProcess[str]:
    """As a person calls it: refusals are printed by the entry point."""
    words = [sys.executable, "-m", "observatory.cli", "inspect", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_refused_file_leaves_the_others(export: Path, tmp_path: Path) -> None:
    definition = tmp_path / "formulaire.xml"
    definition.write_bytes(b'<?xml version="1.0"?><survey/>')
    result = in_a_shell("--format", "json", definition, tmp_path / "absent.csv", export)
    assert result.returncode == 1
    assert [facts["file"] for facts in json.loads(result.stdout)] == [str(export)]
    assert result.stderr.count("à faire") == 2


def test_a_refused_file_alone_prints_nothing(tmp_path: Path) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    for result in (in_a_shell(path), in_a_shell("--format", "json", path), in_a_shell(tmp_path)):
        assert (result.returncode, result.stdout) == (1, "")
        assert "Refusé" in result.stderr


def test_signs_that_steer_a_terminal_are_not_printed(inspected: Callable[..., Inspection]) -> None:
    found = inspected([["Question \x1b[31mrouge", "[bold]B"], ["a", "b"], ["c", "d"]])
    assert "\x1b" not in as_text(found, 100)
    assert "[bold]B" in as_text(found, 100)


def test_numbers_that_a_spreadsheet_damaged_are_told(as_csv: AsCsv) -> None:
    rows = [["5,521E+13", "5520507", "Oui"], ["1,14083E+11", "732829320", "Non"], ["7,3E+13", "55205504", "Oui"]]
    form = read_form(parse_document(as_csv([["Compte", "Votre SIREN", "Client ?"], *rows]).encode(), "export.csv"))
    told = {problem.column: problem.found for problem in inspect_form(form).warnings}
    assert told["Compte"].startswith("3 numéros arrondis")
    assert told["Votre SIREN"].startswith("2 numéros dont les premiers zéros")
    assert "Client ?" not in told
