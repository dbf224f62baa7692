"""The barometer's prose outlives whatever the rules withhold: it says so and goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jinja2
import pandas as pd
import pytest

from observatory.publish import prose
from observatory.publish.context import Context, make_context
from observatory.publish.inputs import WEIGHTING_COLUMNS, ReportInputs
from observatory.publish.lookup import Figure
from observatory.publish.prose import Draft, render_chapter
from observatory.publish.report import write

CHAPTERS = Path(__file__).parents[2] / "reports" / "barometer" / "fr" / "chapters"
_NAME = re.compile(r'"((?:startup|buyer)(?:\.[a-z][a-z0-9_]*)+)"')


def names_in_prose() -> list[str]:
    """Every figure that a chapter names; of an indicator named alone, its shares."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(CHAPTERS.glob("*.md")))
    found = {name for text in texts for name in _NAME.findall(text)}
    statistics = ("share", "count", "total", "mean", "median", "ratio", "change", "rank")
    return sorted({name if name.rpartition(".")[2] in statistics else f"{name}.share" for name in found})


@pytest.fixture(scope="module")
def context(inputs: ReportInputs) -> Context:
    return make_context(inputs)


class _Compiled(jinja2.BytecodeCache):
    """Chapters compiled once: each is rendered many times here."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    compiled, original = _Compiled(), jinja2.Environment
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prose.jinja2, "Environment", lambda **settings: original(bytecode_cache=compiled, **settings))
        yield


def without(context: Context, name: str, flag: str) -> Context:
    """The same report, every row of one name withheld in this edition, in the whole and in every category."""
    indicator, _, statistic = name.rpartition(".")

    def hidden(row: Figure) -> Figure:
        return row._replace(value=None, low=None, high=None, n=None, n_eff=None, flag=flag, suppressed=True)

    rows = {
        key: tuple(map(hidden, found)) if key[:3] == (context.edition.name, indicator, statistic) else found
        for key, found in context.figures.rows.items()
    }
    return replace(context, figures=replace(context.figures, rows=rows))


@pytest.mark.parametrize("name", names_in_prose())
def test_every_chapter_outlives_each_figure_that_it_names(context: Context, name: str) -> None:
    assert name in context.figures.names, "else nothing would be tried"
    chapters_without(context, name)


@pytest.mark.parametrize("name", [name for name in names_in_prose() if name.endswith((".total", ".ratio", ".median"))])
def test_the_sentences_of_weighted_amounts_do_too(context: Context, name: str) -> None:
    rows = [{"audience": audience, "known": True, "respondents": 100} for audience in ("startup", "buyer")]
    weights = pd.DataFrame(rows, columns=list(WEIGHTING_COLUMNS))
    chapters_without(replace(context, inputs=replace(context.inputs, weighting=weights)), name)


def chapters_without(context: Context, name: str) -> None:
    fewer = without(context, name, "u")
    indicator = name.rpartition(".")[0]
    for file in sorted(CHAPTERS.glob("*.md")):
        if indicator in file.read_text(encoding="utf-8"):
            html = render_chapter(fewer, Draft(), file.stem).html
            assert not re.search(r"<p>[^<]*[({,]\s*[)},.]", html), "a hole in a sentence"


def with_all_withheld(inputs: ReportInputs, statistics: set[str], flag: str) -> ReportInputs:
    figures = inputs.figures.copy()
    rows = (figures["edition"] == inputs.edition.name) & figures["statistic"].isin(statistics)
    figures.loc[rows, ["value", "low", "high", "n", "n_eff"]] = None
    figures.loc[rows, ["flag", "suppressed"]] = [flag, True]
    return replace(inputs, figures=figures)


def test_without_totals_means_and_ratios_the_report_says_why_they_are_missing(inputs: ReportInputs) -> None:
    written = write(with_all_withheld(inputs, {"total", "mean", "ratio"}, "u"))
    texts = {part.chapter.name: part.chapter.html.replace("\u00a0", " ") for part in written.parts}
    for chapter in ("key_figures", "synthesis", "volumes"):
        assert re.search(r"Le total .{0,150}n’est pas publié \(précision insuffisante\)", texts[chapter]), chapter
    assert "Md€" not in texts["volumes"]


def test_a_report_with_nothing_to_publish_is_still_a_report(inputs: ReportInputs) -> None:
    written = write(with_all_withheld(inputs, set(inputs.figures["statistic"]), "c"))
    assert [part.chapter.name for part in written.parts][:3] == ["key_figures", "synthesis", "respondents"]
    assert any("Figure non publiée" in part.chapter.html for part in written.parts)
