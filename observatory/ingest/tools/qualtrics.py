"""Qualtrics' exports of responses: codes, then texts, then `{"ImportId": …}`; or the older two rows under V1…V10.

Belongs here: its rows of headers, the question and the option that one text holds, which responses are previews, tests
or spam. Does not belong here: survey definitions (.qsf), which are refused.

A question's columns share the stem of their ImportId, and the beginning of their text is the question: nothing else
tells where the question ends, since options hold dashes too.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from observatory.ingest.cells import Columns
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import Table, refuse
from observatory.ingest.headers import Heading, filled_records, lay_out_below
from observatory.ingest.tools.form import Column, Form, QuestionKind, Role, Tool, make_form, role_among
from observatory.ingest.tools.tool_columns import is_qualtrics_test, qualtrics_role, squeezed
from observatory.problems import Problem
from observatory.wording import normalise

_EXPORT = (
    "dans Qualtrics : Données et analyse, Exporter et importer, Exporter les données, CSV, "
    "« Télécharger tous les champs »"
)
_IMPORT_ID = re.compile(r"^\s*\{\s*[\"']ImportId[\"']\s*:")
_LEGACY = re.compile(r"^V\d{1,2}$")
_RESPONSE = re.compile(r"^(?:R|FS|CH)_\w{8,}$")
_QUESTION = re.compile(r"^(?:\w+_)?QID\d+(?:#\d+)?$")
_TEXT_ENTRY = re.compile(r"[_-]TEXT$")
_SIDE_EFFECT = re.compile(
    r"_DO(?:_\w+)?$|[_-](?:first|last)[_ -]click$|[_-](?:page[_ -]submit|click[_ -]count)$"
    r"|[_-](?:browser|version|operating system|os|resolution)$|[_-]file[_-](?:id|name|size|type)$"
    r"|^SC_\w+$|^QID\d+\S*_[0-9a-f]{16,}|- (?:parent )?topics$",
    re.IGNORECASE,
)
"""What Qualtrics records about a question beside its answer: order shown, clicks, browser, uploads, scores, topics."""

_SIGNS = frozenset(
    {
        *("responseid", "recordeddate", "durationinseconds", "distributionchannel", "userlanguage", "ipaddress"),
        *("recipientlastname", "recipientfirstname", "recipientemail", "externalreference", "locationlatitude"),
    }
)
_SELDOM_TOGETHER = frozenset({"responseid", "status", "finished", "startdate", "enddate"})


@dataclass(frozen=True)
class _Header:
    """What stands above one column. `stem` is shared by the columns of one question; `part` tells them apart."""

    code: str
    text: str
    stem: str
    part: str
    written: bool
    """Whether it holds what was typed beside an option."""
    chosen: bool
    """Whether the export itself says that the column is an option that was ticked or not."""
    role: Role | None


def _recognise(document: Document) -> float:
    if document.kind == "json":
        return 0.95 if b'"SurveyEntry"' in document.data and b'"SurveyElements"' in document.data else 0.0
    if not document.tables:
        return 0.0
    records = filled_records(document.table, 3)
    if not records:
        return 0.0
    if any(_IMPORT_ID.match(cell) for record in records[1:] for cell in record[:50]):
        return 0.95
    if _is_legacy(records):
        return 0.95
    names = {squeezed(cell) for cell in records[0]}
    # More than any other tool: its second row of headers may hold words that another puts in its first.
    return 0.95 if names >= _SELDOM_TOGETHER or len(_SIGNS & names) >= 4 else 0.0


def _read(document: Document) -> Form:
    if document.kind == "json":
        refuse(
            document.file,
            "la définition d'un questionnaire Qualtrics (.qsf), pas les réponses",
            "une ligne par répondant",
            _EXPORT,
        )
    table = document.table
    headers, rows = _headers(table)
    layout = lay_out_below(table, rows, [Heading(header.text) for header in headers])
    test, warnings = _tests(headers, layout.columns, table.file)
    return make_form(
        "qualtrics",
        table,
        layout,
        _columns(headers, layout.columns),
        test=test,
        warnings=(*document.warnings, *other_sheets(document, [table.sheet]), *warnings),
    )


def _is_legacy(records: Sequence[Sequence[str]]) -> bool:
    return (
        len(records) > 1
        and sum(bool(_LEGACY.match(cell.strip())) for cell in records[0][:10]) >= 5
        and bool({"responseid", "responseset"} & {squeezed(cell) for cell in records[1][:10]})
    )


# Headers


def _headers(table: Table) -> tuple[list[_Header], int]:
    """Every column's header, and how many rows they are."""
    records = filled_records(table, 3)
    width = max(len(record) for record in records)
    padded = [[*(cell.strip() for cell in record), *[""] * (width - len(record))] for record in records]
    codes = texts = padded[0]
    imports, rows = [""] * width, 1
    found = next((row for row in (2, 1) if row < len(records) and any(map(_IMPORT_ID.match, records[row]))), None)
    if found is not None:
        imports, rows = padded[found], found + 1
        texts = padded[found - 1]
    elif len(records) > 1 and (_is_legacy(records) or not _is_response(codes, padded[1])):
        texts, rows = padded[1], 2
    return [_header(*above) for above in zip(codes, texts, imports, strict=True)], rows


def _is_response(codes: Sequence[str], record: Sequence[str]) -> bool:
    """Whether a row is a respondent's, told by the cell under ResponseId, StartDate or EndDate."""
    return any(
        (squeezed(code) == "responseid" and _RESPONSE.match(cell))
        or (squeezed(code) in {"startdate", "enddate", "recordeddate"} and cell[:1].isdigit())
        for code, cell in zip(codes, record, strict=True)
    )


def _header(code: str, text: str, imported: str) -> _Header:
    identity, choice = _import_id(imported)
    role = _role(code, text, identity)
    token = identity or code
    written = bool(_TEXT_ENTRY.search(token) or _TEXT_ENTRY.search(code))
    token = _TEXT_ENTRY.sub("", token)
    if choice or (identity and (_QUESTION.match(token) or "QID" not in token)):
        stem, part = token, choice
    else:
        split = max(token.rfind("_"), token.rfind("-") if identity else -1)
        stem, part = (token[:split], token[split + 1 :]) if split > 0 else (token, "")
    return _Header(code, text or code, stem, part, written, bool(choice), role)


def _import_id(cell: str) -> tuple[str, str]:
    """The ImportId and the choice it names, each '' where there is none."""
    if not _IMPORT_ID.match(cell):
        return "", ""
    try:
        parsed = json.loads(cell)
    except ValueError:
        try:
            parsed = ast.literal_eval(cell.strip())
        except (ValueError, SyntaxError):
            return "", ""
    return str(parsed.get("ImportId", "")).removeprefix("panel-"), str(parsed.get("choiceId", ""))


def _role(code: str, text: str, identity: str) -> Role | None:
    if any(_SIDE_EFFECT.search(token) for token in (identity, code) if token):
        return "other"
    if "QID" in identity:
        return role_among(text, {})
    if _LEGACY.match(code):
        return qualtrics_role(text) or "other"
    role = qualtrics_role(identity) or qualtrics_role(code)
    # Names that begin with Q_ are Qualtrics' own; other embedded data may be anything, even a SIREN from a mailing.
    return role or ("other" if code.startswith("Q_") else role_among(text, {}))


# Questions and options


def _columns(headers: Sequence[_Header], cells: Columns) -> list[Column]:
    between = " - " if any(" - " in header.text for header in headers if header.role is None) else "-"
    groups: dict[str, list[int]] = defaultdict(list)
    for position, header in enumerate(headers):
        if header.role is None and header.text:
            groups[header.stem].append(position)
    has_end = any(header.role == "submitted" for header in headers)
    columns: dict[int, Column] = {}
    for position, header in enumerate(headers):
        role = header.role
        if squeezed(header.code) == "recordeddate" and not has_end:
            role = "submitted"
        columns[position] = Column(position, header.text, header.text, code=header.code, role=role)
    for positions in groups.values():
        found = [headers[position] for position in positions]
        question = _question(found, between) if len(found) > 1 else ""
        if not question:
            continue
        options = {
            position: _option(header, question, between) for position, header in zip(positions, found, strict=True)
        }
        ticked = [position for position in positions if headers[position].part and not headers[position].written]
        kind = _kind([(headers[position], options[position], cells.counts(position)) for position in ticked])
        labels = tuple(dict.fromkeys(options[position] for position in ticked)) if kind else ()
        stem = _stem_of_codes(found)
        for position, header in zip(positions, found, strict=True):
            code, option_code = (stem, header.code[len(stem) + 1 :]) if stem else (header.code, "")
            of = (code, option_code, None, "text", ()) if header.written else (code, option_code, None, kind, labels)
            columns[position] = Column(position, header.text, question, options[position], *of)
    return list(columns.values())


def _question(found: Sequence[_Header], between: str) -> str:
    """What all texts of a question begin with, before the sign that parts question and option; '' if nothing."""
    texts = [header.text for header in found]
    for whole in texts:
        if all(text == whole or text.startswith(f"{whole}{between}") for text in texts):
            return whole.strip() if len(set(texts)) > 1 else ""
    common = _shared_start(texts)
    return common[: common.rfind(between)].strip() if between in common else ""


def _option(header: _Header, question: str, between: str) -> str:
    option = header.text[len(question) :].strip().removeprefix(between.strip()).strip()
    if not header.part and not header.written:
        # « Selected Choice », in whatever language the export was made.
        return ""
    label, found, last = option.rpartition(between)
    if header.written and found and (between == " - " or last.casefold() in {"text", "texte"}):
        return label.strip()
    return option


def _shared_start(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    length = next((at for at, sign in enumerate(first) if last[at : at + 1] != sign), len(first))
    return first[:length]


def _stem_of_codes(found: Sequence[_Header]) -> str:
    """What the codes of a question begin with, `Q2` of Q2_1 and Q2_5_TEXT; '' where rows have codes of their own."""
    codes = [header.code for header in found]
    whole = min(codes, key=len)
    if all(code == whole or code.startswith(f"{whole}_") for code in codes):
        return whole
    return _shared_start(codes).rpartition("_")[0]


def _kind(ticked: Sequence[tuple[_Header, str, Mapping[str, int]]]) -> QuestionKind | None:
    """Multiple where each column holds its own option or nothing, or where the export says so.

    Ones alone tell nothing: a grid of one scale point has them too.
    """
    found = [{normalise(cell) for cell in cells} - {""} for _, _, cells in ticked]
    if not any(found):
        return None
    own = all(values <= {normalise(option)} for values, (_, option, _) in zip(found, ticked, strict=True))
    said = all(header.chosen and values <= {"1"} for values, (header, _, _) in zip(found, ticked, strict=True))
    return "multiple" if own or said else None


# Responses that are none


def _tests(headers: Sequence[_Header], cells: Columns, file: str) -> tuple[list[str | None] | None, list[Problem]]:
    """For each response, whether it is a preview, a test or spam; and a warning where the status is not known."""
    position = next((position for position, header in enumerate(headers) if header.role == "test"), None)
    if position is None:
        return None, []
    verdicts = {status: is_qualtrics_test(status) for status in cells.counts(position)}
    unknown = sum(
        count for status, count in cells.counts(position).items() if status.strip() and verdicts[status] is None
    )
    warnings = []
    if unknown:
        warnings.append(
            Problem(
                file=file,
                column=headers[position].text,
                found=f"un statut inconnu ({unknown} {'réponse' if unknown == 1 else 'réponses'})",
                expected="« IP Address » ou 0 pour une réponse, « Survey Preview » (1) ou « Survey Test » (2) sinon",
                action="vérifiez dans Qualtrics que ce sont de vraies réponses : elles sont gardées",
                severity="warning",
            )
        )
    return [verdicts[status] for status in cells[position]], warnings


TOOL = Tool("qualtrics", "Qualtrics", _recognise, _read)
