"""A Grist document (.grist), which is an SQLite base: the table of answers in it, read without being written anywhere.

Belongs here: which table holds the answers, labels of columns, what Grist's types keep (lists, dates, references).
Does not belong here: Grist's CSV and XLSX exports, which have no signature of their own (plain.py).
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from observatory.ingest.cells import Cells, MemoryColumns
from observatory.ingest.containers import is_cut_sqlite
from observatory.ingest.documents import Document
from observatory.ingest.files import Table, cell_text, refuse
from observatory.ingest.headers import Heading, Layout
from observatory.ingest.tools.form import Column, Form, QuestionKind, Role, Tool, make_form, role_of
from observatory.phrases import counted, listed
from observatory.problems import Problem

_EXPORT = "dans Grist : Partager, puis Télécharger, ou Exporter en CSV ou XLSX la table des réponses"
_HELPERS = ("manualSort", "gristHelper_")
_NOT_ANSWERS = ("_grist", "GristHidden_", "GristDoc")
_WRITE_AHEAD = b"\x02\x02"
"""What SQLite writes in a base's head (bytes 18 and 19) when its last changes are kept in a file beside it."""

_BLANKS = {"Bool": "false", "Int": "0", "Numeric": "0"}
"""What Grist writes of itself into a new row."""

_KINDS: dict[str, QuestionKind] = {
    **dict.fromkeys(("Choice", "Ref"), "single"),
    **dict.fromkeys(("ChoiceList", "RefList"), "multiple"),
    **dict.fromkeys(("Int", "Numeric"), "number"),
    **dict.fromkeys(("Date", "DateTime"), "date"),
    "Text": "text",
}


@dataclass(frozen=True)
class _Field:
    """One column of a Grist table. `of` completes its type: the table it refers to, or a time zone."""

    code: str
    label: str
    type: str
    of: str
    options: tuple[str, ...]
    stamp: bool
    """Whether Grist itself writes the moment at which a row is created."""
    computed: bool
    """Whether a formula fills it, in rows too in which nobody wrote."""
    shown: int
    """The column of the table it refers to that is shown for a row."""


@dataclass(frozen=True)
class _Source:
    """A table that a user made."""

    name: str
    fields: tuple[_Field, ...]
    rows: int
    form: bool
    """Whether the document has a form that fills it."""


def _recognise(document: Document) -> float:
    return 0.95 if document.kind == "sqlite" and b"_grist_Tables_column" in document.data else 0.0


def _read(document: Document) -> Form:
    data = document.data
    if is_cut_sqlite(data):
        # SQLite itself only misses whole pages.
        _damaged(document)
    if data[18:20] == _WRITE_AHEAD:
        # A base in memory has no file beside it, and SQLite would refuse to open it.
        data = data[:18] + b"\x01\x01" + data[20:]
    try:
        with closing(sqlite3.connect(":memory:")) as base:
            base.deserialize(data)
            base.execute("PRAGMA trusted_schema = OFF")
            # Sorting must not put answers into a temporary file.
            base.execute("PRAGMA temp_store = MEMORY")
            if base.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                _damaged(document)
            sources = _sources(base)
            if not sources:
                refuse(document.file, "un document Grist sans table", "une table de réponses", _EXPORT)
            source = max(sources, key=lambda one: (one.rows > 0, one.form, len(one.fields), one.rows))
            columns, unread = _cells(base, source)
    except (sqlite3.Error, ValueError, KeyError, TypeError):
        _damaged(document)
    rows = source.rows
    headings = (Heading("id"), *(Heading(field.label) for field in source.fields))
    layout = Layout((), 0, headings, tuple(range(1, rows + 1)), MemoryColumns(columns, rows), ())
    table = Table(document.file, document.sha256, "", "", (), sheet=source.name)
    empty = _empty_rows(source, columns)
    layout = layout.without(empty, *_not_filled(document.file, len(empty)))
    warnings = [*_others(document.file, source, sources), *_unread(document.file, unread)]
    form_columns = [Column(0, "id", "id", role="id"), *map(_column, range(1, len(headings)), source.fields)]
    return make_form("grist", table, layout, form_columns, warnings=(*document.warnings, *warnings))


def _damaged(document: Document) -> NoReturn:
    refuse(document.file, "un document Grist coupé ou abîmé", "un document complet", _EXPORT)


# What the document says of its tables


def _sources(base: sqlite3.Connection) -> list[_Source]:
    """The user's tables: summaries, helpers and what an import left behind are not."""
    present = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    forms = set()
    if "_grist_Views_section" in present:
        forms = {ref for (ref,) in base.execute("SELECT tableRef FROM _grist_Views_section WHERE parentKey = 'form'")}
    tables = base.execute("SELECT id, tableId, summarySourceTable FROM _grist_Tables ORDER BY id").fetchall()
    sources = []
    for ref, name, summary in tables:
        if name not in present or summary or name.startswith(_NOT_ANSWERS):
            continue
        fields = _fields(base, ref, {column[1] for column in base.execute(f"PRAGMA table_info({_quoted(name)})")})
        if fields:
            ((rows,),) = base.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchall()
            sources.append(_Source(name, fields, rows, ref in forms))
    return sources


def _fields(base: sqlite3.Connection, table: int, present: set[str]) -> tuple[_Field, ...]:
    found = base.execute(
        "SELECT colId, label, type, widgetOptions, isFormula, formula, visibleCol FROM _grist_Tables_column "
        "WHERE parentId = ? ORDER BY parentPos, id",
        (table,),
    ).fetchall()
    fields = []
    for code, label, type_, widget, computed, formula, shown in found:
        if code not in present or code.startswith(_HELPERS):
            continue
        name, _, of = str(type_).partition(":")
        stamp = name == "DateTime" and not computed and str(formula).strip() == "NOW()"
        fields.append(
            _Field(code, str(label or code).strip(), name, of, _choices(widget), stamp, bool(computed), shown or 0)
        )
    return tuple(fields)


def _choices(widget: object) -> tuple[str, ...]:
    try:
        options = json.loads(str(widget or "{}"))
    except ValueError:
        return ()
    choices = options.get("choices") if isinstance(options, dict) else None
    return tuple(str(choice) for choice in choices) if isinstance(choices, list) else ()


def _column(position: int, field: _Field) -> Column:
    role: Role | None = "submitted" if field.stamp else role_of(Heading(field.label))
    if role == "id" or field.type == "Attachments":
        role = "other"
    return Column(
        position,
        field.label,
        field.label,
        code=field.code,
        role=role,
        kind=None if role else _KINDS.get(field.type),
        options=field.options,
    )


# Cells


def _cells(base: sqlite3.Connection, source: _Source) -> tuple[list[Cells], dict[str, int]]:
    """The rows' ids and each field's cells as text, in Grist's order; and how many cells of a field can't be read."""
    table = _quoted(source.name)
    known = {column[1] for column in base.execute(f"PRAGMA table_info({table})")}
    order = f"ORDER BY {'manualSort, ' if 'manualSort' in known else ''}id"
    columns: list[Cells] = [[str(id) for (id,) in base.execute(f"SELECT id FROM {table} {order}")]]
    unread = {}
    for field in source.fields:
        read = _reader(field, _referred(base, field))
        values = [value for (value,) in base.execute(f"SELECT {_quoted(field.code)} FROM {table} {order}")]
        texts = {value: read(value) for value in set(values)}
        columns.append([texts[value] or "" for value in values])
        if failed := sum(texts[value] is None for value in values):
            unread[field.label] = failed
    return columns, unread


def _empty_rows(source: _Source, columns: Sequence[Cells]) -> set[int]:
    """The rows in which nobody wrote: Grist keeps every row that was ever begun, its boxes unticked and numbers 0.

    Where a table has only boxes and numbers, those may be answers.
    """
    written = [
        (field, cells)
        for field, cells in zip(source.fields, columns[1:], strict=True)
        if not field.stamp and not field.computed
    ]
    if all(field.type in _BLANKS for field, _ in written):
        return set()
    return {
        row
        for row in range(source.rows)
        if all(not cells[row].strip() or cells[row] == _BLANKS.get(field.type) for field, cells in written)
    }


def _referred(base: sqlite3.Connection, field: _Field) -> Mapping[int, str]:
    """What is shown for each row of the table that a field refers to: nothing where Grist shows the row's number."""
    if not field.type.startswith("Ref") or not field.shown:
        return {}
    ((code,),) = base.execute("SELECT colId FROM _grist_Tables_column WHERE id = ?", (field.shown,)).fetchall()
    found = base.execute(f"SELECT id, {_quoted(code)} FROM {_quoted(field.of)}")
    return {id: _plain(value) or "" for id, value in found}


def _reader(field: _Field, referred: Mapping[int, str]) -> Callable[[object], str | None]:
    """How a field's values become text; None for one that can't be read."""

    def row(value: object) -> str | None:
        if value in (None, 0, ""):
            return ""
        return referred.get(value, str(value)) if isinstance(value, int) else None

    def date(value: object) -> str | None:
        if value is None:
            return ""
        if not isinstance(value, int | float):
            return _plain(value)
        try:
            moment = dt.datetime.fromtimestamp(value, _zone(field.of))
        except (OverflowError, OSError, ValueError):
            # A number that is no date of any calendar.
            return None
        return (
            moment.date().isoformat()
            if field.type == "Date"
            else moment.replace(tzinfo=None, microsecond=0).isoformat()
        )

    def several(value: object) -> str | None:
        if value in (None, ""):
            return ""
        try:
            found = json.loads(value) if isinstance(value, str) else None
        except ValueError:
            return _plain(value)
        if not isinstance(found, list):
            return None
        items = found[1:] if found[:1] == ["L"] else found
        texts = [row(item) if field.type == "RefList" else _plain(item) for item in items]
        return None if None in texts else "; ".join(text or "" for text in texts)

    def truth(value: object) -> str | None:
        return {0: "false", 1: "true"}.get(value) if isinstance(value, int) else _plain(value)

    readers: dict[str, Callable[[object], str | None]] = {
        "Ref": row,
        "RefList": several,
        "ChoiceList": several,
        "Date": date,
        "DateTime": date,
        "Bool": truth,
        "Attachments": lambda value: "" if value in (None, "") else "fichier",
    }
    return readers.get(field.type, _plain)


def _zone(name: str) -> dt.tzinfo:
    try:
        return ZoneInfo(name) if name else dt.UTC
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def _plain(value: object) -> str | None:
    """A value of no particular type as a person typed it. Bytes are what Grist keeps of errors."""
    if value is None:
        return ""
    return None if isinstance(value, bytes) else cell_text(value)


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


# What is said


def _others(file: str, read: _Source, sources: Sequence[_Source]) -> list[Problem]:
    left = [source.name for source in sources if source is not read]
    if not left:
        return []
    names = listed(f"« {name} »" for name in left)
    return [
        Problem(
            file=file,
            found=f"{len(sources)} tables ; seule « {read.name} » est lue, pas {names}",
            expected="la table des réponses",
            action="si les réponses sont ailleurs, exportez leur table seule : dans Grist, Partager, Exporter, CSV",
            severity="warning",
        )
    ]


def _not_filled(file: str, count: int) -> list[Problem]:
    if not count:
        return []
    return [
        Problem(
            file=file,
            found=f"{counted(count, 'rangée')} où rien n'est écrit",
            expected="une rangée par répondant",
            action="rien : ces rangées ne comptent pas comme des répondants",
            severity="warning",
        )
    ]


def _unread(file: str, unread: Mapping[str, int]) -> list[Problem]:
    return [
        Problem(
            file=file,
            column=label,
            found=f"{counted(count, 'cellule')} en erreur dans Grist, ou dont la date n'est d'aucun calendrier",
            expected="une valeur",
            action="corrigez ces cellules, la formule ou le type de la colonne dans Grist ; elles comptent comme sans "
            "réponse",
            severity="warning",
        )
        for label, count in unread.items()
    ]


TOOL = Tool("grist", "Grist", _recognise, _read)
