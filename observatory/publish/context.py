"""What every part of one report shares while it is being made.

Belongs here: the edition, its indexed figures, the report's language, folders and words, made once.
Does not belong here: anything that changes while the report is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from observatory.editions.model import Choice, Edition, Question
from observatory.publish import numbers
from observatory.publish.inputs import ReportInputs
from observatory.publish.labels import Labels, read_labels, say
from observatory.publish.lookup import Figure, FigureError, Figures, Reason, index_figures
from observatory.publish.typography import typeset

WITHHELD: Mapping[Reason, str] = {"confidentiality": "c", "quality": "u", "break": "b"}
"""What stands for a figure without a value."""

MARKS = {"u": "(u)", "p": "(p)", "e": "(e)"}
"""What stands beside a value: less reliable than the rules ask for, provisional, estimated for the population."""

LEVEL = 0.95
"""Of every interval of the table of figures."""


@dataclass(frozen=True)
class Context:
    """`folders` are where the report's files are looked for: the edition's own `report/` first, then the report's."""

    inputs: ReportInputs
    figures: Figures
    labels: Labels
    language: str
    folders: tuple[Path, ...]

    @property
    def edition(self) -> Edition:
        return self.inputs.edition

    @property
    def weighted(self) -> frozenset[str]:
        """The audiences whose answers are weighted."""
        told = self.inputs.weighting
        return frozenset(told["audience"][told["known"].astype(bool)]) if len(told) else frozenset()

    @property
    def dates(self) -> dict[str, str]:
        """The edition's dates as they are read: report, opens, closes."""
        config = self.edition.config
        found = {"report": config.report.date, "opens": config.collection.opens, "closes": config.collection.closes}
        return {name: numbers.long_date(date, self.language) for name, date in found.items()}

    @property
    def level(self) -> str:
        """The level of every interval, in words: « 95 % »."""
        return self.percent(LEVEL)

    def say(self, key: str, /, **values: object) -> str:
        return self.typeset(say(self.labels, key, **values))

    def explain(self, key: str) -> str:
        """What is said under a figure or a table: a note, or a sign with its meaning (`flags.<sign>`)."""
        name = key.removeprefix("flags.")
        if name == key:
            return self.say(key)
        return self.say("flags.line", sign=self.say(f"flags.sign.{name}"), meaning=self.say(f"flags.meaning.{name}"))

    def typeset(self, text: str) -> str:
        return typeset(text, self.language)

    def label(self, figure: Figure) -> str:
        """An option's published label."""
        return self.typeset(figure.label)

    def percent(self, share: float, decimals: int = 0, sign: bool = False) -> str:
        return numbers.percent(share, decimals, self.language, sign)

    def written(self, figure: Figure, decimals: int | None = None, unit: str | None = None) -> str:
        """A figure as a sentence shows it; withheld, its sign."""
        if figure.value is None:
            return WITHHELD[figure.reason]
        if figure.unit == "share":
            usual = 0 if figure.statistic == "share" else 1
            return self.percent(figure.value, usual if decimals is None else decimals)
        if figure.unit == "EUR":
            return numbers.euros(figure.value, unit, decimals, self.language)
        if figure.statistic in {"count", "total", "rank"}:
            return numbers.integer(figure.value, self.language)
        return numbers.decimal(figure.value, 1 if decimals is None else decimals, self.language)

    def marked(self, figure: Figure, decimals: int | None = None, unit: str | None = None) -> str:
        """A figure as a table or a chart shows it, with the marks of its flags beside the value."""
        return self.with_marks(figure, self.written(figure, decimals, unit))

    def with_marks(self, figure: Figure, text: str) -> str:
        """The text of a value with the marks of its flags beside it."""
        marks = [mark for letter, mark in MARKS.items() if letter in figure.flag and figure.value is not None]
        return numbers.NO_BREAK_SPACE.join((text, *marks))

    def interval(self, figure: Figure, unit: str | None = None) -> str:
        """A figure's interval as a cell shows it: « 38–46 % »; the sign for none where it has none."""
        if figure.bounds is None:
            return self.say("sign.none")
        if figure.unit == "share":
            return numbers.percent_range(figure.bounds, 0 if figure.statistic == "share" else 1, self.language)
        if figure.unit == "EUR":
            return numbers.euros_range(figure.bounds, unit, self.language)
        whole = figure.statistic in {"count", "total", "rank"}
        return numbers.decimal_range(figure.bounds, 0 if whole else 1, self.language)

    def question(self, indicator: str) -> Question:
        """The question a distribution describes. Raises FigureError if the indicator has none."""
        try:
            found = self.edition.indicator(indicator)
        except KeyError:
            raise FigureError(
                f"l'indicateur « {indicator} »", "un indicateur de indicators.yaml", "vérifiez le nom"
            ) from None
        if found.question is None:
            raise FigureError(
                f"l'indicateur « {indicator} », de genre {found.kind}",
                "un indicateur qui décrit une question à choix",
                "choisissez un autre graphique pour cet indicateur",
            )
        return self.edition.questionnaires[found.audience].question(found.question)

    def question_label(self, audience: str, id: str) -> str:
        """A question as asked; the name itself where no questionnaire has it."""
        for name, questionnaire in self.edition.questionnaires.items():
            for question in questionnaire.questions if name == audience else ():
                if question.id == id:
                    return self.typeset(self.edition.label(question, self.language))
        return id

    def choices(self, audience: str, question: str) -> dict[str, Choice]:
        """The options of a question, by code. Raises FigureError if there is no such question."""
        for name, questionnaire in self.edition.questionnaires.items():
            if name == audience:
                for found in questionnaire.questions:
                    if found.id == question:
                        return {choice.code: choice for choice in self.edition.choices(found)}
        raise FigureError(
            f"la question « {question} »", f"une question du questionnaire {audience}", "vérifiez son identifiant"
        )

    def choice_label(self, audience: str, question: str, code: str) -> str:
        """The label of a category of a breakdown."""
        choices = self.choices(audience, question)
        return self.typeset(self.edition.text(choices[code].label, self.language)) if code in choices else code


def make_context(inputs: ReportInputs) -> Context:
    """The context of one report. Raises ProblemsError if the words of its language are missing."""
    folders = (inputs.edition.folder / "report", inputs.templates / inputs.edition.config.report.template)
    language = inputs.edition.language
    return Context(
        inputs=inputs,
        figures=index_figures(inputs.figures, inputs.edition),
        labels=read_labels(folders, language),
        language=language,
        folders=folders,
    )
