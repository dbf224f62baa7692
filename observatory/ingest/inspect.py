"""What a file is, told without an edition: tool, respondents, dates, questions, personal data, what looks damaged.

Belongs here: facts of one form, counted column by column (files have a million rows). Does not belong here: kinds and
options of questions (questions.py), how the facts look on a screen (observatory/inspection.py).

No fact holds an answer, but for the options of questions, which may be texts given at least three times. A count that
the file can't tell is None, never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from observatory.firm_numbers import SCIENTIFIC
from observatory.ingest.damage import of_dates, of_long_numbers, remark
from observatory.ingest.files import EXPORT, refuse
from observatory.ingest.patterns import EMAIL, NUMBER_OR_DATE
from observatory.ingest.personal import Personal, personal_columns
from observatory.ingest.questions import AskedQuestion, asked_questions
from observatory.ingest.tools.form import Form, spreadsheet_letter
from observatory.phrases import counted, listed
from observatory.problems import Problem
from observatory.wording import normalise

OTHER_LANGUAGES = "autre"
"""Where a language's cell holds no language's name or code: it may be an answer, and is not shown."""

_LANGUAGE = re.compile(r"[^\W\d_]{2,20}(?:[-_ ][^\W_]{2,12})?(?: ?\([^\W\d_]{2,20}\))?")
_OTHER = frozenset({"other", "autre"})
_FEW_ROWS = 5
_SAMPLE = 1000


@dataclass(frozen=True)
class Inspection:
    """The facts of one file. `rows` is `complete + partial + empty + test` where the file tells all of them.

    A test counts as a test only, a row without any answer as empty only. `encoding` and `delimiter` are None where the
    file is no text. `languages` are those respondents answered in; dates are ISO days.
    """

    file: str
    tool: str
    encoding: str | None
    delimiter: str | None
    header_rows: int
    rows: int
    complete: int | None
    partial: int | None
    empty: int
    test: int | None
    columns: int
    first_date: str | None
    last_date: str | None
    languages: Mapping[str, int] = field(default_factory=dict)
    questions: tuple[AskedQuestion, ...] = ()
    personal_data: tuple[Personal, ...] = ()
    warnings: tuple[Problem, ...] = ()


def inspect_form(form: Form) -> Inspection:
    """Everything a person wants to know of a file. Raises ProblemsError for what is no table of answers."""
    _need_headings(form)
    personal = personal_columns(form)
    rows = len(form.numbers)
    tests = {row for row, text in enumerate(form.test) if text == "true"}
    empty = _empty_rows(form, tests)
    left_out = tests | empty
    told = [text for row, text in enumerate(form.complete) if row not in left_out]
    tells = any(text is not None for text in form.complete) and all(text is not None for text in told)
    complete = sum(1 for text in told if text == "true") if tells else None
    days = sorted(moment[:10] for row, moment in enumerate(form.submitted_at) if moment and row not in tests)
    return Inspection(
        file=form.file,
        tool=form.tool,
        encoding=form.table.encoding or None,
        delimiter=form.table.delimiter or None,
        header_rows=form.header_rows,
        rows=rows,
        complete=complete,
        partial=None if complete is None else len(told) - complete,
        empty=len(empty),
        test=len(tests) if any(text is not None for text in form.test) else None,
        columns=len(form.cells),
        first_date=days[0] if days else None,
        last_date=days[-1] if days else None,
        languages=_languages(form, left_out),
        questions=asked_questions(form, {person.column.position for person in personal}),
        personal_data=personal,
        warnings=(*form.warnings, *_remarks(form)),
    )


def _empty_rows(form: Form, tests: Collection[int]) -> set[int]:
    """The rows, tests apart, without an answer to any question: what remains after each column took its own away."""
    questions = [column for column in form.columns if column.role is None]
    left = [row for row in range(len(form.numbers)) if row not in tests and questions]
    for column in questions:
        if not left:
            break
        counts = form.cells.counts(column.position)
        blanks = {cell for cell in counts if not cell.strip() or cell.strip() in form.not_shown}
        if len(blanks) == len(counts):
            continue
        cells = form.cells[column.position]
        left = [row for row in left if cells[row] in blanks]
    return set(left)


def _languages(form: Form, left_out: Collection[int]) -> dict[str, int]:
    counts = Counter(text for row, text in enumerate(form.language) if text is not None and row not in left_out)
    named = Counter[str]()
    for text, count in counts.most_common():
        named[text if _LANGUAGE.fullmatch(text) else OTHER_LANGUAGES] += count
    return dict(named.most_common())


# What is no table of answers


def _need_headings(form: Form) -> None:
    """Refuse a text that is no table, and a table whose first row is already an answer: no message may show it."""
    if form.table.delimiter and (len(form.cells) == 1 or _is_ragged(form)):
        what = "d'une seule colonne" if len(form.cells) == 1 else "dont les rangées n'ont pas les mêmes colonnes"
        refuse(
            form.file,
            f"un texte {what}, pas un tableau de réponses",
            "une colonne par question, une rangée par répondant",
            EXPORT,
        )
    if not form.numbers and not form.columns:
        refuse(form.file, "un tableau sans en-têtes ni réponses", "un export qui contient des réponses", EXPORT)
    if _headings_are_answers(form):
        refuse(
            form.file,
            "des réponses là où devraient se trouver les en-têtes",
            "les questions ou leurs codes dans la première rangée",
            "exportez de nouveau avec les en-têtes, ou copiez-les d'un autre export",
        )


def _is_ragged(form: Form) -> bool:
    """Whether most rows are shorter than the headers, and no width is that of most: lines of prose with commas."""
    widths = Counter(len(record) for record in form.table.records[:_SAMPLE] if any(record))
    rows = widths.total()
    short = sum(count for width, count in widths.items() if width < len(form.cells))
    return rows > _FEW_ROWS and short > 0.7 * rows and max(widths.values()) < 0.5 * rows


def _headings_are_answers(form: Form) -> bool:
    """Whether a heading is an e-mail address, most are numbers, or half come back among the answers below them."""
    headings = [column.heading for column in form.columns]
    if any(EMAIL.fullmatch(heading.strip()) for heading in headings):
        return True
    if len(headings) > 1 and 2 * sum(bool(NUMBER_OR_DATE.fullmatch(heading.strip())) for heading in headings) > len(
        headings
    ):
        return True
    if form.tool != "plain":
        return False
    echoed = sum(
        len(counts := form.cells.counts(column.position)) > 2 and column.heading in counts for column in form.columns
    )
    return echoed > 1 and 2 * echoed >= len(headings)


# What looks damaged


def _remarks(form: Form) -> Iterator[Problem]:
    if not form.numbers:
        yield remark(form, "aucune réponse sous les en-têtes", "au moins une réponse", EXPORT)
    elif all(text == "true" for text in form.test):
        yield remark(
            form, "rien que des essais ou des aperçus, aucun répondant", "des réponses de la vraie collecte", EXPORT
        )
    questions = [column for column in form.columns if column.role is None]
    yield from _of_ids(form)
    yield from of_long_numbers(form, questions)
    yield from of_dates(form, questions)
    yield from _of_headings(form)


def _of_ids(form: Form) -> Iterator[Problem]:
    damaged = [row for row, text in enumerate(form.tool_id) if text is not None and SCIENTIFIC.fullmatch(text)]
    if damaged:
        yield remark(
            form,
            f"{counted(len(damaged), 'identifiant abîmé', 'identifiants abîmés')} par un tableur (1,14E+11)",
            "des identifiants entiers",
            "exportez de nouveau depuis l'outil, et n'enregistrez pas le fichier depuis Excel",
            row=form.numbers[damaged[0]],
        )
        return
    times = Counter(text for text in form.tool_id if text is not None)
    again = [row for row, text in enumerate(form.tool_id) if text is not None and times[text] > 1]
    if again:
        several = sum(1 for count in times.values() if count > 1)
        yield remark(
            form,
            f"{counted(several, 'identifiant')} sur plusieurs rangées ({_listed_rows(form, again)})",
            "un identifiant par répondant",
            "gardez une rangée par répondant, ou vérifiez que deux exports n'ont pas été mis bout à bout",
            row=form.numbers[again[0]],
        )


def _of_headings(form: Form) -> Iterator[Problem]:
    places: dict[tuple[str, ...], list[int]] = {}
    for column in form.columns:
        # Typeform heads the free text of every question so.
        if column.role is None and normalise(column.heading) not in _OTHER:
            names = (normalise(column.heading), column.code, column.option_code)
            places.setdefault(names, []).append(column.position)
    several = [positions for positions in places.values() if len(positions) > 1]
    if several:
        shown = listed((listed(map(spreadsheet_letter, positions)) for positions in several), separator=" ; ")
        yield remark(
            form,
            f"{counted(len(several), 'en-tête')} sur plusieurs colonnes ({shown})",
            "un en-tête par colonne",
            "vérifiez qu'il s'agit bien de questions différentes, et donnez-leur des codes dans l'outil",
        )


def _listed_rows(form: Form, rows: Sequence[int]) -> str:
    return f"rangées {listed(str(form.numbers[row]) for row in rows)}"
