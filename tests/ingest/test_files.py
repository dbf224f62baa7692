"""A file becomes rows of text, exactly, or is refused with a reason."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.ingest.documents import SUFFIXES, open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.problems import ProblemsError
from observatory.validate.numbers import read_number

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff")
    | st.sampled_from(";,\t|\"'\n"),
    max_size=12,
)


OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + b"\x09\x00" + bytes(480)


def refusal(data: bytes, name: str = "export.csv") -> str:
    with pytest.raises(ProblemsError) as caught:
        read_form(parse_document(data, name))
    (problem,) = caught.value.problems
    assert problem.file == name
    return problem.found


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(3, 6))
    heads = [f"Colonne {index}" for index in range(width)]
    rows = draw(st.lists(st.lists(WORDS, min_size=width, max_size=width), min_size=3, max_size=8))
    return [heads, *rows]


@settings(max_examples=150, deadline=None)
@given(
    tables(),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(rows: list[list[str]], delimiter: str, end: str, encoding: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    table = parse_document(text.getvalue().encode(encoding), "export.csv").table
    assert table.delimiter == delimiter
    assert [list(record) for record in table.records] == rows


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_is_told_by_its_null_bytes(encoding: str, as_csv: Callable[..., str]) -> None:
    table = parse_document(as_csv([["Siren", "Été"], ["732829320", "à"]], "\t").encode(encoding), "export.txt").table
    assert (table.encoding, table.records[1]) == (encoding, ["732829320", "à"])


def test_french_excel_is_read_as_windows_text_with_a_warning(as_csv: Callable[..., str]) -> None:
    table = parse_document(as_csv([["Société", "Coût en €"], ["L’Été", "12,5"]]).encode("cp1252"), "export.csv").table
    assert table.records == [["Société", "Coût en €"], ["L’Été", "12,5"]]
    assert [problem.severity for problem in table.warnings] == ["warning"]


def test_delimiter_declared_by_excel_keeps_the_rows_numbers() -> None:
    table = parse_document(b"sep=;\r\na;b\r\n1;2,5\r\n", "export.csv").table
    assert (table.delimiter, list(table.records)) == (";", [[], ["a", "b"], ["1", "2,5"]])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "vide"),
        (b"\xef\xbb\xbf \r\n\r\n", "vide"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"<!DOCTYPE html><html><body>Erreur</body></html>", "HTML"),
        (b'<?xml version="1.0"?><document/>', "XML"),
        (b"PK\x03\x04 cut", "coupé"),
        (b'a;b\r\n1;"open\r\n2;x\r\n', "guillemet"),
        (b"a;b;c\r\n1;2;3\r\n4;5", "coupé"),
        ("a;b\r\n1;é".encode()[:-1], "coupé"),
        (b'{"SurveyEntry": {"SurveyID": "SV_1", "SurveyName": "x", "a": [', "JSON"),
        (b'[\n  {"a": 1, "b": 2},\n  {', "JSON"),
        (OLE_HEAD, "coupé"),
        (bytes(range(1, 32)) * 40 + b"\x81\xff", "encodage|binaire"),
    ],
)
def test_what_is_no_complete_table_is_refused(data: bytes, found: str) -> None:
    assert any(word in refusal(data) for word in found.split("|"))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="ne peut pas ouvrir"):
        open_document(tmp_path / "absent.csv")


def workbook(*sheets: list[list[object]]) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for rows in sheets:
            sheet = book.add_worksheet()
            for index, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, dt.datetime | dt.date):
                        sheet.write_datetime(index, column, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(index, column, cell)
                    else:
                        sheet.write(index, column, cell)
    return data.getvalue()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12.345, "12.3450"),
        (-1.5, "-1.5"),
        (-1.125, "-1.1250"),
        (0.001, "0.0010"),
        (1234.56, "1234.56"),
        (12345.0, "12345"),
        (12345678, "12345678"),
        (0.00001, "0.00001"),
    ],
)
def test_decimals_of_a_workbook_are_never_taken_for_thousands(number: float, text: str) -> None:
    table = parse_document(workbook([["amount", "siren"], [number, "732829320"]]), "export.xlsx").table
    assert table.records[1][0] == text
    assert read_number(text) == number


def test_numbers_of_a_workbook_come_back_as_typed() -> None:
    rows: list[list[object]] = [
        ["id", "siren", "share", "code", "when", "ok"],
        [12345.0, 732829320, 0.15, "01", dt.datetime.fromisoformat("2025-10-02"), True],
        [114083000000.0, "012345678", -3, "1.20", dt.datetime.fromisoformat("2025-10-02T14:30"), False],
    ]
    table = parse_document(workbook(rows), "export.xlsx").table
    assert list(table.records)[1:] == [
        ["12345", "732829320", "0.15", "01", "2025-10-02", "true"],
        ["114083000000", "012345678", "-3", "1.20", "2025-10-02T14:30:00", "false"],
    ]


@settings(max_examples=30, deadline=None)
@given(tables())
def test_texts_of_a_workbook_are_read_as_written(rows: list[list[str]]) -> None:
    assert [
        list(row) for row in parse_document(workbook([list(row) for row in rows]), "export.xlsx").table.records
    ] == rows


def test_workbook_named_csv_is_read_and_said() -> None:
    document = parse_document(workbook([["a", "b"], ["1", "2"]]), "export.csv")
    assert (document.kind, len(document.warnings)) == ("workbook", 1)


def packed(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize("depth", [1, 2000])
def test_an_archive_in_an_archive_is_refused(depth: int) -> None:
    data = packed("export.csv", b"a;b\n1;2\n")
    for _ in range(depth):
        data = packed("x.zip", data)
    with pytest.raises(ProblemsError, match="une archive dans une archive"):
        parse_document(data, "export.zip")


def test_a_workbook_or_a_compressed_file_in_an_archive_is_read() -> None:
    for name, data in (("a.xlsx", workbook([["a"], ["1"]])), ("a.csv.gz", gzip.compress(b"a;b\n1;2\n"))):
        assert parse_document(packed(name, data), "export.zip").table.records[1][0] == "1"


def archived(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


NOTICES = {
    "readme.txt": "Bonjour, voici l'export.\nIl contient, comme convenu, les réponses.\nÀ bientôt".encode(),
    "plaquette.pdf": b"%PDF-1.7",
    "formulaire.json": b'{"titre": "Questionnaire"}',
}


@pytest.mark.parametrize("export", ["export.csv", "export.txt"])
def test_notices_beside_an_export_in_an_archive_are_no_exports(export: str) -> None:
    data = archived({**NOTICES, export: b"SIREN;Taille\n732829320;Petite\n552100554;Grande\n"})
    form = read_form(parse_document(data, "partenaire.zip"))
    assert [form.cells[1][row] for row in range(2)] == ["Petite", "Grande"]
    assert {(warning.file, warning.severity) for warning in form.warnings} == {
        (f"partenaire.zip/{name}", "warning") for name in NOTICES
    }


def test_two_exports_in_an_archive_are_both_wanted() -> None:
    table = b"SIREN;Taille\n732829320;Petite\n552100554;Grande\n"
    assert "2 exports" in refusal(archived({**NOTICES, "a.csv": table, "b.txt": table}), "partenaire.zip")


def test_further_sheets_are_said() -> None:
    (warning,) = read_form(parse_document(workbook([["a"], ["1"]], [["b"], ["2"]]), "export.xlsx")).warnings
    assert "2 feuilles" in warning.found


READ_ME: list[list[object]] = [
    ["Export du formulaire"],
    ["Réponses reçues jusqu'au 12 novembre", "voir l'onglet suivant"],
    ["Contact", "l'équipe"],
]
ANSWERS: list[list[object]] = [["SIREN", "Taille", "Région"], ["732829320", "Petite", "Bretagne"]]


def test_the_sheet_of_answers_is_read_behind_a_notice_and_said() -> None:
    form = read_form(parse_document(workbook(READ_ME, ANSWERS), "export.xlsx"))
    assert [column.heading for column in form.columns] == ANSWERS[0]
    (warning,) = form.warnings
    assert "seule « Sheet2 » est lue, pas « Sheet1 »" in warning.found


def test_a_sheet_that_a_tool_knows_is_read_behind_a_notice_and_before_a_wider_one() -> None:
    responses: list[list[object]] = [["Horodateur", "Taille ?", "Région ?"], ["24/11/2025 10:30:00", "Petite", "Corse"]]
    codes: list[list[object]] = [[f"Variable {at}" for at in range(9)], list(range(9))]
    form = read_form(parse_document(workbook(READ_ME, codes, responses), "export.xlsx"))
    assert (form.tool, form.table.sheet) == ("googleforms", "Sheet3")


def test_the_first_sheet_of_answers_stays_before_a_wider_one() -> None:
    wider: list[list[object]] = [[f"Variable {at}" for at in range(9)], list(range(9))]
    form = read_form(parse_document(workbook(ANSWERS, wider), "export.xlsx"))
    assert [column.heading for column in form.columns] == ANSWERS[0]


def test_two_sheets_of_answers_are_refused_by_name() -> None:
    more: list[list[object]] = [ANSWERS[0], ["552100554", "Grande", "Corse"]]
    found = refusal(workbook(READ_ME, ANSWERS, more), "export.xlsx")
    assert "2 feuilles de réponses" in found
    assert "« Sheet2 », « Sheet3 »" in found


@pytest.mark.parametrize("lost", [1, 600, 5000])
def test_truncated_base_is_refused_even_if_sqlite_would_open_it(lost: int) -> None:
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("CREATE TABLE _grist_Tables_column (a)")
        base.execute("CREATE TABLE t (a)")
        base.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 40)
        base.commit()
        data = base.serialize()
    assert parse_document(data, "a.grist").kind == "sqlite"
    assert "coupé" in refusal(data[:-lost], "a.grist")


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9, 0.999])
def test_truncated_workbook_is_refused(part: float) -> None:
    data = workbook([["a", "b"], ["1", "2"]])
    assert "coupé" in refusal(data[: int(len(data) * part)], "export.xlsx")


def test_real_samples_cut_anywhere_are_read_or_refused_but_never_fail(shared: Callable[[str], Path]) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        data = path.read_bytes()
        if path.suffix not in SUFFIXES or len(data) > 200_000:
            continue
        whole = rows_read(data, path.name)
        for cut in range(1, len(data), max(1, len(data) // 6)):
            assert rows_read(data[:cut], path.name) <= whole, (path.name, cut)


def rows_read(data: bytes, name: str) -> int:
    """The number of respondents, 0 for a refused file."""
    try:
        return len(read_form(parse_document(data, name)).numbers)
    except ProblemsError:
        return 0


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed_files:
        for name, data in members.items():
            packed_files.writestr(name.replace("_", "."), data)
    return stream.getvalue()


def test_a_notice_beside_the_answers_is_left_aside() -> None:
    form = read_form(parse_document(archive(notice_pdf=b"%PDF-1.7", a_csv=b"a;b\n1;2\n"), "export.zip"))
    assert (form.file, len(form.numbers)) == ("export.zip", 1)
    (warning,) = form.warnings
    assert "notice.pdf" in warning.file and warning.severity == "warning"


def test_an_archive_of_several_exports_loses_none() -> None:
    assert "2 exports" in refusal(archive(a_csv=b"a;b\n1;2\n", b_csv=b"a;b\n3;4\n"), "export.zip")
