"""The one shape in which every tool's export is handed on, and the interface of a tool.

Belongs here: `Form`, `Column`, `Tool`, and the columns that most tools name alike (id,
date, language). Does not belong here: what is particular to one tool, what a question is
(matching.py), which columns are personal (personal.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from observatory.ingest.cells import Columns
from observatory.ingest.dates import is_withheld, iso_moments
from observatory.ingest.documents import Document
from observatory.ingest.files import Table
from observatory.ingest.headers import Heading, Layout
from observatory.phrases import counted, listed
from observatory.problems import Problem
from observatory.wording import key, normalise

Role = Literal["id", "submitted", "language", "complete", "test", "simulated", "partner", "other"]
"""What a column that is no question holds; `other`: something of the tool's own."""

QuestionKind = Literal["single", "multiple", "ranking", "number", "date", "text"]
"""What a tool says of a question; a column of a grid is a question of its own."""

Texts = Sequence[str | None]


@dataclass(frozen=True)
class Column:
    """One column of answers, as headed. `code` and `option_code` are what the tool writes for them, or ''.

    `kind` and `options` are what the tool itself says of a question (a codebook, a sign at the end of each cell), None
    and () where it says nothing. Columns of one multiple question share `question` and `code`.
    Columns of kind 'multiple' (or 'ranking') that share a question and have no `option` each hold one of the labels
    chosen, packed to the left: which column it stands in says nothing (for a ranking, it is the rank). One such column
    alone holds all labels chosen, joined.
    """

    position: int
    heading: str
    question: str
    option: str = ""
    code: str = ""
    option_code: str = ""
    role: Role | None = None
    kind: QuestionKind | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """One file read: `cells[column.position][r]` is the answer of the respondent on row `numbers[r]`.

    The metadata have one entry a respondent, None where the tool says nothing; `complete` (the respondent reached the
    end) and `test` (a preview or a test, not a respondent) are 'true' or 'false'.
    `not_shown` are the cell texts by which the tool says that a question was not shown.
    """

    table: Table
    tool: str
    header_rows: int
    columns: tuple[Column, ...]
    numbers: Sequence[int]
    cells: Columns
    tool_id: Texts
    submitted_at: Texts
    language: Texts
    complete: Texts
    test: Texts
    simulated: Texts
    partner: Texts
    not_shown: frozenset[str] = frozenset()
    warnings: tuple[Problem, ...] = ()

    @property
    def file(self) -> str:
        return self.table.file


@dataclass(frozen=True)
class Tool:
    """A form tool. `title` is its name as readers know it.

    `recognise` tells how sure the tool is that it wrote the document, 0 to 1: 0.9 for a signature that no other has,
    0.1 for what can't be told apart, 0 for never. It must be quick, and raise nothing. `read` makes the form, or raises
    ProblemsError: a summary, a definition or another file of the tool that holds no answers, with what to export.
    """

    name: str
    title: str
    recognise: Callable[[Document], float]
    read: Callable[[Document], Form]


ROLES: Mapping[str, Role] = {
    **dict.fromkeys(
        (
            "respondent id",
            "respondentid",
            "response id",
            "responseid",
            "submission id",
            "id réponse",
            "id de la réponse",
            "identifiant",
            "id",
            "antwort id",
            "_uuid",
            "key",
            "token",
        ),
        "id",
    ),
    **dict.fromkeys(
        (
            "submitdate",
            "date submitted",
            "date de soumission",
            "datum abgeschickt",
            "timestamp",
            "horodateur",
            "end date",
            "completion time",
            "heure de fin",
            "submit date (utc)",
            "submitted at",
            "submissiondate",
            "_submission_time",
            "date d'envoi",
            "date de fin",
            "déposé le",
        ),
        "submitted",
    ),
    **dict.fromkeys(
        ("startlanguage", "start language", "langue", "langue de départ", "language", "startsprache"), "language"
    ),
    **dict.fromkeys(("completed", "complete", "finished", "complet", "terminé"), "complete"),
    **dict.fromkeys(("simulated", "simulé", "simulée", "données simulées", "simulated data"), "simulated"),
    **dict.fromkeys(("partenaire", "partner", "partner organisation", "organisme partenaire"), "partner"),
    **dict.fromkeys(
        (
            "lastpage",
            "last page",
            "dernière page",
            "letzte seite",
            "seed",
            "tête de série",
            "startdate",
            "datestamp",
            "start date",
            "start time",
            "heure de début",
            "start date (utc)",
            "network id",
            "collector",
            "collector id",
            "ip address",
            "adresse ip",
            "ipaddr",
            "refurl",
            "email address",
            "first name",
            "email",
            "e-mail",
            "name",
            "nom",
            "adresse de messagerie",
            "last name",
            "custom data 1",
            "_index",
            "serial #",
        ),
        "other",
    ),
}
"""Headings of columns that are no question, normalised."""

_TRUE = frozenset({"true", "vrai", "yes", "oui", "y", "o", "x", "1", "ja"})
_FALSE = frozenset({"false", "faux", "no", "non", "n", "0", "nein"})
_SIMULATED = frozenset({"donnees simulees", "simulated data"})


def role_of(heading: Heading) -> Role | None:
    """The role that a heading tells, if any."""
    if heading.option and heading.option != heading.question:
        return None
    return ROLES.get(normalise(heading.question))


def role_among(heading: str, roles: Mapping[str, Role]) -> Role | None:
    """The role of a heading that a tool itself writes, or that the team adds to any tool's file."""
    name = normalise(heading)
    if name in roles:
        return roles[name]
    added = ROLES.get(name)
    return added if added in {"simulated", "partner"} else None


def make_form(
    tool: str,
    table: Table,
    layout: Layout,
    columns: Sequence[Column],
    *,
    complete: Texts | None = None,
    test: Texts | None = None,
    not_shown: frozenset[str] = frozenset(),
    warnings: Sequence[Problem] = (),
    month_first: bool = False,
) -> Form:
    """A form whose metadata are found by the roles of its columns; `month_first` is said in dates.py.

    Columns without heading and without answers are left out; those with answers but no heading are told of.
    """
    kept, nameless = [], []
    for column in columns:
        if column.heading:
            kept.append(column)
        elif layout.columns.filled(column.position):
            nameless.append(column.position)
    if nameless:
        warnings = (*warnings, _nameless(table.file, nameless))
    roles: dict[Role, Column] = {}
    for column in kept:
        if column.role is not None:
            roles.setdefault(column.role, column)
    # A second column of the same role (two languages, two ids) is an ordinary column.
    kept = [
        replace(column, role=None)
        if column.role not in {None, "other"} and column.role and roles[column.role] is not column
        else column
        for column in kept
    ]

    def texts(role: Role) -> Texts:
        if role not in roles:
            return [None] * len(layout.numbers)
        return [text.strip() or None for text in layout.columns[roles[role].position]]

    submitted = texts("submitted")
    submitted_at = iso_moments([text or "" for text in submitted], month_first=month_first)
    lost = [
        row
        for row, (text, moment) in enumerate(zip(submitted, submitted_at, strict=True))
        if moment is None and text is not None and text not in {*not_shown, "N/A"} and not is_withheld(text)
    ]
    if lost:
        warnings = (*warnings, _undated(table.file, roles["submitted"], len(lost), layout.numbers[lost[0]]))
    everywhere = any(phrase in key(title) for title in layout.titles for phrase in _SIMULATED)
    return Form(
        table=table,
        tool=tool,
        header_rows=layout.header_rows,
        columns=tuple(kept),
        numbers=layout.numbers,
        cells=layout.columns,
        tool_id=texts("id"),
        submitted_at=submitted_at,
        language=texts("language"),
        complete=complete if complete is not None else _truths(texts("complete")),
        test=test if test is not None else _truths(texts("test")),
        simulated=["true" if everywhere or told == "true" else None for told in _truths(texts("simulated"))],
        partner=texts("partner"),
        not_shown=not_shown,
        warnings=(*table.warnings, *layout.warnings, *warnings),
    )


def truth(text: str | None) -> str | None:
    """'true' or 'false' for the words that tools write for them, else None."""
    word = normalise(text or "")
    return "true" if word in _TRUE else "false" if word in _FALSE else None


def _truths(texts: Texts) -> Texts:
    said = {text: truth(text) for text in set(texts)}
    return [said[text] for text in texts]


def _undated(file: str, column: Column, count: int, row: int) -> Problem:
    return Problem(
        file=file,
        row=row,
        column=column.heading,
        found=f"{counted(count, 'date')} d'envoi que l'on ne sait pas lire (rangée {row} pour la première)",
        expected="des dates comme 2025-11-24 10:30:00 ou 24/11/2025 10:30, toutes écrites de la même manière",
        action="exportez de nouveau depuis l'outil, sans enregistrer le fichier depuis un tableur, ou récrivez ces "
        "dates dans une copie ; sinon, ces réponses comptent comme sans date",
        severity="warning",
    )


def _nameless(file: str, positions: Sequence[int]) -> Problem:
    return Problem(
        file=file,
        column=listed(map(spreadsheet_letter, positions)),
        found="une colonne sans en-tête qui contient des données",
        expected="un en-tête par colonne",
        action="rien si elle n'est pas une question ; sinon, ajoutez son en-tête dans l'outil et exportez de nouveau",
        severity="warning",
    )


def spreadsheet_letter(position: int) -> str:
    """The letter(s) by which a spreadsheet names a column, from position 0: A, B … Z, AA."""
    letters, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
