"""Which answers are one respondent's.

Belongs here: what makes two answers one respondent's (SIREN, e-mail, the same answers, name), what speaks against it,
which of them counts, and what is left for the team to decide. Does not belong here: other reasons to remove a
respondent (respondents.py), rows under one id of a tool (ingest).

Start-ups: one answer a SIREN. Buyers: one a SIREN and declared perimeter; services of the State and entities of a group
share a SIREN, so without a perimeter it decides nothing. Where answers could join two respondents, nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from observatory.editions.model import Audience
from observatory.validate.routing import Rows

SIREN, EMAIL, NAME = "même SIREN", "même adresse électronique", "nom presque identique"
SAME = "mêmes réponses, même envoi"
"""Why two answers are one respondent's, as the team reads it."""

REMOVED, KEPT, OPEN = "removed", "kept", "open"
"""What becomes of an answer that has a twin; `open`: the team is to decide, and until then it counts."""

DUPLICATE_COLUMNS = {
    "group": "int64",
    "respondent": "str",
    "file": "str",
    "row": "int64",
    "situation": "str",
    "reason": "str",
    "kept": "str",
    "siren": "str",
    "organisation": "str",
    "perimeter": "str",
    "submitted_at": "str",
    "complete": "str",
    "answered": "int64",
    "decision": "str",
}

_ORDER = ["completeness", "submitted", "answered", "file", "row"]
"""Of two answers the later in this order counts."""


class _Link(NamedTuple):
    """Answers of one key are one respondent's unless the facts named contradict."""

    reason: str
    keys: pd.Series[str]
    facts: tuple[str, ...] = ()


def find_duplicates(
    audience: Audience, candidates: pd.DataFrame, wanted: Rows, decisions: pd.Series[str]
) -> pd.DataFrame:
    """One row an answer that has a twin, indexed like the candidates: DUPLICATE_COLUMNS.

    `candidates` has, beside those columns' own, `email`, `same` and `family` (keys, missing where there is none),
    `completeness` and `submitted`. `wanted` are the rows that the team keeps, `decisions` its word row by row.
    """
    links = _links(audience, candidates)
    groups = _groups(candidates, links)
    twins = candidates.loc[groups.index].assign(respondent_group=groups)
    twins = twins.sort_values(_ORDER, na_position="first", kind="stable")
    last = twins.groupby("respondent_group")["respondent"].transform("last")
    mine = pd.Series(wanted, index=candidates.index).reindex(twins.index)
    replaced = last[last.ne(twins["respondent"]) & ~mine]
    left = candidates.drop(index=replaced.index)
    undecided = _undecided(left, decisions)
    grouped = groups[groups.isin(groups[replaced.index])]
    listed = _numbered(grouped, undecided["bucket"])
    found = candidates.loc[listed.index].assign(group=listed, situation=KEPT, reason=undecided["reason"], kept=None)
    found.loc[undecided.index, "situation"] = OPEN
    found.loc[replaced.index, "situation"] = REMOVED
    found.loc[replaced.index, "kept"] = replaced
    found.loc[replaced.index, "reason"] = _reasons(replaced, candidates, groups, links)
    found["decision"] = decisions.reindex(found.index)
    found = found.sort_values(["group", *_ORDER], na_position="first", kind="stable")
    return found[list(DUPLICATE_COLUMNS)].astype(DUPLICATE_COLUMNS)


def _links(audience: Audience, candidates: pd.DataFrame) -> list[_Link]:
    """What ties answers together, the surest first."""
    siren, email, family = candidates["siren"], candidates["email"], candidates["family"]
    same = _Link(SAME, candidates["same"], ("siren", "email"))
    if audience == "startup":
        return [
            _Link(SIREN, siren),
            same,
            _Link(EMAIL, email, ("siren",)),
            _Link(NAME, family, ("siren", "email")),
        ]
    perimeter = candidates["perimeter"]
    return [
        _Link(SIREN, _both(siren, perimeter)),
        same,
        _Link(EMAIL, _both(email, perimeter), ("siren",)),
        _Link(EMAIL, email, ("siren", "perimeter")),
        _Link(NAME, _both(family, perimeter), ("siren", "email")),
    ]


def _both(one: pd.Series[str], other: pd.Series[str]) -> pd.Series[str]:
    return one + "\x1f" + other


_Roots = dict[int, int]
"""Rows tied together, each under another of its group; the first under itself."""


def _root(roots: _Roots, row: int) -> int:
    while roots.setdefault(row, row) != row:
        roots[row] = row = roots[roots[row]]
    return row


def _tie(roots: _Roots, row: int, other: int) -> None:
    low, high = sorted((_root(roots, row), _root(roots, other)))
    roots[high] = low


def _tied(roots: _Roots) -> pd.Series[int]:
    """The first row of its group, for each row, in order."""
    return pd.Series({row: _root(roots, row) for row in sorted(roots)}, dtype="int64")


def _groups(candidates: pd.DataFrame, links: Sequence[_Link]) -> pd.Series[int]:
    """For each answer that has a twin, the first answer of its respondent."""
    buckets = [(link, _shared(link.keys)) for link in links]
    involved = sorted({row for _, found in buckets for rows in found for row in rows})
    facts = {name: _told(candidates.loc[involved, name]) for name in ("siren", "email", "perimeter")}
    roots: _Roots = {}
    for link, found in buckets:
        for rows in found:
            heads = sorted({_root(roots, row) for row in rows})
            if any(_contradict(facts[name][head] for head in heads) for name in link.facts):
                continue
            for head in heads[1:]:
                roots[head] = heads[0]
                for told in facts.values():
                    told[heads[0]] |= told[head]
    groups = _tied(roots)
    return groups[groups.duplicated(keep=False)]


def _told(values: pd.Series[str]) -> dict[int, frozenset[str]]:
    sets = [frozenset({value} if isinstance(value, str) else ()) for value in values]
    return dict(zip(map(int, values.index), sets, strict=True))


def _shared(keys: pd.Series[str]) -> list[list[int]]:
    """The rows of each key that several have, keys in order: the files' order decides nothing."""
    several = keys[keys.notna() & keys.duplicated(keep=False)]
    return [list(rows) for _, rows in sorted(several.groupby(several).groups.items())]


def _contradict(sets: Iterable[frozenset[str]]) -> bool:
    told = [values for values in sets if values]
    return bool(told) and not frozenset.intersection(*told)


def _reasons(
    replaced: pd.Series[str], candidates: pd.DataFrame, groups: pd.Series[int], links: Sequence[_Link]
) -> pd.Series[str]:
    """Why each answer replaced is the same respondent's as the one kept, directly or through others."""
    position = dict(zip(candidates.loc[groups.index, "respondent"], groups.index, strict=True))
    kept = replaced.map(position)
    direct = pd.Series(pd.NA, index=replaced.index, dtype="str")
    through = pd.Series("", index=replaced.index, dtype="str")
    for link in links:
        own, others = link.keys[replaced.index], link.keys[kept].set_axis(replaced.index)
        direct = direct.mask(direct.isna() & own.eq(others).fillna(False).astype(bool), link.reason)
        keyed = link.keys[groups.index]
        again = keyed.notna() & (groups.astype("str") + "\x1f" + keyed).duplicated(keep=False)
        tied = again.loc[replaced.index] & ~through.str.contains(link.reason, regex=False)
        through = through.mask(tied, through.mask(through.ne(""), through + ", ") + link.reason)
    return direct.fillna(through + " (de proche en proche)")


def _undecided(left: pd.DataFrame, decisions: pd.Series[str]) -> pd.DataFrame:
    """The answers left that may be one respondent's, of which at least one has no decision: `reason`, `bucket`."""
    reasons: dict[int, list[str]] = defaultdict(list)
    roots: _Roots = {}
    siren = left["siren"]
    for reason, keys in ((SIREN, siren), (EMAIL, left["email"]), (NAME, left["family"])):
        for rows in _shared(keys):
            sirens = siren[rows]
            if reason != SIREN and sirens.notna().all() and sirens.is_unique:
                continue
            for row in rows:
                reasons[row].append(reason)
                _tie(roots, rows[0], row)
    found = pd.DataFrame({"reason": pd.Series({row: ", ".join(reasons[row]) for row in sorted(reasons)}, dtype="str")})
    found["bucket"] = _tied(roots)
    waiting = found.loc[decisions.reindex(found.index).isna(), "bucket"]
    return found[found["bucket"].isin(waiting)]


def _numbered(groups: pd.Series[int], undecided: pd.Series[int]) -> pd.Series[int]:
    """The number, from 1, under which an answer is listed with all that it is or may be one with."""
    roots: _Roots = {}
    for tied in (groups, undecided):
        for row, other in zip(tied.index, tied, strict=True):
            _tie(roots, int(row), int(other))
    first = _tied(roots).reindex(groups.index.union(undecided.index))
    return pd.Series(pd.factorize(first)[0] + 1, index=first.index, dtype="int64")
