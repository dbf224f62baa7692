"""What the generated annexes show: the questionnaires as asked, what changed, where the data come from.

Belongs here: gathering it from the edition and the inputs, as plain rows for the templates. Does not belong here: HTML,
nor the annexes that are prose (method, glossary).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from observatory.editions.model import Audience, Edition, Lineage, Question, Questionnaire
from observatory.publish.context import Context
from observatory.publish.method import blanks
from observatory.publish.numbers import integer
from observatory.publish.routing import in_words
from observatory.publish.tables import Table

_SHORT_SHA = 12


@dataclass(frozen=True)
class AskedQuestion:
    """One question as its reader saw it. `stem` is the grid's wording, on the first row of a grid only.

    `blank` says to how many it was shown and what part of them left it unanswered, where a figure rests on it.
    """

    number: str
    wording: str
    help: str
    answers: str
    options: tuple[str, ...]
    routing: str
    stem: str
    blank: str


@dataclass(frozen=True)
class AskedSection:
    title: str
    introduction: str
    questions: tuple[AskedQuestion, ...]


@dataclass(frozen=True)
class AskedQuestionnaire:
    audience: Audience
    title: str
    introduction: str
    sections: tuple[AskedSection, ...]


@dataclass(frozen=True)
class QuestionChange:
    """What became of one question since the edition before; `before` is its earlier wording, where it is known."""

    number: str
    wording: str
    before: str
    kind: str
    comparable: str
    reason: str


def asked(context: Context) -> tuple[AskedQuestionnaire, ...]:
    """Every questionnaire of the edition, in the report's language."""
    return tuple(
        _questionnaire(context, audience, questionnaire)
        for audience, questionnaire in context.edition.questionnaires.items()
    )


def positions(questionnaire: Questionnaire) -> dict[str, str]:
    """Each question's number, in the order of sections; rows of a grid are 12a, 12b…"""
    numbers: dict[str, str] = {}
    count, grid, row = 0, None, 0
    for section in questionnaire.sections:
        for question in questionnaire.in_section(section.id):
            if question.grid is None or question.grid != grid:
                count, row = count + 1, 0
            grid = question.grid
            numbers[question.id] = str(count) if grid is None else f"{count}{chr(ord('a') + row)}"
            row += 1
    return numbers


def _questionnaire(context: Context, audience: Audience, questionnaire: Questionnaire) -> AskedQuestionnaire:
    def text(wording: dict[str, str] | None) -> str:
        return "" if wording is None else context.typeset(context.edition.text(wording, context.language))

    numbered = positions(questionnaire)
    grids = {grid.id: grid.label for grid in questionnaire.grids}
    unanswered = {
        id: context.say(
            "annexes.questionnaires.blank",
            shown=integer(shown, context.language),
            blank=context.percent(1 - answered / shown, 1),
        )
        for id, _, shown, answered in blanks(context, audience)
    }
    sections = []
    for section in questionnaire.sections:
        questions = []
        seen: set[str] = set()
        for question in questionnaire.in_section(section.id):
            first_of_grid = question.grid is not None and question.grid not in seen
            if question.grid is not None:
                seen.add(question.grid)
            same_options = question.grid is not None and not first_of_grid
            questions.append(
                AskedQuestion(
                    number=numbered[question.id],
                    wording=context.typeset(context.edition.label(question, context.language)),
                    help=_help(context, question),
                    answers="" if same_options else _answers(context, question),
                    options=() if same_options else _options(context, question),
                    routing=""
                    if question.show_if is None or same_options
                    else in_words(context, question.show_if, questionnaire, numbered),
                    stem=text(grids[question.grid]) if first_of_grid and question.grid is not None else "",
                    blank=unanswered.get(question.id, ""),
                )
            )
        sections.append(AskedSection(text(section.title), text(section.introduction), tuple(questions)))
    return AskedQuestionnaire(audience, text(questionnaire.title), text(questionnaire.introduction), tuple(sections))


def _help(context: Context, question: Question) -> str:
    """The help printed under the question, unless it only says how to answer, which the annex says of each question."""
    if question.help is None:
        return ""
    wording = context.typeset(context.edition.text(question.help, context.language))
    return "" if wording.rstrip(".") == _answers(context, question) else wording


def _answers(context: Context, question: Question) -> str:
    if question.max_choices is not None:
        return context.say(f"answers.{question.type}_at_most", most=integer(question.max_choices, context.language))
    return context.say(f"answers.{question.type}")


def _options(context: Context, question: Question) -> tuple[str, ...]:
    edition = context.edition
    return tuple(context.typeset(edition.text(choice.label, context.language)) for choice in edition.choices(question))


def changes(context: Context) -> Mapping[Audience, tuple[QuestionChange, ...]]:
    """Questions that are new, changed or gone since the previous edition; no entry for an audience without any.

    Empty for a first edition.
    """
    if context.edition.config.previous is None:
        return {}
    found = {
        audience: _changes(context, questionnaire, _earlier(context.inputs.previous, audience))
        for audience, questionnaire in context.edition.questionnaires.items()
    }
    return {audience: rows for audience, rows in found.items() if rows}


def _earlier(previous: Edition | None, audience: Audience) -> Questionnaire | None:
    return None if previous is None else previous.questionnaires.get(audience)


def _changes(
    context: Context, questionnaire: Questionnaire, earlier: Questionnaire | None
) -> tuple[QuestionChange, ...]:
    previous = context.inputs.previous
    before = {} if earlier is None else {question.id: question for question in earlier.questions}
    numbered = positions(questionnaire)
    rows = []
    for question in questionnaire.questions:
        lineage = question.lineage
        if lineage is not None and lineage.change == "none":
            continue
        was = None if lineage is None else before.get(lineage.question)
        wording = context.typeset(context.edition.label(question, context.language))
        old = "" if was is None or previous is None else context.typeset(previous.label(was, context.language))
        reason = None if lineage is None else lineage.reason
        rows.append(
            QuestionChange(
                number=numbered[question.id],
                wording=wording,
                before=old if old != wording else "",
                kind=", ".join(context.say(f"lineage.{change}") for change in _kinds(lineage)),
                comparable=context.say(
                    "lineage.not_applicable"
                    if lineage is None
                    else "lineage.comparable"
                    if lineage.allows_change
                    else "lineage.not_comparable"
                ),
                reason="" if reason is None else context.typeset(context.edition.text(reason, context.language)),
            )
        )
    kept = {question.lineage.question for question in questionnaire.questions if question.lineage is not None}
    if previous is not None:
        for question in before.values():
            if question.id not in kept:
                wording = context.typeset(previous.label(question, context.language))
                none = context.say("sign.none")
                rows.append(QuestionChange(none, wording, "", context.say("lineage.gone"), none, ""))
    return tuple(rows)


def _kinds(lineage: Lineage | None) -> tuple[str, ...]:
    return ("new",) if lineage is None else (lineage.change, *lineage.also)


def counted(context: Context) -> Mapping[str, str]:
    """How many figures of the edition were computed, published, withheld, and left without a value by a break."""
    figures = context.inputs.figures
    own = figures[figures["edition"] == context.edition.name]
    published = own["value"].notna()
    broken = ~published & own["flag"].fillna("").str.contains("b")
    counts = {
        "figures": len(own),
        "published": int(published.sum()),
        "withheld": int((~published & ~broken).sum()),
        "broken": int(broken.sum()),
    }
    return {name: integer(count, context.language) for name, count in counts.items()}


def steps_table(context: Context) -> Table:
    """From answers received to answers used, one row a step, one column an audience."""
    steps = context.inputs.steps
    audiences = context.edition.audiences
    names = list(dict.fromkeys(str(step) for step in steps["step"]))
    counts = {
        (str(audience), str(step)): int(count)
        for audience, step, count in zip(steps["audience"], steps["step"], steps["count"], strict=True)
    }
    rows = tuple(
        (
            context.say(f"steps.{name}"),
            *(
                integer(counts[audience, name], context.language)
                if (audience, name) in counts
                else context.say("sign.none")
                for audience in audiences
            ),
        )
        for name in names
    )
    return Table((context.say("table.step"), *(context.say(f"audience.{audience}") for audience in audiences)), rows)


_FLAGS = ("b", "c", "e", "n", "p", "u", "u_withheld")


def flags_table(context: Context) -> Table:
    """One row a flag: its sign in charts and tables, its letter in the file of figures, what it means."""
    parts = ("sign", "letter", "meaning")
    rows = tuple(tuple(context.say(f"flags.{part}.{flag}") for part in parts) for flag in _FLAGS)
    return Table(tuple(context.say(f"table.{part}") for part in parts), rows)


def sources_table(context: Context) -> Table:
    """One row a file read: name, audience, rows, the beginning of its SHA-256."""
    rows = tuple(
        (
            source.name,
            context.say(f"audience.{source.audience}"),
            integer(source.rows, context.language),
            source.sha256[:_SHORT_SHA],
        )
        for source in context.inputs.sources
    )
    return Table(tuple(context.say(f"table.{name}") for name in ("file", "audience", "rows", "sha256")), rows)
