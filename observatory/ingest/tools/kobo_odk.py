"""Exports of KoboToolbox, ODK Central, ODK Briefcase and Ona: one row a submission, headings that are paths.

Belongs here: the columns these tools add, paths through groups, `question/option` columns of a multiple choice, tables
of repeated questions. Does not belong here: form definitions (XLSForm, XForm), which are refused.

A multiple choice comes as codes joined by spaces, as one column an option, or both. With both, the options' columns
are read and the joined one is left out: labels hold spaces, so it can't be split surely. `n/a`, which Kobo and Ona
write for any empty cell, is no answer: it does not tell what was not shown from what was left blank.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from observatory.ingest.cells import Columns, MemoryColumns
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import Table, refuse
from observatory.ingest.headers import Heading, filled_records, lay_out_below
from observatory.ingest.tools.form import Column, Form, QuestionKind, Tool, make_form
from observatory.ingest.tools.tool_columns import INSTANCE, kobo_role
from observatory.phrases import listed
from observatory.problems import Problem
from observatory.wording import normalise

_XFORMS = b"http://www.w3.org/2002/xforms"
_NO_ANSWER = "n/a"
_TICKS = frozenset({"0", "1", "true", "false"})
_SIGNS = (
    frozenset({"_uuid", "_submission_time"}),
    frozenset({"_submission_time", "_index"}),
    frozenset({"_id", "_uuid", "_index"}),
    frozenset({"_parent_table_name", "_parent_index"}),
    frozenset({"submissiondate", "key"}),
    frozenset({"parent_key", "key"}),
)
"""Headings of which no other tool has these together."""

_REPEATED = re.compile(r"\[\d+\][/.-]")
_OTHER = re.compile(r"^(.+)_other$")
_SAMPLE = 200


def _recognise(document: Document) -> float:
    if document.kind == "xml":
        return 0.95 if _XFORMS in document.data[:20_000] else 0.0
    if _is_definition(document):
        return 0.95
    return max((_sure(_names(table)) for table in document.tables), default=0.0)


def _sure(names: Sequence[str]) -> float:
    found = {name.casefold() for name in names}
    if any(signs <= found for signs in _SIGNS):
        return 0.95
    return 0.9 if any(INSTANCE.match(name) for name in names) else 0.0


def _names(table: Table) -> list[str]:
    return [cell.strip() for record in filled_records(table, 1) for cell in record]


def _is_definition(document: Document) -> bool:
    """Whether a workbook is an XLSForm: its sheet `survey` lists questions, each with a type and a name."""
    survey = next((table for table in document.tables if table.sheet.casefold() == "survey"), None)
    return survey is not None and {"type", "name"} <= {name.casefold() for name in _names(survey)}


def _read(document: Document) -> Form:
    if document.kind == "xml" or _is_definition(document):
        refuse(
            document.file,
            "la définition d'un formulaire (XForm)" if document.kind == "xml" else "un questionnaire XLSForm",
            "une ligne par répondant",
            "exportez les réponses : dans KoboToolbox, Données, Téléchargements, CSV ou XLS ; dans ODK Central, "
            "Submissions, Download",
        )
    table, warnings = _main(document)
    layout = lay_out_below(table, 1, [Heading(name) for name in _names(table)])
    layout = replace(layout, columns=_without_fillers(layout.columns))
    columns, repeated = _columns([heading.question for heading in layout.headings], layout.columns)
    if repeated:
        warnings.append(
            Problem(
                file=document.file,
                column=repeated[0],
                found=f"{len(repeated)} colonnes de questions répétées, qui ne sont pas lues",
                expected="une réponse par répondant et par question",
                action="rien, sauf si le questionnaire attend ces réponses",
                severity="warning",
            )
        )
    return make_form("kobo_odk", table, layout, columns, warnings=(*document.warnings, *warnings))


# Tables


def _main(document: Document) -> tuple[Table, list[Problem]]:
    """The table of the submissions, and what is said of the others; the first one where all are repeats."""
    main = [table for table in document.tables if not _is_repeat(table)]
    repeats = [table for table in document.tables if table not in main]
    if not main:
        return repeats[0], [
            *other_sheets(document, [repeats[0].sheet]),
            Problem(
                file=document.file,
                found="un tableau de questions répétées : une ligne par répétition, pas par répondant",
                expected="le tableau principal, une ligne par répondant",
                action="déposez plutôt le tableau principal de l'export (sans « _parent_index » ni « PARENT_KEY »)",
                severity="warning",
            ),
        ]
    warnings = [*other_sheets(replace(document, tables=tuple(main)), [main[0].sheet])]
    if repeats:
        names = listed(f"« {table.sheet} »" for table in repeats)
        warnings.append(
            Problem(
                file=document.file,
                found=f"des tableaux de questions répétées, qui ne sont pas lus : {names}",
                expected="une ligne par répondant",
                action="rien, sauf si le questionnaire attend ces réponses",
                severity="warning",
            )
        )
    return main[0], warnings


def _is_repeat(table: Table) -> bool:
    """Whether each row belongs to a row of another table. Ona gives the main table a parent too: number -1."""
    names = _names(table)
    if "PARENT_KEY" in names:
        return True
    if "_parent_index" not in names:
        return False
    position = names.index("_parent_index")
    rows = filled_records(table, 100)[1:]
    parents = {record[position].strip() for record in rows if position < len(record)} - {""}
    return parents != {"-1"} and ("_parent_table_name" in names or bool(parents))


def _without_fillers(columns: Columns) -> Columns:
    """The columns with nothing where the export writes `n/a`."""
    filler = {position for position in range(len(columns)) if _NO_ANSWER in columns.counts(position)}
    if not filler:
        return columns
    cells = [
        ["" if cell == _NO_ANSWER else cell for cell in columns[position]] if position in filler else columns[position]
        for position in range(len(columns))
    ]
    return MemoryColumns(cells, columns.rows)


# Columns


@dataclass(frozen=True)
class _Split:
    """A multiple choice's columns, one an option: `options` by position, of the question headed `parent`."""

    parent: str
    options: Mapping[int, str]


def _columns(names: Sequence[str], cells: Columns) -> tuple[list[Column], list[str]]:
    """The columns, and the headings of those left out for being repeated."""
    group = _group_sign(names)
    own = {position: role for position, name in enumerate(names) if (role := kobo_role(name, names))}
    repeated = [position for position, name in enumerate(names) if _REPEATED.search(name)]
    open_positions = [
        position for position, name in enumerate(names) if name and position not in own and position not in repeated
    ]
    splits = _splits(names, open_positions, group, cells)
    of_option = {position: split for split in splits for position in split.options}
    joined = {split.parent for split in splits}
    shared = _shared_groups([names[position] for position in open_positions if position not in of_option], group)
    questions = {_in_group(name, group, shared) for name in names}
    columns = []
    for position, name in enumerate(names):
        if position in own or position in repeated:
            columns.append(Column(position, name, name, role=own.get(position, "other")))
        elif position in of_option:
            split = of_option[position]
            question, option = _in_group(split.parent, group, shared), split.options[position]
            labels = tuple(split.options.values())
            columns.append(_column(position, name, question, option, questions, labels))
        elif name and name not in joined:
            columns.append(_column(position, name, _in_group(name, group, shared), "", questions))
    return columns, [names[position] for position in repeated]


def _column(
    position: int, heading: str, question: str, option: str, questions: set[str], labels: tuple[str, ...] = ()
) -> Column:
    """A column whose heading is made of codes, or of labels: those have spaces."""
    kind: QuestionKind | None = "multiple" if labels else None
    if " " in heading:
        return Column(position, heading, question, option, kind=kind, options=labels)
    other = _OTHER.match(question)
    if other and not option and other[1] in questions:
        # What XLSForm's `or_other` adds: the text beside « other ».
        return Column(position, heading, "", "", other[1], "other", kind="text")
    return Column(position, heading, "", "", question, option, kind=kind, options=labels)


def _group_sign(names: Sequence[str]) -> str:
    """What stands between a group and its question; '' where the file does not tell, or it is `_`, as in names."""
    for name in names:
        if instance := INSTANCE.match(name):
            return "" if instance[1] == "_" else instance[1]
    return "-" if "KEY" in names else "/" if any("/" in name for name in names) else ""


def _splits(names: Sequence[str], positions: Sequence[int], group: str, cells: Columns) -> list[_Split]:
    """The multiple choices that have a column an option, told by the column of joined codes before them.

    Where there is none, by all columns of one stem holding ticks alone.
    """
    ticks = {position for position in positions if _only_ticks(position, cells)}
    filled = {position for position in positions if cells.filled(position)}
    by_stem: dict[str, dict[int, str]] = defaultdict(dict)
    headings = {names[position] for position in positions}
    for position in positions:
        name = names[position]
        parent = next((name[:at] for at in _ends(name) if name[:at] in headings), None)
        if parent is not None and position in ticks:
            by_stem[parent][position] = name[len(parent) + 1 :]
    splits = [
        _Split(stem, options)
        for stem, options in by_stem.items()
        if _is_split(cells.counts(names.index(stem)), options, names, not filled.isdisjoint(options))
    ]
    known = {position for split in splits for position in split.options}
    alone: dict[str, dict[int, str]] = defaultdict(dict)
    for position in positions:
        stem, sign, last = names[position].rpartition("/")
        if sign and position not in known and stem not in headings:
            alone[stem][position] = last
    splits += [
        _Split(stem, options)
        for stem, options in alone.items()
        if len(options) > 1 and ticks.issuperset(options) and filled.intersection(options)
    ]
    return splits


def _is_split(joined: Mapping[str, int], options: Mapping[int, str], names: Sequence[str], filled: bool) -> bool:
    """Whether columns are the options of the answers joined in the column that their headings begin with.

    `siren` and `siren_ok` are two questions: but for `/`, which no name holds, the answers must be made of the options.
    """
    answers = [cell for cell in joined if cell.strip()][:_SAMPLE]
    if not answers:
        return filled or all("/" in names[position] for position in options)
    # Where only the joined answers were filled, the options' columns say nothing.
    return filled and (
        all(names[position].endswith(f"/{option}") for position, option in options.items())
        or all(_is_made_of(cell, sorted(options.values(), key=len, reverse=True)) for cell in answers)
    )


def _is_made_of(answer: str, options: Sequence[str]) -> bool:
    padded = f" {answer.strip()} ".replace(" ", "  ")
    for option in options:
        padded = padded.replace(f" {option} ".replace(" ", "  ")[1:-1], " ")
    return not padded.strip()


def _ends(name: str) -> list[int]:
    """Where a stem of the heading may end, longest first; `/` before the signs that names hold themselves.

    Below `q/paid` and `q/paid_plan`, `q/paid` is no question.
    """
    signs = [at for at in range(len(name) - 2, 0, -1) if name[at] in "/._-"]
    return sorted(signs, key=lambda at: name[at] != "/")


def _only_ticks(position: int, cells: Columns) -> bool:
    counts = cells.counts(position)
    return len(counts) <= 6 and {normalise(cell) for cell in counts} - {""} <= _TICKS


def _shared_groups(names: Sequence[str], group: str) -> set[str]:
    """What several headings begin with: groups. A label may hold a `/` of its own."""
    stems = [name.rpartition(group)[0] for name in names] if group else []
    return {stem for stem in stems if stem and stems.count(stem) > 1}


def _in_group(name: str, group: str, shared: set[str]) -> str:
    """A heading without the groups before it."""
    if not group or group not in name:
        return name
    if " " not in name:
        return name.rpartition(group)[2]
    stem = max((stem for stem in shared if name.startswith(f"{stem}{group}")), key=len, default="")
    return name[len(stem) + 1 :] if stem else name


TOOL = Tool("kobo_odk", "KoboToolbox / ODK", _recognise, _read)
