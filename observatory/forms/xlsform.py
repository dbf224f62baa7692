"""The questionnaire as an XLSForm, for KoboToolbox, ODK and whatever reads the same workbook.

Belongs here: the sheets survey, choices and settings, conditions in XPath, writing the
workbook. Does not belong here: the walk over a condition (translate.py), the outline
(outline.py), what can't be written (checks.py).

Questions keep their ids and options their codes, so that an export names them as the
questionnaire does. Sections and grids are groups of another name, for a section may be
called as a question is. « Autre » is an option like the others with a text beside it:
`or_other` knows one language only. Numbers are decimals, since an integer of ODK ends at
999 999 999. A SIREN must have nine digits; its key is checked when answers come back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from sqlglot import exp

from observatory.editions.columns import other_column
from observatory.editions.model import (
    NUMERIC_TYPES,
    OTHER,
    Audience,
    Edition,
    Question,
    Questionnaire,
    Text,
)
from observatory.forms import texts
from observatory.forms.checks import fault, formula_signs, misread_codes, shared_codes, untranslatable
from observatory.forms.outline import Block, number, outline, wording
from observatory.forms.translate import UntranslatableError, Vocabulary, translate, translate_rule
from observatory.problems import Problem, ProblemsError

Row = dict[str, str]
_Options = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Codes with their labels by language, the reference year filled in."""

_MANY_OPTIONS = 12
"""More options than that unfold as a list."""

_TYPES = {
    **dict.fromkeys(("single", "likert", "bracket"), "select_one"),
    "multiple": "select_multiple",
    "ranking": "rank",
    **dict.fromkeys(NUMERIC_TYPES, "decimal"),
    "date": "date",
    **dict.fromkeys(("text", "siren", "email"), "text"),
}
_APPEARANCES = {"likert": "likert", "text": "multiline", "siren": "numbers"}
_RESERVED = ("start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "meta", "instanceID")
_SIREN = "regex(., '^[0-9]{9}$')"
_EMAIL = "regex(., '^[^@ ]+@[^@ ]+[.][^@ ]+$')"
_SIGNS = {"=": "=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "+": "+", "-": "-", "*": "*", "/": "div"}


@dataclass(frozen=True)
class XlsForm:
    """The rows of the three sheets, each by its column."""

    survey: tuple[Row, ...]
    choices: tuple[Row, ...]
    settings: Row


def xlsform(edition: Edition, audience: Audience) -> XlsForm:
    """The form of one audience, in every language of the edition.

    Raises ProblemsError where a condition has no words in XPath, or two things would have one name.
    """
    questionnaire = edition.questionnaires[audience]
    problems = list(_problems(edition, audience))
    if problems:
        raise ProblemsError(problems)
    lists = _lists(edition, questionnaire)
    survey = tuple(_survey(edition, questionnaire, lists))
    choices = tuple(
        {"list_name": name, "name": code} | _each(edition, "label", dict(label))
        for options, name in lists.items()
        for code, label in options
    )
    # A changed form needs another version; no clock is asked for one.
    content = hashlib.blake2b(json.dumps([survey, choices]).encode(), digest_size=4).hexdigest()
    settings = {
        "form_title": edition.text(questionnaire.title),
        "form_id": f"observatory_{edition.name}_{audience}",
        "version": f"{edition.name}-{content}",
        "default_language": texts.language_name(edition.language),
    }
    return XlsForm(survey, choices, settings)


def write_xlsform(form: XlsForm, path: Path, created: dt.date) -> None:
    """Write the workbook. `created` is the date in it: the same form always gives the same bytes."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as workbook:
        workbook.set_properties({"created": dt.datetime.combine(created, dt.time())})
        bold = workbook.add_format({"bold": True})
        for name, rows in (("survey", form.survey), ("choices", form.choices), ("settings", (form.settings,))):
            sheet = workbook.add_worksheet(name)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column, bold)
                for line, row in enumerate(rows, start=1):
                    if row.get(column):
                        sheet.write_string(line, place, row[column])
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(len(columns) - 1, 0), 24)


def typed_name(question: Question) -> str:
    """The name of the text typed beside « autre »."""
    return f"{question.id}_other_text"


def _survey(edition: Edition, questionnaire: Questionnaire, lists: Mapping[_Options, str]) -> Iterator[Row]:
    if questionnaire.introduction is not None:
        yield {"type": "note", "name": "note_introduction"} | _each(edition, "label", questionnaire.introduction)
    for section, blocks in outline(questionnaire):
        yield {"type": "begin_group", "name": f"section_{section.id}"} | _each(edition, "label", section.title)
        if section.introduction is not None:
            yield {"type": "note", "name": f"note_{section.id}"} | _each(edition, "label", section.introduction)
        for block in blocks:
            yield from _block(edition, questionnaire, block, lists)
        yield {"type": "end_group", "name": f"section_{section.id}"}


def _block(
    edition: Edition, questionnaire: Questionnaire, block: Block, lists: Mapping[_Options, str]
) -> Iterator[Row]:
    rows = [row for question in block.questions for row in _question(edition, questionnaire, question, lists)]
    if block.grid is None:
        yield from rows
        return
    stem = {"type": "begin_group", "name": _group_name(block)} | _each(edition, "label", block.grid.label)
    if len({question.show_if for question in block.questions}) == 1:
        # The stem goes with its rows.
        stem |= _relevant(edition, questionnaire, block.questions[0])
    yield stem
    yield from rows
    yield {"type": "end_group", "name": _group_name(block)}


def _group_name(block: Block) -> str:
    assert block.grid is not None
    return f"grid_{block.grid.id}" if block.run == 1 else f"grid_{block.grid.id}_{block.run}"


def _question(
    edition: Edition, questionnaire: Questionnaire, question: Question, lists: Mapping[_Options, str]
) -> Iterator[Row]:
    kind = _TYPES[question.type]
    choices = edition.choices(question)
    row = {"type": f"{kind} {lists[_options(edition, question)]}" if choices else kind, "name": question.id}
    row |= _each(edition, "label", _filled(edition, question.label, question))
    if question.help is not None:
        row |= _each(edition, "hint", _filled(edition, question.help, question))
    if question.required:
        row["required"] = "yes"
    row |= _relevant(edition, questionnaire, question) | _constraint(edition, questionnaire, question)
    if kind == "select_one" and question.type != "likert" and len(choices) > _MANY_OPTIONS:
        row["appearance"] = "minimal"
    elif question.type in _APPEARANCES:
        row["appearance"] = _APPEARANCES[question.type]
    yield row
    if question.choices is not None and question.choices.other:
        chosen = _chosen(question, OTHER.code, True) if kind == "select_one" else _ticked(question, OTHER.code, True)
        yield {"type": "text", "name": typed_name(question), "relevant": chosen} | _each(
            edition, "label", texts.SPECIFY
        )


def _lists(edition: Edition, questionnaire: Questionnaire) -> dict[_Options, str]:
    """The lists of options, each by the name of the first question that has it."""
    lists: dict[_Options, str] = {}
    for question in questionnaire.questions:
        if question.choices is not None:
            lists.setdefault(_options(edition, question), question.id)
    return lists


def _options(edition: Edition, question: Question) -> _Options:
    return tuple(
        (choice.code, tuple(_filled(edition, choice.label, question).items())) for choice in edition.choices(question)
    )


def _filled(edition: Edition, text: Text, question: Question) -> Text:
    return {language: wording(edition, text, question, language) for language in edition.config.languages}


def _each(edition: Edition, column: str, text: Text) -> Row:
    """The cells of a text, a column a language."""
    return {
        f"{column}::{texts.language_name(language)}": edition.text(text, language)
        for language in edition.config.languages
    }


def _relevant(edition: Edition, questionnaire: Questionnaire, question: Question) -> Row:
    if question.show_if is None:
        return {}
    return {"relevant": translate(question.show_if, questionnaire, edition, vocabulary(question, "show_if"))}


def _constraint(edition: Edition, questionnaire: Questionnaire, question: Question) -> Row:
    """Everything that an answer must meet, with what is told in each language where it does not."""
    parts = [*_bounds(edition, question), *_choice_limits(edition, question)]
    if question.type == "siren":
        parts.append((_SIREN, texts.SIREN))
    if question.type == "email":
        parts.append((_EMAIL, texts.EMAIL))
    for rule in question.check:
        check = translate_rule(rule.rule, questionnaire, edition, vocabulary(question, "check"))
        parts.append((check, rule.message))
    if not parts:
        return {}
    row = {"constraint": " and ".join(f"({part})" if len(parts) > 1 and " or " in part else part for part, _ in parts)}
    told = {
        language: " ".join(dict.fromkeys(edition.text(message, language) for _, message in parts))
        for language in edition.config.languages
    }
    return row | _each(edition, "constraint_message", told)


def _bounds(edition: Edition, question: Question) -> Iterator[tuple[str, Text]]:
    message = {language: texts.bounds(edition, question, language) for language in edition.config.languages}
    if question.min is not None:
        yield f". >= {number(question.min)}", message
    if question.max is not None:
        yield f". <= {number(question.max)}", message


def _choice_limits(edition: Edition, question: Question) -> Iterator[tuple[str, Text]]:
    languages, most = edition.config.languages, question.max_choices
    if most is not None and most < len(edition.choices(question)):
        yield f"count-selected(.) <= {most}", {code: texts.most_choices(edition, most, code) for code in languages}
    if question.type == "multiple":
        for choice in edition.choices(question):
            if choice.exclusive:
                label = _filled(edition, choice.label, question)
                yield (
                    f"not(selected(., '{choice.code}') and count-selected(.) > 1)",
                    {code: texts.alone(edition, edition.text(label, code), code) for code in languages},
                )


# XPath


def vocabulary(question: Question, key: str) -> Vocabulary:
    """XPath's words for a condition of that question; a constraint calls its own answer `.`."""
    own = question.id if key == "check" else ""

    def value(other: Question) -> str:
        return "." if other.id == own else f"${{{other.id}}}"

    return Vocabulary(
        value=value,
        present=lambda other, there: _filled_in(value(other), there),
        chosen=lambda other, code, so: f"{value(other)} {'=' if so else '!='} '{code}'",
        ticked=lambda other, code, so: _selected(value(other), code, so),
        typed=lambda other: f"${{{typed_name(other)}}}",
        filled=_filled_in,
        text=_quoted,
        default=lambda one, instead: f"coalesce({one}, {instead})",
        signs=_SIGNS,
        true="true()",
        false="false()",
    )


def _chosen(question: Question, code: str, so: bool) -> str:
    return vocabulary(question, "show_if").chosen(question, code, so)


def _ticked(question: Question, code: str, so: bool) -> str:
    return vocabulary(question, "show_if").ticked(question, code, so)


def _selected(value: str, code: str, so: bool) -> str:
    selected = f"selected({value}, '{code}')"
    return selected if so else f"not({selected})"


def _filled_in(value: str, there: bool) -> str:
    return f"{value} {'!=' if there else '='} ''"


def _quoted(text: str) -> str:
    """XPath has no way to write both kinds of quotes in one text. Raises UntranslatableError."""
    if "'" in text and '"' in text:
        raise UntranslatableError(exp.Literal.string(text))
    return f'"{text}"' if "'" in text else f"'{text}'"


# What can't be written


def _problems(edition: Edition, audience: Audience) -> Iterator[Problem]:
    yield from untranslatable(edition, audience, vocabulary)
    yield from formula_signs(edition, audience, ["${"])
    yield from shared_codes(edition, audience, _names(edition.questionnaires[audience]))
    yield from misread_codes(
        edition, audience, lambda question: {choice.code: choice.code for choice in edition.choices(question)}
    )
    for question in edition.questionnaires[audience].questions:
        most = question.max_choices
        if question.type == "ranking" and most is not None and most < len(edition.choices(question)):
            yield fault(
                edition,
                audience,
                question.id,
                "max_choices",
                found=f"un classement limité à {most} réponses",
                expected="un classement de toutes les options : XLSForm n'en connaît pas d'autre",
                action="retirez max_choices, ou faites ce formulaire dans LimeSurvey",
            )


def _names(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """Every name in the form, with what has it; first the names of the tools' own columns."""
    for name in _RESERVED:
        yield name, f"colonne {name} de l'outil"
    yield "note_introduction", "introduction"
    for section, blocks in outline(questionnaire):
        yield f"section_{section.id}", f"section {section.id}"
        yield f"note_{section.id}", f"introduction de {section.id}"
        for block in blocks:
            if block.grid is not None:
                yield _group_name(block), f"grille {block.grid.id}"
            for question in block.questions:
                yield question.id, question.id
                if question.choices is not None and question.choices.other:
                    yield typed_name(question), other_column(question.id)
