"""Conditions in a form tool's own language, translated from the tree of the SQL expression.

Belongs here: the one walk over a condition, and what a tool has to know to be written to
(`Vocabulary`). Does not belong here: a tool's words (xlsform.py, limesurvey.py), parsing
(observatory.editions.expressions).

SQL knows a third truth, unknown, where an answer is missing; form tools compare with an
empty text instead. So each part is written for what it has to be, true or false, and for
what it counts as where it is unknown: `show_if` shows where it is true, a check stops where
it is false, and unknown does neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from observatory.editions.columns import option_column, other_column, question_columns
from observatory.editions.expressions import condition
from observatory.editions.model import NUMERIC_TYPES, Edition, Question, Questionnaire
from observatory.forms.outline import number


@dataclass(frozen=True)
class Vocabulary:
    """How a tool writes the pieces of a condition. The last argument, where there is one, is false for the contrary.

    value       the answer of a question that has one
    present     a question was answered
    chosen      a question was answered with that option
    ticked      that option of a multiple question was ticked
    typed       the text typed beside « autre » (an expression)
    filled      an expression is not empty
    text        a text, quoted
    default     a number, or another where it is missing
    signs       comparisons and arithmetic, by their SQL
    """

    value: Callable[[Question], str]
    present: Callable[[Question, bool], str]
    chosen: Callable[[Question, str, bool], str]
    ticked: Callable[[Question, str, bool], str]
    typed: Callable[[Question], str]
    filled: Callable[[str, bool], str]
    text: Callable[[str], str]
    default: Callable[[str, str], str]
    signs: Mapping[str, str]
    true: str
    false: str


class UntranslatableError(ValueError):
    """A part of a condition that the tool's language has no words for."""

    def __init__(self, part: exp.Expr) -> None:
        self.part = part.sql(dialect="duckdb")
        super().__init__(self.part)


@dataclass(frozen=True)
class _Text:
    """A condition written; `word` is the word that ties its parts, '' if it is one part."""

    text: str
    word: str = ""


@dataclass(frozen=True)
class _Presence:
    """That an answer is there, and that it is missing, written."""

    there: str
    missing: str


@dataclass(frozen=True)
class _Reader:
    """What the walk knows: whose each column is, and the tool's words."""

    owners: Mapping[str, Question]
    words: Vocabulary

    def presence(self, question: Question) -> _Presence:
        return _Presence(self.words.present(question, True), self.words.present(question, False))


def translate(text: str, questionnaire: Questionnaire, edition: Edition, words: Vocabulary) -> str:
    """Where the condition is true. Raises UntranslatableError."""
    return _walk(text, questionnaire, edition, words, unknown=False)


def translate_rule(text: str, questionnaire: Questionnaire, edition: Edition, words: Vocabulary) -> str:
    """Where the condition is not false: a missing answer breaks no rule. Raises UntranslatableError."""
    return _walk(text, questionnaire, edition, words, unknown=True)


def _walk(text: str, questionnaire: Questionnaire, edition: Edition, words: Vocabulary, *, unknown: bool) -> str:
    owners = {
        column: question for question in questionnaire.questions for column in question_columns(edition, question)
    }
    tree = condition(text, questionnaire, edition).tree
    return _holds(tree, _Reader(owners, words), want=True, unknown=unknown).text


_CONTRARY: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.LT: exp.GTE,
    exp.GTE: exp.LT,
    exp.GT: exp.LTE,
    exp.LTE: exp.GT,
}
_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
}


def _holds(node: exp.Expr, reader: _Reader, *, want: bool, unknown: bool) -> _Text:
    """True exactly where the node is `want`, and where it is unknown if `unknown`."""
    words = reader.words
    match node:
        case exp.Paren():
            return _holds(node.this, reader, want=want, unknown=unknown)
        case exp.Not():
            return _holds(node.this, reader, want=not want, unknown=unknown)
        case exp.And() | exp.Or():
            parts = [_holds(part, reader, want=want, unknown=unknown) for part in (node.this, node.expression)]
            return _tied("and" if isinstance(node, exp.And) == want else "or", parts)
        case exp.Between():
            low = exp.GTE(this=node.this.copy(), expression=node.args["low"].copy())
            high = exp.LTE(this=node.this.copy(), expression=node.args["high"].copy())
            return _holds(exp.And(this=low, expression=high), reader, want=want, unknown=unknown)
        case exp.In() if node.expressions:
            equal = [exp.EQ(this=node.this.copy(), expression=one.copy()) for one in node.expressions]
            parts = [_holds(part, reader, want=want, unknown=unknown) for part in equal]
            return _tied("or" if want else "and", parts)
        case exp.Is():
            return _is(node, reader, want=want)
        case exp.Coalesce() if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Boolean):
            return _holds(node.this, reader, want=want, unknown=bool(node.expressions[0].this) == want)
        case exp.Boolean():
            return _Text(words.true if bool(node.this) == want else words.false)
        case exp.Column():
            question = _ticked(node, reader)
            option = words.ticked(question, node.name.partition("__")[2], want)
            return _known(_Text(option), reader.presence(question), want=want, unknown=unknown)
        case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
            return _compared(node, reader, want=want, unknown=unknown)
    raise UntranslatableError(node)


def _known(part: _Text, *presences: _Presence, want: bool, unknown: bool) -> _Text:
    """A part that is false where an answer is missing, if it is wanted; true there, if its contrary is.

    Only where that is not what the unknown counts as does the answer have to be there, or be missing.
    """
    if want != unknown:
        return part
    return _tied_to_answers(part, presences, unknown=unknown)


def _tied_to_answers(part: _Text, presences: Sequence[_Presence], *, unknown: bool) -> _Text:
    if unknown:
        return _tied("or", [*(_Text(presence.missing) for presence in presences), part])
    return _tied("and", [*(_Text(presence.there) for presence in presences), part])


def _is(node: exp.Is, reader: _Reader, *, want: bool) -> _Text:
    """`is null`, `is true` and `is false`, which are never unknown themselves."""
    inner, what = node.this.unnest(), node.expression
    if isinstance(what, exp.Boolean):
        wanted = bool(what.this)
        return _holds(inner, reader, want=wanted if want else not wanted, unknown=not want)
    if not isinstance(what, exp.Null):
        raise UntranslatableError(node)
    if isinstance(inner, exp.Column):
        presence = _presence(inner, reader)
        return _Text(presence.missing if want else presence.there)
    _, presences = _number(inner, reader)
    parts = [_Text(presence.missing if want else presence.there) for presence in presences]
    return _tied("or" if want else "and", parts) if parts else _Text(reader.words.false if want else reader.words.true)


def _compared(node: exp.Expr, reader: _Reader, *, want: bool, unknown: bool) -> _Text:
    kind = type(node) if want else _CONTRARY[type(node)]
    sign = reader.words.signs[_SIGNS[kind]]
    left, right = node.this.unnest(), node.expression.unnest()
    if _is_number(left, reader) and _is_number(right, reader):
        (one, first), (two, second) = _number(left, reader), _number(right, reader)
        presences = tuple(dict.fromkeys((*first, *second)))
        return _tied_to_answers(_Text(f"{one} {sign} {two}"), presences, unknown=unknown)
    if kind not in {exp.EQ, exp.NEQ}:
        raise UntranslatableError(node)
    if isinstance(left, exp.Literal):
        left, right = right, left
    equal = kind is exp.EQ
    one = _text(left, reader, node)
    if isinstance(right, exp.Literal) and right.is_string:
        question = reader.owners[left.name]
        part = (
            reader.words.chosen(question, right.this, equal)
            if question.choices is not None and left.name == question.id
            else f"{one} {sign} {reader.words.text(right.this)}"
        )
        return _known(_Text(part), _presence(left, reader), want=equal, unknown=unknown)
    two = _text(right, reader, node)
    presences = (_presence(left, reader), _presence(right, reader))
    return _tied_to_answers(_Text(f"{one} {sign} {two}"), presences, unknown=unknown)


def _text(node: exp.Expr, reader: _Reader, whole: exp.Expr) -> str:
    """The answer of a question that has one, as text: a code, a word typed."""
    if isinstance(node, exp.Column):
        question = reader.owners[node.name]
        if node.name == other_column(question.id):
            return reader.words.typed(question)
        if node.name == question.id and question.type not in {*NUMERIC_TYPES, "date"}:
            return reader.words.value(question)
    raise UntranslatableError(whole)


def _presence(column: exp.Column, reader: _Reader) -> _Presence:
    """Whether a column has a value. States are SQL's alone: no form tool keeps them."""
    question, words = reader.owners[column.name], reader.words
    if column.name == other_column(question.id):
        typed = words.typed(question)
        return _Presence(words.filled(typed, True), words.filled(typed, False))
    if column.name == question.id or _is_tick(column, question):
        return reader.presence(question)
    raise UntranslatableError(column)


def _is_tick(column: exp.Column, question: Question) -> bool:
    option = column.name.partition("__")[2]
    return (
        question.type == "multiple"
        and option not in {"state", "other_text"}
        and column.name == option_column(question.id, option)
    )


def _ticked(column: exp.Column, reader: _Reader) -> Question:
    question = reader.owners[column.name]
    if not _is_tick(column, question):
        raise UntranslatableError(column)
    return question


def _is_number(node: exp.Expr, reader: _Reader) -> bool:
    if isinstance(node, exp.Column):
        return node.name == reader.owners[node.name].id and reader.owners[node.name].type in NUMERIC_TYPES
    if isinstance(node, exp.Literal):
        return not node.is_string
    return isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Coalesce))


def _number(node: exp.Expr, reader: _Reader) -> tuple[str, tuple[_Presence, ...]]:
    """A number written, and what has to be there for it to be known."""
    words, node = reader.words, node.unnest()
    if not _is_number(node, reader):
        raise UntranslatableError(node)
    match node:
        case exp.Literal():
            return number(float(node.this)), ()
        case exp.Neg():
            inner, presences = _number(node.this, reader)
            return f"(0 {words.signs['-']} {inner})", presences
        case exp.Coalesce() if len(node.expressions) == 1 and isinstance(node.this, exp.Column):
            inner, _ = _number(node.this, reader)
            instead, presences = _number(node.expressions[0], reader)
            return words.default(inner, instead), presences
        case exp.Column():
            question = reader.owners[node.name]
            return words.value(question), (reader.presence(question),)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            (one, first), (two, second) = _number(node.this, reader), _number(node.expression, reader)
            presences = (*first, *second)
            if isinstance(node, exp.Div):
                # What a division by zero gives differs from tool to tool: it counts as unknown.
                presences += (_Presence(f"{two} {words.signs['<>']} 0", f"{two} {words.signs['=']} 0"),)
            return f"({one} {words.signs[_SIGNS[type(node)]]} {two})", presences
    raise UntranslatableError(node)


def _tied(word: str, parts: Sequence[_Text]) -> _Text:
    """Parts tied by a word, those tied by the other word in brackets; the same part is written once."""
    texts = dict.fromkeys(f"({part.text})" if part.word not in {"", word} else part.text for part in parts)
    if len(texts) == 1:
        return parts[0]
    return _Text(f" {word} ".join(texts), word)
