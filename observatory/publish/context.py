"""What every part of one report shares while it is being made.

Belongs here: the edition, its indexed figures, the report's language, folders and words, made once.
Does not belong here: anything that changes while the report is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from observatory.editions.model import Choice, Edition, Question
from observatory.publish import numbers
from observatory.publish.inputs import ReportInputs
from observatory.publish.labels import Labels, read_labels, say
from observatory.publish.lookup import Figure, FigureError, Figures, index_figures
from observatory.publish.typography import typeset

WITHHELD = "c"
LOW_RELIABILITY = "(u)"


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
    def dates(self) -> dict[str, str]:
        """The edition's dates as they are read: report, opens, closes."""
        config = self.edition.config
        found = {"report": config.report.date, "opens": config.collection.opens, "closes": config.collection.closes}
        return {name: numbers.long_date(date, self.language) for name, date in found.items()}

    def say(self, key: str, /, **values: object) -> str:
        return self.typeset(say(self.labels, key, **values))

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
            return WITHHELD
        if figure.unit == "share":
            usual = 0 if figure.statistic == "share" else 1
            return self.percent(figure.value, usual if decimals is None else decimals)
        if figure.unit == "EUR":
            return numbers.euros(figure.value, unit, decimals, self.language)
        if figure.statistic in {"count", "total"}:
            return numbers.integer(figure.value, self.language)
        return numbers.decimal(figure.value, 1 if decimals is None else decimals, self.language)

    def marked(self, figure: Figure, decimals: int | None = None, unit: str | None = None) -> str:
        """A figure as a table or a chart shows it, with the mark of a small base beside the value."""
        text = self.written(figure, decimals, unit)
        return f"{text}{numbers.NO_BREAK_SPACE}{LOW_RELIABILITY}" if figure.low_reliability else text

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
