"""From raw text columns to typed columns, question by question.

Belongs here: which cells of the raw table answer a question and how a whole column is
read. Does not belong here: reading one number, date, SIREN or option (numbers.py,
siren.py, options.py), rules on what was read (schema.py).

A column is read once for each distinct text in it, so a long column costs little more
than its distinct answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from observatory.editions.columns import HIDDEN, NOT_ASKED, option_column, other_column, shown_column
from observatory.editions.model import CHOICE_TYPES, Edition, Question, QuestionType
from observatory.validate.numbers import read_amount, read_date, read_number, read_percent
from observatory.validate.options import Options, normalised, options_of, split_packed, without_other_label
from observatory.validate.refusals import Refusal
from observatory.validate.siren import read_siren

REFUSED_COLUMNS = ("column", "kind", "found", "expected", "action")

_YES = frozenset(map(normalised, ("Oui", "Yes", "Y", "1", "1.0", "X", "true", "vrai", "coché", "checked", "✓")))
_NO = frozenset(map(normalised, ("Non", "No", "N", "0", "0.0", "false", "faux", "non coché", "unchecked")))
_NOT_OFFERED = -1

Marks = npt.NDArray[np.int16]
"""Rows by options: 1 ticked (or the rank), 0 not, -1 never offered."""


@dataclass(frozen=True)
class Reading:
    """One question read for every row; all four share the raw table's index.

    columns   the question's validated columns but its state; a refused cell is missing
    shown     false where the form tool says the question was not shown, and where it was not asked
    asked     false where the respondent's file has no column for the question
    refused   one row a refused cell: column, kind, found, expected, action
    hiding    the rows whose text taken for « autre » holds one of the options, or the beginning of one
    """

    columns: pd.DataFrame
    shown: pd.Series[bool]
    asked: pd.Series[bool]
    refused: pd.DataFrame
    hiding: pd.Index[Any]


def read_question(edition: Edition, question: Question, raw: pd.DataFrame) -> Reading:
    """Type the answers to one question. Columns the raw table lacks are read as empty."""
    shown = asked = pd.Series(True, index=raw.index)
    if shown_column(question.id) in raw:
        told = raw[shown_column(question.id)]
        shown, asked = ~told.isin([HIDDEN, NOT_ASKED]), ~told.isin([NOT_ASKED])
    hiding: pd.Index[Any] = raw.index[:0]
    if question.type in {"multiple", "ranking"}:
        columns, refused, hiding = _read_options(options_of(edition, question), question, raw, shown)
    elif question.type in CHOICE_TYPES:
        columns, refused, hiding = _read_choice(options_of(edition, question), question, raw, shown)
    else:
        columns, refused = _read_scalar(question, raw, shown)
    return Reading(columns, shown, asked, refused, hiding)


_Read = tuple[pd.DataFrame, pd.DataFrame, "pd.Index[Any]"]
"""Columns, refused cells and rows that hide an option, as Reading has them."""


def answered(edition: Edition, question: Question, columns: pd.DataFrame) -> pd.Series[bool]:
    """Whether each row answers the question: a value, or at least one option ticked or ranked."""
    if question.type not in {"multiple", "ranking"}:
        return columns[question.id].notna()
    given = np.zeros(len(columns), dtype=bool)
    for choice in edition.choices(question):
        given |= columns[option_column(question.id, choice.code)].gt(0).to_numpy(dtype=bool, na_value=False)
    return pd.Series(given, index=columns.index, dtype=bool)


@dataclass(frozen=True)
class _Column:
    """A column read: its distinct texts, what each was read as, and row by row which it is (-1: blank)."""

    name: str
    index: pd.Index[Any]
    places: npt.NDArray[np.intp]
    texts: list[str]
    results: list[Any]

    @classmethod
    def read(cls, raw: pd.DataFrame, name: str, shown: pd.Series[bool], read: Callable[[str], Any]) -> Self:
        """Blanks, and cells of questions not shown, are no answer. A column the raw table lacks is all blank."""
        if name not in raw:
            return cls(name, raw.index, np.full(len(raw), -1, dtype=np.intp), [], [])
        places, distinct = pd.factorize(raw[name].to_numpy(dtype=object))
        texts = [str(text).strip() for text in distinct]
        blank = np.array([not text for text in texts] + [True])[places] | ~shown.to_numpy(dtype=bool)
        return cls(
            name, raw.index, np.where(blank, -1, places), texts, [read(text) if text else None for text in texts]
        )

    @property
    def given(self) -> npt.NDArray[np.bool_]:
        """Where there is a text, refused or not."""
        return self.places >= 0

    def each(self, part: Callable[[Any], Any], dtype: str) -> pd.Series[Any]:
        """That part of each row's result; missing where blank or refused."""
        parts = [None if result is None or isinstance(result, Refusal) else part(result) for result in self.results]
        # The last one is what place -1 takes.
        values: pd.Series[Any] = pd.Series([*parts, None], dtype=dtype)
        return values.take(self.places).set_axis(self.index)

    @property
    def refused(self) -> pd.DataFrame:
        """One row a refused cell: REFUSED_COLUMNS."""
        refusals = [result if isinstance(result, Refusal) else None for result in self.results]
        if not any(refusals):
            return pd.DataFrame(columns=list(REFUSED_COLUMNS), index=self.index[:0], dtype="str")
        at = np.flatnonzero(np.array([refusal is not None for refusal in refusals] + [False])[self.places])
        places = self.places[at]
        rows = [refusal for refusal in (refusals[place] for place in places) if refusal is not None]
        return pd.DataFrame(
            {
                "column": [self.name] * len(rows),
                "kind": [refusal.kind for refusal in rows],
                "found": [self.texts[place] for place in places],
                "expected": [refusal.expected for refusal in rows],
                "action": [refusal.action for refusal in rows],
            },
            index=self.index[at],
            dtype="str",
        )


def _as_it_is(text: str) -> str:
    return text


def _read_scalar(question: Question, raw: pd.DataFrame, shown: pd.Series[bool]) -> tuple[pd.DataFrame, pd.DataFrame]:
    readers: dict[str, tuple[Callable[[str], Any], str]] = {
        "number": (read_number, "float64"),
        "amount": (read_amount, "float64"),
        "percent": (read_percent, "float64"),
        "date": (read_date, "datetime64[s]"),
        "siren": (read_siren, "str"),
    }
    read, dtype = readers.get(question.type, (_as_it_is, "str"))
    column = _Column.read(raw, question.id, shown, read)
    return pd.DataFrame({question.id: column.each(_as_it_is, dtype)}), column.refused


def _read_choice(options: Options, question: Question, raw: pd.DataFrame, shown: pd.Series[bool]) -> _Read:
    column = _Column.read(raw, question.id, shown, lambda text: _read_option(text, options))
    codes = column.each(lambda option: option[0], "str")
    if not options.other:
        return pd.DataFrame({question.id: codes}), column.refused, raw.index[:0]
    typed = _Column.read(raw, other_column(question.id), shown, _as_it_is)
    beside = column.each(lambda option: option[1], "str").fillna(typed.each(_as_it_is, "str"))
    codes = codes.mask(typed.given & ~column.given, "other")
    columns = {question.id: codes, other_column(question.id): beside.where(codes.eq("other"))}
    return pd.DataFrame(columns), column.refused, _hiding(column, options)


def _hiding(column: _Column, options: Options) -> pd.Index[Any]:
    """The rows of a column whose text beside the options, second of what was read, holds an option."""
    hides = column.each(lambda answer: bool(answer[1]) and options.hidden_in(answer[1]), "boolean")
    return column.index[hides.fillna(False).to_numpy(dtype=bool)]


def _read_option(text: str, options: Options) -> tuple[str, str | None] | Refusal:
    """The option a text names, and the text typed beside « autre »."""
    code = options.code(text)
    if code is None and len(parted := options.listed(text)) == 1:
        (code,) = parted
    if code is not None:
        return code, None
    if options.other and options.near(text) is None:
        return "other", without_other_label(text)
    return options.refusal(text)


def _read_options(options: Options, question: Question, raw: pd.DataFrame, shown: pd.Series[bool]) -> _Read:
    """Options come as a column each, as one packed text, or as one in some rows and the other elsewhere."""
    marks, beside, refused = _read_marks(options, question, raw, shown)
    typed = beside.notna().to_numpy(dtype=bool)
    known = [position for position, code in enumerate(options.labels) if code != "other"]
    # A text typed beside « autre » has a column of its own in many tools: it says nothing of the other options.
    alone = (marks[:, known] <= 0).all(axis=1) & (typed | (marks <= 0).all(axis=1))
    packed, packed_marks = _read_packed_column(options, question, raw, shown & alone)
    marks[packed.given] = packed_marks[packed.given]
    if options.other and question.type != "ranking":
        other = options.position("other")
        marks[:, other] = np.where(packed.given & typed, 1, marks[:, other])
    beside = packed.each(lambda answer: answer[1] or None, "str").fillna(beside)
    refused = pd.concat([refused, packed.refused])

    marks[raw.index.isin(refused.index)] = _NOT_OFFERED
    given = (marks > 0).any(axis=1, keepdims=True)
    ranked = question.type == "ranking"
    missing = ~given | (marks <= 0 if ranked else marks == _NOT_OFFERED)
    columns: dict[str, Any] = {}
    for position, code in enumerate(options.labels):
        values, absent = marks[:, position], missing[:, position]
        columns[option_column(question.id, code)] = (
            pd.arrays.IntegerArray(values.astype(np.int32), absent)
            if ranked
            else pd.arrays.BooleanArray(values > 0, absent)
        )
    frame = pd.DataFrame(columns, index=raw.index)
    if options.other:
        ticked = marks[:, options.position("other")] > 0
        frame[other_column(question.id)] = beside.where(ticked)
    return frame, refused, _hiding(packed, options)


def _read_packed_column(
    options: Options, question: Question, raw: pd.DataFrame, shown: pd.Series[bool]
) -> tuple[_Column, Marks]:
    """One packed text a row."""
    column = _Column.read(raw, question.id, shown, lambda text: _read_packed(text, options))
    marks = np.zeros((len(column.results) + 1, len(options.labels)), dtype=np.int16)
    for row, result in enumerate(column.results):
        if isinstance(result, tuple):
            for rank, code in enumerate(result[0], start=1):
                marks[row, options.position(code)] = rank if question.type == "ranking" else 1
    return column, marks[column.places]


def _read_packed(text: str, options: Options) -> tuple[tuple[str, ...], str] | Refusal:
    """The options a packed text names, and the text beside « autre »."""
    packed = split_packed(text, options)
    if not packed.other:
        return packed.codes, ""
    if options.other and options.near(packed.other) is None:
        return tuple(dict.fromkeys((*packed.codes, "other"))), without_other_label(packed.other)
    return options.refusal(packed.other)


def _read_marks(
    options: Options, question: Question, raw: pd.DataFrame, shown: pd.Series[bool]
) -> tuple[Marks, pd.Series[str], pd.DataFrame]:
    """From one column an option: marks, texts beside « autre », the refused cells."""
    marks = np.full((len(raw), len(options.labels)), _NOT_OFFERED, dtype=np.int16)
    beside = _Column.read(raw, other_column(question.id), shown, _as_it_is).each(_as_it_is, "str")
    refusals = [pd.DataFrame(columns=list(REFUSED_COLUMNS), index=raw.index[:0], dtype="str")]
    for position, code in enumerate(options.labels):
        name = option_column(question.id, code)
        if name in raw:
            read = partial(_read_mark, code=code, options=options, type=question.type)
            column = _Column.read(raw, name, shown, read)
            distinct = [result[0] if isinstance(result, tuple) else 0 for result in column.results]
            marks[:, position] = np.array([*distinct, 0], dtype=np.int16)[column.places]
            refusals.append(column.refused)
            if code == "other":
                beside = beside.fillna(column.each(lambda mark: mark[1], "str"))
        if code == "other" and other_column(question.id) in raw:
            marks[:, position] = np.where(beside.notna(), np.maximum(marks[:, position], 1), marks[:, position].clip(0))
    return marks, beside, pd.concat(refusals)


def _read_mark(text: str, *, code: str, options: Options, type: QuestionType) -> tuple[int, str | None] | Refusal:
    """One option's cell: 1 or 0, or its rank; and the text typed in the place of « autre »."""
    wording = normalised(text)
    if type == "ranking":
        rank = text.removesuffix(".0")
        if rank.isascii() and rank.isdigit() and int(rank) <= len(options.labels):
            return int(rank), None
        return Refusal("choice", f"un rang de 1 à {len(options.labels)}", "écrivez le rang en chiffres, ou rien")
    if wording in _YES or options.code(text) == code:
        return 1, None
    if wording in _NO:
        return 0, None
    if code == "other":
        return 1, without_other_label(text)
    return Refusal("choice", "Oui, Non ou rien pour cette option", "remplacez par Oui ou Non")
