"""Several files of one audience become one list of respondents, each counted once.

Belongs here: the stable key of a respondent, snapshots of one growing survey. Does not
belong here: duplicates by SIREN or e-mail (validate).

Two files are snapshots of one survey when the same tool wrote them under the same
headings and the ids they share stand for the same answers. Small ids (1, 2, 3…) of two
surveys that merely look alike stay apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from observatory.ingest.assemble import Sheet, short_hash
from observatory.ingest.tools.form import Form
from observatory.ingest.wording import normalise
from observatory.problems import Problem

_LONG_ID = 8
"""From this length on, an id is taken to be unique across surveys."""


@dataclass(frozen=True)
class Place:
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
    surveys = _surveys(sheets, ids)
    chosen: dict[str, Place] = {}
    replaced: list[tuple[str, Place]] = []
    owner: dict[str, int] = {}
    for sheet_index in sorted(range(len(sheets)), key=lambda index: _age(sheets[index])):
        sheet = sheets[sheet_index]
        seen: Counter[str] = Counter()
        for row, id in enumerate(ids[sheet_index]):
            if id is None:
                content = sheet.content[row]
                seen[content] += 1
                key = short_hash(f"{content}\x1f{seen[content]}")
            else:
                key = short_hash(f"{sheet.form.tool}\x1f{id}")
                if owner.setdefault(key, surveys[sheet_index]) != surveys[sheet_index]:
                    key = short_hash(f"{sheet.form.tool}\x1f{id}\x1f{sheet.content[row]}")
            place = Place(sheet_index, row)
            if key in chosen and _moment(sheets, chosen[key]) > _moment(sheets, place):
                replaced.append((key, place))
                continue
            if key in chosen:
                replaced.append((key, chosen[key]))
            chosen[key] = place
    order = sorted(chosen.items(), key=lambda item: (item[1].sheet, item[1].row))
    return Merged(
        kept=tuple(place for _, place in order),
        keys=tuple(key for key, _ in order),
        replaced=tuple((key, place, chosen[key]) for key, place in replaced),
        warnings=tuple(warnings),
    )


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
    shared = [(rows[id], row) for row, id in enumerate(other_ids) if id is not None and id in rows]
    if not shared:
        return False
    if all(len(id) >= _LONG_ID for id in rows):
        return True
    columns = sorted(set(one.answers) & set(other.answers))

    def agree(row: int, other_row: int) -> bool:
        moment, other_moment = one.form.submitted_at[row], other.form.submitted_at[other_row]
        if moment and other_moment:
            return moment == other_moment
        return all(one.answers[column][row] == other.answers[column][other_row] for column in columns)

    return sum(agree(row, other_row) for row, other_row in shared) >= 0.5 * len(shared)
