"""Plausible figures for any edition, made from its indicators alone, so that publish is tested without a pipeline.

A row is a row of the table of figures. Bases below the edition's minimum are suppressed as aggregate does. Intervals,
tests and ranks have the shape of the real ones and are worked out roughly.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import pandas as pd

from observatory.editions.model import Edition, Indicator, Question
from observatory.figure_table import FIGURE_COLUMNS

RESPONDENTS = {"startup": 335, "buyer": 181}


def synthetic_figures(editions: list[Edition]) -> pd.DataFrame:
    """The figures of these editions, oldest first, with the changes that their lineages allow."""
    return with_precision(_without_precision(editions), editions)


def _without_precision(editions: list[Edition]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for edition in editions:
        earlier = {(row["indicator"], row["breakdown"], row["category"], row["option"]): row for row in rows
                   if row["edition"] == edition.config.previous and row["statistic"] == "share"}  # fmt: skip
        own = [row for indicator in edition.indicators for row in _of_indicator(edition, indicator)]
        rows += own + _changes(edition, own, earlier)
    return pd.DataFrame(rows, columns=list(FIGURE_COLUMNS))


def _random(*parts: str) -> random.Random:
    return random.Random("/".join(parts))


def _domains(edition: Edition, indicator: Indicator) -> list[tuple[str, str, int]]:
    questionnaire = edition.questionnaires[indicator.audience]
    whole = RESPONDENTS[indicator.audience] - (40 if indicator.perimeter else 0)
    domains = [("", "", whole)]
    for name in questionnaire.strata if indicator.breakdowns is None else indicator.breakdowns:
        codes = [choice.code for choice in edition.choices(questionnaire.question(name))]
        weights = [_random(name, code).random() ** 2 for code in codes]
        domains += [
            (name, code, round(whole * weight / sum(weights))) for code, weight in zip(codes, weights, strict=True)
        ]
    return domains


def _row(edition: Edition, indicator: Indicator, domain: tuple[str, str, int], **more: Any) -> dict[str, Any]:
    breakdown, category, n = domain
    hidden = n < edition.config.thresholds.minimum_base
    low = n < edition.config.thresholds.low_base
    row: dict[str, Any] = {
        "edition": edition.name,
        "audience": indicator.audience,
        "indicator": indicator.id,
        "breakdown": breakdown,
        "category": category,
        "option": "",
        "label": edition.text(indicator.label),
        "low": None,
        "high": None,
        "n": n,
        "reference_year": None,
        "perimeter": edition.text(indicator.perimeter) if indicator.perimeter else "",
        "vintage": edition.name,
        "flag": "c" if hidden else "u" if low else "",
        "suppressed": hidden,
        "provenance": "synthetic",
    } | more
    if hidden:
        row |= {"value": None, "n": None}
    row["n_eff"] = row["n"]
    place = f"{breakdown}={category}" if breakdown else ""
    parts = [edition.name, f"{indicator.id}.{row['statistic']}", place, row["option"], str(row["reference_year"] or "")]
    row["figure_id"] = "/".join(part for part in parts if part)
    return row


def _of_indicator(edition: Edition, indicator: Indicator) -> list[dict[str, Any]]:
    questionnaire = edition.questionnaires[indicator.audience]
    rows = []
    for domain in _domains(edition, indicator):
        if indicator.kind == "respondents":
            rows.append(_row(edition, indicator, domain, statistic="count", value=float(domain[2]), unit="respondents"))
        elif indicator.kind == "distribution" and indicator.question is not None:
            rows += _distribution(edition, indicator, questionnaire.question(indicator.question), domain)
        else:
            rows += _amounts(edition, indicator, domain)
    return rows


def _distribution(
    edition: Edition, indicator: Indicator, question: Question, domain: tuple[str, str, int]
) -> list[dict[str, Any]]:
    choices = edition.choices(question)
    several = question.type in {"multiple", "ranking"}
    weights = []
    for choice in choices:
        weight = 0.08 + _random(indicator.id, choice.code).random()
        if choice.code == "other" or choice.exclusive or not choice.substantive:
            weight *= 0.2
        weights.append(weight * (0.85 + 0.3 * _random(edition.name, indicator.id, choice.code, *domain[:2]).random()))
    rows = []
    for choice, weight in zip(choices, weights, strict=True):
        share = min(0.9, weight * 0.6) if several else weight / sum(weights)
        count = round(share * domain[2])
        more = {"option": choice.code, "label": edition.text(choice.label)}
        value = count / domain[2] if domain[2] else None
        rows.append(_row(edition, indicator, domain, statistic="share", value=value, unit="share", **more))
        rows.append(_row(edition, indicator, domain, statistic="count", value=float(count), unit="respondents", **more))
    return rows


def _amounts(edition: Edition, indicator: Indicator, domain: tuple[str, str, int]) -> list[dict[str, Any]]:
    rows = []
    base = domain[2] * 9 // 10
    for year in edition.reference_years:
        noise = 0.9 + 0.2 * _random(edition.name, indicator.id, str(year), *domain[:2]).random()
        for statistic in indicator.computed:
            if indicator.kind == "rate":
                value, unit = {"ratio": 0.025, "mean": 0.034, "median": 0.021}[statistic] * noise, "share"
            else:
                mean = (11.5e6 if "contracts" not in indicator.id else 9.0) * noise
                value = {"total": mean * base, "mean": mean, "median": mean * 0.4}[statistic]
                value, unit = float(round(value)), indicator.unit or "EUR"
            rows.append(
                _row(
                    edition,
                    indicator,
                    (*domain[:2], base),
                    statistic=statistic,
                    value=value,
                    unit=unit,
                    reference_year=year,
                )
            )
    if indicator.kind == "amount" and len(indicator.questions) > 1:
        growth = 0.3 * _random(edition.name, indicator.id, "growth", *domain[:2]).random() - 0.05
        last = edition.reference_years[-1]
        more = {"statistic": "change", "value": growth, "unit": "share", "reference_year": last}
        rows.append(_row(edition, indicator, (*domain[:2], base * 4 // 5), **more))
    return rows


def _changes(
    edition: Edition, own: list[dict[str, Any]], earlier: dict[tuple[str, str, str, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = []
    for row in own:
        if row["statistic"] != "share" or row["suppressed"]:
            continue
        indicator = edition.indicator(row["indicator"])
        if indicator.question is None:
            continue
        lineage = edition.questionnaires[indicator.audience].question(indicator.question).lineage
        before = earlier.get((row["indicator"], row["breakdown"], row["category"], row["option"]))
        broken = lineage is not None and not lineage.allows_change
        if lineage is None or (before is None and not broken):
            continue
        known = not broken and before is not None and before["value"] is not None
        rows.append(
            row
            | {
                "figure_id": row["figure_id"].replace(".share", ".change"),
                "statistic": "change",
                "value": row["value"] - before["value"] if known and before is not None else None,
                "flag": "b" if broken else "",
            }
        )
    return rows


_Z = NormalDist().inv_cdf(0.975)


def with_precision(table: pd.DataFrame, editions: Sequence[Edition]) -> pd.DataFrame:
    """The same figures with intervals; changes tested, those of a constant panel beside them; ranks."""
    rows: list[dict[str, Any]] = table.astype(object).where(table.notna(), None).to_dict("records")
    shares = {_place(row): row for row in rows if row["statistic"] == "share"}
    several = {
        (edition.name, item.id)
        for edition in editions
        for item in edition.indicators
        if item.question is not None
        and edition.questionnaires[item.audience].question(item.question).type in {"multiple", "ranking"}
    }
    previous = {edition.name: edition.config.previous for edition in editions}
    families: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    added: list[dict[str, Any]] = []
    for row in rows:
        if row["value"] is None or row["n"] is None:
            continue
        if row["statistic"] == "share":
            row["low"], row["high"] = _wilson(row["value"], row["n"])
        elif row["statistic"] in {"mean", "median", "ratio", "total"}:
            spread = _Z * 1.1 / math.sqrt(row["n"])
            row["low"], row["high"] = row["value"] * max(0, 1 - spread), row["value"] * (1 + spread)
        elif row["statistic"] == "change" and row["option"]:
            now = shares[_place(row)]
            before = shares.get((previous[row["edition"]], *_place(row)[1:]))
            if before is None or before["value"] is None:
                continue
            error = math.sqrt(sum(_variance(side["value"], side["n"]) for side in (now, before)))
            row["low"], row["high"] = row["value"] - _Z * error, row["value"] + _Z * error
            families.setdefault(_place(row)[:4], []).append(row | {"p": _two_sided(row["value"], error), "row": row})
            if not row["breakdown"]:
                added.append(_of_panel(row, error))
    for family in families.values():
        _holm(family)
    for place in dict.fromkeys(_place(row)[:4] for row in shares.values() if _place(row)[:2] in several):
        if not place[2]:
            added += _ranks([row for key, row in shares.items() if key[:4] == place])
    return pd.DataFrame([*rows, *added], columns=list(FIGURE_COLUMNS))


def _place(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("edition", "indicator", "breakdown", "category", "option"))


def _variance(share: float, n: float) -> float:
    return max(share * (1 - share), 0.01) / n


def _wilson(share: float, n: float) -> tuple[float, float]:
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def _two_sided(value: float, error: float) -> float:
    return 2 * (1 - NormalDist().cdf(abs(value) / error))


def _holm(family: list[dict[str, Any]]) -> None:
    """Flags every change of one question that is not significant."""
    rejecting = True
    for position, test in enumerate(sorted(family, key=lambda test: test["p"])):
        rejecting = rejecting and test["p"] <= 0.05 / (len(family) - position)
        if not rejecting:
            test["row"]["flag"] += "n"


def _of_panel(row: dict[str, Any], error: float) -> dict[str, Any]:
    """The change among a third of the respondents, flagged as that of all."""
    n = row["n"] // 3
    value = row["value"] * 0.8
    return row | {
        "figure_id": f"{row['edition']}/{row['indicator']}.change/panel=constant/{row['option']}",
        "breakdown": "panel",
        "category": "constant",
        "value": value,
        "low": value - _Z * error,
        "high": value + _Z * error,
        "n": n,
        "flag": "" if abs(value) > 1.5 * _Z * error else "n",
    }


def _ranks(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rank of each option of a question, with the best and the worst where intervals overlap."""
    known = [row for row in options if row["value"] is not None]
    return [
        row
        | {
            "figure_id": row["figure_id"].replace(".share", ".rank"),
            "statistic": "rank",
            "unit": "rank",
            "value": float(1 + sum(other["value"] > row["value"] for other in known)),
            "low": float(1 + sum(other["low"] > row["high"] for other in known)),
            "high": float(len(known) - sum(other["high"] < row["low"] for other in known)),
        }
        for row in known
    ]
