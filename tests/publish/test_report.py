"""The barometer as a reader holds it: pages, figures, tables, contents, marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from observatory.editions.model import Edition, Lineage
from observatory.publish.annexes import changes, counted, positions
from observatory.publish.context import make_context
from observatory.publish.drawing import draw
from observatory.publish.inputs import ReportInputs
from observatory.publish.labels import read_labels
from observatory.publish.lookup import index_figures
from observatory.publish.report import Report, build_report, write
from observatory.publish.routing import in_words

OneChapter = Callable[..., ReportInputs]


@pytest.fixture(scope="session")
def pages(report: Report) -> list[str]:
    """The text of each page, spaces made ordinary."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(report.pdf).pages]


def html_of(report: Report) -> str:
    return report.html.read_text(encoding="utf-8")


def test_the_barometer_has_its_pages(report: Report, pages: list[str]) -> None:
    assert len(pages) == report.pages >= 25


def test_simulated_data_are_marked_on_every_page(pages: list[str]) -> None:
    assert all("Données simulées — ne pas diffuser" in page for page in pages)


def test_real_data_bear_no_mark(inputs: ReportInputs, one_chapter: OneChapter, tmp_path: Path) -> None:
    real = replace(one_chapter("# Titre\n\nUne phrase.\n"), simulated=False)
    made = build_report(real, tmp_path)
    text = "".join(page.extract_text() for page in PdfReader(made.pdf).pages)
    assert "imulée" not in text + html_of(made)


def test_two_builds_give_the_same_bytes(inputs: ReportInputs, one_chapter: OneChapter, tmp_path: Path) -> None:
    text = '# Titre\n\n{% call chart("ranked", "startup.obstacles") %}\nTitre : Freins\n{% endcall %}\n'
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        fresh = replace(one_chapter(text, annexes="[tables]"), chart_cache=tmp_path / f"{name}-charts")
        made.append(build_report(fresh, tmp_path / name))
    assert made[0].html.read_bytes() == made[1].html.read_bytes()
    assert made[0].pdf.read_bytes() == made[1].pdf.read_bytes()


def test_the_contents_give_the_page_of_each_chapter(report: Report, pages: list[str]) -> None:
    reader = PdfReader(report.pdf)
    outline = {
        re.sub(r"\s+", " ", item.title): reader.get_destination_page_number(item) + 1
        for item in reader.outline
        if not isinstance(item, list)
    }
    contents = next(page for page in pages if page.startswith("Sommaire"))
    chapters = [title for title, page in outline.items() if page > 4]
    assert len(chapters) >= 14
    for title in chapters:
        assert f"{title} {outline[title]}" in contents


def test_the_list_of_figures_gives_the_page_of_each(report: Report, pages: list[str]) -> None:
    listed = next(page for page in pages if page.startswith("Figures et tableaux"))
    reader = PdfReader(report.pdf)
    for number in range(1, report.figures + 1):
        page = reader.get_destination_page_number(reader.named_destinations[f"figure-{number}"])
        assert page is not None
        assert re.search(rf"(?<!\d){number} .{{5,250}}? {page + 1} ", listed), f"figure {number}, page {page + 1}"


def test_every_figure_says_its_scope_reading_and_source_and_has_its_table(report: Report) -> None:
    html = html_of(report)
    figures = re.findall(r'<figure class="chart" id="figure-(\d+)">(.*?)</figure>', html, flags=re.S)
    assert [int(number) for number, _ in figures] == list(range(1, report.figures + 1))
    for number, body in figures:
        assert f'id="table-{number}"' in html
        assert all(word in body for word in ("Champ", "Source", "Lecture", 'alt="'))


def test_a_table_has_a_caption_one_row_of_headings_and_scopes(report: Report) -> None:
    for table in re.findall(r'<table class="data.*?</table>', html_of(report), flags=re.S):
        assert table.count("<thead><tr>") == 1
        assert 'scope="col"' in table and 'scope="row"' in table


def test_the_html_is_whole_and_names_no_machine(report: Report) -> None:
    html = html_of(report)
    assert "file:" not in html
    assert not re.search(r'src="(?!data:)', html)
    assert set(re.findall(r'url\("?([a-z]+):', html)) == {"font"}


def test_the_text_of_charts_stays_text(report: Report, pages: list[str]) -> None:
    assert "Lenteur des décisions" in " ".join(pages)
    fonts = {font["/BaseFont"] for page in PdfReader(report.pdf).pages for font in _fonts(page)}
    assert {re.sub(r"^/[A-Z]{6}\+|-.*$", "", str(name)) for name in fonts} == {"IBM", "Spectral"}


def _fonts(page: object) -> list[dict[str, object]]:
    fonts = page["/Resources"].get("/Font", {})  # type: ignore[index]
    return [font.get_object() for font in fonts.values()]


def test_a_withheld_cell_is_withheld_in_the_chart_and_in_its_table(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    call = '{% call chart("strata", "startup.respondents.count", by="sector") %}'
    text = f"# Titre\n\n{call}\nTitre : Secteurs\n{{% endcall %}}\n"
    chart = write(one_chapter(text)).draft.charts[0].chart
    hidden = inputs.figures[
        (inputs.figures["edition"] == inputs.edition.name)
        & (inputs.figures["indicator"] == "startup.respondents")
        & (inputs.figures["breakdown"] == "sector")
        & inputs.figures["suppressed"]
    ]
    assert len(hidden) > 0
    assert sum(row[1] == "c" for row in chart.table.rows) == len(hidden)
    assert "flags.c" in chart.notes
    drawn = [value for value in chart.spec["data"]["values"] if value["text"] == "c"]
    assert len(drawn) == len(hidden) and all(value["value"] is None for value in drawn)


def test_a_value_on_a_small_base_is_marked_in_the_chart_and_in_its_table(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    figures = inputs.figures.copy()
    whole = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "startup.relation_12m")
        & (figures["breakdown"] == "size")
        & (figures["option"] == "yes")
        & (figures["statistic"] == "share")
    )
    rows = figures.index[whole]
    figures.loc[rows, "flag"] = ["u", *[""] * (len(rows) - 1)]
    figures.loc[rows, ["value", "suppressed"]] = [0.5, False]
    figures.loc[rows[1], "value"] = 0.25
    call = '{% call chart("strata", "startup.relation_12m.share", by="size", option="yes") %}'
    written = one_chapter(f"# Titre\n\n{call}\nTitre : Relation\n{{% endcall %}}\n", figures, annexes="[tables]")
    chart = write(written).draft.charts[0].chart
    assert [row[1].endswith("(u)") for row in chart.table.rows] == [False, True, *[False] * (len(rows) - 1)]
    drawn = chart.spec["data"]["values"]
    assert [value["text"].endswith("(u)") for value in drawn] == [False, True, *[False] * (len(rows) - 1)]
    assert "25" in chart.reading, "a sentence is built on a category with enough respondents"
    assert "flags.u" in chart.notes
    assert "(u) : valeur de fiabilité réduite" in unescape(write(written).parts[1].chapter.html).replace("\u00a0", " ")


def test_two_years_of_different_respondents_are_told_apart(inputs: ReportInputs, one_chapter: OneChapter) -> None:
    figures = inputs.figures.copy()
    row = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "buyer.startup_purchases")
        & (figures["statistic"] == "total")
        & (figures["breakdown"] == "")
    )
    call = '{% call chart("years", "buyer.startup_purchases.total") %}'
    text = f"# Titre\n\n{call}\nTitre : Achats\n{{% endcall %}}\n"
    for bases, told in (([100, 100], False), ([100, 120], True)):
        figures.loc[row, "n"] = bases
        assert ("notes.years" in write(one_chapter(text, figures)).draft.charts[0].chart.notes) is told


def test_answers_that_a_chart_leaves_out_are_named(one_chapter: OneChapter) -> None:
    call = '{% call chart("paired", "startup.payment_delay", "buyer.payment_delay") %}'
    chart = write(one_chapter(f"# Titre\n\n{call}\nTitre : Délai\n{{% endcall %}}\n")).draft.charts[0].chart
    assert len(chart.remarks) == 1 and "Ne sait pas" in chart.remarks[0]


def test_figures_counted_as_published_have_a_value(report: Report, inputs: ReportInputs) -> None:
    own = inputs.figures[inputs.figures["edition"] == inputs.edition.name]
    counts = counted(make_context(inputs))
    assert int(re.sub(r"\D", "", counts["published"])) == own["value"].notna().sum() < len(own)
    assert f"{counts['published']} chiffres publiés" in html_of(report)


def test_a_question_that_changed_shows_a_break_and_no_earlier_dot(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    text = '# Titre\n\n{% call chart("brackets", "startup.sales_cycle") %}\nTitre : Cycle\n{% endcall %}\n'
    chart = write(one_chapter(text)).draft.charts[0].chart
    assert "flags.b" in chart.notes
    assert all(value["dot"] is None for value in chart.spec["data"]["values"])
    column = chart.table.columns.index("Évolution (points)")
    assert {row[column] for row in chart.table.rows} == {"b"}


def test_a_line_is_not_drawn_across_a_break(inputs: ReportInputs, one_chapter: OneChapter) -> None:
    figures = inputs.figures.copy()
    broken = (figures["indicator"] == "startup.relation_12m") & (figures["statistic"] == "change")
    figures.loc[broken & (figures["edition"] == inputs.edition.name), ["value", "flag"]] = [None, "b"]
    text = '# Titre\n\n{% call chart("editions", "startup.relation_12m", "yes") %}\nTitre : Relation\n{% endcall %}\n'
    spec = write(one_chapter(text, figures)).draft.charts[0].chart.spec
    strokes = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")["data"]["values"]
    assert sorted({(row["run"], row["year"]) for row in strokes}) == [("0", 2023), ("0", 2024), ("1", 2025)]


def test_a_single_edition_is_shown_as_bars(inputs: ReportInputs, one_chapter: OneChapter) -> None:
    figures = inputs.figures[inputs.figures["edition"] == inputs.edition.name]
    call = '{% call chart("editions", "startup.relation_12m", "yes", "no") %}'
    text = f"# Titre\n\n{call}\nTitre : Relation\n{{% endcall %}}\n"
    spec = write(one_chapter(text, figures)).draft.charts[0].chart.spec
    assert spec["layer"][0]["mark"]["type"] == "bar"
    assert len(spec["data"]["values"]) == 2


def test_a_panel_makes_its_own_segment(inputs: ReportInputs, one_chapter: OneChapter) -> None:
    text = '# Titre\n\n{% call chart("panels", "buyer.startup_purchases.total") %}\nTitre : Achats\n{% endcall %}\n'
    spec = write(one_chapter(text)).draft.charts[0].chart.spec
    strokes = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")["data"]["values"]
    assert [sum(row["run"] == run for row in strokes) for run in ("0", "1", "2")] == [2, 2, 2]


def test_a_kept_drawing_is_not_drawn_again_and_is_the_same(
    report: Report, inputs: ReportInputs, tmp_path: Path
) -> None:
    spec = write(inputs).specs[0]
    kept = draw([spec], inputs.chart_cache)
    assert kept == draw([spec]) == draw([spec], tmp_path)
    (next(iter(tmp_path.iterdir()))).write_text("kept", encoding="utf-8")
    assert draw([spec], tmp_path) == ["kept"]


def test_the_questionnaires_are_those_that_were_asked(report: Report, inputs: ReportInputs) -> None:
    text = unescape(re.sub(r'<span class="unbroken">([^<]*)</span>', r"\1", html_of(report)))
    context = make_context(inputs)
    for questionnaire in inputs.edition.questionnaires.values():
        for question in questionnaire.questions:
            assert context.typeset(inputs.edition.label(question)) in text


def test_routing_is_told_in_words(inputs: ReportInputs) -> None:
    context, questionnaire = make_context(inputs), inputs.edition.questionnaires["startup"]
    numbered = positions(questionnaire)
    words = in_words(context, "relation_12m in ('yes', 'tried') and client_types__ministry", questionnaire, numbered)
    relation, clients = numbered["relation_12m"], numbered["client_types"]
    assert words.startswith(f"la réponse à la question {relation} est «\u00a0Oui")
    assert words.endswith(f"est coché à la question {clients}")


def test_what_changed_is_told_from_the_lineage(inputs: ReportInputs, editions: list[Edition]) -> None:
    told = changes(make_context(inputs))
    lineages = {question.id: question.lineage for question in inputs.edition.questionnaires["startup"].questions}
    changed = [name for name, lineage in lineages.items() if lineage is None or lineage.change != "none"]
    known = {name for name, lineage in lineages.items() if isinstance(lineage, Lineage)}
    gone = [q.id for q in editions[-2].questionnaires["startup"].questions if q.id not in known]
    assert len(told["startup"]) == len(changed) + len(gone) > 0


def test_an_edition_of_one_audience_in_english_has_an_english_frame(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    edition = inputs.edition
    config = edition.config.model_copy(update={"languages": ("en",), "previous": None})
    update = {"config": config, "questionnaires": {"buyer": edition.questionnaires["buyer"]}}
    inputs = replace(inputs, edition=edition.model_copy(update=update))
    chapter = '# Results\n\n{% call chart("ranked", "buyer.obstacles") %}\nTitle: Obstacles\n{% endcall %}\n'
    folder = one_chapter(chapter).edition.folder
    (folder / "report" / "fr").rename(folder / "report" / "en")
    plan = (folder / "report" / "report.yaml").read_text(encoding="utf-8")
    annexes = "annexes: [method, tables, questionnaires, changes, provenance]"
    (folder / "report" / "report.yaml").write_text(plan.replace("annexes: []", annexes), encoding="utf-8")
    english = replace(inputs, edition=inputs.edition.model_copy(update={"folder": folder}))
    target = folder / "out"
    target.mkdir()
    html = html_of(build_report(english, target))
    assert '<html lang="en">' in html
    assert "Simulated data" in html and "Reading:" in html and "This edition is the first" in html
    assert "Champ" not in html and "Sommaire" not in html


def test_the_last_vintage_of_a_figure_is_the_one_printed(inputs: ReportInputs) -> None:
    row = inputs.figures[inputs.figures["figure_id"] == f"{inputs.edition.name}/startup.respondents.count"]
    later = row.assign(vintage="9999", value=1.0)
    for table in (pd.concat([inputs.figures, later]), pd.concat([later, inputs.figures])):
        found = index_figures(table, inputs.edition).rows[inputs.edition.name, "startup.respondents", "count", "", ""]
        assert [figure.value for figure in found] == [1.0]


def test_both_languages_have_the_same_words(inputs: ReportInputs) -> None:
    folder = [inputs.templates / "barometer"]
    french, english = read_labels(folder, "fr"), read_labels(folder, "en")
    assert french.keys() == english.keys()
    names = {language: {key: set(re.findall(r"{(\w+)}", words)) for key, words in labels.items()}
             for language, labels in (("fr", french), ("en", english))}  # fmt: skip
    assert names["fr"] == names["en"]


def set_figure(inputs: ReportInputs, statistic: str, option: str, **content: object) -> pd.DataFrame:
    """The figures with one row of the start-ups' relation changed, of all of them."""
    figures = inputs.figures.copy()
    row = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "startup.relation_12m")
        & (figures["statistic"] == statistic)
        & (figures["option"] == option)
        & (figures["breakdown"] == "")
    )
    assert row.sum() == 1
    for name, value in content.items():
        figures.loc[row, name] = value
    return figures


RANKED = '# Titre\n\n{% call chart("ranked", "startup.relation_12m") %}\nTitre : Relation\n{% endcall %}\n'


def behind(inputs: ReportInputs) -> dict[str, dict[str, str]]:
    """The table behind the first chart: by label of the row, then by heading."""
    table = write(inputs).draft.charts[0].chart.table
    columns = [re.sub(r"\s", " ", column) for column in table.columns]
    return {row[0]: dict(zip(columns, row, strict=True)) for row in table.rows}


def test_the_table_behind_a_chart_gives_the_interval_of_each_share(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    figures = set_figure(inputs, "share", "yes", label="Oui", value=0.421, low=0.384, high=0.461)
    assert behind(one_chapter(RANKED, figures))["Oui"]["Intervalle à 95 %"] == "38–46\u202f%"
    without = figures.assign(low=None, high=None)
    assert "Intervalle à 95 %" not in behind(one_chapter(RANKED, without))["Oui"]


@pytest.mark.parametrize(
    ("value", "flag", "cell", "legend"),
    [
        (0.031, "", "+3,1", None),
        (0.031, "n", "+3,1\u00a0ns", "ns : évolution non significative"),
        (None, "c", "c", "c : donnée non publiée"),
        (None, "u", "u", "u : donnée non publiée, base trop faible ou précision insuffisante"),
        (None, "b", "b", "b : rupture"),
    ],
)
def test_a_change_has_its_sign_and_the_table_explains_it_and_no_other(
    inputs: ReportInputs, one_chapter: OneChapter, value: float | None, flag: str, cell: str, legend: str | None
) -> None:
    figures = set_figure(inputs, "share", "yes", label="Oui")
    changes = (figures["indicator"] == "startup.relation_12m") & (figures["statistic"] == "change")
    figures.loc[changes, ["value", "low", "high", "flag"]] = [0.05, 0.01, 0.09, ""]
    own = changes & (figures["edition"] == inputs.edition.name) & (figures["option"] == "yes")
    bounds = (None, None) if value is None else (0.001, 0.061)
    figures.loc[own & (figures["breakdown"] == ""), ["value", "low", "high", "flag"]] = [value, *bounds, flag]
    made = one_chapter(RANKED, figures, annexes="[tables]")
    assert behind(made)["Oui"]["Évolution (points)"] == cell
    table = unescape(write(made).parts[1].chapter.html).replace("\u00a0", " ")
    for words in ("ns : évolution", "c : donnée", "u : donnée", "b : rupture"):
        assert (words in table) is (legend is not None and legend.startswith(words)), words
    assert legend is None or legend in table


def test_the_change_of_the_constant_panel_stands_beside_with_its_base(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    figures = set_figure(inputs, "share", "yes", label="Oui")
    panel = (figures["indicator"] == "startup.relation_12m") & (figures["breakdown"] == "panel")
    figures.loc[panel, ["value", "low", "high", "n", "flag"]] = [0.024, -0.02, 0.068, 87, "n"]
    assert behind(one_chapter(RANKED, figures))["Oui"]["Évolution, panel constant (n = 87)"] == "+2,4\u00a0ns"
    assert not any("panel" in name for name in behind(one_chapter(RANKED, figures[~panel]))["Oui"])


def test_a_rank_is_given_with_the_best_and_the_worst_that_are_possible(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    figures = inputs.figures.copy()
    ranks = (figures["indicator"] == "startup.obstacles") & (figures["statistic"] == "rank")
    figures.loc[ranks, ["value", "low", "high"]] = [3, 2, 4]
    own = ranks & (figures["edition"] == inputs.edition.name) & (figures["option"] == "slow_decisions")
    figures.loc[own, ["value", "low", "high"]] = [1, 1, 1]
    text = RANKED.replace("relation_12m", "obstacles")
    cells = {label: row["Rang"] for label, row in behind(one_chapter(text, figures)).items()}
    assert cells["Lenteur des décisions"] == "1" and set(cells.values()) == {"1", "2–4"}
    assert "Rang" not in behind(one_chapter(RANKED))[next(iter(behind(one_chapter(RANKED))))]


def test_estimates_are_said_to_be_estimates_under_the_figure_and_its_table(
    inputs: ReportInputs, one_chapter: OneChapter
) -> None:
    figures = set_figure(inputs, "share", "yes", flag="e")
    for table, told in ((figures, True), (inputs.figures, False)):
        written = write(one_chapter(RANKED, table, annexes="[tables]"))
        assert ("flags.e" in written.draft.charts[0].chart.notes) is told
        assert ("valeur estimée" in written.parts[1].chapter.html) is told


def test_each_flag_is_explained_where_the_data_come_from(report: Report) -> None:
    html = unescape(html_of(report))
    table = re.search(r'<table class="data words flags">.*?</table>', html, flags=re.S)
    assert table is not None
    letters = re.findall(r"<td>([a-z])(?:,[^<]*)?</td>", table[0])
    assert {*letters} >= {*"bcenpu"}
