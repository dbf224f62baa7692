"""A large text in another encoding, or packed: it is copied, read by DuckDB, and nobody may see a difference."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import os
import random
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from observatory.ingest.cells import scratch_database
from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.files import Table, large_delimited
from observatory.ingest.headers import lay_out
from observatory.ingest.recoded import utf8_copy
from observatory.ingest.tools import read_form
from observatory.problems import ProblemsError
from tests.ingest.test_cells import both, same

ROWS = [["id", "Quels freins ?", "Été"], *([str(n), "Lenteur ; coûts – 3 €", 'il dit\n"oui"'] for n in range(3000))]


def text_of(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return stream.getvalue()


PACKINGS = {"deflated": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}


def damaged(method: str) -> bytes:
    """An archive of one export, with some bytes of it wrong."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", PACKINGS[method]) as archive:
        archive.writestr("a.csv", random.Random(1).randbytes(10_000).hex())
    data = bytearray(stream.getvalue())
    data[3000:3100] = bytes(100)
    return bytes(data)


TEXT = text_of(ROWS)
RECODED = {
    "cp1252.csv": TEXT.encode("cp1252"),
    "late.csv": text_of([["id", "b"], *([str(n), "x" * 90] for n in range(15_000)), ["x", "é"]]).encode("cp1252"),
    "marked.csv": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "big-endian.csv": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "unmarked.txt": TEXT.encode("utf-16-le"),
    "utf8.csv.gz": gzip.compress(TEXT.encode("utf-8-sig"), mtime=0),
    "cp1252.csv.gz": gzip.compress(TEXT.encode("cp1252"), mtime=0),
    "utf16.csv.gz": gzip.compress(TEXT.encode("utf-16"), mtime=0),
    "one.zip": zipped(export_csv=TEXT.encode("cp1252")),
}


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observatory.ingest.documents._LARGE", 0)


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("name", RECODED)
def test_a_large_text_in_any_encoding_or_packed_is_read_by_duckdb(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def watched(path: Path, *arguments: Any) -> Table | None:
        seen.append(str(path.resolve()))
        return large_delimited(path, *arguments)

    monkeypatch.setattr("observatory.ingest.documents.large_delimited", watched)
    file = tmp_path / name
    file.write_bytes(RECODED[name])
    large = open_document(file, scratch=scratch_database())
    small = parse_document(RECODED[name], name)
    assert large.table.stored is not None
    same(lay_out(small.table), lay_out(large.table))
    for fact in ("file", "sha256", "encoding", "delimiter"):
        assert getattr(large.table, fact) == getattr(small.table, fact), fact
    assert large.table.warnings == small.table.warnings
    assert large.sha256 == small.sha256
    # It holds addresses and names: it lies in memory, and on no disk for a while.
    assert [Path(place).parts[1].startswith("memfd:") for place in seen[1:]] == [True]


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("open.csv", RECODED["cp1252.csv"][:-10]),
        ("ragged.csv", RECODED["cp1252.csv"] + b"3001;x"),
        ("odd.csv", RECODED["marked.csv"][:-1]),
        ("character.csv.gz", gzip.compress("a;b\n1;é".encode()[:-1], mtime=0)),
        ("cut.csv.gz", RECODED["utf8.csv.gz"][:-20]),
        ("cut.zip", RECODED["one.zip"][:-20]),
        *((f"{method}.zip", damaged(method)) for method in PACKINGS),
        ("binary.csv", bytes(range(1, 32)) * 40 + b"\x81\xff"),
        ("unknown.csv", b"a;b\r\n1;\x81\r\n"),
        ("page.csv.gz", gzip.compress(b"<!DOCTYPE html><html></html>", mtime=0)),
        ("notice.pdf.gz", gzip.compress(b"%PDF-1.7;\n;\n", mtime=0)),
        ("archive.zip", zipped(a_zip=zipped(a_csv=b"a;b\n1;2\n"))),
        ("several.zip", zipped(a_csv=b"a;b\n1;2\n", b_csv=b"a;b\n1;2\n")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_large_file_is_refused_as_a_small_one(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ProblemsError) as small:
        read_form(parse_document(data, name))
    with pytest.raises(ProblemsError) as large:
        read_form(open_document(tmp_path / name, scratch=scratch_database()))
    assert large.value.problems == small.value.problems


@pytest.mark.parametrize("method", PACKINGS)
def test_a_damaged_archive_is_said_to_be_one(method: str) -> None:
    with pytest.raises(ProblemsError, match="une archive coupée ou abîmée"):
        parse_document(damaged(method), "a.zip")


@pytest.mark.usefixtures("everything_is_large")
def test_what_is_packed_may_not_be_larger_than_a_file_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observatory.ingest.documents._MOST_UNPACKED", 10_000)
    (tmp_path / "a.csv.gz").write_bytes(RECODED["utf8.csv.gz"])
    with pytest.raises(ProblemsError, match="plus de 4 Go"):
        open_document(tmp_path / "a.csv.gz", scratch=scratch_database())


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize(
    "lacking", [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.ENOMEM, "no memory"), MemoryError()]
)
def test_without_room_for_a_copy_the_file_is_read_the_other_way(
    lacking: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("observatory.ingest.documents.utf8_copy", mock.Mock(side_effect=lacking))
    read_without_a_copy(tmp_path)


@pytest.mark.usefixtures("everything_is_large")
def test_where_there_are_no_files_in_memory_no_copy_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    read_without_a_copy(tmp_path)


def read_without_a_copy(folder: Path) -> None:
    (folder / "a.csv.gz").write_bytes(RECODED["utf8.csv.gz"])
    table = open_document(folder / "a.csv.gz", scratch=scratch_database()).table
    assert (table.stored, len(table.records)) == (None, len(ROWS))


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize(("encoding", "copied"), [("utf-8", False), ("utf-8-sig", False), ("cp1252", True)])
def test_what_duckdb_has_refused_is_not_copied_to_be_refused_again(
    encoding: str, copied: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = mock.Mock(side_effect=utf8_copy)
    monkeypatch.setattr("observatory.ingest.documents.utf8_copy", copy)
    (tmp_path / "a.csv").write_bytes(f"{TEXT}\r\n3001;below a blank row;c\r\n".encode(encoding))
    assert open_document(tmp_path / "a.csv", scratch=scratch_database()).table.stored is None
    assert copy.called == copied


def test_headers_longer_than_the_part_first_read_are_left_to_the_other_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("observatory.ingest.files._HEAD", 225)
    rows = [["Q1", "Q2"], ["x" * 200, "y"], *(["a", str(n)] for n in range(20))]
    small, large = both(text_of(rows).encode(), tmp_path)
    assert small is not None and large is None
    rows[1] = ["x", "y"]
    assert both(text_of(rows).encode(), tmp_path)[1] is not None
