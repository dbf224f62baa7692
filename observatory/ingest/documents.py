"""One file of any kind, opened: what it is, whatever its name says, and the tables in it.

Belongs here: telling kinds of files apart by their content, taking compressed files out of their wrapping, refusing
what can't hold answers. Does not belong here: reading text and workbooks (files.py), which tool wrote them (tools/).
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NoReturn, cast

import duckdb

from observatory.ingest.containers import is_cut_ole
from observatory.ingest.files import EXPORT, Table, delimited, encoding_warnings, large_delimited, refuse, workbook
from observatory.ingest.headers import Layout, lay_out
from observatory.ingest.recoded import is_utf8, utf8_copy
from observatory.phrases import listed
from observatory.problems import Problem, ProblemsError

SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".sav", ".zsav", ".grist", ".gz", ".zip"})
"""The names by which files of answers are found in an inbox."""

Kind = Literal["delimited", "workbook", "sqlite", "spss", "xml", "json"]

_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS: tuple[tuple[bytes, Kind], ...] = (
    (b"SQLite format 3\x00", "sqlite"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
)
_NO_ANSWERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "un document PDF"),
    (b"\x89PNG", "une image PNG"),
    (b"\xff\xd8\xff", "une image JPEG"),
    (b"GIF8", "une image GIF"),
    (b"{\\rtf", "un document RTF"),
    (b"7z\xbc\xaf", "une archive 7z"),
    (b"Rar!", "une archive RAR"),
)
_BEGINS_JSON = re.compile(rb'\{\s*"|\[\s*\{')
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<meta", b"<table", b"<script", b"<body")
_NO_TABLE = (*_MARKUP, b"<?xml", b"<document", b"{", b"[")
_BINARY = (*(signature for signature, _ in (*_KINDS, *_NO_ANSWERS)), _GZIP, _ZIP, _OLE)
_LARGE = 4_000_000
"""Bytes from which on delimited text is read by DuckDB: below, it is quick enough by the other way."""

_UNPACK = "sortez les fichiers de l'archive et déposez ceux qui contiennent des réponses"
_MOST_UNPACKED = 4_000_000_000
"""Bytes: what a compressed file may hold."""


@dataclass(frozen=True)
class Document:
    """One file, opened. `tables` are its sheets, or the files in an archive; none where only a tool can tell them.

    `data` are the bytes of kinds that a tool reads itself (sqlite, spss, xml, json), else empty.
    """

    file: str
    sha256: str
    kind: Kind
    tables: tuple[Table, ...] = ()
    data: bytes = b""
    warnings: tuple[Problem, ...] = ()

    @property
    def table(self) -> Table:
        """The first table. Raises IndexError where there is none."""
        return self.tables[0]

    @cached_property
    def layout(self) -> Layout:
        """The first table under the headers that any tool's export may have; a tool with its own knows better."""
        return lay_out(self.table)

    def sheet(self, name: str) -> Table | None:
        """The table of that name, if there is one."""
        return next((table for table in self.tables if table.sheet == name), None)


def open_document(path: Path, name: str | None = None, scratch: duckdb.DuckDBPyConnection | None = None) -> Document:
    """A file of answers, opened; `name` is how messages call it (default: its own name).

    With `scratch`, the cells of a large file are kept there instead of in memory. Raises ProblemsError when it can't be
    opened, is empty, cut short, protected, or of a kind that holds no answers.
    """
    name = name or path.name
    try:
        if scratch is not None and _is_large(path) and (table := _large_table(path, name, scratch)):
            return Document(name, table.sha256, "delimited", (table,))
        data = path.read_bytes()
    except OSError as error:
        refuse(
            name,
            f"un fichier que l'on ne peut pas ouvrir ({error.strerror or type(error).__name__})",
            "un fichier lisible",
            "vérifiez les droits du fichier, ou qu'il n'est pas ouvert dans un autre logiciel",
        )
    return parse_document(data, name)


def _is_large(path: Path) -> bool:
    return path.stat().st_size >= (_LARGE // _PACKED if _is_packed(path) else _LARGE)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_ZIP)).startswith((_GZIP, _ZIP))


def _large_table(path: Path, name: str, scratch: duckdb.DuckDBPyConnection) -> Table | None:
    """The table of a large text, compressed or not, in any encoding, kept in `scratch`. None where it is not that."""
    if table := large_delimited(path, name, scratch):
        return table
    if not hasattr(os, "memfd_create"):
        return None
    # Addresses and names are among the cells: the copy stays in memory, and nothing is left of it however this ends.
    with os.fdopen(os.memfd_create("copy"), "w+b") as copy:
        try:
            with _text_within(path) as text:
                # Copied, it would be what was just read.
                if text is None or (not _is_packed(path) and is_utf8(text)):
                    return None
                encoding = utf8_copy(text, copy, _MOST_UNPACKED)
        except OverflowError:
            _too_large(name)
        except (*_UNREADABLE, MemoryError):
            # Reading it as a small one tells why, or has room for it.
            return None
        except OSError as error:
            if error.errno is not None and error.errno not in _NO_ROOM:
                raise
            return None
        if encoding is None or not (table := large_delimited(_path_of(copy), name, scratch)):
            return None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return replace(table, sha256=digest, encoding=encoding, warnings=encoding_warnings(name, encoding))


_PACKED = 20
"""How many times larger a compressed table may be than its file, mostly."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM})
_UNREADABLE = (
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
)


def _path_of(stream: IO[bytes]) -> Path:
    """A path that leads to an open file without a name."""
    return Path(f"/proc/self/fd/{stream.fileno()}")


@contextmanager
def _text_within(path: Path) -> Iterator[IO[bytes] | None]:
    """The content of a file, or of the only file packed in it; None where that begins as no table does."""
    with ExitStack() as opened:
        stream: IO[bytes] = opened.enter_context(path.open("rb"))
        start = stream.read(len(_ZIP))
        stream.seek(0)
        if start.startswith(_GZIP):
            stream = cast(IO[bytes], opened.enter_context(gzip.GzipFile(fileobj=stream)))
        elif start.startswith(_ZIP):
            archive = opened.enter_context(zipfile.ZipFile(stream))
            members = _members_of(archive)
            if len(members) != 1 or _is_workbook(archive):
                yield None
                return
            stream = opened.enter_context(archive.open(members[0]))
        start = stream.read(512)
        stream.seek(0)
        yield None if start.startswith(_BINARY) or _start_of(start).startswith(_NO_TABLE) else stream


def _start_of(data: bytes) -> bytes:
    """How a text begins, in lower case."""
    return data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    return not {"[Content_Types].xml", "mimetype"}.isdisjoint(archive.namelist())


def _members_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive that a person put there."""
    return [
        member
        for member in archive.infolist()
        if not member.is_dir()
        and not PurePosixPath(member.filename).name.startswith(".")
        and not member.filename.startswith("__MACOSX/")
    ]


def parse_document(data: bytes, name: str) -> Document:
    """A file's content, which decides what it is, whatever the name says. Raises ProblemsError."""
    return _parsed(data, name)


def _parsed(data: bytes, name: str, *, archived: bool = False) -> Document:
    """The content of a file, or of one in an archive, which may hold no other archive."""
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(_GZIP):
        data = _gunzipped(data, name)
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf\xff\xfe"):
        refuse(name, "un fichier vide", "un export qui contient des réponses", EXPORT)
    for signature, what in _NO_ANSWERS:
        if data.startswith(signature):
            refuse(name, what, "un tableau CSV ou XLSX", EXPORT)
    for signature, kind in _KINDS:
        if data.startswith(signature):
            return Document(name, digest, kind, data=data)
    if data.startswith(_OLE):
        # The reader of workbooks would print the trace of a crash.
        if is_cut_ole(data):
            refuse(name, "un classeur coupé ou abîmé", "un classeur Excel complet", EXPORT)
        return _workbook(data, name, digest)
    if data.startswith(_ZIP):
        return _zipped(data, name, digest, archived=archived)
    start = _start_of(data)
    if start.startswith(_MARKUP):
        refuse(name, "une page web (HTML)", "un tableau CSV ou XLSX", EXPORT)
    if start.startswith((b"<?xml", b"<document")):
        return Document(name, digest, "xml", data=data)
    if start.startswith((b"{", b"[")):
        if _is_json(data):
            return Document(name, digest, "json", data=data)
        if _BEGINS_JSON.match(start):
            refuse(name, "un document JSON coupé ou abîmé", "un tableau CSV ou XLSX", EXPORT)
    return Document(name, digest, "delimited", (delimited(data, name, digest),))


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _gunzipped(data: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(_MOST_UNPACKED + 1)
    except (EOFError, OSError, zlib.error):
        refuse(name, "un fichier compressé (gzip) coupé ou abîmé", "un fichier complet", EXPORT)
    if len(unpacked) > _MOST_UNPACKED:
        _too_large(name)
    return unpacked


def _too_large(name: str) -> NoReturn:
    refuse(name, "une archive qui contient plus de 4 Go", "un export de taille raisonnable", EXPORT)


def _zipped(data: bytes, name: str, digest: str, *, archived: bool) -> Document:
    """A workbook, or an archive of exports: its tables in order, each named by its file.

    Of an archive of XML documents, which hold no table, the first tells which tool wrote it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if any(member.startswith(("word/", "ppt/")) for member in names):
                refuse(name, "un document Word ou PowerPoint", "un tableau CSV ou XLSX", EXPORT)
            if _is_workbook(archive):
                return _workbook(data, name, digest)
            if archived:
                refuse(name, "une archive dans une archive", "une archive d'exports, ou un seul fichier", _UNPACK)
            members = _members_of(archive)
            if sum(member.file_size for member in members) > _MOST_UNPACKED:
                _too_large(name)
            contents = [(member.filename, _member(archive, member, name)) for member in members]
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError):
        # A workbook cut short is no archive any more: the reader of workbooks says so in its own words.
        return _workbook(data, name, digest)
    except (NotImplementedError, RuntimeError):
        refuse(name, "une archive protégée ou d'un format inconnu", "une archive zip sans mot de passe", EXPORT)
    if not contents:
        refuse(name, "une archive vide", "un export qui contient des réponses", EXPORT)
    opened, left = _members(contents, name)
    if len(opened) == 1 or all(document.kind == "xml" for document in opened.values()):
        only = next(iter(opened.values()))
        tables = tuple(
            replace(table, file=name, sha256=digest, warnings=_said_of(name, table.warnings)) for table in only.tables
        )
        warnings = (*_said_of(name, only.warnings), *left)
        return replace(only, file=name, sha256=digest, tables=tables, warnings=warnings)
    if any(document.kind != "delimited" for document in opened.values()):
        refuse(
            name,
            f"une archive de {len(opened)} fichiers qui ne sont pas tous des tableaux",
            "une archive d'exports CSV, ou un seul fichier",
            _UNPACK,
        )
    tables = tuple(
        replace(document.table, file=name, sha256=digest, sheet=PurePosixPath(member).name)
        for member, document in opened.items()
    )
    return Document(name, digest, "delimited", tables, warnings=tuple(left))


def _said_of(name: str, warnings: Sequence[Problem]) -> tuple[Problem, ...]:
    """The same warnings, given for the whole archive."""
    return tuple(replace(problem, file=name) for problem in warnings)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, OSError):
        refuse(name, "une archive coupée ou abîmée", "une archive complète", EXPORT)


def _members(contents: Sequence[tuple[str, bytes]], name: str) -> tuple[dict[str, Document], list[Problem]]:
    """The files of an archive that can be read, and a warning for those that can't: a notice beside the answers.

    Raises ProblemsError with the first reason where none can.
    """
    opened: dict[str, Document] = {}
    refused: list[Problem] = []
    for member, content in contents:
        try:
            opened[member] = _parsed(content, f"{name}/{member}", archived=True)
        except ProblemsError as error:
            refused += error.problems
    if not opened:
        raise ProblemsError([replace(refused[0], file=name)])
    counting = {member: document for member, document in opened.items() if _is_table(member, document)}
    if counting:
        refused += [
            Problem(
                file=f"{name}/{member}",
                found="un fichier qui n'est pas un tableau",
                expected="un tableau CSV ou XLSX",
                action="",
            )
            for member in opened
            if member not in counting
        ]
    warnings = [
        replace(problem, action="rien si ce n'est pas un fichier de réponses", severity="warning")
        for problem in refused
    ]
    return counting or opened, warnings


def _is_table(member: str, document: Document) -> bool:
    """Whether a file of an archive may be an export: not a notice, whose lines are cut anyhow by their commas."""
    if document.kind in {"xml", "json"}:
        return False
    if document.kind != "delimited" or PurePosixPath(member).suffix.lower() in _TABULAR:
        return True
    widths = Counter(len(record) for record in document.table.records if any(record))
    width, count = widths.most_common(1)[0]
    return width > 1 and widths.total() > 1 and count >= _NEARLY_ALL * widths.total()


_TABULAR = frozenset({".csv", ".tsv", ".tab", ".gz"})
"""Names that only tables have: as damaged as it may be, such a file is an export."""

_NEARLY_ALL = 0.9


def _workbook(data: bytes, name: str, digest: str) -> Document:
    tables = workbook(data, name, digest)
    warnings = []
    if PurePosixPath(name).suffix.lower() not in {".xlsx", ".xls", ".ods", ".zip", ".gz"}:
        warnings.append(
            Problem(
                file=name,
                found="un classeur Excel, malgré son nom",
                expected="un fichier .xlsx",
                action="rien : il est lu comme un classeur",
                severity="warning",
            )
        )
    return Document(name, digest, "workbook", tables, warnings=tuple(warnings))


def other_sheets(document: Document, read: Sequence[str]) -> tuple[Problem, ...]:
    """The warning that the sheets of a workbook other than those read were left aside; none where there are none.

    Raises ProblemsError for an archive: each of its files may be an export, and none must be lost.
    """
    left = [table.sheet for table in document.tables if table.sheet not in read]
    if not left:
        return ()
    if document.kind == "delimited":
        refuse(document.file, f"une archive de {len(document.tables)} exports", "un export par fichier déposé", _UNPACK)
    names = listed(f"« {sheet} »" for sheet in left)
    return (
        Problem(
            file=document.file,
            found=f"{len(document.tables)} feuilles ; seule « {read[0]} » est lue, pas {names}",
            expected="une feuille de réponses",
            action="si les réponses sont ailleurs, gardez leur feuille seule dans une copie du classeur",
            severity="warning",
        ),
    )
