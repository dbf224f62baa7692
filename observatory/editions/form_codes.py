"""The codes that questions and options have in a form tool that allows few characters.

Belongs here: LimeSurvey's limits, and a short code for what exceeds them, known to the
form that is made and to the export that comes back. Does not belong here: writing the
form (observatory.forms), reading the export (observatory.ingest).

A short code follows from the code alone, never from its place: an option added between two
others, or a form loaded before the questionnaire was edited, gives no answer to another
option.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Iterator

from observatory.editions.columns import option_column
from observatory.editions.model import Edition, Question

OTHER_ANSWER = "-oth-"
"""What LimeSurvey writes where « autre » was chosen among options of which one may be chosen."""

_QUESTION_LENGTH = 20
_ANSWER_LENGTH = 5
_QUESTION_DIGITS, _ANSWER_DIGITS = 5, 3
_RESERVED_QUESTIONS = frozenset(
    {
        *("self", "that", "this", "sid", "gid", "qid", "sgq", "lang", "savedid"),
        *(
            "id",
            "token",
            "submitdate",
            "lastpage",
            "startlanguage",
            "seed",
            "startdate",
            "datestamp",
            "ipaddr",
            "refurl",
        ),
    }
)
"""LimeSurvey's own words, and the columns that its exports begin with."""

_RESERVED_OPTIONS = frozenset({"time"})


def question_code(id: str) -> str:
    """The code of a question or a grid: at most 20 letters and digits."""
    return _short(id, _QUESTION_LENGTH, _QUESTION_DIGITS, _RESERVED_QUESTIONS)


def option_code(code: str) -> str:
    """The code of an option that has a column of its own: at most 20 letters and digits."""
    return _short(code, _QUESTION_LENGTH, _QUESTION_DIGITS, _RESERVED_OPTIONS)


def answer_code(code: str) -> str:
    """The code of an option of which one is chosen, or of one that is ranked: at most 5 letters and digits."""
    if re.fullmatch(r"[A-Za-z0-9]{1,5}", code):
        return code
    return _short(code, _ANSWER_LENGTH, _ANSWER_DIGITS, (), always=True)


def column_codes(edition: Edition, question: Question) -> Iterator[tuple[str, str]]:
    """The codes that head the columns of a question, each with the column of answers it stands for."""
    own = question_code(question.id)
    yield own, question.id
    if question.type in {"multiple", "ranking"}:
        for choice in edition.choices(question):
            yield own + option_code(choice.code), option_column(question.id, choice.code)


def answer_codes(edition: Edition, question: Question) -> dict[str, str]:
    """The code of each option in the cells of a question; « autre, précisez » has LimeSurvey's own."""
    other = question.choices is not None and question.choices.other
    return {
        choice.code: OTHER_ANSWER if other and choice.code == "other" else answer_code(choice.code)
        for choice in edition.choices(question)
    }


def _short(code: str, length: int, digits: int, reserved: Collection[str], *, always: bool = False) -> str:
    """Letters and digits alone; what is too long or reserved ends in digits drawn from the whole code."""
    plain = re.sub(r"[^A-Za-z0-9]", "", code)
    if len(plain) <= length and plain.casefold() not in reserved and not always:
        return plain
    drawn = base64.b32encode(hashlib.blake2b(code.encode(), digest_size=5).digest()).decode().casefold()
    return plain[: length - digits] + drawn[:digits]
