"""A large file is read by DuckDB, a small one in memory: nobody may see a difference."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.ingest.cells import Columns, MemoryColumns, StoredColumns, mapped, scratch_database
from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.files import Table, large_delimited
from observatory.ingest.headers import Layout, lay_out
from observatory.ingest.inspect import Inspection, inspect_form
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form
from observatory.problems import ProblemsError
from tests.ingest.conftest import SHARED

CELLS = st.text(st.sampled_from("aé€1 ;,\t|\"'\n\r\u00a0\u202f") | st.characters(codec="utf-8"), max_size=6)


def both(data: bytes, folder: Path) -> tuple[Table | None, Table | None]:
    """The table as a small file is read, None where it is refused, and as a large one is."""
    file = folder / "export.csv"
    file.write_bytes(data)
    large = large_delimited(file, file.name, scratch_database())
    try:
        return parse_document(data, file.name).table, large
    except ProblemsError:
        return None, large


def same(small: Layout, large: Layout) -> None:
    assert (large.headings, large.header_rows, list(large.numbers)) == (
        small.headings,
        small.header_rows,
        list(small.numbers),
    )
    for position in range(len(small.columns)):
        alike(small.columns, large.columns, position)
    every = range(len(small.columns))
    assert list(large.columns.hashes(every)) == list(small.columns.hashes(every))
    assert list(large.columns.answered(every, {"a"})) == list(small.columns.answered(every, {"a"}))
    assert rows_of(large.columns) == rows_of(small.columns)
    backwards = range(small.columns.rows - 1, -1, -1)
    assert list(map(list, large.columns.some(backwards, every))) == list(
        map(list, small.columns.some(backwards, every))
    )


def rows_of(columns: Columns) -> list[tuple[Any, ...]]:
    """The rows of every relation, one after the other, each of the length it is said to have."""
    connection = columns._connection if isinstance(columns, StoredColumns) else scratch_database()
    found = []
    for query, rows in columns.relations(connection):
        held = connection.execute(query).fetchall()
        assert len(held) == rows
        found += held
    return found


def alike(small: Columns, large: Columns, position: int) -> None:
    assert list(large[position]) == list(small[position])
    assert large.counts(position) == small.counts(position)
    assert large.sample(position) == small.sample(position)
    assert large.blanks(position) == small.blanks(position)
    assert large.filled(position) == small.filled(position)
    for texts in (frozenset({"a", ""}), frozenset({"N/A"})):
        assert large.holds(position, texts) == small.holds(position, texts)
    assert large.may_hold_contacts(position) or not small.may_hold_contacts(position)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_large_and_small_files_are_read_alike(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    width = data.draw(st.integers(2, 4))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2, max_size=8))
    quoting = data.draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    text = io.StringIO()
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, delimiter=";", lineterminator=end, quoting=quoting).writerows(
        [[f"Question {n}" for n in range(width)], *rows]
    )
    small, large = both(text.getvalue().encode(), tmp_path_factory.mktemp("large"))
    if large is not None:
        assert small is not None
        # Columns of few different cells are counted once; of others, each question is asked of DuckDB.
        with mock.patch("observatory.ingest.cells._MOST_KEPT", data.draw(st.sampled_from([-1, 1000]))):
            same(lay_out(small), lay_out(large))


@pytest.mark.parametrize("most_kept", [-1, 1000])
def test_signs_of_contacts_are_seen_in_columns_of_any_size(
    most_kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("observatory.ingest.cells._MOST_KEPT", most_kept)
    _, large = both("a;b;c;d\n1;01 23 45 67 89;a@b.fr;dès 2024\n2;x;y;oui, à moins de 10 %\n".encode(), tmp_path)
    assert large is not None
    columns = lay_out(large).columns
    assert [columns.may_hold_contacts(position) for position in range(4)] == [False, True, True, False]


def test_most_files_need_no_second_reading(tmp_path: Path) -> None:
    """What is refused to DuckDB is the exception: otherwise a large file would be read the slow way."""
    content = (
        "\ufeffid;Quels freins ?;Texte\r\n"
        + '1;"Lenteur; coûts";"deux\nlignes"\r\n2;;"il dit ""oui"""\r\n' * 2
        + "\r\n"
    )
    small, large = both(content.encode(), tmp_path)
    assert large is not None
    same(lay_out(small), lay_out(large))


@pytest.mark.parametrize(
    "content",
    [
        b"a;b\n1;2\n\n3;4\n",
        b'a;b\n1; "2"\n3;4\n',
        b'a;b\n "1";2\n3;4\n',
        b'a;b\n"1" ;2\n3;4\n',
        b"a;b\n1;2\n3\n",
        b"a;b\n1;2\n3;4;5\n",
        b'a;b\n1;2\n3;"4\n',
        "a;b\n1;é\n".encode("cp1252"),
        "a;b\n1;é\n".encode("utf-16"),
        b"sep=;\na;b\n1;2\n",
    ],
)
def test_what_duckdb_reads_otherwise_is_left_to_the_other_way(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(content)
    assert large_delimited(file, file.name, scratch_database()) is None


def test_an_empty_line_within_an_answer_is_no_blank_row(tmp_path: Path) -> None:
    small, large = both(b'a;b\r\n1;"Bonjour,\n\nmerci ""bien"" !"\r\n2;\r\n', tmp_path)
    assert small is not None and large is not None
    same(lay_out(small), lay_out(large))


def test_thousands_of_blank_rows_are_left_out(tmp_path: Path) -> None:
    small, large = both(b"a;b\n1;x\n;\n2;y\n" + b";\n" * 5000, tmp_path)
    assert small is not None and large is not None
    same(lay_out(small), lay_out(large))


def test_a_file_that_duckdb_can_not_keep_leaves_nothing_behind(tmp_path: Path) -> None:
    """Blank rows here and there: the cells would take the room of the files read after it."""
    file = tmp_path / "export.csv"
    file.write_bytes(b"a;b\n" + b"1;x\n;\n" * 100)
    scratch = scratch_database()
    assert large_delimited(file, file.name, scratch) is None
    assert scratch.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []


@pytest.mark.parametrize("fits", [True, False])
def test_hundreds_of_columns_are_read_in_memory_if_they_fit(
    fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not fits:
        monkeypatch.setattr("observatory.ingest.files._FITS", 0)
    rows = [[f"Question {number}" for number in range(520)], *([str(row)] * 520 for row in range(3))]
    small, large = both("\n".join(map(";".join, rows)).encode() + b"\n", tmp_path)
    assert small is not None and (large is None) == fits
    if large is not None:
        same(lay_out(small), lay_out(large))


@pytest.mark.parametrize(
    ("error", "refused"), [(duckdb.OutOfMemoryException("x"), True), (duckdb.IOException("x"), False)]
)
def test_only_a_lack_of_memory_is_said_to_be_one(
    error: duckdb.Error, refused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StoredColumns, "stored", mock.Mock(side_effect=error))
    if not refused:
        assert both(b"a;b\n1;x\n", tmp_path)[1] is None
        return
    with pytest.raises(ProblemsError, match="trop grand pour la mémoire"):
        both(b"a;b\n1;x\n", tmp_path)


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_long_answer_is_one_whatever_the_size_of_the_file(quote: str, tmp_path: Path) -> None:
    small, large = both(f"a;b\n1;{quote}{'x' * 200_000}{quote}\n2;y\n".encode(), tmp_path)
    assert small is not None and large is not None
    same(lay_out(small), lay_out(large))


def test_a_cell_too_long_is_not_said_to_be_an_open_quote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = csv.field_size_limit(1000)
    try:
        with pytest.raises(ProblemsError, match="une cellule de plus de 16 millions"):
            parse_document(f'a;b\n1;"{"x" * 2000}"\n'.encode(), "a.csv")
        with pytest.raises(ProblemsError, match="un guillemet ouvert"):
            parse_document(f'a;b\n1;"{"x" * 2000}\n'.encode(), "a.csv")
    finally:
        csv.field_size_limit(limit)


@pytest.mark.parametrize("name", ["export[1].csv", "export?.csv", "*.csv"])
def test_a_name_is_no_pattern(name: str, tmp_path: Path) -> None:
    """`export[1].csv` is what a browser calls a second download; as a pattern it is another file."""
    (tmp_path / "export1.csv").write_bytes(b"a;b\n1;other\n")
    (tmp_path / name).write_bytes(b"a;b\n1;own\n")
    large = large_delimited(tmp_path / name, name, scratch_database())
    assert large is not None
    assert list(lay_out(large).columns[1]) == ["own"]


def test_rows_left_out_are_gone_from_every_answer(tmp_path: Path) -> None:
    small, large = both(b"a;b\n1;x\n2;y\n3;x\n", tmp_path)
    assert small is not None and large is not None
    layouts = [lay_out(table).without({1}) for table in (small, large)]
    same(*layouts)
    assert list(layouts[1].columns[0]) == ["1", "3"]
    assert isinstance(layouts[1].columns, StoredColumns)


REAL = sorted((SHARED / "forms").rglob("*.csv")) if SHARED.is_dir() else []


def test_options_chosen_as_often_are_listed_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["Prix", "Lenteur", "Contrat", "Paiement", "Appels", "Délais", "Sécurité"]
    cells = ["; ".join((one, other)) for one in options for other in options if one != other]
    file = tmp_path / "export.csv"
    file.write_text(
        "id,Quels freins ?\n" + "".join(f'{number},"{cell}"\n' for number, cell in enumerate(cells * 3)),
        encoding="utf-8",
    )
    small = inspection(read_form(open_document(file)))
    monkeypatch.setattr("observatory.ingest.documents._LARGE", 0)
    assert [inspection(read_form(open_document(file, scratch=scratch_database()))) for _ in range(5)] == [small] * 5
    assert small[0] is not None
    assert [question.options for question in small[0].questions] == [tuple(sorted(options))]


@pytest.mark.skipif(not REAL, reason="the shared data are not beside the checkout")
def test_every_tool_reads_a_large_file_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large file a tool has the first rows and the columns, never all rows."""
    small = {file: form_of(file) for file in REAL}
    monkeypatch.setattr("observatory.ingest.documents._LARGE", 0)
    monkeypatch.setattr("observatory.ingest.files._HEAD", 60_000)
    stored = 0
    for file, (form, refused) in small.items():
        large, large_refused = form_of(file)
        assert large_refused == refused, file
        if form is None or large is None:
            continue
        stored += isinstance(large.cells, StoredColumns)
        assert (large.tool, large.columns, list(large.numbers)) == (form.tool, form.columns, list(form.numbers)), file
        for told in ("tool_id", "submitted_at", "language", "complete", "test", "partner"):
            assert list(getattr(large, told)) == list(getattr(form, told)), (file, told)
        assert inspection(large) == inspection(form), file
    assert stored >= len(REAL) // 3


def inspection(form: Form) -> tuple[Inspection | None, str]:
    """What is listed of a form, which is not compared in another order, or why it is refused."""
    try:
        return inspect_form(form), ""
    except ProblemsError as error:
        return None, str(error)


def form_of(file: Path) -> tuple[Form | None, str]:
    try:
        return read_form(open_document(file, file.name, scratch_database())), ""
    except ProblemsError as error:
        return None, str(error)


@pytest.mark.skipif(not REAL, reason="the shared data are not beside the checkout")
def test_real_exports_are_read_alike() -> None:
    read = 0
    for file in REAL:
        large = large_delimited(file, file.name, scratch_database())
        if large is not None:
            same(lay_out(parse_document(file.read_bytes(), file.name).table), lay_out(large))
            read += 1
    assert read >= len(REAL) // 2


def test_mapped_cells_read_otherwise_everywhere() -> None:
    columns = mapped(MemoryColumns([("a(1)", "b", "a"), ("a(1)", "", "")], 3), {0: {"a(1)": "a"}})
    assert (list(columns[0]), list(columns[1])) == (["a", "b", "a"], ["a(1)", "", ""])
    assert columns.counts(0) == {"a": 2, "b": 1}
    assert columns.counts(1) == {"a(1)": 1, "": 2}
    left = columns.without({1})
    assert (left.rows, list(left[0])) == (2, ["a", "a"])
