"""Prose: Markdown with figures bound by name becomes HTML.

Belongs here: rendering one chapter, the functions and filters it may use, and the refusals with file and line: an
unknown figure, a withheld one, a year or an amount typed by hand. Does not belong here: the report's order (report.py).
"""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from markdown_it.token import Token

from observatory.editions.model import ONE_CHOICE_TYPES
from observatory.problems import Problem, ProblemsError
from observatory.publish import annexes, lookup, numbers, words
from observatory.publish.charts import KINDS
from observatory.publish.charts.model import Chart
from observatory.publish.charts.series import series_table
from observatory.publish.context import LEVEL, Context
from observatory.publish.links import linked, linked_markdown
from observatory.publish.lookup import Change, Figure, FigureError, WithheldError
from observatory.publish.method import MethodFacts, method_facts
from observatory.publish.tables import Table

_STATEMENT = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
_VERBATIM = re.compile(r"\{\{[^{}]*\bverbatim\(.*?\)[^{}]*\}\}|\{#.*?#\}", re.S)
_YEAR = re.compile(r"(?<![\w-])(?:19|20)\d\d(?![\w-])")
_NUMBER = re.compile(r"\d[\d   .,]*\s*(?:%|€|[kMG]d?€|millions?\b|milliards?\b|points?\b|billions?\b)")
_TYPED = (
    (_YEAR, _VERBATIM, "une année tapée à la main", "prenez-la de l'édition : {{ edition.year }}, {{ years.last }}…"),
    (_NUMBER, _STATEMENT, "un chiffre tapé à la main", "prenez-le du tableau : {{ figure(…) | percent }}"),
)
_MARK = re.compile(r"<p>\ue000(\d+)\ue001</p>|\ue000(\d+)\ue001")


@dataclass(frozen=True)
class Placed:
    """A chart where prose put it: its number, anchor, title and notes, its drawing still to come."""

    number: int
    anchor: str
    title: str
    reading: str
    scope: str
    source: str
    note: str
    chart: Chart

    @property
    def legend(self) -> tuple[str, ...]:
        """The keys of what explains the signs of its table."""
        estimated = ("flags.e",) if "flags.e" in self.chart.notes else ()
        return (*self.chart.table.legend, *estimated)


@dataclass(frozen=True)
class Heading:
    level: int
    anchor: str
    number: str
    text: str


@dataclass
class Draft:
    """What the report gathers while it is written; `facts` once a chapter has asked for them."""

    charts: list[Placed] = field(default_factory=list)
    facts: MethodFacts | None = None


@dataclass(frozen=True)
class Chapter:
    """A chapter as HTML; the first heading is its title."""

    name: str
    html: str
    headings: tuple[Heading, ...]

    @property
    def title(self) -> Heading:
        return self.headings[0]


def environment(context: Context, draft: Draft) -> jinja2.Environment:
    """Jinja over the report's folders, with figures bound by name. Templates (.html) escape, chapters (.md) don't:
    Markdown does it for them."""
    jinja = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in context.folders]),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= _filters(context)
    jinja.globals |= {
        "edition": {"year": context.edition.name, "title": context.edition.text(context.edition.config.title)},
        "years": {"first": context.edition.reference_years[0], "last": context.edition.reference_years[1]},
        "previous": context.figures.previous,
        "compared": context.figures.compared,
        "thresholds": context.edition.config.thresholds,
        "targets": {target.id: target for target in context.edition.config.targets},
        "context_series": context.edition.config.context,
        "dates": context.dates,
        "language": context.language,
        "simulated": context.inputs.simulated,
        "level": LEVEL,
        "method_facts": lambda: _facts(context, draft),
        "weighted": lambda audience: any(item.audience == audience for item in _facts(context, draft).weights),
        "asked": {item.id for item in context.edition.indicators}.__contains__,
        "say": context.say,
        "explain": context.explain,
        "verbatim": str,
        **_lookups(context),
    }
    return jinja


def _lookups(context: Context) -> dict[str, Callable[..., Any]]:
    """The look-up functions as prose calls them: without the figures."""

    def bound(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(name: str, **place: Any) -> Any:
            return function(context.figures, name, **place)

        return call

    names = ("figure", "published", "reliable", "ranking", "change", "rank")
    return {
        **{name: bound(getattr(lookup, name)) for name in names},
        "together": lambda name, *options: lookup.together(context.figures, name, *options),
        "middle": lambda name: _middle(context, name),
        "leads": lambda name: lookup.leads(context.figures, name, one_answer=_one_answer(context, name)),
        "target_state": lambda id: _target_state(context, id),
        "question_label": context.question_label,
        "reason": lambda name, **place: _reason(context, lookup.figure(context.figures, name, **place).reason),
    }


def _facts(context: Context, draft: Draft) -> MethodFacts:
    if draft.facts is None:
        draft.facts = method_facts(context)
    return draft.facts


def _one_answer(context: Context, name: str) -> bool:
    return context.question(name.rpartition(".")[0]).type in ONE_CHOICE_TYPES


def _target_state(context: Context, id: str) -> str:
    """« en avance sur la trajectoire » and so on; empty where no estimate stands beside the target.

    Raises FigureError for an unknown target.
    """
    known = [target.id for target in context.edition.config.targets]
    if id not in known:
        raise FigureError(f"la cible « {id} »", f"l'une de : {', '.join(known)}", "vérifiez edition.yaml")
    gap = lookup.target_gap(context.figures, id)
    return "" if gap is None else context.say(f"target.{lookup.target_state(gap)}")


def _reason(context: Context, reason: lookup.Reason) -> str:
    return context.say(f"withheld.{reason}")


def _middle(context: Context, name: str) -> Figure:
    """The bracket that holds the median answer: answers without rank (« ne sait pas ») left out.

    Raises WithheldError if a bracket is.
    """
    shown = lookup.rows(context.figures, name)
    indicator = name.rpartition(".")[0]
    ranked = {choice.code for choice in context.edition.choices(context.question(indicator)) if choice.substantive}
    brackets = [row for row in shown if row.option in ranked]
    half = sum(row.known for row in brackets) / 2
    below = 0.0
    for row in brackets:
        below += row.known
        if below >= half:
            return row
    raise FigureError(f"{name} sans tranche", "une question par tranches", "récrivez la phrase")


def _value(item: Figure | float) -> float:
    return item.known if isinstance(item, Figure) else float(item)


def _filters(context: Context) -> dict[str, Callable[..., str]]:
    language = context.language

    def marked(item: Figure | float, text: str) -> str:
        """With the flag of the figure, as a chart shows it: « (u) »; « (ns) » for a growth that chance explains."""
        if not isinstance(item, Figure):
            return text
        text = context.with_marks(item, text)
        chance = item.statistic == "change" and "n" in item.flag
        return f"{text}{numbers.NO_BREAK_SPACE}({words.NOT_SIGNIFICANT})" if chance else text

    def percent(item: Figure | float, decimals: int | None = None, sign: bool = False) -> str:
        usual = 0 if not isinstance(item, Figure) or item.statistic == "share" else 1
        return marked(item, numbers.percent(_value(item), usual if decimals is None else decimals, language, sign))

    def points(item: Figure | float, decimals: int = 1, sign: bool = False) -> str:
        return marked(item, numbers.points(_value(item), decimals, language, sign))

    def integer(item: Figure | float) -> str:
        return marked(item, numbers.integer(_value(item), language))

    def decimal(item: Figure | float, decimals: int = 1) -> str:
        return marked(item, numbers.decimal(_value(item), decimals, language))

    def euros(item: Figure | float, unit: str | None = None, decimals: int | None = None) -> str:
        return marked(item, numbers.euros(_value(item), unit, decimals, language))

    def change_in_words(item: Change, since: bool = True) -> str:
        text = words.change_words(item, context.labels, language, since)
        return f", {text}" if text else ""

    return {
        "percent": percent,
        "points": points,
        "integer": integer,
        "decimal": decimal,
        "euros": euros,
        "words": change_in_words,
        "label": lambda item: _escaped(context.label(item)),
        "base": lambda item: _base(item, language),
        "interval": lambda item: _interval(context, item),
        "ranks": lambda item: context.interval(_with_bounds(item)),
        "typeset": context.typeset,
        "linked": linked,
    }


def _with_bounds(item: Figure) -> Figure:
    if item.bounds is None:
        raise lookup.withheld(item)
    return item


def _interval(context: Context, item: Figure) -> str:
    """« entre 38 % et 46 % » ; of a rank, « du 2e au 4e rang » or « au 1er rang »."""
    low, high = _with_bounds(item).bounds or (0.0, 0.0)
    if item.statistic == "rank":
        best, worst = (numbers.ordinal(round(bound), context.language) for bound in (low, high))
        return context.say("interval.rank" if low == high else "interval.ranks", best=best, worst=worst)
    written = (context.written(item._replace(value=bound)) for bound in (low, high))
    return context.say("interval.values", **dict(zip(("low", "high"), written, strict=True)))


def _base(item: Figure, language: str) -> str:
    if item.n is None:
        raise lookup.withheld(item)
    return numbers.integer(item.n, language)


def _escaped(text: str) -> str:
    """A label that Markdown leaves alone."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def render_chapter(context: Context, draft: Draft, name: str, number: str = "", annex: bool = False) -> Chapter:
    """`<language>/chapters/<name>.md` as HTML; `number`, if any, numbers its headings (« Annexe A », then « A.1 »).

    Raises ProblemsError naming the file and the line.
    """
    path = f"{context.language}/chapters/{name}.md"
    jinja = environment(context, draft)
    folder = next((folder for folder in context.folders if (folder / path).is_file()), None)
    if folder is None:
        raise ProblemsError(
            [
                Problem(
                    file=path,
                    found="chapitre absent",
                    expected="un fichier par chapitre nommé dans report.yaml, dans la langue de l'édition",
                    action="écrivez ce chapitre ou retirez-le de report.yaml",
                )
            ]
        )
    shown = str(Path(folder.name if folder.name != "report" else f"{folder.parent.name}/report") / path)
    _refuse_typed((folder / path).read_text(encoding="utf-8"), shown)
    blocks: list[str] = []
    jinja.globals |= _blocks(context, draft, blocks, jinja)
    text = rendered(jinja, path, shown)
    return _to_html(context, text, name, number, annex, blocks)


def rendered(jinja: jinja2.Environment, path: str, shown: str | None = None, **values: Any) -> str:
    """One template, filled in. Raises ProblemsError naming the file (as `shown`) and the line."""
    try:
        return jinja.get_template(path).render(**values)
    except FigureError as problem:
        where = _place(problem, jinja, shown or path)
        raise ProblemsError([Problem(problem.expected, problem.action, *where, found=problem.found)]) from problem
    except jinja2.TemplateSyntaxError as error:
        raise ProblemsError(
            [
                Problem(
                    file=shown or path,
                    line=error.lineno,
                    found=str(error.message),
                    expected="un gabarit Jinja valable",
                    action="vérifiez accolades, guillemets et {% endcall %}",
                )
            ]
        ) from error
    except (jinja2.UndefinedError, TypeError, KeyError) as error:
        where = _place(error, jinja, shown or path)
        raise ProblemsError(
            [
                Problem(
                    "un nom connu (figure, change, ranking, chart, edition, years…)",
                    "corrigez le nom ou ses paramètres",
                    *where,
                    found=_in_french(str(error)),
                )
            ]
        ) from error


_UNDEFINED = re.compile(r"'(?P<name>[^']+)' is undefined")
_NO_ATTRIBUTE = re.compile(r"'(?P<owner>[^']+)' has no attribute '(?P<name>[^']+)'")


def _in_french(message: str) -> str:
    """The messages of Jinja that a writer of prose meets, in French; any other as it is."""
    if match := _UNDEFINED.fullmatch(message):
        return f"nom inconnu : {match['name']}"
    if match := _NO_ATTRIBUTE.fullmatch(message):
        return f"« {match['name']} » n'existe pas dans « {match['owner']} »"
    return message


def _place(error: BaseException, jinja: jinja2.Environment, shown: str) -> tuple[str, int | None]:
    """File and line of the innermost template in the traceback; Jinja gives its frames the template's own lines."""
    loader = jinja.loader
    roots = [Path(root) for root in loader.searchpath] if isinstance(loader, jinja2.FileSystemLoader) else []
    line = None
    for frame in traceback.extract_tb(error.__traceback__):
        if any(Path(frame.filename).is_relative_to(root) for root in roots):
            line = frame.lineno
    return shown, line


def _refuse_typed(text: str, shown: str) -> None:
    """Refuse every year, percentage or amount written in the prose itself. `{{ verbatim("…") }}` says it is meant."""
    # A number within a statement may be a parameter (top=5); a year may not.
    problems = [
        _typed(shown, number, match[0], what, action)
        for typed, left_out, what, action in _TYPED
        for number, line in enumerate(_blank(left_out, text).split("\n"), start=1)
        for match in typed.finditer(line)
    ]
    if problems:
        raise ProblemsError(problems)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with every match replaced by spaces: lines keep their numbers."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _typed(shown: str, line: int, found: str, what: str, action: str) -> Problem:
    return Problem(
        file=shown,
        line=line,
        found=f"« {found.strip()} », {what}",
        expected="un chiffre ou une année lié par son nom",
        action=f'{action} ; un texte cité tel quel s\'écrit {{{{ verbatim("…") }}}}',
    )


def _blocks(
    context: Context, draft: Draft, blocks: list[str], jinja: jinja2.Environment
) -> dict[str, Callable[..., str]]:
    """What prose may call to place more than words. Each puts its HTML aside and leaves a mark for it."""
    markdown = _markdown()

    def aside(html: str) -> str:
        blocks.append(html)
        return f"\n\n\ue000{len(blocks) - 1}\ue001\n\n"

    def inline(text: str) -> str:
        return str(markdown.renderInline(linked_markdown(context.typeset(text.strip()))))

    def chart(kind: str, *names: Any, caller: Callable[[], str] | None = None, **options: Any) -> str:
        if kind not in KINDS:
            raise FigureError(f"le graphique « {kind} »", f"l'un de : {', '.join(KINDS)}", "corrigez le genre")
        try:
            inspect.signature(KINDS[kind]).bind(context, *names, **options)
        except TypeError as error:
            raise FigureError(
                f'chart("{kind}") : {error}', "les paramètres de ce genre de graphique", "voyez docs/guide.md"
            ) from None
        notes = _notes("" if caller is None else caller())
        try:
            drawn = KINDS[kind](context, *names, **options)
        except WithheldError:
            return f"\n\n{context.say('withheld.chart', title=notes.get('title', ''))}\n\n"
        number = len(draft.charts) + 1
        draft.charts.append(
            Placed(
                number=number,
                anchor=f"figure-{number}",
                title=inline(notes.get("title", "")),
                reading=inline(notes.get("reading", drawn.reading)),
                scope=inline(notes.get("scope", drawn.scope)),
                source=inline(notes.get("source", drawn.source)),
                note=inline(notes.get("note", "")),
                chart=drawn,
            )
        )
        return aside(f"<!--chart {number}-->")

    def when_published(otherwise: str = "", *, caller: Callable[[], str]) -> str:
        """What it holds; if that names a withheld figure, `otherwise`, where {reason} says why."""
        known = len(draft.charts)
        try:
            return caller()
        except WithheldError as problem:
            # A chart placed before the figure that is missing would have its table and no place.
            del draft.charts[known:]
            text = otherwise.replace("{reason}", _reason(context, problem.reason))
            return f"{text}\n" if text else ""

    def card(value: str, caller: Callable[[], str]) -> str:
        return f'<div class="card"><p class="value">{escape(value)}</p><p>{inline(caller())}</p></div>'

    def group(kind: str, caller: Callable[[], str]) -> str:
        return aside(f'<div class="{escape(kind)}">{caller()}</div>')

    def table_of(table: Table, kind: str = "words") -> str:
        return aside(rendered(jinja, "templates/plain_table.html", table=table, kind=kind))

    def context_table() -> str:
        return table_of(series_table(context), "words series")

    return {
        "chart": chart,
        "card": card,
        "group": group,
        "context_table": context_table,
        "when_published": when_published,
        "steps_table": lambda: table_of(annexes.steps_table(context)),
        "flags_table": lambda: table_of(annexes.flags_table(context), "words flags"),
    }


_NOTE_KEYS: Mapping[str, str] = {
    "titre": "title", "title": "title", "lecture": "reading", "reading": "reading", "champ": "scope", "scope": "scope",
    "source": "source", "note": "note",
}  # fmt: skip


def _notes(text: str) -> dict[str, str]:
    """« Titre : … », « Lecture : … » as typed in a chart's block; a line without a key goes on the one before."""
    notes: dict[str, str] = {}
    key = ""
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        head, colon, rest = line.partition(":")
        if colon and head.strip().lower() in _NOTE_KEYS:
            key = _NOTE_KEYS[head.strip().lower()]
            notes[key] = rest.strip()
        elif key:
            notes[key] += f" {line}"
        else:
            raise FigureError(
                f"« {line[:40]} » dans le bloc d'un graphique",
                "Titre :, Lecture :, Champ :, Source : ou Note : en tête de ligne",
                "ajoutez-le",
            )
    if not notes.get("title"):
        raise FigureError("un graphique sans titre", "une ligne « Titre : » qui dit le message", "ajoutez-la")
    return notes


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _to_html(context: Context, text: str, name: str, number: str, annex: bool, blocks: list[str]) -> Chapter:
    markdown = _markdown()
    tokens = markdown.parse(text)
    headings: list[Heading] = []
    parts = 0
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            level = int(token.tag[1])
            parts += level == 2
            own = number if level == 1 or not number else f"{number}.{parts}" if level == 2 else ""
            anchor = name if level == 1 else f"{name}-{len(headings)}"
            token.attrSet("id", anchor)
            content = context.typeset(tokens[position + 1].content)
            headings.append(Heading(level, anchor, own, content))
            if own:
                shown = context.say("numbered.annex", letter=own) if annex and level == 1 else own
                tokens[position + 1].children = [*_number_tokens(shown), *(tokens[position + 1].children or [])]
    for token in _inline_text(tokens):
        token.content = context.typeset(token.content)
    html = markdown.renderer.render(tokens, markdown.options, {})
    html = _MARK.sub(lambda match: blocks[int(match[1] or match[2])], html)
    if not headings or headings[0].level != 1:
        raise ProblemsError(
            [
                Problem(
                    file=f"{context.language}/chapters/{name}.md",
                    line=1,
                    found="pas de titre",
                    expected="un titre de premier niveau (« # … ») en tête du chapitre",
                    action="ajoutez-le",
                )
            ]
        )
    return Chapter(name, html, tuple(headings))


def _number_tokens(number: str) -> list[Token]:
    token = Token("html_inline", "", 0)
    token.content = f'<span class="number">{number}</span> '
    return [token]


def _inline_text(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        for child in token.children or []:
            if child.type == "text":
                yield child
