"""LimeSurvey's exports of responses: CSV and XLSX with codes, texts or both as headings, and the VV file.

Belongs here: the metadata in three languages, codes of sub-questions, what its other files are and what to export
instead. `N/A` (`{question_not_shown}` in a VV file) is its word for a question that was not shown. A response without
submission date was not finished; 1980-01-01 is the date of a finished one whose date is withheld.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, NoReturn

from observatory.ingest.cells import Cells, mapped
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import Table, refuse
from observatory.ingest.headers import BETWEEN_ROWS, Heading, Layout, filled_records, lay_out_below
from observatory.ingest.tools.form import Column, Form, Role, Tool, make_form, role_among
from observatory.ingest.tools.plain import column
from observatory.ingest.tools.signature import header_row, names, run_of, sample, under, values
from observatory.wording import key, normalise

_IDS = frozenset({"id réponse", "id de la réponse", "antwort id", "antwort-id"})
_CODES: Mapping[str, Role] = {
    "id": "id",
    "submitdate": "submitted",
    "startlanguage": "language",
    **dict.fromkeys(
        ("lastpage", "seed", "token", "startdate", "datestamp", "ipaddr", "refurl", "quota_exit"),
        "other",
    ),
}
_TEXTS: Mapping[str, Role] = {
    **dict.fromkeys(("response id", *_IDS), "id"),
    **dict.fromkeys(("date submitted", "date de soumission", "datum abgeschickt"), "submitted"),
    **dict.fromkeys(
        ("start language", "langue de départ", "langue", "startsprache", "start-sprache", "sprache"), "language"
    ),
    **dict.fromkeys(
        (
            *("last page", "seed", "token", "access code", "date started", "date last action"),
            *("ip address", "referrer url"),
            *("dernière page", "tête de série", "graine", "invitation", "code d'accès", "clé d'invitation"),
            *("date de lancement", "date de début", "date de la dernière action", "adresse ip"),
            *("url de référence", "url référente"),
            *("letzte seite", "zufallsstartwert", "zugangscode", "zugangsschlüssel", "datum gestartet"),
            *("datum letzte aktivität", "datum der letzten aktion", "ip-adresse", "referrer-url", "weiterleitungs-url"),
        ),
        "other",
    ),
}
_ROLES: Mapping[str, Role] = {**_TEXTS, **_CODES}
_TOKENS = frozenset({"token", "access code", "invitation", "code d'accès", "clé d'invitation", "zugangscode"})
_PARTICIPANT = re.compile(
    r"first ?name|last ?name|email( address)?|prénom|nom( de famille)?|adresse (courriel|électronique|e-mail)|vorname"
    r"|nachname|e-mail(-adresse)?|attribute_\d+"
)
"""What an export of invited people may show of them, next to their token."""

_TIMING = re.compile(
    r"interviewtime|grouptime\d*|\d+x\d+x\d+time|(group|question) time: .*|total time"
    r"|temps total|(temps|durée) (du|pour le|de) groupe ?: .*|(temps|durée) (de|pour) la question ?: .*"
    r"|gesamtzeit|gruppenzeit: .*|fragenzeit: .*"
)
_SIGNS = 3
"""Metadata columns from which on no other tool would name them all so."""

_CODED = re.compile(r"[A-Za-z]\w*(?:\[\w+\]){1,2}(?:\. .*)?", re.DOTALL)
_DOUBLY_CODED = re.compile(r"([A-Za-z]\w*)\[([^\]]*)\]\[([^\]]*)\](?:\.\s+(?=\S)|$)")
_DOUBLY_BRACKETED = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]\s*\[([^\[\]]+)\]\s*", re.DOTALL)

_STRUCTURE = frozenset({"class", "type/scale", "name", "relevance", "text", "language"})
_PARTICIPANTS = frozenset({"tid", "emailstatus", "token"})
_STATISTICS = re.compile(
    r"(number of|total) records in (this query|survey)|nombre d enregistrements? .*requete|anzahl .*datensatze.*abfrage"
)

_NOT_SHOWN = "{question_not_shown}"
_UNSUBMITTED = frozenset({"", "N/A", _NOT_SHOWN})
_ESCAPED = {"{newline}": "\n", "{cr}": "\r", "{tab}": "\t", "{lbrace}": "{"}
_ESCAPE = re.compile("|".join(map(re.escape, _ESCAPED)))

_TICKS = frozenset({"y", "n", "yes", "no", "oui", "non", "ja", "nein", "n/a", _NOT_SHOWN})
_COMMENT = re.compile(r".*comment", re.IGNORECASE)
_OTHER = frozenset({"other", "autre", "sonstiges"})
_RANK = re.compile(r"(rank|rang|ranking|classement|rangfolge|rangplatz) ?\d+")
_RANKED_ROWS = 5
"""Respondents who each give two ranks or more, and none the same item twice, from which on `q[1]`, `q[2]` rank."""

Kind = Literal["responses", "vv", "structure", "participants", "statistics"]

_EXPORT = "dans LimeSurvey : Réponses, Exporter, « Exporter les résultats », format CSV, en-têtes « Code et texte »"


# Recognising


def _recognise(document: Document) -> float:
    if document.kind == "xml":
        return 0.95 if b"<LimeSurveyDocType>" in document.data[:2000] else 0.0
    return _what(document.table)[1] if document.tables else 0.0


def _what(table: Table) -> tuple[Kind, float]:
    """Which of LimeSurvey's files a table is, and how sure that is; 0 where it is none."""
    first = filled_records(table, 15)
    if any(names(record)[:1] == ("class",) and _STRUCTURE.issubset(names(record)) for record in first[:1]):
        return "structure", 0.95
    if any(_PARTICIPANTS.issubset(names(record)) for record in first[:1]):
        return "participants", 0.9
    if any(_STATISTICS.match(key(cell)) for record in first for cell in record[:1]):
        return "statistics", 0.9
    if _is_vv(first):
        return "vv", 0.95
    if (row := header_row(table, _is_header)) is None:
        return "responses", 0.0
    return "responses", _sureness(names(first[row]), first[row])


def _is_header(found: tuple[str, ...]) -> bool:
    return _sureness(found, found) > 0


def _sureness(found: Sequence[str], record: Cells) -> float:
    start = [_meta(name) for name in found[:12]]
    if start[:1] and start[0] in _IDS:
        return 0.9
    if len(_CODES.keys() & start) >= _SIGNS or len(_TEXTS.keys() & start) >= _SIGNS:
        return 0.9
    if len([cell for cell in record if _CODED.fullmatch(cell.strip())]) >= _SIGNS:
        return 0.7
    return 0.6 if start[:1] == ["response id"] else 0.0


def _is_vv(first: Sequence[Cells]) -> bool:
    """Two rows of headers: texts, and below them codes that are none of the texts' own."""
    if len(first) < 2:
        return False
    above, codes = names(first[0]), names(first[1])
    filled = [code for code in codes if code]
    return (
        len(_CODES.keys() & codes) >= _SIGNS
        and len(above) == len(codes) < 2 * len([text for text in above if text])
        and all(re.fullmatch(r"\w+", code) for code in filled)
    )


def _meta(name: str) -> str:
    """The part of a heading that names metadata: `submitdate. date submitted` is `submitdate`."""
    code, dot, _ = name.partition(". ")
    return code if dot and code in _CODES else name


# Reading


def _read(document: Document) -> Form:
    if document.kind == "xml":
        _refuse_definition(document.file)
    table = document.table
    what, _ = _what(table)
    if what == "structure":
        _refuse_definition(document.file)
    if what == "participants":
        refuse(
            document.file, "la table des participants de LimeSurvey (les invitations)", "l'export des réponses", _EXPORT
        )
    if what == "statistics":
        refuse(document.file, "des statistiques de LimeSurvey (des effectifs)", "l'export des réponses", _EXPORT)
    layout, columns = _vv(table) if what == "vv" else _responses(table)
    columns = _with_kinds(columns, sample(layout, table))
    submitted = next((column.position for column in columns if column.role == "submitted"), None)
    complete = None
    if submitted is not None:
        complete = ["false" if cell.strip() in _UNSUBMITTED else "true" for cell in layout.columns[submitted]]
    return make_form(
        "limesurvey",
        table,
        layout,
        columns,
        complete=complete,
        not_shown=frozenset({_NOT_SHOWN if what == "vv" else "N/A"}),
        warnings=(*document.warnings, *other_sheets(document, [table.sheet])),
    )


def _refuse_definition(file: str) -> NoReturn:
    refuse(file, "la structure ou l'archive d'un questionnaire LimeSurvey", "l'export des réponses", _EXPORT)


def _responses(table: Table) -> tuple[Layout, list[Column]]:
    layout = under(table, header_row(table, _is_header) or 0)
    found = [_meta(name) for name in names(layout.headings)]
    # A file saved by pandas may have its row numbers first.
    metadata = run_of(found, _ROLES)
    if _TOKENS & set(found[:metadata]):
        while metadata < len(found) and _PARTICIPANT.fullmatch(found[metadata]):
            metadata += 1
        metadata += run_of(found[metadata:], _ROLES)
    columns = []
    for position, heading in enumerate(layout.headings):
        name = found[position]
        role: Role | None = role_among(heading.text, {})
        if position < metadata:
            role = _ROLES.get(name, "other")
        elif _TIMING.fullmatch(name):
            role = "other"
        columns.append(replace(_column(position, heading), role=role if heading.text else None))
    return layout, columns


def _column(position: int, heading: Heading) -> Column:
    """What a heading says; an array of two dimensions has two brackets: row and column."""
    coded = _DOUBLY_CODED.match(heading.text)
    text = heading.text[coded.end() :] if coded else heading.text
    bracketed = _DOUBLY_BRACKETED.fullmatch(text)
    if not coded and not bracketed:
        return column(position, heading)
    told = column(position, Heading(text)) if not coded else Column(position, heading.text, text.strip())
    if coded:
        told = replace(told, code=coded.group(1), option_code=f"{coded.group(2)}_{coded.group(3)}")
    if bracketed:
        question = _column(position, Heading(bracketed.group(1))).question if not coded else bracketed.group(1)
        told = replace(told, question=question, option=BETWEEN_ROWS.join(bracketed.groups()[1:]))
    return replace(told, heading=heading.text)


def _vv(table: Table) -> tuple[Layout, list[Column]]:
    texts, codes = filled_records(table, 2)
    headings = tuple(Heading(text.strip(), code.strip()) for text, code in zip(texts, codes, strict=True))
    layout = lay_out_below(table, 2, headings)
    escaped = {}
    for position in range(len(headings)):
        cells = [cell for cell in layout.columns.counts(position) if "{" in cell and cell != _NOT_SHOWN]
        if cells:
            escaped[position] = {cell: _ESCAPE.sub(lambda sign: _ESCAPED[sign.group()], cell) for cell in cells}
    layout = replace(layout, columns=mapped(layout.columns, escaped))
    columns = []
    for position, heading in enumerate(headings):
        role = _CODES.get(heading.option.lower()) or ("other" if _TIMING.fullmatch(heading.option.lower()) else None)
        # Question codes hold no `_`: what follows one is the sub-question's.
        code, _, option_code = heading.option.partition("_")
        if role is not None:
            code, option_code = heading.option, ""
        question = "" if heading.question == heading.option else heading.question
        columns.append(Column(position, heading.text, question, "", code, option_code, role))
    return layout, columns


def _with_kinds(columns: Sequence[Column], rows: Sequence[Cells]) -> list[Column]:
    """The columns, those of multiple choices and rankings told: by the cells of all that share a code or a question."""
    groups: dict[str, list[Column]] = defaultdict(list)
    for found in columns:
        if found.role is None and (found.option or found.option_code):
            groups[found.code or found.question].append(found)
    told = {found.position: found for found in columns}
    for group in groups.values():
        if len(group) < 2:
            continue
        if _is_ranking(group, rows):
            told |= {found.position: replace(found, option="", kind="ranking") for found in group}
            continue
        ticked = [found for found in group if not _is_text(found)]
        cells = {normalise(cell) for found in ticked for cell in values(rows, found.position)}
        if len(ticked) > 1 and cells - {"n/a", _NOT_SHOWN} and cells <= _TICKS:
            told |= {found.position: replace(found, kind="multiple") for found in group}
    return list(told.values())


def _is_text(found: Column) -> bool:
    """Whether a column holds what was typed beside an option."""
    return bool(
        normalise(found.option) in _OTHER
        or found.option_code.lower() in _OTHER
        or _COMMENT.fullmatch(found.option_code)
        or _COMMENT.fullmatch(found.option)
    )


def _is_ranking(group: Sequence[Column], rows: Sequence[Cells]) -> bool:
    if all(_RANK.fullmatch(normalise(found.option)) for found in group):
        return True
    if [found.option_code for found in group] != [str(rank) for rank in range(1, len(group) + 1)]:
        return False
    nothing = {"", "N/A", _NOT_SHOWN}
    cells = [
        [row[at] for found in group if (at := found.position) < len(row) and row[at] not in nothing] for row in rows
    ]
    several = [items for items in cells if len(items) > 1]
    if len(several) < _RANKED_ROWS or any(len(set(items)) < len(items) for items in several):
        return False
    # Items come back; what respondents typed into several boxes does not.
    return 2 * len({item for items in several for item in items}) <= sum(map(len, several))


TOOL = Tool("limesurvey", "LimeSurvey", _recognise, _read)
