"""Conditions on answers: SQL boolean expressions over a questionnaire's own ids.

Belongs here: parsing `show_if`, `check` and `where`, checking every name and code in
them, and giving back SQL that DuckDB can run. Does not belong here: running them, or
translating them to a form tool's language (they start from `Condition.tree`).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from observatory.editions.columns import question_columns
from observatory.editions.model import CHOICE_TYPES, Edition, Question, Questionnaire

_ALLOWED = (
    exp.And,
    exp.Or,
    exp.Not,
    exp.Paren,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.In,
    exp.Is,
    exp.Between,
    exp.Null,
    exp.Boolean,
    exp.Literal,
    exp.Column,
    exp.Identifier,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Neg,
    exp.Coalesce,
)


class ExpressionError(ValueError):
    """A condition that can't be used. `expected` and `action` say how to mend it, in French."""

    def __init__(self, found: str, expected: str, action: str) -> None:
        super().__init__(found)
        self.found, self.expected, self.action = found, expected, action


@dataclass(frozen=True)
class Condition:
    """A checked condition: `sql` for DuckDB over validated columns, and what it reads."""

    text: str
    tree: exp.Expr
    sql: str
    columns: frozenset[str]
    questions: frozenset[str]


def condition(text: str, questionnaire: Questionnaire, edition: Edition) -> Condition:
    """Parse and check one condition. Raises ExpressionError naming what is unknown and what comes near."""
    try:
        parsed = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        detail = getattr(error, "errors", None)
        where = detail[0].get("description") if detail else str(error)
        raise ExpressionError(
            f"une condition illisible : « {text} » ({where})",
            "une condition SQL, par exemple relation_12m in ('yes', 'tried')",
            "vérifiez parenthèses et guillemets simples",
        ) from None
    if len(parsed) != 1 or parsed[0] is None:
        raise ExpressionError(f"« {text} »", "une seule condition SQL", "gardez une seule condition, sans « ; »")
    tree: exp.Expr = parsed[0]
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            raise ExpressionError(
                f"« {node.sql(dialect='duckdb')} » dans « {text} »",
                "des comparaisons, in, is null, between, and, or, not et les quatre opérations",
                "récrivez la condition sans cette fonction",
            )
    owners = {
        column: question
        for question in questionnaire.questions
        if not question.personal
        for column in question_columns(edition, question)
    }
    columns: set[str] = set()
    for column in tree.find_all(exp.Column):
        if column.name not in owners or column.table:
            near = difflib.get_close_matches(column.name, owners, n=1, cutoff=0.6)
            raise ExpressionError(
                f"« {column.sql()} », inconnu du questionnaire, dans « {text} »",
                "l'identifiant d'une question (question__option pour une option à choix multiple)",
                f"vouliez-vous écrire « {near[0]} » ?" if near else "vérifiez les identifiants",
            )
        columns.add(column.name)
    for column in tree.find_all(exp.Column):
        _check_codes(column, owners[column.name], edition, text)
    quoted = tree.transform(lambda node: exp.column(node.name, quoted=True) if isinstance(node, exp.Column) else node)
    return Condition(
        text=text,
        tree=tree,
        sql=quoted.sql(dialect="duckdb"),
        columns=frozenset(columns),
        questions=frozenset(owners[column].id for column in columns),
    )


def _check_codes(column: exp.Column, question: Question, edition: Edition, text: str) -> None:
    """A choice question may only be compared with its own codes: a typo would silently never match."""
    if question.type not in CHOICE_TYPES or column.name != question.id:
        return
    parent = column.parent
    if not isinstance(parent, (exp.EQ, exp.NEQ, exp.In)):
        return
    codes = [choice.code for choice in edition.choices(question)]
    for literal in parent.find_all(exp.Literal):
        if literal.this not in codes:
            near = difflib.get_close_matches(str(literal.this), codes, n=1, cutoff=0.6)
            raise ExpressionError(
                f"le code « {literal.this} » pour « {question.id} », dans « {text} »",
                f"l'un des codes : {', '.join(codes)}",
                f"vouliez-vous écrire « {near[0]} » ?" if near else "vérifiez le code",
            )
