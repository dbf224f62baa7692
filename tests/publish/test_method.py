"""The method annex says what was done for this edition, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pandas as pd
import pytest

from observatory.editions.model import KnownMargins
from observatory.publish import annexes
from observatory.publish.annexes import counted
from observatory.publish.context import make_context
from observatory.publish.inputs import WEIGHTING_COLUMNS, ReportInputs
from observatory.publish.method import method_facts
from observatory.publish.prose import Draft, render_chapter

OneChapter = Callable[..., ReportInputs]


@pytest.fixture(scope="module")
def inputs(inputs: ReportInputs) -> ReportInputs:
    """The figures of all respondents, without categories: a tenth of the rows to read, and enough here."""
    return replace(inputs, figures=inputs.figures[inputs.figures["breakdown"].isin(["", "panel"])])


def annex(inputs: ReportInputs) -> str:
    """The annex as it is read, spaces made ordinary."""
    html = render_chapter(make_context(inputs), Draft(), "method", "A", annex=True).html
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", re.sub(r"</t[dh]>", " ", html))))


def own(inputs: ReportInputs) -> pd.Series[bool]:
    return inputs.figures["edition"] == inputs.edition.name


def weighted(inputs: ReportInputs, **more: Any) -> ReportInputs:
    row = {
        "audience": "startup",
        "known": True,
        "method": "raking",
        "strata": "secteur (registre, 30 juin 2025)",
        "margins": "secteur (registre, 2025-06-30) ; effectif (registre, 2025-06-30)",
        "respondents": 335,
        "population": 12000.0,
        "smallest_ratio": 0.5234,
        "largest_ratio": 2.31,
        "design_effect": 1.184,
    } | more
    return replace(inputs, weighting=pd.DataFrame([row], columns=list(WEIGHTING_COLUMNS)))


def test_without_margins_the_weights_are_said_to_be_one(inputs: ReportInputs) -> None:
    text = annex(inputs)
    assert text.count("aucune marge de la population n’est connue ; tous les poids valent un") == 2
    assert not re.search("calés|pondérées|effet de plan|Strates :", text)


def test_the_margins_used_are_named_with_what_they_did_to_the_weights(inputs: ReportInputs) -> None:
    text = annex(weighted(inputs))
    assert text.count("tous les poids valent un") == 1, "buyers are not weighted"
    assert "les réponses de 335 répondants sont pondérées pour représenter une population de 12 000" in text
    assert "Strates : secteur (registre, 30 juin 2025) ; dans chacune" in text
    assert "secteur (registre, 2025-06-30) ; effectif (registre, 2025-06-30) (méthode : raking ratio)" in text
    assert "de 0,52 à 2,31" in text and "effet de plan des poids est de 1,18" in text


def with_margins(inputs: ReportInputs) -> ReportInputs:
    """The same, of an edition that has margins of start-ups."""
    counts = [
        {"question": question, "counts": counts, "source": "registre", "date": dt.date(2025, 6, 30)}
        for question, counts in (("sector", {"industry": 1, "health": 2}), ("size", {"a": 1, "b": 1, "c": 1}))
    ]
    margins = KnownMargins.model_validate({"audience": "startup", "counts": counts})
    return replace(inputs, edition=inputs.edition.model_copy(update={"margins": {"startup": margins}}))


def test_the_file_of_the_margins_is_named(inputs: ReportInputs) -> None:
    assert "marges suivantes (margins/startup.yaml, 5 catégories en tout) : secteur" in annex(
        weighted(with_margins(inputs))
    )
    assert "marges suivantes : secteur" in annex(weighted(inputs))


def test_margins_that_were_not_used_are_not_said_to_be_unknown(inputs: ReportInputs) -> None:
    text = annex(with_margins(inputs))
    assert "l’édition a des marges de la population, qui n’ont pas servi à ces chiffres" in text
    assert text.count("aucune marge de la population n’est connue") == 1, "of buyers"


def test_of_strata_alone_nothing_is_said_of_calibration(inputs: ReportInputs) -> None:
    none = {"margins": "", "method": "", "smallest_ratio": None, "largest_ratio": None, "design_effect": None}
    text = annex(weighted(inputs, **none))
    assert "Strates :" in text
    assert not re.search("calés|méthode :|rapport du poids final|effet de plan", text)


def test_margins_that_were_not_known_are_no_weights(inputs: ReportInputs) -> None:
    assert annex(weighted(inputs, known=False)).count("tous les poids valent un") == 2


def test_answers_are_counted_at_each_step(inputs: ReportInputs) -> None:
    text = annex(inputs)
    assert "Réponses reçues 366 212" in text and "Répondants retenus 335 181" in text


def test_changes_that_nobody_tested_are_not_said_to_be_tested(inputs: ReportInputs) -> None:
    text = annex(replace(inputs, figures=inputs.figures.assign(low=None, high=None)))
    assert "La signification des évolutions n’a pas été calculée." in text
    assert "Aucun intervalle n’a été calculé." in text
    assert not re.search("Holm|Wilson|Student|significatives|stable", text)


def test_changes_tested_are_counted_with_those_that_are_significant(inputs: ReportInputs) -> None:
    figures = inputs.figures.copy()
    changes = own(inputs) & (figures["statistic"] == "change") & (figures["option"] != "")
    figures.loc[changes, ["low", "high"]] = None
    tested = figures.index[changes & figures["value"].notna() & (figures["breakdown"] == "")][:12]
    figures.loc[tested, ["low", "high", "flag"]] = [-0.1, 0.1, "n"]
    figures.loc[tested[:3], ["low", "high", "flag"]] = [0.01, 0.1, ""]
    text = annex(replace(inputs, figures=figures))
    assert "12 évolutions ont été testées, 3 sont significatives" in text
    assert "9 évolutions de parts publiées ne sont pas significatives (ns)" in text


def test_a_constant_panel_is_told_with_its_size_where_there_is_one(inputs: ReportInputs) -> None:
    panel = inputs.figures["breakdown"] == "panel"
    figures = inputs.figures.copy()
    figures.loc[panel & (figures["audience"] == "startup"), "n"] = 87
    assert "le panel constant, formé des répondants des deux éditions (87 au plus)" in annex(
        replace(inputs, figures=figures)
    )
    assert "panel" not in annex(replace(inputs, figures=inputs.figures[~panel]))


@pytest.mark.parametrize(
    ("statistic", "words"),
    [("share", "Wilson"), ("median", "loi binomiale"), ("total", "Student"), ("rank", "Rangs")],
)
def test_each_kind_of_interval_is_told_only_if_some_figure_has_it(
    inputs: ReportInputs, statistic: str, words: str
) -> None:
    kinds = {"total": {"total", "mean", "ratio"}}.get(statistic, {statistic})
    figures = inputs.figures.copy()
    figures.loc[figures["statistic"].isin(kinds), ["low", "high"]] = None
    assert words in annex(inputs)
    assert words not in annex(replace(inputs, figures=figures))


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("u", 0.5, "dont 4 signalés comme de fiabilité réduite (u)"),
        ("u", None, "4 ne le sont pas faute de base ou de précision suffisante (u)"),
        ("c", None, "4 ne le sont pas pour raison de confidentialité (c)"),
        ("b", None, "4 n’ont pas de valeur, à cause d’une rupture de série (b)"),
        ("e", 0.5, "4 sont estimés par pondération ou imputation (e)"),
        ("p", 0.5, "4 sont provisoires (p)"),
    ],
)
def test_each_rule_is_told_with_the_figures_that_it_touched_and_no_rule_that_touched_none(
    inputs: ReportInputs, flag: str, value: float | None, words: str
) -> None:
    figures = inputs.figures[own(inputs) & (inputs.figures["statistic"] == "share")].head(50).copy()
    figures[["value", "flag", "suppressed"]] = [0.5, "", False]
    assert words not in annex(replace(inputs, figures=figures))
    figures.loc[figures.index[:4], "value"] = value
    figures.loc[figures.index[:4], "flag"] = flag
    text = annex(replace(inputs, figures=figures))
    assert words in text
    assert "50 chiffres calculés" in text and f"{46 if value is None else 50} sont publiés" in text


def test_blanks_are_counted_among_those_who_were_shown_the_question(inputs: ReportInputs) -> None:
    responses = pd.DataFrame(
        [
            ("startup", "sector", "", 335, 330),
            ("startup", "obstacles", "", 200, 150),
            ("startup", "comment", "", 335, 20),  # no figure rests on it
            ("startup", "helps", "", 9, 1),  # shown to too few to say so
        ],
        columns=["audience", "question", "label", "shown", "answered"],
    )
    known = replace(inputs, responses=responses)
    (found,) = method_facts(make_context(known)).nonresponse
    assert (found.questions, found.least, found.most) == (2, pytest.approx(5 / 335), pytest.approx(1 / 4))
    assert "freins" in found.label
    questions = [q for asked in annexes.asked(make_context(known)) for part in asked.sections for q in part.questions]
    assert [re.sub(r"\s+", " ", q.blank) for q in questions if q.blank] == [
        "Posée à 335 répondants ; sans réponse : 1,5 %.",
        "Posée à 200 répondants ; sans réponse : 25,0 %.",
    ]


def test_in_english_too(inputs: ReportInputs) -> None:
    english = inputs.edition.config.model_copy(update={"languages": ("en",)})
    made = weighted(replace(inputs, edition=inputs.edition.model_copy(update={"config": english})))
    text = annex(made)
    assert "are weighted to stand for a population of 12,000" in text
    assert "no margin of the population is known" in text and "Holm" in text


def test_weighted_amounts_are_estimates_and_others_those_of_respondents(inputs: ReportInputs) -> None:
    def volumes(made: ReportInputs) -> str:
        return unescape(render_chapter(make_context(made), Draft(), "volumes").html).replace("\u00a0", " ")

    assert "ni une estimation nationale" in volumes(inputs) and "estimés à" not in volumes(inputs)
    buyers = volumes(weighted(inputs, audience="buyer", strata=""))
    assert "les achats auprès de start-up sont estimés à" in buyers
    assert "ni une estimation nationale" not in buyers and "Les start-up répondantes déclarent" in buyers


def test_the_annexes_of_method_and_of_provenance_count_alike(inputs: ReportInputs) -> None:
    figures = inputs.figures.copy()
    hidden = figures.index[own(inputs) & (figures["statistic"] == "change")][:7]
    # Broken and on a small base: a question's break says more than that it is withheld.
    figures.loc[hidden, ["value", "flag", "suppressed"]] = [None, "b", True]
    context = make_context(replace(inputs, figures=figures))
    rules, counts = method_facts(context).rules, counted(context)
    told = {name: int(re.sub(r"\D", "", count)) for name, count in counts.items()}
    assert told["published"] == rules.published and told["broken"] == rules.broken >= 7
    assert told["withheld"] == rules.withheld_quality + rules.withheld_confidentiality
    assert told["figures"] == rules.computed == told["published"] + told["broken"] + told["withheld"]
