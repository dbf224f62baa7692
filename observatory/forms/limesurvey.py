"""The questionnaire as LimeSurvey's tab-separated structure, a .txt that LimeSurvey imports as a new survey.

Belongs here: its rows (S, SL, G, Q, SQ, A), conditions in ExpressionScript, writing the
file. Does not belong here: the walk over a condition (translate.py), the outline
(outline.py), short codes (observatory.editions.form_codes), what can't be written
(checks.py).

The file has one block a language, each with the same rows in the same order: LimeSurvey
ties them by their names. Texts are HTML. What holds for all languages stands in the first.
"""

from __future__ import annotations

import csv
import html
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlglot import exp

from observatory.editions.form_codes import (
    OTHER_ANSWER,
    answer_codes,
    column_codes,
    option_code,
    question_code,
)
from observatory.editions.model import NUMERIC_TYPES, OTHER, Audience, Edition, Question, Questionnaire
from observatory.forms import texts
from observatory.forms.checks import formula_signs, misread_codes, shared_codes, untranslatable
from observatory.forms.outline import Block, number, outline, wording
from observatory.forms.translate import UntranslatableError, Vocabulary, translate, translate_rule
from observatory.problems import Problem, ProblemsError

Row = dict[str, str]

COLUMNS = (
    *("class", "type/scale", "name", "relevance", "text", "help", "language", "validation", "mandatory", "other"),
    *("default", "same_default", "em_validation_q", "em_validation_q_tip", "exclude_all_others", "max_answers"),
    *("min_num_value_n", "max_num_value_n", "other_replace_text", "suffix"),
)
"""The columns of the file: LimeSurvey's own order, then the attributes of questions that are used here."""

_SETTINGS = {
    "format": "G",
    "anonymized": "N",
    "datestamp": "Y",
    "savetimings": "N",
    "ipaddr": "N",
    "refurl": "N",
    "usecookie": "N",
    "allowregister": "N",
    "allowsave": "Y",
    "allowprev": "Y",
    "printanswers": "N",
    "publicstatistics": "N",
    "publicgraphs": "N",
    "listpublic": "N",
    "htmlemail": "Y",
    "sendconfirmation": "N",
    "tokenanswerspersistence": "N",
    "assessments": "N",
    "alloweditaftercompletion": "N",
    "autoredirect": "N",
    "showxquestions": "N",
    "showgroupinfo": "B",
    "shownoanswer": "Y",
    "showqnumcode": "X",
    "showwelcome": "Y",
    "showprogress": "Y",
    "questionindex": "0",
    "navigationdelay": "0",
    "nokeyboard": "N",
}
"""One section a page, dates kept, no address kept, a blank always possible.

They come first and are plain ASCII: LimeSurvey guesses the file's encoding from its first thousand bytes.
"""

_DATE_FORMATS: dict[str, str] = {"fr": "5", "en": "9"}
_DECIMAL_COMMA: dict[str, str] = {"fr": "1"}
_MANY_OPTIONS = 12
"""More options than that unfold as a list."""

_TYPES = {
    **dict.fromkeys(("single", "likert", "bracket"), "L"),
    "multiple": "M",
    "ranking": "R",
    **dict.fromkeys(NUMERIC_TYPES, "N"),
    "date": "D",
    **dict.fromkeys(("siren", "email"), "S"),
    "text": "T",
}
_PATTERNS = {"siren": "/^[0-9]{9}$/", "email": "/^[^@ ]+@[^@ ]+[.][^@ ]+$/"}
_SIGNS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "+": "+", "-": "-", "*": "*", "/": "/"}


def limesurvey(edition: Edition, audience: Audience) -> tuple[Row, ...]:
    """The rows of one audience's form, in every language of the edition.

    Raises ProblemsError where a condition has no words in ExpressionScript, or two things would have one code.
    """
    problems = list(_problems(edition, audience))
    if problems:
        raise ProblemsError(problems)
    questionnaire = edition.questionnaires[audience]
    first, *others = edition.config.languages
    settings = {"language": first, "additional_languages": " ".join(others), **_SETTINGS}
    rows: list[Row] = [{"class": "S", "name": name, "text": value} for name, value in settings.items() if value]
    for language in edition.config.languages:
        rows += _survey_texts(edition, questionnaire, language)
    for language in edition.config.languages:
        rows += _body(edition, questionnaire, language)
    return tuple(rows)


def write_limesurvey(rows: Iterable[Row], path: Path) -> None:
    """Write the file: tabs, UTF-8 with a mark, as LimeSurvey writes its own."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _survey_texts(edition: Edition, questionnaire: Questionnaire, language: str) -> Iterator[Row]:
    welcome = "" if questionnaire.introduction is None else edition.text(questionnaire.introduction, language)
    for name, text in (
        ("surveyls_title", _html(edition.text(questionnaire.title, language))),
        ("surveyls_welcometext", _html(welcome)),
        ("surveyls_endtext", _html(edition.text(texts.THANKS, language))),
        ("surveyls_dateformat", _DATE_FORMATS.get(language, "6")),
        ("surveyls_numberformat", _DECIMAL_COMMA.get(language, "0")),
    ):
        yield {"class": "SL", "name": name, "text": text, "language": language}


def _body(edition: Edition, questionnaire: Questionnaire, language: str) -> Iterator[Row]:
    for place, (section, blocks) in enumerate(outline(questionnaire), start=1):
        introduction = "" if section.introduction is None else edition.text(section.introduction, language)
        yield {
            "class": "G",
            "type/scale": str(place),
            "name": _html(edition.text(section.title, language)),
            "relevance": "1",
            "text": _html(introduction),
            "language": language,
        }
        for block in blocks:
            yield from _block(edition, questionnaire, block, language)


def _block(edition: Edition, questionnaire: Questionnaire, block: Block, language: str) -> Iterator[Row]:
    if block.grid is None:
        for question in block.questions:
            yield from _question(edition, questionnaire, question, language)
        return
    stem = {"class": "Q", "text": _html(edition.text(block.grid.label, language)), "language": language}
    if not _is_array(edition, questionnaire, block):
        yield stem | {
            "type/scale": "X",
            "name": _stem_code(block),
            "relevance": _shown_any(edition, questionnaire, block),
        }
        for question in block.questions:
            yield from _question(edition, questionnaire, question, language)
        return
    one = block.questions[0]
    yield stem | {
        "type/scale": "F",
        "name": question_code(block.grid.id),
        "relevance": _relevance(edition, questionnaire, one),
        "mandatory": "Y" if one.required else "N",
    }
    for question in block.questions:
        text = _html(wording(edition, question.label, question, language))
        yield _part("SQ", question_code(question.id), text, language)
    yield from _answers(edition, one, language)


def _question(edition: Edition, questionnaire: Questionnaire, question: Question, language: str) -> Iterator[Row]:
    kind = _TYPES[question.type]
    choices = edition.choices(question)
    other = question.choices is not None and question.choices.other
    yield {
        "class": "Q",
        "type/scale": "!" if kind == "L" and len(choices) > _MANY_OPTIONS else kind,
        "name": question_code(question.id),
        "relevance": _relevance(edition, questionnaire, question),
        "text": _html(wording(edition, question.label, question, language)),
        "help": _html(wording(edition, question.help, question, language)),
        "language": language,
        "validation": _PATTERNS.get(question.type, ""),
        "mandatory": "Y" if question.required else "N",
        "other": "Y" if other else "N",
        **_attributes(edition, questionnaire, question, language),
    }
    if kind == "M":
        for choice in choices:
            if not (other and choice.code == OTHER.code):
                text = _html(wording(edition, choice.label, question, language))
                yield _part("SQ", option_code(choice.code), text, language)
    elif choices:
        yield from _answers(edition, question, language)


def _answers(edition: Edition, question: Question, language: str) -> Iterator[Row]:
    codes = answer_codes(edition, question)
    for choice in edition.choices(question):
        if codes[choice.code] != OTHER_ANSWER:
            text = _html(wording(edition, choice.label, question, language))
            yield _part("A", codes[choice.code], text, language)


def _part(kind: str, code: str, text: str, language: str) -> Row:
    relevance = "1" if kind == "SQ" else ""
    return {"class": kind, "type/scale": "0", "name": code, "relevance": relevance, "text": text, "language": language}


def _attributes(edition: Edition, questionnaire: Questionnaire, question: Question, language: str) -> Row:
    """What a question has beside its texts; the attributes that are no text stand in the first language alone."""
    row: Row = {}
    words = vocabulary(edition, questionnaire)
    rules = [translate_rule(rule.rule, questionnaire, edition, words) for rule in question.check]
    if rules:
        # LimeSurvey shows the tip from the start; these say what is wrong, so only where something is.
        told = [_html(edition.text(rule.message, language)).replace('"', "&quot;") for rule in question.check]
        row["em_validation_q_tip"] = " ".join(
            f'{{if({rule}, "", "{text}")}}' for rule, text in zip(rules, told, strict=True)
        )
    if question.choices is not None and question.choices.other:
        row["other_replace_text"] = _html(edition.text(OTHER.label, language))
    if question.type in texts.SUFFIXES:
        row["suffix"] = edition.text(texts.SUFFIXES[question.type], language)
    if language != edition.language:
        return row
    exclusive = [option_code(choice.code) for choice in edition.choices(question) if choice.exclusive]
    bounds = {"min_num_value_n": question.min, "max_num_value_n": question.max, "max_answers": question.max_choices}
    return row | {
        "em_validation_q": " and ".join(f"({rule})" if len(rules) > 1 else rule for rule in rules),
        "exclude_all_others": ";".join(exclusive) if question.type == "multiple" else "",
        **{name: number(value) for name, value in bounds.items() if value is not None},
    }


def _relevance(edition: Edition, questionnaire: Questionnaire, question: Question) -> str:
    if question.show_if is None:
        return "1"
    return translate(question.show_if, questionnaire, edition, vocabulary(edition, questionnaire))


def _shown_any(edition: Edition, questionnaire: Questionnaire, block: Block) -> str:
    conditions = dict.fromkeys(_relevance(edition, questionnaire, question) for question in block.questions)
    return "1" if "1" in conditions else " or ".join(f"({condition})" for condition in conditions)


def _is_array(edition: Edition, questionnaire: Questionnaire, block: Block) -> bool:
    """Whether a grid is LimeSurvey's array: all its rows together, asked of the same people, with the same options."""
    assert block.grid is not None
    first, *others = block.questions
    rows = [question for question in questionnaire.questions if question.grid == block.grid.id]
    return (
        len(rows) == len(block.questions) > 1
        and all(
            (question.show_if, question.required) == (first.show_if, first.required)
            and edition.choices(question) == edition.choices(first)
            for question in others
        )
        and all(_TYPES[question.type] == "L" and not question.check for question in rows)
        and first.choices is not None
        and not first.choices.other
    )


def _stem_code(block: Block) -> str:
    assert block.grid is not None
    return question_code(f"{block.grid.id}_stem_{block.run}")


def _html(text: str) -> str:
    """A text as HTML. LimeSurvey's reader takes a backslash and a text all in quotes for signs of its own."""
    escaped = html.escape(text, quote=False).replace("\\", "&#92;").replace("\n", "<br />")
    return escaped.replace('"', "&quot;") if escaped.startswith('"') else escaped


# ExpressionScript


def vocabulary(edition: Edition, questionnaire: Questionnaire) -> Vocabulary:
    """ExpressionScript's words; an answer not shown or not given is an empty text."""
    names = _variables(edition, questionnaire)

    def value(question: Question) -> str:
        return f"{names[question.id]}.NAOK"

    def part(question: Question, code: str) -> str:
        return f"{names[question.id]}_{code}.NAOK"

    def typed(question: Question) -> str:
        return part(question, "other")

    def present(question: Question, there: bool) -> str:
        if question.type == "ranking":
            return _filled(part(question, "1"), there)
        if question.type != "multiple":
            return _filled(value(question), there)
        parts = [
            typed(question)
            if answer_codes(edition, question)[choice.code] == OTHER_ANSWER
            else part(question, option_code(choice.code))
            for choice in edition.choices(question)
        ]
        return f"count({', '.join(parts)}) {'>' if there else '=='} 0"

    def chosen(question: Question, code: str, so: bool) -> str:
        return f'{value(question)} {"==" if so else "!="} "{answer_codes(edition, question)[code]}"'

    def ticked(question: Question, code: str, so: bool) -> str:
        if answer_codes(edition, question)[code] == OTHER_ANSWER:
            return _filled(typed(question), so)
        return f'{part(question, option_code(code))} {"==" if so else "!="} "Y"'

    return Vocabulary(
        value=value,
        present=present,
        chosen=chosen,
        ticked=ticked,
        typed=typed,
        filled=_filled,
        text=_quoted,
        default=lambda one, instead: f"if(is_empty({one}), {instead}, {one})",
        signs=_SIGNS,
        true="1",
        false="0",
    )


def _variables(edition: Edition, questionnaire: Questionnaire) -> dict[str, str]:
    """The variable of each question: its code, after that of its array if it is a row of one."""
    names: dict[str, str] = {}
    for _, blocks in outline(questionnaire):
        for block in blocks:
            array = block.grid is not None and _is_array(edition, questionnaire, block)
            before = f"{question_code(block.grid.id)}_" if array and block.grid is not None else ""
            names |= {question.id: f"{before}{question_code(question.id)}" for question in block.questions}
    return names


def _filled(value: str, there: bool) -> str:
    return f"{'!' if there else ''}is_empty({value})"


def _quoted(text: str) -> str:
    """ExpressionScript has no way to write both kinds of quotes in one text. Raises UntranslatableError."""
    if "'" in text and '"' in text:
        raise UntranslatableError(exp.Literal.string(text))
    return f"'{text}'" if '"' in text else f'"{text}"'


# What can't be written


def _problems(edition: Edition, audience: Audience) -> Iterator[Problem]:
    questionnaire = edition.questionnaires[audience]
    words = vocabulary(edition, questionnaire)
    yield from untranslatable(edition, audience, lambda question, key: words)
    yield from formula_signs(edition, audience, ["{", "}"])
    yield from shared_codes(edition, audience, _codes(edition, questionnaire))
    yield from misread_codes(
        edition, audience, lambda question: {} if question.type == "multiple" else answer_codes(edition, question)
    )


def _codes(edition: Edition, questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """Every code by which a column of the export finds its question or its option, with what has it."""
    for question in questionnaire.questions:
        yield from column_codes(edition, question)
    for _, blocks in outline(questionnaire):
        for block in blocks:
            if block.grid is not None:
                yield question_code(block.grid.id), f"grille {block.grid.id}"
                yield _stem_code(block), f"grille {block.grid.id}, partie {block.run}"
