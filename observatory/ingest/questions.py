"""What a form asks, as far as its answers tell without a questionnaire: questions, their kinds and options.

Belongs here: which columns are one question, what kind it is, which texts are its options. Does not belong here: which
question of an edition that is (matching.py).

What the tool says (`Column.kind`, `Column.options`) holds. Else, in this order:

- Neighbouring columns of one code or one question are one question of several choices where their cells are ticks
  (yes and no, 1 and 0, X) or repeat the option's own label; where they hold several values they are the rows of a grid,
  and each row is a question. A column named "other" or "comment" is the free text of its question, not a question.
  Columns without option that the tool says to be of a multiple choice are its answers, side by side.
- A column of which nine tenths of the cells are dates, or numbers, is a date or a number; but whole numbers from 0 to
  10 of which each comes several times are a scale, thus a single choice.
- Cells of several parts that recur are a multiple choice (packed.py).
- Texts that were each given at least three times are a single choice where they make up four fifths of the filled cells
  and are not typed in several spellings.
- What is left is free text.

An option is a heading, a text of the tool's codebook, or, where neither tells, a text that was given at least three
times; the rest are answers and stay in the file. The texts of a single choice, or of a ranking, are listed only where
they make up four fifths of what was given. A column that holds personal data lists no options, and an e-mail address
or a telephone number is never one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from observatory.ingest.dates import iso_moments
from observatory.ingest.frequency import by_frequency
from observatory.ingest.packed import packed, typed
from observatory.ingest.patterns import EMAIL_INSIDE
from observatory.ingest.telephones import phone_of
from observatory.ingest.tools.form import Column, Form, QuestionKind, truth
from observatory.wording import normalise

_MOSTLY = 0.9
_LEAST = 3
"""How often a text must have been given to be an option: two respondents may have the same manager."""

_COVERED = 0.8
_FEW_ROWS = 5
_SAMPLE = 1000
"""Different answers, the most frequent first, on which it is decided whether they are numbers or dates."""

_NUMBER = re.compile(r"[-+<>~≈]?\s*[€$£]?\s*\d+(?:[.,'’]\d+|[ \u00a0\u202f]\d{3})*\s*(?:[%€$£]|k€|M€)?")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)?")
_TICKS = frozenset({"checked", "selected", "quoted", "coché", "cochée", "sélectionné", "coche", "✓", "✔", "☑"})
_NO_TICKS = frozenset(
    {"unchecked", "not selected", "not checked", "no to", "not quoted", "non coché", "non sélectionné", "☐", "-"}
)
_OTHER = re.compile(r"(?:other|autres?|sonstiges?|andere[rs]?|otros?|otra|outros?|altro|précisez|please specify)\b")
_COMMENT = re.compile(r"(?:comment(?:s|aire|aires)?|kommentare?|comentarios?|commento)\b")
_RANK = re.compile(r"(?:rank|ranking|rang|classement|platz|choix|choice)?\s*(\d{1,2})")


@dataclass(frozen=True)
class AskedQuestion:
    """One question as the file shows it; options found in cells come in order of frequency, others as they stand."""

    code: str
    text: str
    kind: QuestionKind
    options: tuple[str, ...] = ()


Answers = Callable[[Column], Counter[str]]


def asked_questions(form: Form, personal: Collection[int] = ()) -> tuple[AskedQuestion, ...]:
    """The questions of a form, in order. `personal` are the positions of columns that hold personal data."""
    answers = _answers_of(form)
    many = len(form.numbers) >= _FEW_ROWS
    return tuple(question for group in _groups(form) for question in _asked(group, answers, personal, many))


def _answers_of(form: Form) -> Answers:
    """Each different answer of a column and how often it was given: no blanks, nothing that was not shown."""
    small: dict[int, Counter[str]] = {}

    def of(column: Column) -> Counter[str]:
        if column.position in small:
            return small[column.position]
        answers = Counter[str]()
        for cell, count in form.cells.counts(column.position).items():
            text = cell.strip()
            if text and text not in form.not_shown:
                answers[text] += count
        # Those of a text column may be as large as the file.
        if len(answers) < _SAMPLE:
            small[column.position] = answers
        return answers

    return of


# Which columns are one question


def _groups(form: Form) -> Iterator[list[Column]]:
    group: list[Column] = []
    for column in form.columns:
        if column.role is not None:
            continue
        if group and not _belongs(column, group):
            yield group
            group = []
        group.append(column)
    if group:
        yield group


def _belongs(column: Column, group: Sequence[Column]) -> bool:
    """Whether a column is of the same question as those before it; an option met again starts the next question."""
    last = group[-1]
    if column.code or last.code:
        same = column.code == last.code
    else:
        same = bool(column.question) and normalise(column.question) == normalise(last.question)
    return same and (not _option(column) or _option(column) not in {_option(other) for other in group})


def _option(column: Column) -> str:
    return column.option or column.option_code


def _is_other(column: Column) -> bool:
    return bool(_OTHER.match(normalise(_option(column)))) or normalise(column.option_code) == "other"


def _is_comment(column: Column) -> bool:
    return bool(_COMMENT.match(normalise(_option(column)))) or column.option_code.casefold().endswith("comment")


def _asked(group: Sequence[Column], answers: Answers, personal: Collection[int], many: bool) -> Iterator[AskedQuestion]:
    whole = [column for column in group if not _option(column)]
    parts = [column for column in group if _option(column)]
    if not parts:
        if len(whole) > 1 and all(column.kind in {"multiple", "ranking"} for column in whole):
            yield _of_slots(whole, answers, personal)
        else:
            yield from (_of_one(column, answers, personal) for column in whole)
        return
    told = next((column.kind for column in parts if column.kind in {"multiple", "ranking"}), None)
    if told is not None:
        yield _of_several(parts, told, personal)
        yield from (_of_one(column, answers, personal) for column in whole if column.kind not in {None, told})
        return
    free = [column for column in parts if (_is_other(column) or _is_comment(column)) and not _ticks(column, answers)]
    choices = [column for column in parts if column not in free]
    if not choices:
        yield from (_of_one(column, answers, personal) for column in (whole or free))
    elif _multiple(choices, answers, many):
        yield _of_several(parts, "multiple", personal)
        # The same answers may also stand packed in one column; anything else is a question of its own.
        yield from (
            question
            for question in (_of_one(column, answers, personal) for column in whole)
            if question.kind not in {"multiple", "single"}
        )
    elif _ranking(choices, answers):
        shared = sum((answers(column) for column in choices), Counter[str]())
        yield AskedQuestion(choices[0].code, _text(choices[0]), "ranking", _recurring(shared))
    else:
        yield from (_of_one(column, answers, personal) for column in (*whole, *choices))


def _multiple(columns: Sequence[Column], answers: Answers, many: bool) -> bool:
    """Whether columns are the options of one question. Those without answers don't say; if none has any, they are."""
    given = [(column, found) for column in columns if (found := answers(column))]
    if len(columns) == 1:
        return bool(given) and all(_is_own(text, columns[0]) or truth(text) == "true" for text in given[0][1])
    times = Counter(text for _, found in given for text in found)
    # One text alone, that no other column has, is the option's label in other words.
    ticked = sum(
        _ticks(column, answers) or (many and len(found) == 1 < found.total() and times[next(iter(found))] == 1)
        for column, found in given
    )
    return 2 * ticked > len(given) or not given


def _ticks(column: Column, answers: Answers) -> bool:
    """Whether the cells say no more than chosen or not."""
    given = answers(column)
    return bool(given) and all(
        truth(text) is not None or normalise(text) in _TICKS | _NO_TICKS or _is_own(text, column) for text in given
    )


def _is_own(text: str, column: Column) -> bool:
    own = {normalise(column.option), normalise(column.option_code), normalise(column.option, running_number=True)}
    return normalise(text) in own - {""}


def _ranking(columns: Sequence[Column], answers: Answers) -> bool:
    """Whether columns are first, second … choice, and their cells what was chosen."""
    ranks = [match.group(1) for column in columns if (match := _RANK.fullmatch(normalise(_option(column))))]
    if len(columns) < 2 or [int(rank) for rank in ranks] != list(range(1, len(columns) + 1)):
        return False
    first, second = (answers(column) for column in columns[:2])
    shared = set(first) & set(second)
    return 2 * len(shared) > len(set(second)) and not all(_DIGITS.fullmatch(text) for text in shared)


# What kind of question it is


def _of_several(columns: Sequence[Column], kind: QuestionKind, personal: Collection[int]) -> AskedQuestion:
    first = columns[0]
    if any(column.position in personal for column in columns):
        return AskedQuestion(first.code, _text(first), kind)
    told = [option for column in columns for option in column.options]
    headed = [
        _one_line(_option(column)) for column in columns if not _is_comment(column) and (_is_other(column) or not told)
    ]
    return AskedQuestion(first.code, _text(first), kind, tuple(dict.fromkeys((*told, *headed))))


def _of_slots(columns: Sequence[Column], answers: Answers, personal: Collection[int]) -> AskedQuestion:
    """The question whose answers stand side by side, first to last: a place is no option."""
    given = sum((answers(column) for column in columns), Counter[str]())
    flagged = {columns[0].position} if any(column.position in personal for column in columns) else set[int]()
    return _of_one(columns[0], lambda _: given, flagged)


def _of_one(column: Column, answers: Answers, personal: Collection[int]) -> AskedQuestion:
    code, text, given = column.code, _text(column), answers(column)
    if option := _option(column):
        code = f"{code}[{column.option_code}]" if code and column.option_code else code
        text = f"{text} [{_one_line(option)}]" if text else _one_line(option)
    if column.kind is not None:
        kind, options = column.kind, column.options or _told_options(column.kind, given)
    else:
        kind, options = _kind(given)
        if not option and len(given) == 1 and normalise(next(iter(given))) == normalise(text):
            # A tick box whose question the tool left out: the heading is the option.
            kind, options = "multiple", (text,)
    return AskedQuestion(code, text, kind, () if column.position in personal else options)


def _told_options(kind: QuestionKind, answers: Mapping[str, int]) -> tuple[str, ...]:
    """The options of a column whose kind the tool tells without them."""
    if kind in {"multiple", "ranking"}:
        found = packed(answers, surely=True)
        return _shown(found.options) if found else ()
    return _recurring(answers) if kind == "single" else ()


def _kind(given: Counter[str]) -> tuple[QuestionKind, tuple[str, ...]]:
    if not given:
        return "text", ()
    sample = Counter(dict(by_frequency(given, _SAMPLE)))
    if _share(sample, _is_date) >= _MOSTLY:
        return "date", ()
    if _share(sample, _is_number) >= _MOSTLY:
        levels = _recurring(given) if _is_scale(given) else ()
        return ("single", levels) if levels else ("number", ())
    if (several := packed(given)) and (options := _shown(several.options)):
        return "multiple", options
    options = () if typed(given) else _recurring(given)
    return ("single", options) if options else ("text", ())


def _recurring(answers: Mapping[str, int]) -> tuple[str, ...]:
    """The texts given often enough to be options; none where too much else was given."""
    often = {text: count for text, count in by_frequency(answers) if count >= _LEAST}
    covered = sum(often.values()) >= _COVERED * sum(answers.values())
    return _shown(often) if covered else ()


def _shown(options: Iterable[str]) -> tuple[str, ...]:
    """Options as they are listed; an address or a telephone number among them is an answer, however often given."""
    lines = dict.fromkeys(_one_line(option) for option in options)
    return tuple(line for line in lines if not EMAIL_INSIDE.search(line) and phone_of(line) is None)


def _share(answers: Counter[str], holds: Callable[[str], bool]) -> float:
    return sum(count for text, count in answers.items() if holds(text)) / answers.total()


def _is_date(text: str) -> bool:
    return len(text) >= 6 and not text.isdigit() and iso_moments([text]) != [None] and not _DIGITS.fullmatch(text)


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def _is_scale(answers: Counter[str]) -> bool:
    levels = [
        float(text.replace(",", ".")) if _DIGITS.fullmatch(text) else -1.0 for text in answers if _is_number(text)
    ]
    return all(0 <= level <= 10 and level.is_integer() for level in levels) and answers.total() >= 3 * len(levels)


def _text(column: Column) -> str:
    return _one_line(column.question) or column.code or _one_line(column.heading)


def _one_line(text: str) -> str:
    return " ".join(text.split())
