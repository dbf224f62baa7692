"""The report: from figures to the HTML and the PDF, in the order that report.yaml gives.

Belongs here: putting the parts together. Does not belong here: any part: prose (prose.py), charts, annexes, pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError

from observatory.problems import Problem, ProblemsError
from observatory.publish import annexes, numbers
from observatory.publish.charts.theme import Spec
from observatory.publish.context import Context, make_context
from observatory.publish.drawing import ask_png, data_url, draw
from observatory.publish.helpers import Helpers, helpers
from observatory.publish.inputs import ReportInputs
from observatory.publish.prose import Chapter, Draft, Heading, environment, render_chapter, rendered
from observatory.publish.typography import unbroken

Progress = Callable[[str], None]


class _ChapterPlan(BaseModel):
    """`style` is the CSS class of the chapter's pages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    chapter: str
    numbered: bool = True
    style: str = ""


class _Plan(BaseModel):
    """report.yaml: the chapters in order, the annexes in order (a generated one, or a chapter's name), the styles."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    chapters: tuple[_ChapterPlan, ...]
    annexes: tuple[str, ...] = ()
    styles: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What was made. `seconds` says how long each stage took; `preview` is the first chart as PNG, if there is one."""

    pdf: Path
    html: Path
    pages: int
    figures: int
    seconds: dict[str, float]
    preview: bytes = b""


@dataclass(frozen=True)
class Part:
    """A chapter or an annex, ready for the template."""

    chapter: Chapter
    style: str
    kind: str


@dataclass(frozen=True)
class Written:
    """The report's text, its charts still to be drawn."""

    context: Context
    draft: Draft
    parts: tuple[Part, ...]
    plan: _Plan

    @property
    def specs(self) -> list[Spec]:
        return [placed.chart.spec for placed in self.draft.charts]


def build_report(
    inputs: ReportInputs,
    target: Path,
    progress: Progress | None = None,
    by: Helpers | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Report:
    """Write `barometre-<edition>.html` and the PDF rendered from it into the existing folder `target`.

    Raises ProblemsError naming file and line for prose that names an unknown or withheld figure, or types a year.
    Equal inputs give equal bytes. `progress` is told each stage, in French; `meanwhile` is called while the pages are
    laid out. `by` are helpers for this report alone: the one that draws is ended once it has drawn.
    """
    if by is None:
        with helpers() as own:
            return build_report(inputs, target, progress, own, meanwhile)
    tell = progress or (lambda _: None)
    clock = _Clock()
    tell("rédaction")
    written = write(inputs)
    clock.lap("prose")
    tell(f"dessin de {len(written.specs)} figures")
    drawings = draw(written.specs, inputs.chart_cache, by.charts)
    clock.lap("charts")
    html_path = target / f"barometre-{inputs.edition.name}.html"
    html = assemble(written, drawings).encode()
    html_path.write_bytes(html)
    clock.lap("html")
    tell("mise en pages")
    by.layout.ask(html)
    preview = b""
    if drawings:
        ask_png(drawings[0], by.charts)
        preview = by.charts.answer()
    by.charts.end()  # the pages need its memory
    if meanwhile is not None:
        meanwhile()
    pdf, pages = by.layout.answer()
    pdf_path = html_path.with_suffix(".pdf")
    pdf_path.write_bytes(pdf)
    clock.lap("pdf")
    return Report(pdf_path, html_path, pages, len(drawings), clock.seconds, preview)


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name], self._last = now - self._last, now


def write(inputs: ReportInputs) -> Written:
    """The text of the whole report, every chapter tried. Raises ProblemsError with the problems of all of them."""
    context = make_context(inputs)
    plan = _plan(context)
    draft = Draft()
    parts: list[Part] = []
    problems: list[Problem] = []
    number = 0
    for chapter in plan.chapters:
        number += chapter.numbered
        try:
            text = render_chapter(context, draft, chapter.chapter, str(number) if chapter.numbered else "")
            parts.append(Part(text, chapter.style, "chapter"))
        except ProblemsError as error:
            problems += error.problems
    for position, name in enumerate(plan.annexes):
        letter = chr(ord("A") + position)
        try:
            parts.append(Part(_annex(context, draft, name, letter), "", "annex"))
        except ProblemsError as error:
            problems += error.problems
    if problems:
        raise ProblemsError(problems)
    return Written(context, draft, tuple(parts), plan)


def _plan(context: Context) -> _Plan:
    file = next((folder / "report.yaml" for folder in context.folders if (folder / "report.yaml").is_file()), None)
    if file is None:
        raise ProblemsError(
            [
                Problem(
                    file=f"{context.edition.config.report.template}/report.yaml",
                    found="fichier absent",
                    expected="l'ordre des chapitres et des annexes du rapport",
                    action="vérifiez report.template dans edition.yaml",
                )
            ]
        )
    try:
        return _Plan.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ProblemsError(
            [
                Problem(
                    file=f"{file.parent.name}/report.yaml",
                    found=str(error).splitlines()[0],
                    expected="chapters, annexes et styles",
                    action="corrigez ce fichier sur le modèle de celui du baromètre",
                )
            ]
        ) from error


def _annex(context: Context, draft: Draft, name: str, letter: str) -> Chapter:
    """An annex made by a template of that name if there is one, else written as a chapter."""
    path = f"templates/annexes/{name}.html"
    if not any((folder / path).is_file() for folder in context.folders):
        return render_chapter(context, draft, name, letter, annex=True)
    jinja = environment(context, draft)
    jinja.globals |= {"annexes": annexes, "context": context, "charts": draft.charts, "integer": numbers.integer}
    html = rendered(jinja, path, anchor=name, number=letter)
    return Chapter(name, html, (Heading(1, name, letter, context.say(f"annexes.{name}.title")),))


def assemble(written: Written, drawings: list[str]) -> str:
    """The whole HTML, self-contained: styles and drawings within, fonts named `font:…`."""
    context = written.context
    edition, inputs = context.edition, context.inputs
    jinja = environment(context, written.draft)
    figures = {
        placed.number: rendered(
            jinja,
            "templates/figure.html",
            placed=placed,
            drawing=data_url(svg),
        )
        for placed, svg in zip(written.draft.charts, drawings, strict=True)
    }
    bodies = {part.chapter.name: _with_figures(part.chapter.html, figures) for part in written.parts}
    html = rendered(
        jinja,
        "templates/report.html",
        language=context.language,
        config=edition.config,
        inputs=inputs,
        parts=written.parts,
        bodies=bodies,
        charts=written.draft.charts,
        styles=[_style(context, name) for name in written.plan.styles],
        has_reference_years=any(
            question.reference_year is not None
            for questionnaire in edition.questionnaires.values()
            for question in questionnaire.questions
        ),
        counts={"files": len(inputs.sources), "figures": annexes.counted(context)["published"]},
    )
    head, body = html.split("<body>", 1)
    return f"{head}<body>{unbroken(body)}"


def _with_figures(html: str, figures: dict[int, str]) -> Markup:
    for number, figure in figures.items():
        html = html.replace(f"<!--chart {number}-->", figure)
    return Markup(html)


def _style(context: Context, name: str) -> Markup:
    for folder in context.folders:
        file = folder / "styles" / name
        if file.is_file():
            return Markup(file.read_text(encoding="utf-8"))
    raise ProblemsError(
        [
            Problem(
                file=f"styles/{name}",
                found="feuille de style absente",
                expected="les styles nommés dans report.yaml",
                action="corrigez le nom ou ajoutez le fichier",
            )
        ]
    )
