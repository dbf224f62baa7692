"""Words bound to data: what prose may say, and what stops the build with its file and line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jinja2
import pandas as pd
import pytest

from observatory.problems import Problem, ProblemsError
from observatory.publish.context import make_context
from observatory.publish.inputs import ReportInputs
from observatory.publish.numbers import percent
from observatory.publish.prose import Draft, environment
from observatory.publish.report import write
from observatory.publish.typography import unbroken

OneChapter = Callable[..., ReportInputs]
YES = 'figure("startup.relation_12m.share", option="yes")'


@pytest.fixture(scope="module")
def inputs(inputs: ReportInputs) -> ReportInputs:
    """The figures of all respondents, without categories: a tenth of the rows to read, and enough here."""
    return replace(inputs, figures=inputs.figures[inputs.figures["breakdown"].isin(["", "panel"])])


def refusal(inputs: ReportInputs) -> Problem:
    with pytest.raises(ProblemsError) as caught:
        write(inputs)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def text_of(inputs: ReportInputs) -> str:
    return write(inputs).parts[0].chapter.html


def with_value(inputs: ReportInputs, value: float | None, statistic: str = "share", **more: object) -> pd.DataFrame:
    """The figures with one value changed: the share of start-ups that answered yes, or its change."""
    figures = inputs.figures.copy()
    row = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "startup.relation_12m")
        & (figures["statistic"] == statistic)
        & (figures["option"] == "yes")
        & (figures["breakdown"] == "")
    )
    assert row.sum() == 1
    for name, content in {"value": value, **more}.items():
        figures.loc[row, name] = content
    return figures


@pytest.mark.parametrize(
    ("sentence", "found", "action"),
    [
        (
            '{{ figure("startup.relaton_12m.share", option="yes") | percent }}',
            "startup.relaton_12m.share",
            "relation_12m",
        ),
        ('{{ figure("startup.relation_12m.share", option="yess") | percent }}', "yess", "yes"),
        ('{{ figure("startup.relation_12m.share") | percent }}', "sans option", "précisez"),
        ('{{ figure("startup.obstacles.share", by="siz", category="x") }}', "siz", "vérifiez"),
        ('{{ figure("buyer.startup_purchases.total", year=1999) | euros }}', "1999", "prenez-la"),
        ("{{ figur('startup.respondents.count') }}", "figur", "corrigez"),
        ('{{ chart("pie", "startup.obstacles") }}', "pie", "corrigez"),
        ('{{ chart("ranked") }}', "indicator", "guide"),
        ('{{ chart("ranked", "startup.obstacles") }}', "sans titre", "ajoutez"),
        ("{% if %}", "Expected an expression", "vérifiez"),
        ("{{ obstaclesxx }}", "nom inconnu : obstaclesxx", "corrigez le nom"),
    ],
)
def test_what_prose_cannot_name_stops_the_build_with_file_and_line(
    one_chapter: OneChapter, sentence: str, found: str, action: str
) -> None:
    problem = refusal(one_chapter(f"# Titre\n\nUne phrase.\n\n{sentence}\n"))
    assert problem.file.endswith("report/fr/chapters/only.md")
    assert problem.line == 5
    assert found in problem.found
    assert action in problem.action


def test_a_withheld_figure_in_a_sentence_stops_the_build(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    hidden = with_value(inputs, None, suppressed=True, n=None)
    problem = refusal(one_chapter(f"# Titre\n\n{{{{ {YES} | percent }}}} des start-up.\n", hidden))
    assert "masqué" in problem.found
    assert problem.line == 3


def test_a_change_of_a_withheld_figure_is_refused_too(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    hidden = with_value(inputs, None, suppressed=True, n=None)
    sentence = YES.replace("figure", "change")
    assert "masqué" in refusal(one_chapter(f"# Titre\n\n{{{{ {sentence} | words }}}}\n", hidden)).found


def test_a_sentence_may_ask_whether_its_question_was_asked(one_chapter: OneChapter) -> None:
    text = '# Titre\n\n{% if asked("startup.unheard_of") %}{{ figure("startup.unheard_of.share") }}{% endif %}Rien.\n'
    assert "<p>Rien.</p>" in text_of(one_chapter(text))


def test_a_sentence_may_ask_whether_its_figure_is_published(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    text = f"# Titre\n\n{{% if {YES.replace('figure', 'published')} %}}Publié.{{% else %}}Retenu.{{% endif %}}\n"
    assert "Publié." in text_of(one_chapter(text))
    assert "Retenu." in text_of(one_chapter(text, with_value(inputs, None, suppressed=True, n=None)))


@pytest.mark.parametrize("typed", ["En 2024, tout va bien.", "Près de 42 % des start-up.", "Il y a 1,5 Md€ d'achats."])
def test_a_year_or_an_amount_typed_by_hand_stops_the_build(one_chapter: OneChapter, typed: str) -> None:
    problem = refusal(one_chapter(f"# Titre\n\nBonjour.\n{typed}\n"))
    assert problem.line == 4
    assert "à la main" in problem.found


def test_a_quoted_text_may_hold_a_year(one_chapter: OneChapter) -> None:
    assert "juin 2023" in text_of(one_chapter('# Titre\n\nLe plan de {{ verbatim("juin 2023") }}.\n'))


def test_every_chapter_is_tried_before_the_build_stops(one_chapter: OneChapter) -> None:
    with pytest.raises(ProblemsError) as caught:
        write(one_chapter("# Titre\n\nEn 2024 et en 2025.\n", annexes="[missing]"))
    assert [problem.line for problem in caught.value.problems] == [3, 3, None]


@pytest.mark.parametrize(
    ("value", "interval", "flag", "words"),
    [
        (0.062, (0.01, 0.114), "", ", en hausse de 6,2\u00a0points par rapport à l’édition"),
        (-0.014, (-0.027, -0.001), "", ", en baisse de 1,4\u00a0point par rapport à l’édition"),
        (0.062, (-0.01, 0.134), "n", ", sans évolution significative par rapport à l’édition"),
        (0.062, (0.002, 0.122), "n", ", sans évolution significative par rapport à l’édition"),
        (0.011, (-0.02, 0.049), "n", ", stable par rapport à l’édition"),
        (0.011, (-0.02, 0.051), "n", ", sans évolution significative par rapport à l’édition"),
        (0.011, (-0.051, 0.02), "n", ", sans évolution significative par rapport à l’édition"),
        (0.062, (None, None), "", ", écart non testé de +6,2\u00a0points par rapport à l’édition"),
        (None, (None, None), "b", ", non comparable (rupture) par rapport à l’édition"),
        (None, (None, None), "c", ", sans comparaison publiée par rapport à l’édition"),
    ],
)
def test_only_a_significant_change_goes_up_or_down(
    one_chapter: OneChapter,
    inputs: ReportInputs,
    value: float | None,
    interval: tuple[float | None, float | None],
    flag: str,
    words: str,
) -> None:
    sentence = f"# Titre\n\nA{{{{ {YES.replace('figure', 'change')} | words }}}}.\n"
    low, high = interval
    changed = with_value(inputs, value, "change", flag=flag, low=low, high=high)
    assert f"<p>A{words}" in text_of(one_chapter(sentence, changed))


def test_what_is_stable_is_the_edition_s_to_say(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    changed = with_value(inputs, 0.011, "change", flag="n", low=-0.02, high=0.049)
    made = one_chapter(f"# Titre\n\nA{{{{ {YES.replace('figure', 'change')} | words }}}}.\n", changed)
    thresholds = made.edition.config.thresholds.model_copy(update={"stable": 0.03})
    config = made.edition.config.model_copy(update={"thresholds": thresholds})
    stricter = replace(made, edition=made.edition.model_copy(update={"config": config}))
    assert "stable" in text_of(made)
    assert "sans évolution significative" in text_of(stricter)


def test_without_an_earlier_edition_there_is_no_word_for_a_change(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    own = inputs.figures[(inputs.figures["edition"] == inputs.edition.name) & (inputs.figures["statistic"] != "change")]
    assert "<p>A.</p>" in text_of(
        one_chapter(f"# Titre\n\nA{{{{ {YES.replace('figure', 'change')} | words }}}}.\n", own)
    )


def test_a_label_is_never_taken_for_markup(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    strange = with_value(inputs, 0.5, label="Moins <b>cher</b> * ou [x] *")
    assert "Moins &lt;b&gt;cher&lt;/b&gt; * ou [x] *" in text_of(
        one_chapter(f"# Titre\n\n{{{{ {YES} | label }}}}\n", strange)
    )


def test_a_sentence_may_ask_whether_its_figure_rests_on_enough_respondents(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    text = f"# Titre\n\n{{% if {YES.replace('figure', 'reliable')} %}}Solide.{{% else %}}Fragile.{{% endif %}}\n"
    assert "Solide." in text_of(one_chapter(text, with_value(inputs, 0.5, flag="")))
    assert "Fragile." in text_of(one_chapter(text, with_value(inputs, 0.5, flag="u")))
    assert "Fragile." in text_of(one_chapter(text, with_value(inputs, None, suppressed=True, n=None)))


def options_of(figures: pd.DataFrame, inputs: ReportInputs, indicator: str, statistic: str) -> pd.Index[int]:
    """The rows of the options of one question, of all respondents."""
    own = (figures["edition"] == inputs.edition.name) & (figures["indicator"] == indicator)
    return figures.index[own & (figures["statistic"] == statistic) & (figures["breakdown"] == "")]


LEADS = '# Titre\n\n{{% if leads("{}.share") %}}Premier.{{% else %}}À égalité.{{% endif %}}\n'


@pytest.mark.parametrize(("worst", "said"), [(1, "Premier."), (2, "À égalité.")])
def test_a_title_names_a_first_answer_only_if_no_other_rank_is_possible(
    one_chapter: OneChapter, inputs: ReportInputs, worst: int, said: str
) -> None:
    figures = inputs.figures.copy()
    shares = options_of(figures, inputs, "startup.obstacles", "share")
    first = figures.loc[shares].sort_values("value")["option"].iloc[-1]
    ranks = options_of(figures, inputs, "startup.obstacles", "rank")
    own = [row for row in ranks if figures.loc[row, "option"] == first]
    figures.loc[own, ["value", "low", "high"]] = [1, 1, worst]
    assert said in text_of(one_chapter(LEADS.format("startup.obstacles"), figures))


def test_a_question_with_several_answers_and_no_ranks_has_no_first(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    figures = inputs.figures[inputs.figures["statistic"] != "rank"].copy()
    shares = options_of(figures, inputs, "startup.obstacles", "share")
    figures.loc[shares, "value"] = 0.01
    figures.loc[shares[3], "value"] = 0.9
    assert "À égalité." in text_of(one_chapter(LEADS.format("startup.obstacles"), figures))


@pytest.mark.parametrize(("shares", "said"), [((0.30, 0.27), "À égalité."), ((0.50, 0.27), "Premier.")])
def test_a_question_with_one_answer_has_a_first_ahead_of_chance(
    one_chapter: OneChapter, inputs: ReportInputs, shares: tuple[float, float], said: str
) -> None:
    figures = inputs.figures.copy()
    rows = options_of(figures, inputs, "startup.sector", "share")
    figures.loc[rows, ["value", "n", "n_eff"]] = [0.01, 200, 200]
    figures.loc[rows[3], "value"], figures.loc[rows[5], "value"] = shares
    assert said in text_of(one_chapter(LEADS.format("startup.sector"), figures))


def test_an_interval_and_a_rank_read_as_words(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    figures = with_value(inputs, 0.42, low=0.384, high=0.461)
    rows = options_of(figures, inputs, "startup.obstacles", "rank")
    first, second = figures.loc[rows[0], "option"], figures.loc[rows[1], "option"]
    figures.loc[rows[:2], ["value", "low", "high"]] = [[3, 2, 4], [1, 1, 1]]
    ranked = [f'rank("startup.obstacles.rank", option="{option}")' for option in (first, second)]
    calls = [f"{YES} | interval", *(f"{call} | {name}" for call in ranked for name in ("ranks", "interval"))]
    text = text_of(one_chapter("# Titre\n\n" + " / ".join(f"{{{{ {call} }}}}" for call in calls) + "\n", figures))
    told = "entre 38\u202f% et 46\u202f% / 2–4 / du 2e au 4e rang / 1 / au 1er rang"
    assert f"<p>{told}</p>" in text


def test_an_interval_that_is_not_published_is_refused(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    without = with_value(inputs, 0.5, low=None, high=None)
    assert refusal(one_chapter(f"# Titre\n\n{{{{ {YES} | interval }}}}\n", without)).line == 3
    refused = refusal(one_chapter('# Titre\n\n{{ rank("startup.obstacles.share", option="x") | ranks }}\n'))
    assert ".rank" in refused.expected


TARGET = "state_innovative_sme_share"


def with_target(inputs: ReportInputs, low: float, high: float) -> pd.DataFrame:
    """The figures with the gap between an estimate and the path to a target."""
    gap = inputs.figures.iloc[0].to_dict() | {
        "edition": inputs.edition.name,
        "indicator": f"target.{TARGET}",
        "breakdown": "",
        "category": "",
        "option": "",
        "statistic": "change",
        "value": (low + high) / 2,
        "low": low,
        "high": high,
        "unit": "share",
        "reference_year": 2024,
        "flag": "",
        "suppressed": False,
    }
    return pd.concat([inputs.figures, pd.DataFrame([gap])], ignore_index=True)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [((0.002, 0.01), "en avance sur"), ((-0.004, 0.01), "compatible avec"), ((-0.01, -0.002), "en retard sur")],
)
def test_an_estimate_is_ahead_compatible_or_behind_the_path_to_its_target(
    one_chapter: OneChapter, inputs: ReportInputs, bounds: tuple[float, float], words: str
) -> None:
    call = f'{{% call chart("target", "{TARGET}") %}}\nTitre : Cible\n{{% endcall %}}\n'
    text = f'# Titre\n\nElle est {{{{ target_state("{TARGET}") }}}}.\n\n{call}'
    asked = one_chapter(text, with_target(inputs, *bounds))
    config = asked.edition.config
    beside = {"indicator": "buyer.startup_rate", "perimeter": {"fr": "acheteurs répondants"}}
    targets = tuple(one.model_copy(update=beside if one.id == TARGET else {}) for one in config.targets)
    edition = asked.edition.model_copy(update={"config": config.model_copy(update={"targets": targets})})
    made = write(replace(asked, edition=edition))
    assert f"<p>Elle est {words} la trajectoire.</p>" in made.parts[0].chapter.html
    assert words in made.draft.charts[0].chart.remarks[0]
    estimated = [row for row in made.draft.charts[0].chart.table.rows if row[0] == "2024"]
    assert len(estimated) == 1 and estimated[0][5] == "3,2\u202f%"
    assert all(cell != "–" for cell in estimated[0]), "with its interval and its base"


def test_a_target_without_an_estimate_has_no_state(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    assert "<p>[]</p>" in text_of(one_chapter(f'# Titre\n\n[{{{{ target_state("{TARGET}") }}}}]\n'))
    assert "inconnue" in refusal(one_chapter('# Titre\n\n{{ target_state("inconnue") }}\n')).found


def test_the_yes_answers_are_counted_together(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    name, options = "startup.relation_12m.share", '"yes", "tried"'
    expected = sum(
        value
        for value, option in inputs.figures.loc[
            (inputs.figures["edition"] == inputs.edition.name)
            & (inputs.figures["indicator"] == "startup.relation_12m")
            & (inputs.figures["statistic"] == "share")
            & (inputs.figures["breakdown"] == ""),
            ["value", "option"],
        ].itertuples(index=False)
        if option in {"yes", "tried"}
    )
    text = f'# Titre\n\n{{{{ together("{name}", {options}) | percent(1) }}}}\n'
    assert f"<p>{percent(expected, 1)}</p>" in text_of(one_chapter(text))


@pytest.mark.parametrize(
    ("shares", "middle"),
    [((0.4, 0.2, 0.2, 0.1, 0.1), 1), ((0.1, 0.1, 0.2, 0.2, 0.4), 3), ((0.6, 0.1, 0.1, 0.1, 0.1), 0)],
)
def test_the_middle_answer_is_the_bracket_of_the_median(
    one_chapter: OneChapter, inputs: ReportInputs, shares: tuple[float, ...], middle: int
) -> None:
    figures = inputs.figures.copy()
    own = (
        (figures["edition"] == inputs.edition.name)
        & (figures["indicator"] == "startup.revenue_share_public")
        & (figures["statistic"] == "share")
        & (figures["breakdown"] == "")
    )
    rows = figures.index[own]
    assert len(rows) == len(shares)
    figures.loc[rows, "value"] = shares
    figures.loc[rows, "label"] = [f"tranche {place}" for place in range(len(rows))]
    text = '# Titre\n\n{{ middle("startup.revenue_share_public.share") | label }}\n'
    assert f"<p>tranche {middle}</p>" in text_of(one_chapter(text, figures))


def test_an_edition_whose_previous_has_no_figures_compares_with_none(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    text = "# Titre\n\n{% if compared %}Face à {{ compared }}.{% else %}Seule.{% endif %}\n"
    own = inputs.figures[inputs.figures["edition"] == inputs.edition.name]
    assert "Face à" in text_of(one_chapter(text))
    assert "Seule." in text_of(one_chapter(text, own))


def test_a_word_with_a_hyphen_stays_whole_and_addresses_and_drawings_stay_as_they_are() -> None:
    image, link = '<img src="data:<text>start-up</text>" alt="une start-up">', '<a href="#a">Les <em>start-up</em></a>'
    html = f"{image}<p>Des start-up : où va-t-elle ? {link}</p>"
    whole = '<span class="unbroken">{}</span>'.format
    assert unbroken(html) == f"{image}<p>Des {whole('start-up')} : où {whole('va-t-elle')} ? {link}</p>"


@pytest.mark.parametrize(
    ("flag", "reason"), [("u", "précision insuffisante"), ("c", "confidentialité"), ("b", "rupture de série")]
)
def test_a_sentence_about_a_withheld_figure_gives_way_to_another_that_says_why(
    one_chapter: OneChapter, inputs: ReportInputs, flag: str, reason: str
) -> None:
    text = f"""# Titre

{{% call when_published("La part n'est pas publiée ({{reason}}).") %}}
Voici {{{{ {YES} | percent }}}}.
{{% endcall %}}
{{% call when_published() %}}
Et encore {{{{ {YES} | percent }}}}.
{{% endcall %}}
Fin. {{{{ {YES.replace("figure", "reason")} }}}}
"""
    hidden = with_value(inputs, None, suppressed=flag != "b", n=None, flag=flag)
    assert f"<p>La part n’est pas publiée ({reason}).\nFin. {reason}</p>" in text_of(one_chapter(text, hidden))
    shown = text_of(one_chapter(text, with_value(inputs, 0.5)))
    assert "Voici 50\u202f%." in shown and "Et encore" in shown and "pas publiée" not in shown


def test_a_typing_error_is_never_taken_for_a_withheld_figure(one_chapter: OneChapter) -> None:
    wrong = '{{ figure("startup.relaton_12m.share", option="yes") | percent }}'
    problem = refusal(one_chapter(f"# Titre\n\n{{% call when_published() %}}\n{wrong}\n{{% endcall %}}\n"))
    assert "relaton" in problem.found


def test_a_chart_of_a_sentence_that_gives_way_leaves_no_table_behind(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    chart = '{% call chart("ranked", "startup.obstacles") %}\nTitre : Freins\n{% endcall %}'
    text = f"# Titre\n\n{{% call when_published() %}}\n{chart}\n{{{{ {YES} | percent }}}}\n{{% endcall %}}\n{chart}\n"
    hidden = with_value(inputs, None, suppressed=True, n=None, flag="u")
    assert len(write(one_chapter(text)).draft.charts) == 2
    assert [placed.number for placed in write(one_chapter(text, hidden)).draft.charts] == [1]


def test_a_place_that_too_few_answers_fill_is_withheld_not_a_fault(
    one_chapter: OneChapter, inputs: ReportInputs
) -> None:
    figures = inputs.figures.copy()
    rows = options_of(figures, inputs, "startup.obstacles", "share")
    figures.loc[rows[1:], ["value", "n"]] = None
    text = """# Titre

{% set named = ranking("startup.obstacles.share") %}
{{ named[0] | percent }}{% call when_published(" seul") %}, puis {{ named[1] | percent }}{% endcall %}
"""
    assert " seul" in text_of(one_chapter(text, figures))
    figures.loc[rows, ["value", "n"]] = None
    assert "publiées" in refusal(one_chapter(text, figures)).found


def test_the_guide_lists_what_prose_may_call(inputs: ReportInputs) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    jinja = environment(make_context(inputs), Draft())
    functions = {name for name, value in jinja.globals.items() if inspect.isroutine(value)}
    own = functions - set(jinja2.Environment().globals) - {"say", "explain", "verbatim", "question_label"}
    filters = set(jinja.filters) - set(jinja2.Environment().filters) - {"typeset", "linked"}
    assert "rank" in own and "interval" in filters
    assert {name for name in own if f"{name}(" not in guide} == set()
    assert {name for name in filters if f"| {name}`" not in guide} == set()


def test_a_reading_ends_with_its_interval(one_chapter: OneChapter, inputs: ReportInputs) -> None:
    figures = with_value(inputs, 0.95, low=0.921, high=0.974)
    text = '# Titre\n\n{% call chart("ranked", "startup.relation_12m") %}\nTitre : Relation\n{% endcall %}\n'
    reading = write(one_chapter(text, figures)).draft.charts[0].reading.replace("\u00a0", " ").replace("\u202f", " ")
    assert reading.startswith("95 % des répondants") and reading.endswith("(intervalle à 95 % : 92–97 %).")
