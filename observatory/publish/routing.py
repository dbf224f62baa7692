"""Conditions of the questionnaires in words.

Belongs here: from a condition's parsed tree to a sentence a reader of the annex understands. Does not belong here:
parsing and checking (observatory.editions.expressions).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from observatory.editions.columns import option_column
from observatory.editions.expressions import condition
from observatory.editions.model import CHOICE_TYPES, Question, Questionnaire
from observatory.publish import numbers
from observatory.publish.context import Context

_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "is",
    exp.NEQ: "is_not",
    exp.GT: "above",
    exp.GTE: "at_least",
    exp.LT: "below",
    exp.LTE: "at_most",
}


def in_words(context: Context, text: str, questionnaire: Questionnaire, positions: Mapping[str, str]) -> str:
    """The condition as a phrase: « la réponse à la question 8 est « Oui » ou « Non » ».

    `positions` gives each question's number in the annex. A form that has no words here is given as it is written.
    """
    tree = condition(text, questionnaire, context.edition).tree
    return context.typeset(_words(context, tree, questionnaire, positions) or text)


def _words(context: Context, tree: exp.Expr, questionnaire: Questionnaire, positions: Mapping[str, str]) -> str | None:
    if isinstance(tree, exp.Paren):
        return _words(context, tree.this, questionnaire, positions)
    if isinstance(tree, (exp.And, exp.Or)):
        sides = [_words(context, side, questionnaire, positions) for side in (tree.left, tree.right)]
        if sides[0] is None or sides[1] is None:
            return None
        return context.say("routing.and" if isinstance(tree, exp.And) else "routing.or").join([sides[0], sides[1]])
    column = tree.this if not isinstance(tree, exp.Column) else tree
    if not isinstance(column, exp.Column):
        return None
    found = _option(context, column.name, questionnaire)
    if found is not None and tree is column:
        question, label = found
        return context.say("routing.ticked", question=positions[question.id], answer=label)
    if column.name not in positions or tree is column:
        return None
    question = questionnaire.question(column.name)
    where = positions[question.id]
    if isinstance(tree, exp.In):
        answers = [_answer(context, question, item) for item in tree.expressions]
        return context.say("routing.is", question=where, answer=context.say("routing.or").join(answers))
    if isinstance(tree, exp.Binary) and type(tree) in _COMPARISONS and isinstance(tree.expression, exp.Literal):
        answer = _answer(context, question, tree.expression)
        return context.say(f"routing.{_COMPARISONS[type(tree)]}", question=where, answer=answer)
    return None


def _option(context: Context, column: str, questionnaire: Questionnaire) -> tuple[Question, str] | None:
    for question in questionnaire.questions:
        if question.type in {"multiple", "ranking"}:
            for choice in context.edition.choices(question):
                if option_column(question.id, choice.code) == column:
                    return question, _quoted(context, context.edition.text(choice.label, context.language))
    return None


def _answer(context: Context, question: Question, literal: exp.Expr) -> str:
    value = str(literal.this)
    if question.type not in CHOICE_TYPES:
        return numbers.decimal(float(value), 0, context.language) if literal.is_number else value
    labels = {choice.code: choice.label for choice in context.edition.choices(question)}
    return _quoted(context, context.edition.text(labels[value], context.language) if value in labels else value)


def _quoted(context: Context, text: str) -> str:
    return context.say("routing.quoted", text=text)
