"""Who answers: identities, the panel from one edition to the next, amounts that hold together."""

from __future__ import annotations

import numpy as np
import pytest
from stdnum.fr import siren

from observatory.editions.model import Audience
from observatory.simulate.population import FICTITIOUS_PREFIX, amounts, firms
from observatory.simulate.shares import Shares

YEAR, SEED = 2024, 11


@pytest.mark.parametrize("audience", ["startup", "buyer"])
def test_as_many_firms_as_declared_with_valid_fictitious_sirens(audience: Audience, shares: Shares) -> None:
    population = firms(audience, YEAR, shares, SEED)
    assert len(population) == len(set(population.siren)) == shares.audiences[audience].respondents
    assert all(siren.is_valid(number) and number.startswith(FICTITIOUS_PREFIX) for number in population.siren)


def test_no_siren_is_both_startup_and_buyer(shares: Shares) -> None:
    startups, buyers = (firms(audience, YEAR, shares, SEED) for audience in ("startup", "buyer"))
    assert not set(startups.siren) & set(buyers.siren)


@pytest.mark.parametrize("audience", ["startup", "buyer"])
def test_about_half_of_the_panel_returns_with_the_same_siren(audience: Audience, shares: Shares) -> None:
    now, next_year = (firms(audience, year, shares, SEED) for year in (YEAR, YEAR + 1))
    returning = set(now.number) & set(next_year.number)
    assert 0.4 < len(returning) / len(now) < 0.7
    sirens = [dict(zip(wave.number, wave.siren, strict=True)) for wave in (now, next_year)]
    assert all(sirens[0][number] == sirens[1][number] for number in returning)


def test_two_editions_report_the_same_amount_of_the_year_they_share(shares: Shares) -> None:
    def told(year: int, suffix: str) -> dict[int, float]:
        population = firms("buyer", year, shares, SEED)
        reference_years = (year - 2, year - 1)
        values = amounts(population, {}, reference_years, shares, SEED)[f"total_purchases_{suffix}"]
        return dict(zip(population.number.tolist(), values.tolist(), strict=True))

    before, after = told(YEAR, "last"), told(YEAR + 1, "first")
    both = [n for n in before.keys() & after.keys() if not np.isnan(before[n] + after[n])]
    assert both
    assert all(before[number] == after[number] for number in both)


def test_startup_purchases_stay_below_the_total_and_grow(shares: Shares) -> None:
    population = firms("buyer", YEAR, shares, SEED)
    values = amounts(population, {}, (YEAR - 2, YEAR - 1), shares, SEED)
    for suffix in ("first", "last"):
        told = ~np.isnan(values[f"total_purchases_{suffix}"])
        assert (values[f"startup_purchases_{suffix}"] <= values[f"total_purchases_{suffix}"])[told].all()
    assert np.nansum(values["startup_purchases_last"]) > np.nansum(values["startup_purchases_first"])


@pytest.mark.parametrize("seed", range(5))
def test_rates_and_concentration_come_near_the_published_ones(seed: int, shares: Shares) -> None:
    population = firms("buyer", shares.origin_edition, shares, seed)
    years = (shares.origin_year - 1, shares.origin_year)
    values = amounts(population, {}, years, shares, seed)
    purchases, total = values["startup_purchases_last"], values["total_purchases_last"]
    private = (population.group == "private") & ~np.isnan(total)
    public = (population.group == "public") & ~np.isnan(total)
    ordered = np.sort(purchases[private])[::-1]
    assert 0.015 < np.median(purchases[private] / total[private]) < 0.045
    assert 0.25 < ordered[:5].sum() / ordered.sum() < 0.65
    assert 0.006 < purchases[public].sum() / total[public].sum() < 0.025
