"""Several files of one audience become one list of respondents, each counted once.

Belongs here: which of the rows under one id counts, and the stable key of its respondent. Does not belong here: which
files are exports of one survey (surveys.py), duplicates by SIREN, e-mail or name (validate).

Corrections name respondents by key, so a key depends on its respondent's own rows alone,
never on the order, the dates or the growth of other files: an id that counts (1, 2, 3…)
is completed by the partner and by what the first snapshot tells of the respondent, the SIREN,
else the moment of submission, else the whole row. Headings have no part in it. Only where neither SIREN nor
moment is told may an export with other columns give a respondent another key.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from observatory.ingest.assemble import Sheet, short_hash
from observatory.ingest.surveys import is_unique, minute, surveys
from observatory.ingest.tools.form import Form
from observatory.problems import Problem


class Place(NamedTuple):
    """One row of one file: positions in the list of sheets and in the sheet."""

    sheet: int
    row: int


@dataclass(frozen=True)
class Merged:
    """Who is kept: `keys[sheet][row]`, None for a row left out; `replaced`: each of those, with the one kept."""

    keys: tuple[Sequence[str | None], ...]
    replaced: tuple[tuple[str, Place, Place], ...]
    warnings: tuple[Problem, ...]


def merge(sheets: Sequence[Sheet]) -> Merged:
    """Each respondent once; where several rows are the same respondent, the latest is kept."""
    warnings: list[Problem] = []
    ids = [_trusted_ids(sheet.form, warnings) for sheet in sheets]
    if len(sheets) == 1 and (alone := _all_apart(ids[0])):
        return Merged(([_key(sheets[0], row, id) for row, id in enumerate(alone)],), (), tuple(warnings))
    oldest_first = sorted(range(len(sheets)), key=lambda index: _age(sheets[index]))
    ages = {sheet: age for age, sheet in enumerate(oldest_first)}
    keys: list[list[str | None]] = [[None] * len(sheet) for sheet in sheets]
    replaced: list[tuple[str, Place, Place]] = []
    for key, places in _respondents(sheets, ids).items():
        latest = max(places, key=lambda place: (_moment(sheets, place), ages[place.sheet], place.row))
        keys[latest.sheet][latest.row] = key
        replaced += [(key, place, latest) for place in places if place != latest]
    return Merged(
        keys=tuple(keys),
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
    survey_of = surveys(sheets, ids)
    apart = _repeated(sheets, ids, survey_of)
    for index, sheet in enumerate(sheets):
        seen: Counter[str] = Counter()
        for row, id in enumerate(ids[index]):
            if id is not None:
                survey = survey_of[index]
                siren = sheet.sirens[row] if (survey, id) in apart else None
                by_id[survey, id, siren].append(Place(index, row))
                continue
            content = sheet.content[row]
            seen[content] += 1
            found[short_hash(f"{_partner(sheet, row)}{content}\x1f{seen[content]}")].append(Place(index, row))
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
    sheets: Sequence[Sheet], ids: Sequence[Sequence[str | None]], survey_of: Sequence[int]
) -> set[tuple[int, str]]:
    """Surveys with their ids that stand for two SIRENs within one file, which no snapshot explains."""
    found = set()
    for sheet, survey, present in zip(sheets, survey_of, ids, strict=True):
        sirens: dict[str, str] = {}
        for id, siren in zip(present, sheet.sirens, strict=True):
            if id is not None and siren is not None and sirens.setdefault(id, siren) != siren:
                found.add((survey, id))
    return found


def _first(sheets: Sequence[Sheet], places: Sequence[Place]) -> Place:
    """The row that the respondent's first snapshot had, as the rows themselves tell it, whatever the files' order."""
    if len(places) == 1:
        return places[0]

    def progress(place: Place) -> tuple[str, bool, int, str]:
        sheet, moment = sheets[place.sheet], _moment(sheets, place)
        # An export without the column of dates says nothing of when.
        moment = moment if moment or any(column.role == "submitted" for column in sheet.form.columns) else _UNTOLD
        # Of one submission exported twice, the export that tells the SIREN tells more.
        nameless = bool(moment) and sheet.sirens[place.row] is None
        return moment, nameless, sheet.filled[place.row], sheet.content[place.row]

    return min(places, key=progress)


_UNTOLD = "~"
"""After every date."""


def _key(sheet: Sheet, row: int, id: str) -> str:
    if is_unique(id):
        return short_hash(f"{sheet.form.tool}\x1f{id}")
    moment = sheet.form.submitted_at[row]
    told = sheet.sirens[row] or (moment if minute(moment) else None) or sheet.content[row]
    return short_hash(f"{_partner(sheet, row)}{sheet.form.tool}\x1f{id}\x1f{told}")


def _partner(sheet: Sheet, row: int) -> str:
    """What parts the respondents of two partners whose rows say the same: each collected its own."""
    partner = sheet.form.partner[row]
    return f"{partner}\x1f" if partner else ""


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


def _age(sheet: Sheet) -> tuple[str, int, int, str]:
    """Files in the order in which they were exported, as far as they tell; of equal ones the fuller comes last."""
    submitted = [moment for moment in sheet.form.submitted_at if moment]
    return max(submitted, default=""), len(sheet), len(sheet.answers), sheet.form.file


def _moment(sheets: Sequence[Sheet], place: Place) -> str:
    return sheets[place.sheet].form.submitted_at[place.row] or ""
