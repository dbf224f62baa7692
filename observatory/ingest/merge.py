"""Several files of one audience become one list of respondents, each counted once.

Belongs here: the stable key of a respondent, snapshots of one growing survey. Does not
belong here: duplicates by SIREN or e-mail (validate).

Two files are snapshots of one survey when the same tool wrote them under the same
headings and the ids they share stand for the same answers. Small ids (1, 2, 3…) of two
surveys that merely look alike stay apart.

Corrections name respondents by key, so a key depends on its respondent's own rows alone,
never on the order, the dates or the growth of other files: an id that counts (1, 2, 3…)
is completed by what the first snapshot tells of the respondent, the SIREN or else the
whole row.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from observatory.ingest.assemble import Sheet, short_hash
from observatory.ingest.tools.form import Form
from observatory.ingest.wording import normalise
from observatory.problems import Problem

_LONG_ID = 8
"""From this length on, an id that is no counter is taken to be unique across surveys."""

_COUNTER = re.compile(r"\D*0*\d{1,6}")
"""`12`, `R0000012`, `réponse 12`: what every survey has, however long."""


class Place(NamedTuple):
    """One row of one file: positions in the list of sheets and in the sheet."""

    sheet: int
    row: int


@dataclass(frozen=True)
class Merged:
    """Who is kept, in the order of files and rows, with `keys`; `replaced`: each row left out, with the one kept."""

    kept: tuple[Place, ...]
    keys: tuple[str, ...]
    replaced: tuple[tuple[str, Place, Place], ...]
    warnings: tuple[Problem, ...]


def merge(sheets: Sequence[Sheet]) -> Merged:
    """Each respondent once; where several rows are the same respondent, the latest is kept."""
    warnings: list[Problem] = []
    ids = [_trusted_ids(sheet.form, warnings) for sheet in sheets]
    if len(sheets) == 1 and (alone := _all_apart(ids[0])):
        keys = tuple(_key(sheets[0], row, id) for row, id in enumerate(alone))
        return Merged(tuple(Place(0, row) for row in range(len(keys))), keys, (), tuple(warnings))
    oldest_first = sorted(range(len(sheets)), key=lambda index: _age(sheets[index]))
    ages = {sheet: age for age, sheet in enumerate(oldest_first)}
    chosen: dict[str, Place] = {}
    replaced: list[tuple[str, Place, Place]] = []
    for key, places in _respondents(sheets, ids).items():
        latest = max(places, key=lambda place: (_moment(sheets, place), ages[place.sheet], place.row))
        chosen[key] = latest
        replaced += [(key, place, latest) for place in places if place != latest]
    order = sorted(chosen.items(), key=lambda item: (item[1].sheet, item[1].row))
    return Merged(
        kept=tuple(place for _, place in order),
        keys=tuple(key for key, _ in order),
        replaced=tuple(sorted(replaced, key=lambda item: (item[1].sheet, item[1].row))),
        warnings=tuple(warnings),
    )


def _all_apart(ids: Sequence[str | None]) -> list[str]:
    """The ids of one file if they already tell all its rows apart, which most do; else none."""
    present = [id for id in ids if id is not None]
    return present if len(set(present)) == len(ids) else []


def _respondents(sheets: Sequence[Sheet], ids: Sequence[Sequence[str | None]]) -> dict[str, list[Place]]:
    """Every row of every file under the key of its respondent."""
    found: dict[str, list[Place]] = defaultdict(list)
    by_id: dict[tuple[int, str, str | None], list[Place]] = defaultdict(list)
    surveys = _surveys(sheets, ids)
    apart = _repeated(sheets, ids, surveys)
    for index, sheet in enumerate(sheets):
        seen: Counter[str] = Counter()
        for row, id in enumerate(ids[index]):
            if id is not None:
                survey = surveys[index]
                siren = sheet.sirens[row] if (survey, id) in apart else None
                by_id[survey, id, siren].append(Place(index, row))
                continue
            content = sheet.content[row]
            seen[content] += 1
            found[short_hash(f"{content}\x1f{seen[content]}")].append(Place(index, row))
    firsts = {respondent: _first(sheets, places) for respondent, places in by_id.items()}
    keys = {respondent: _key(sheets[first.sheet], first.row, respondent[1]) for respondent, first in firsts.items()}
    shared = Counter(keys.values())
    for respondent, places in by_id.items():
        key, first = keys[respondent], firsts[respondent]
        if shared[key] > 1:
            # The same id and SIREN in two surveys: only the same row is the same respondent.
            key = short_hash(f"{key}\x1f{sheets[first.sheet].content[first.row]}")
        found[key] += places
    return found


def _repeated(
    sheets: Sequence[Sheet], ids: Sequence[Sequence[str | None]], surveys: Sequence[int]
) -> set[tuple[int, str]]:
    """Surveys with their ids that stand for two SIRENs within one file, which no snapshot explains."""
    found = set()
    for sheet, survey, present in zip(sheets, surveys, ids, strict=True):
        sirens: dict[str, str] = {}
        for id, siren in zip(present, sheet.sirens, strict=True):
            if id is not None and siren is not None and sirens.setdefault(id, siren) != siren:
                found.add((survey, id))
    return found


def _first(sheets: Sequence[Sheet], places: Sequence[Place]) -> Place:
    """The row that the respondent's first snapshot had, as the rows themselves tell it, whatever the files' order."""
    if len(places) == 1:
        return places[0]

    def progress(place: Place) -> tuple[str, int, str]:
        sheet = sheets[place.sheet]
        return _moment(sheets, place), sheet.filled[place.row], sheet.content[place.row]

    return min(places, key=progress)


def _key(sheet: Sheet, row: int, id: str) -> str:
    if _is_unique(id):
        return short_hash(f"{sheet.form.tool}\x1f{id}")
    return short_hash(f"{sheet.form.tool}\x1f{id}\x1f{sheet.sirens[row] or sheet.content[row]}")


def _is_unique(id: str) -> bool:
    return len(id) >= _LONG_ID and not _COUNTER.fullmatch(id)


def _trusted_ids(form: Form, warnings: list[Problem]) -> Sequence[str | None]:
    """The tool's ids, or none where they don't tell respondents apart."""
    present = [id for id in form.tool_id if id is not None]
    if not present:
        return form.tool_id
    scientific = any("E+" in id and id.replace("E+", "").replace(".", "").replace(",", "").isdigit() for id in present)
    if not scientific and len(set(present)) >= 0.95 * len(present):
        return form.tool_id
    fault = "abîmés par un tableur (1,14E+11)" if scientific else "qui se répètent"
    warnings.append(
        Problem(
            file=form.file,
            found=f"des identifiants de réponse {fault}",
            expected="un identifiant par répondant",
            action="exportez de nouveau sans passer par un tableur ; d'ici là, chaque rangée compte pour un répondant",
            severity="warning",
        )
    )
    return [None] * len(form.tool_id)


def _age(sheet: Sheet) -> tuple[str, int, str]:
    """Files in the order in which they were exported, as far as they tell."""
    submitted = [moment for moment in sheet.form.submitted_at if moment]
    return max(submitted, default=""), len(sheet), sheet.form.file


def _moment(sheets: Sequence[Sheet], place: Place) -> str:
    return sheets[place.sheet].form.submitted_at[place.row] or ""


def _surveys(sheets: Sequence[Sheet], ids: Sequence[Sequence[str | None]]) -> list[int]:
    """For each file, the first file of the same survey."""
    surveys = list(range(len(sheets)))
    for later in range(len(sheets)):
        for earlier in range(later):
            if surveys[later] != surveys[earlier] and _same_survey(
                sheets[earlier], ids[earlier], sheets[later], ids[later]
            ):
                old, new = max(surveys[later], surveys[earlier]), min(surveys[later], surveys[earlier])
                surveys = [new if survey == old else survey for survey in surveys]
    return surveys


def _same_survey(one: Sheet, ids: Sequence[str | None], other: Sheet, other_ids: Sequence[str | None]) -> bool:
    if one.form.tool != other.form.tool:
        return False
    headings = {normalise(column.heading) for column in one.form.columns}
    other_headings = {normalise(column.heading) for column in other.form.columns}
    if len(headings & other_headings) < 0.8 * min(len(headings), len(other_headings)):
        return False
    rows = {id: row for row, id in enumerate(ids) if id is not None}
    other_rows = {id: row for row, id in enumerate(other_ids) if id is not None}
    shared = [(id, row, other_rows[id]) for id, row in rows.items() if id in other_rows]
    if not shared:
        return False
    if all(_is_unique(id) for id, _, _ in shared):
        return True

    @cache
    def answers() -> list[tuple[Sequence[str | None], Sequence[str | None]]]:
        return [(one.texts(column), other.texts(column)) for column in sorted(set(one.answers) & set(other.answers))]

    def agree(row: int, other_row: int) -> bool:
        siren, other_siren = one.sirens[row], other.sirens[other_row]
        if siren and other_siren:
            return siren == other_siren
        moment, other_moment = one.form.submitted_at[row], other.form.submitted_at[other_row]
        if moment and other_moment:
            return moment == other_moment
        return all(texts[row] == other_texts[other_row] for texts, other_texts in answers())

    return sum(agree(row, other_row) for _, row, other_row in shared) >= 0.5 * len(shared)
