"""Delimited text and workbooks become rows of text, or a refusal that says why.

Belongs here: encoding, delimiter, spreadsheet cells turned back to text. Does not belong here: what kind of file it is
(documents.py), which rows are headers (headers.py), which tool wrote it (tools/).
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import hashlib
import io
import math
import os
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NoReturn

import duckdb
import numpy as np
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from observatory.ingest.cells import Cells, StoredColumns, sql_text
from observatory.problems import Problem, ProblemsError

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 300_000
"""Characters on which the delimiter is decided."""

_LONGEST_RECORD = 16_000_000
# Python stops at 131,072 characters a cell: a small file would be refused for what a large one may hold.
csv.field_size_limit(_LONGEST_RECORD)

_END = "\x1fend\x1f"
"""A record put after the text: it comes back alone unless a quote was left open before it."""

_THREE_DECIMALS = re.compile(r"-?\d+\.\d{3}")

EXPORT = "exportez de nouveau les réponses depuis l'outil de formulaire, en CSV ou en XLSX"
"""What most refusals ask for."""


@dataclass(frozen=True)
class Table:
    """What a file holds: every record as text, headers and blank rows included.

    `records[i]` is row i + 1 of the file as a spreadsheet shows it. `encoding` and `delimiter` are '' for a workbook;
    `sheet` is the name of the workbook's sheet, of the archive's file or of the document's table it was. Of a large
    file, `records` are the first rows only, and `stored` holds all of them.
    """

    file: str
    sha256: str
    encoding: str
    delimiter: str
    records: Sequence[Cells]
    warnings: tuple[Problem, ...] = ()
    sheet: str = ""
    stored: StoredColumns | None = None


def refuse(file: str, found: str, expected: str, action: str, row: int | None = None) -> NoReturn:
    """Stop the reading of a file with one reason."""
    raise ProblemsError([Problem(file=file, row=row, found=found, expected=expected, action=action)])


# Delimited text


def delimited(data: bytes, name: str, digest: str) -> Table:
    """The records of delimited text. Raises ProblemsError when it is empty, cut short or no text."""
    text, encoding = _decode(data, name)
    if not text.strip():
        refuse(name, "un fichier vide", "un export qui contient des réponses", EXPORT)
    text, declared = _declared_delimiter(text)
    delimiter = declared or find_delimiter(text)
    records = _parse(text, delimiter, name)
    if declared:
        records.insert(0, [])
    return Table(name, digest, encoding, delimiter, records, encoding_warnings(name, encoding))


def encoding_warnings(name: str, encoding: str) -> tuple[Problem, ...]:
    """What to say of the encoding in which a text was read."""
    if encoding != "cp1252":
        return ()
    return (
        Problem(
            file=name,
            found="un texte qui n'est pas en UTF-8, lu comme Windows-1252 (cas d'Excel en français)",
            expected="un fichier en UTF-8",
            action="vérifiez les accents dans le rapport ; au besoin, exportez de nouveau en « CSV UTF-8 »",
            severity="warning",
        ),
    )


def large_delimited(path: Path, name: str, scratch: duckdb.DuckDBPyConnection) -> Table | None:
    """The records of a large file of delimited UTF-8 text, read by DuckDB into `scratch`.

    None where it is not that, or holds anything that DuckDB's reader refuses or reads in another way than `delimited`
    does (blank rows, spaces beside quotes): reading it as a small one tells why, or reads it right.
    Raises ProblemsError where there is no room for it.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        try:
            # The last character may be cut in two.
            text = codecs.getincrementaldecoder("utf-8")().decode(head.removeprefix(codecs.BOM_UTF8))
        except UnicodeDecodeError:
            return None
        if "\x00" in text or "\n" not in text or _declared_delimiter(text)[1]:
            return None
        delimiter = find_delimiter(text)
        try:
            records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error:
            return None
        if len(head) == _HEAD:
            records.pop()
            if len(records) < _MOST_HEADERS:
                return None
        width = len(records[0]) if records else 0
        if width < 2 or (width > _WIDE and os.fstat(stream.fileno()).st_size < _FITS):
            return None
        stream.seek(0)
        # DuckDB opens the file anew: both read it at once.
        with ThreadPoolExecutor(1) as beside:
            alike = beside.submit(_digest_if_read_alike, stream, delimiter)
            stored = _stored(stream, delimiter, width, name, scratch)
        digest = alike.result()
    if stored is not None and digest is None:
        stored.drop()
    return None if stored is None or digest is None else Table(name, digest, "utf-8", delimiter, records, stored=stored)


def _stored(
    stream: BinaryIO, delimiter: str, width: int, name: str, scratch: duckdb.DuckDBPyConnection
) -> StoredColumns | None:
    names = [f"'c{position}'" for position in range(width)]
    # By its number: in a name, DuckDB takes `[`, `?` and `*` for a pattern, which other files may fit.
    source = (
        f"read_csv('/proc/self/fd/{stream.fileno()}', auto_detect=false, header=false, delim={sql_text(delimiter)}, "
        f"quote='\"', escape='\"', columns={{{', '.join(f'{each}: {_VARCHAR}' for each in names)}}}, "
        f"force_not_null=[{', '.join(names)}], null_padding=false, strict_mode=true, "
        f"max_line_size={_LONGEST_RECORD}, buffer_size={2 * _LONGEST_RECORD})"
    )
    try:
        return StoredColumns.stored(scratch, source, width)
    except duckdb.OutOfMemoryException:
        refuse(
            name,
            "un fichier trop grand pour la mémoire de cette machine",
            "un fichier qu'elle peut tenir",
            "partagez-le en plusieurs fichiers, ou lancez sur une machine qui a plus de mémoire",
        )
    except duckdb.Error:
        return None


_WIDE, _FITS = 500, 50_000_000
"""Columns each of which costs DuckDB more than its cells do, and the bytes that the other way holds without trouble."""

_VARCHAR = "'VARCHAR'"
_HEAD = 1_000_000
_MOST_HEADERS = 5
"""Records above the answers: titles and rows of headers, all of which the head must hold."""


def _digest_if_read_alike(stream: BinaryIO, delimiter: str) -> str | None:
    """The SHA-256 of a file; None where it holds blank rows, but at its end, or spaces beside the quotes of a cell."""
    digest, last, quotes = hashlib.sha256(), b"", 0
    size = os.fstat(stream.fileno()).st_size
    end = re.escape(delimiter.encode())
    spaced = re.compile(rb'(?:%b|\n) +"|" +(?:%b|[\r\n])' % (end, end))
    while chunk := stream.read(_PIECE):
        digest.update(chunk)
        part = last + (chunk.rstrip() if stream.tell() == size else chunk)
        # numpy looks at all signs at once, and holds up nothing else meanwhile: ten times as quick as searching.
        signs = np.frombuffer(part, np.uint8)
        quote, space = signs == ord('"'), signs == ord(" ")
        if ((quote[:-1] & space[1:]).any() or (space[:-1] & quote[1:]).any()) and spaced.search(part):
            return None
        counted, before = quotes, 0
        for blank in _BLANK_ROW.finditer(part):
            counted += part.count(b'"', before, blank.start())
            before = blank.start()
            # Between two quotes, it is an empty line of an answer.
            if counted % 2 == 0:
                return None
        last = part[-_OVERLAP:]
        quotes += int(np.count_nonzero(quote[: len(part) - len(last)]))
    return digest.hexdigest()


_PIECE = 250_000
"""Bytes that a processor's cache holds."""

_OVERLAP = 100
"""Bytes looked at again with the next: what is searched for may be cut in two."""

_BLANK_ROW = re.compile(rb"\n\r?\n")


def _decode(data: bytes, name: str) -> tuple[str, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding, name), encoding
    sample = data[:4000]
    if b"\x00" in sample:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if max(even, odd) < len(sample) / 8:
            refuse(name, "un fichier binaire", "un tableau CSV ou XLSX", EXPORT)
        encoding = "utf-16-le" if odd >= even else "utf-16-be"
        return _decode_as(data, encoding, name), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            _cut(name)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        refuse(name, "un encodage inconnu", "un texte en UTF-8, en UTF-16 ou en Windows-1252", EXPORT)
    if sum(1 for character in text[:4000] if character < " " and character not in "\t\r\n\x0b\x0c") > 3:
        refuse(name, "un fichier binaire", "un tableau CSV ou XLSX", EXPORT)
    return text, "cp1252"


def _decode_as(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason in {"unexpected end of data", "truncated data"}:
            _cut(name)
        refuse(name, f"un texte qui n'est pas en {encoding}, contrairement à son en-tête", f"du {encoding}", EXPORT)


def _cut(name: str, row: int | None = None) -> NoReturn:
    refuse(name, "un fichier coupé : il s'arrête au milieu d'une rangée", "un fichier complet", EXPORT, row)


def _declared_delimiter(text: str) -> tuple[str, str]:
    """Excel's own first line `sep=;`, taken off, and what it declares."""
    first, _, rest = text[:16].partition("\n")
    first = first.strip().lower()
    if first.startswith("sep=") and len(first) == 5 and first[4] in DELIMITERS and rest:
        return text.partition("\n")[2], first[4]
    return text, ""


def find_delimiter(text: str) -> str:
    """The delimiter whose records have the most constant width; `,` for a text of one column."""
    sample = text[:_SAMPLE]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        try:
            records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        if len(text) > _SAMPLE:
            records.pop()
        widths = Counter(len(record) for record in records if any(record))
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        # One odd record in a wide file says less than a constant width of two.
        score = (count / widths.total()) ** 4 * math.log(width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _parse(text: str, delimiter: str, name: str) -> list[Cells]:
    ending = "" if text.endswith(("\n", "\r")) else "\n"
    reader = csv.reader(io.StringIO(f"{text}{ending}{_END}", newline=""), delimiter=delimiter)
    records: list[Cells] = []
    # Answers repeat: keeping each text once takes a tenth of the memory, and less time over the whole reading.
    once = dict[str, str]().setdefault
    try:
        records.extend(list(map(once, record, record)) for record in reader)
    except csv.Error:
        # A quote left open makes one cell of all that follows it.
        if text.count('"') % 2:
            _open_quote(name, len(records) + 1)
        refuse(
            name,
            f"une cellule de plus de {_LONGEST_RECORD // 1_000_000} millions de caractères",
            "des réponses d'une longueur raisonnable",
            "raccourcissez ou videz cette cellule, ou exportez de nouveau les réponses depuis l'outil de formulaire",
            len(records) + 1,
        )
    if not records or records.pop() != [_END]:
        _open_quote(name, len(records) + 1)
    if ending and _is_short(records):
        _cut(name, len(records))
    return records


def _open_quote(name: str, row: int) -> NoReturn:
    refuse(
        name,
        "un guillemet ouvert et jamais refermé : le fichier est coupé, ou une cellule contient un guillemet seul",
        "des guillemets par paires",
        EXPORT,
        row,
    )


def _is_short(records: Sequence[Cells]) -> bool:
    """Whether the last record has fewer cells than nearly all others: a file cut in its last record."""
    if len(records) < 2:
        return False
    widths = Counter(len(record) for record in records[:-1] if any(record))
    if not widths:
        return False
    width, count = widths.most_common(1)[0]
    return len(records[-1]) < width and count > 0.9 * (widths.total() - 2)


# Spreadsheets


def workbook(data: bytes, name: str, digest: str) -> tuple[Table, ...]:
    """The visible sheets of a workbook that hold something, in order, hidden ones never.

    Raises ProblemsError when it is protected, damaged or empty.
    """
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = [
                (
                    sheet.name,
                    book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False),
                )
                for sheet in book.sheets_metadata
                if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError:
        _protected(name)
    except CalamineError as error:
        if "password" in str(error).lower():
            _protected(name)
        refuse(name, "un classeur coupé ou abîmé", "un classeur Excel complet", EXPORT)
    except BaseException as error:
        # The reader's own panic, which a damaged .xls causes, is not an Exception.
        if type(error).__name__ != "PanicException":
            raise
        refuse(name, "un classeur abîmé", "un classeur Excel complet", EXPORT)
    filled = [(sheet, rows) for sheet, rows in sheets if any(cell != "" for row in rows for cell in row)]
    if not filled:
        refuse(name, "un classeur vide", "un export qui contient des réponses", EXPORT)
    return tuple(
        Table(name, digest, "", "", [[cell_text(cell) for cell in row] for row in rows], sheet=sheet)
        for sheet, rows in filled
    )


def _protected(name: str) -> NoReturn:
    refuse(
        name,
        "un classeur protégé par un mot de passe",
        "un classeur sans mot de passe",
        "ouvrez-le, retirez le mot de passe et enregistrez-le de nouveau",
    )


def cell_text(cell: object) -> str:
    """A spreadsheet's value as a person typed it: 12345.0 is 12345, dates are ISO.

    12.345 is 12.3450: with three decimals, a text could be taken for thousands.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        text = format(Decimal(repr(cell)), "f")
        return f"{text}0" if _THREE_DECIMALS.fullmatch(text) else text
    if isinstance(cell, dt.datetime):
        if cell.time() == dt.time():
            return cell.date().isoformat()
        # Spreadsheets round the second that they show.
        return (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0).isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
