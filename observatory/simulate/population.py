"""The fictitious firms that answer, and what they truly buy, sell and earn.

Belongs here: who answers which edition (a panel that comes and goes), each firm's
identity, latent traits and amounts, the same whatever edition reports them. Does not
belong here: what a questionnaire asks (answers.py), mistakes made in answering (flaws.py).

Amounts are keyed by question id; an edition that asks none of them simply uses none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from stdnum import luhn

from observatory.editions.model import Audience
from observatory.simulate.shares import AudienceShares, LogNormal, Shares
from observatory.simulate.streams import Flags, Floats, Ints, Objects, cumulative, stream

FICTITIOUS_PREFIX = "000"
"""No real SIREN starts so: the identifiers are valid by their check digit and plainly made up."""

_MEMORY = 6
KNOWN_AMOUNTS: dict[Audience, frozenset[str]] = {
    "startup": frozenset(
        f"{name}_{year}" for name in ("revenue_total", "revenue_large", "contracts") for year in ("first", "last")
    )
    | {"revenue_share_public", "revenue_share_large_groups"},
    "buyer": frozenset(
        f"{name}_{year}" for name in ("total_purchases", "startup_purchases", "contracts") for year in ("first", "last")
    )
    | {"startup_purchase_share"},
}
"""The questions `amounts` has a value for."""

_STARTED_SINCE = 0.08
"""Share of the smaller of this year's buyers that bought nothing in the first reference year."""

_UNSURE_OF_SHARE = (0.04, 0.16)
"""Who does not know the share of purchases from start-ups: among those who bought, and the others."""

_SIREN_NUMBERS = (10_000, 100_000)
_LARGEST = 6
_LARGEST_WISH = 2.5


@dataclass(frozen=True)
class Firms:
    """The firms of one wave; every array has one entry a firm, in the order of `number`.

    number  place in the universe, the same in every edition
    siren   9 digits as text
    group   group of choices the firm belongs to ('public', 'private'), '' where the audience has none
    traits  latent scores (standard normal) by name: size, appetite for start-ups, mood
    """

    audience: Audience
    year: int
    number: Ints
    siren: Objects
    group: Objects
    traits: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.number)


def firms(audience: Audience, year: int, shares: Shares, seed: int) -> Firms:
    """The firms that answer the edition of that year: a given firm keeps its identity and traits in every edition."""
    known = shares.audiences[audience]
    traits = {name: _permuted_scores(known.universe, seed, audience, name) for name in ("size", "appetite", "mood")}
    group = _groups(audience, known, seed)
    number = np.sort(np.argsort(-_wish(audience, year, known, group, traits, seed))[: known.respondents])
    return Firms(
        audience=audience,
        year=year,
        number=number,
        siren=_sirens(audience, shares, seed)[number],
        group=group[number],
        traits={name: scores[number] for name, scores in traits.items()},
    )


def amounts(
    population: Firms, profile: dict[str, Objects], years: tuple[int, int], shares: Shares, seed: int
) -> dict[str, Floats]:
    """What each firm would answer to the amounts it is known for, by question id, and the shares behind brackets.

    `profile` holds the answers already drawn: codes by question id. EUR, contracts, or shares from 0 to 1; NaN where
    the firm can't tell.
    """
    known = shares.audiences[population.audience]
    build = _buyer_amounts if population.audience == "buyer" else _startup_amounts
    return build(population, profile, years, known, shares.origin_year, seed)


def _permuted_scores(universe: int, seed: int, *names: str) -> Floats:
    """Normal scores in random order, evenly spread whatever the seed: the extremes are never missing."""
    grid = np.linspace(-4, 4, 8001)
    scores = np.interp((np.arange(universe) + 0.5) / universe, cumulative(grid), grid)
    return np.asarray(stream(seed, *names).permutation(scores))


def _groups(audience: Audience, known: AudienceShares, seed: int) -> Objects:
    """Each firm's group, in the declared shares exactly."""
    if not known.groups:
        return np.array([""] * known.universe, dtype=object)
    bounds = np.cumsum(list(known.groups.values()))
    places = (np.arange(known.universe) + 0.5) / known.universe * bounds[-1]
    ordered = np.array(list(known.groups), dtype=object)[np.searchsorted(bounds, places)]
    return np.asarray(stream(seed, audience, "group").permutation(ordered))


def _wish(
    audience: Audience, year: int, known: AudienceShares, group: Objects, traits: dict[str, Floats], seed: int
) -> Floats:
    """How much each firm wishes to answer that year: a moving average, so that about half of them return."""
    wish = np.zeros(known.universe)
    for back in range(_MEMORY):
        wish += known.loyalty**back * stream(seed, audience, "wish", str(year - back)).standard_normal(known.universe)
    for name in known.groups:
        members = np.flatnonzero(group == name)
        wish[members[np.argsort(-traits["size"][members])[:_LARGEST]]] += _LARGEST_WISH
    return wish


def _sirens(audience: Audience, shares: Shares, seed: int) -> Objects:
    """One valid, fictitious SIREN a firm; no two audiences share one."""
    first = 0
    for other, known in sorted(shares.audiences.items()):
        if other == audience:
            break
        first += known.universe
    numbers = stream(seed, "siren").permutation(np.arange(*_SIREN_NUMBERS))[
        first : first + shares.audiences[audience].universe
    ]
    bodies = [f"{FICTITIOUS_PREFIX}{number:05d}" for number in numbers]
    return np.array([body + luhn.calc_check_digit(body) for body in bodies], dtype=object)


def _yearly(population: Firms, name: str, year: int, seed: int) -> Floats:
    """A score of one firm in one calendar year, the same in the two editions that ask about that year."""
    universe = int(population.number.max()) + 1
    return stream(seed, population.audience, name, str(year)).standard_normal(universe)[population.number]


def _level(population: Firms, name: str, known: LogNormal, year: int, origin: int, seed: int) -> Floats:
    """An amount of each firm in one year."""
    own = stream(seed, population.audience, "level", name).standard_normal(int(population.number.max()) + 1)
    score = known.size_load * population.traits["size"] + np.sqrt(1 - known.size_load**2) * own[population.number]
    score = np.clip(score, -known.ceiling, known.ceiling)
    noise = known.noise * _yearly(population, name, year, seed)
    return np.asarray(known.median * np.exp(known.spread * score + noise) * known.growth.factor(origin, year))


def _rounded(values: Floats) -> Floats:
    """Three significant digits, as people type amounts."""
    digits = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(values, 1.0))) - 2, 0)
    return np.asarray(np.round(values / digits) * digits)


def _contracts(purchases: Floats, size: Floats) -> Floats:
    """Contracts behind an amount: at least one where something was bought."""
    return np.where(purchases > 0, np.maximum(1.0, np.round(purchases / size)), 0.0)


def _active(population: Firms, profile: dict[str, Objects]) -> Flags:
    """Firms that had a relation in the year, where they are asked."""
    relation = profile.get("relation_12m")
    return np.ones(len(population), dtype=bool) if relation is None else np.asarray(relation == "yes")


def _told(population: Firms, known: AudienceShares, active: Flags, seed: int) -> Flags:
    """Firms that can tell their amounts."""
    chance = np.where(active, known.reporting.active, known.reporting.otherwise)
    return stream(seed, population.audience, "told", str(population.year)).random(len(population)) < chance


def _buyer_amounts(
    population: Firms,
    profile: dict[str, Objects],
    years: tuple[int, int],
    known: AudienceShares,
    origin: int,
    seed: int,
) -> dict[str, Floats]:
    rng = stream(seed, population.audience, "recent", str(population.year))
    bought = _active(population, profile)
    bought_first = bought & ((population.traits["size"] > 0) | (rng.random(len(population)) > _STARTED_SINCE))
    told = _told(population, known, bought, seed)
    factor = np.array(
        [known.category_factor.get(code, 1.0) for code in profile.get("buyer_category", population.group)]
    )
    values: dict[str, Floats] = {}
    for year, suffix, active in zip(years, ("first", "last"), (bought_first, bought), strict=True):
        total = _rounded(factor * _grouped(population, "total_purchases", known, year, origin, seed))
        rate = np.minimum(_grouped(population, "startup_rate", known, year, origin, seed), 0.5)
        purchases = np.where(active, _rounded(total * rate), 0.0)
        contract = _level(population, "contract", known.amounts["contract"], year, origin, seed)
        values[f"total_purchases_{suffix}"] = total
        values[f"startup_purchases_{suffix}"] = purchases
        values[f"contracts_{suffix}"] = _contracts(purchases, contract)
    share = values["startup_purchases_last"] / values["total_purchases_last"]
    values = {name: np.where(told, value, np.nan) for name, value in values.items()}
    unsure = rng.random(len(population)) < np.where(bought, *_UNSURE_OF_SHARE)
    return values | {"startup_purchase_share": np.where(unsure, np.nan, share)}


def _grouped(population: Firms, name: str, known: AudienceShares, year: int, origin: int, seed: int) -> Floats:
    """An amount whose distribution differs between groups: `<name>_<group>` in shares.yaml."""
    values = np.zeros(len(population))
    for group in known.groups:
        members = population.group == group
        values[members] = _level(population, name, known.amounts[f"{name}_{group}"], year, origin, seed)[members]
    return values


def _startup_amounts(
    population: Firms,
    profile: dict[str, Objects],
    years: tuple[int, int],
    known: AudienceShares,
    origin: int,
    seed: int,
) -> dict[str, Floats]:
    active = _active(population, profile)
    told = _told(population, known, active, seed)
    public = _proportion(population, "public_share", known, active, seed)
    groups = np.minimum(_proportion(population, "large_group_share", known, active, seed), 1 - public)
    values: dict[str, Floats] = {}
    for year, suffix in zip(years, ("first", "last"), strict=True):
        revenue = _rounded(_level(population, "revenue_total", known.amounts["revenue_total"], year, origin, seed))
        drift = 1.0 if suffix == "last" else np.exp(-0.1 + 0.2 * _yearly(population, "large_drift", year, seed))
        large = np.minimum(_rounded(revenue * np.minimum((public + groups) * drift, 1.0)), revenue)
        contract = _level(population, "contract", known.amounts["contract"], year, origin, seed)
        values[f"revenue_total_{suffix}"] = revenue
        values[f"revenue_large_{suffix}"] = large
        values[f"contracts_{suffix}"] = _contracts(large, contract)
    values = {name: np.where(told, value, np.nan) for name, value in values.items()}
    return values | {"revenue_share_public": public, "revenue_share_large_groups": groups}


def _proportion(population: Firms, name: str, known: AudienceShares, active: Flags, seed: int) -> Floats:
    """A share of revenue: the declared distribution over all firms, most of those without relation being at zero."""
    distribution = known.proportions[name]
    low, high, weights = (np.array(column) for column in zip(*distribution.parts, strict=True))
    weights = weights / weights.sum()
    idle = np.array([distribution.inactive_zero, 1 - distribution.inactive_zero, *[0.0] * (len(weights) - 2)])
    among_active = np.maximum(weights - (1 - active.mean()) * idle, 0.001)
    among_active /= among_active.sum()
    own = stream(seed, population.audience, "level", name).standard_normal(int(population.number.max()) + 1)
    uniform = cumulative(own[population.number])
    bounds = np.where(active[:, None], np.cumsum(among_active), np.cumsum(idle))
    place = np.minimum((uniform[:, None] > bounds).sum(axis=1), len(weights) - 1)
    within = stream(seed, population.audience, "within", name).random(int(population.number.max()) + 1)
    return np.asarray(low[place] + (high - low)[place] * within[population.number])
