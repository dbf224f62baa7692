"""What becomes of personal data before anything is stored: dropped, or replaced by a keyed hash, as the edition says.

Belongs here: columns kept out of the raw table, the hashes by which the answers of one person are known, addresses and
numbers taken out of free text, and what is said of it. Does not belong here: recognising such columns (personal.py),
moving the cells of the others (assemble.py), the key itself (workspace.py).

No message shows a cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from observatory.editions.model import Audience, Edition, Question
from observatory.ingest.catalogue import Catalogue
from observatory.ingest.headless import looks_like_data
from observatory.ingest.matching import Candidate, Match
from observatory.ingest.patterns import EMAIL_DISGUISED, EMAIL_INSIDE, MAY_BE_EMAIL
from observatory.ingest.personal import (
    KINDS,
    Kind,
    Personal,
    email_of,
    personal_columns,
)
from observatory.ingest.telephones import phone_of, phones_in
from observatory.ingest.tools.form import Column, Form, Texts, spreadsheet_letter
from observatory.problems import Problem
from observatory.wording import key as words_of

HASH_COLUMNS: Mapping[str, Kind] = {"email_hash": "email", "phone_hash": "phone", "name_hash": "name"}
"""The raw table's columns of hashes, and the kind of personal data each stands for."""

REASON = "donnée personnelle"
EMAIL_REMOVED = "[adresse retirée]"
PHONE_REMOVED = "[téléphone retiré]"


@dataclass(frozen=True)
class Protected:
    """A file without its personal data: the form (its ids too may be addresses) and the matches that may be stored.

    `hashes` are columns of the raw table, row by row, None where there is nothing to hash.
    """

    form: Form
    matches: list[Match]
    hashes: Mapping[str, Texts]
    problems: list[Problem] = field(default_factory=list)


def hashes_anything(edition: Edition, audience: Audience) -> bool:
    """Whether the edition wants hashes, for which there must be a key."""
    return any(_is_hashed(kind, edition, audience) for kind in HASH_COLUMNS.values())


def protect(
    form: Form, matches: Sequence[Match], edition: Edition, audience: Audience, known: Catalogue, key: bytes | None
) -> Protected:
    """Leave out what is personal. Without a key nothing is hashed: what would be has its column, of nothing.

    A column that answers a question which is not personal stays, whatever its heading, unless that question takes free
    text and most cells are addresses, telephone numbers or the like.
    """
    asked = {match.column.position: match for match in matches if match.decided}
    found = [
        personal
        for personal in personal_columns(form, [column for column in form.columns if _is_open(column, asked, known)])
        if personal.reason == "content" or personal.column.position not in asked
    ]
    strays = {personal.column.position for personal in found} & set(asked)
    sources, problems = _sources(form, found, asked, edition, audience, known)
    nobody: Texts = [None] * len(form.numbers)
    hashes = {name: nobody if key is None else _hashes(form, *source, key) for name, source in sources.items()}
    hashed = {column.position for _, columns in sources.values() for column in columns}
    return Protected(
        form=_without_personal_ids(form, found, edition, audience, key),
        matches=[
            # The question was asked: it stays a candidate, lest it count as one without a column.
            replace(
                match, status="ignored", target="", how="", reason=REASON, candidates=(Candidate(match.target, 100.0),)
            )
            if match.column.position in strays
            else match
            for match in matches
        ],
        hashes=hashes,
        problems=[
            *_listed(form, [personal for personal in found if personal.column.position not in strays], hashed, known),
            *(
                _stray(form, personal, asked[personal.column.position].target, audience, known)
                for personal in found
                if personal.column.position in strays
            ),
            *problems,
        ],
    )


def _is_open(column: Column, asked: Mapping[int, Match], known: Catalogue) -> bool:
    """Whether a column may turn out to be personal: it answers no question, or one that takes any text."""
    if column.position not in asked:
        return column.role in {None, "id", "other"}
    target = asked[column.position].target
    question = known.questions[known.targets[target]]
    return not question.personal and (question.type in {"text", "email"} or target.endswith("__other_text"))


def _is_hashed(kind: Kind, edition: Edition, audience: Audience) -> bool:
    treatment: str = getattr(edition.questionnaires[audience].personal, kind)
    return treatment == "hash"


# Hashes

_Source = tuple[Kind, Sequence[Column]]


def _sources(
    form: Form,
    found: Sequence[Personal],
    asked: Mapping[int, Match],
    edition: Edition,
    audience: Audience,
    known: Catalogue,
) -> tuple[dict[str, _Source], list[Problem]]:
    """Which columns each hash is made of: the question that the edition names, else the one column of that kind.

    A name may stand in several columns.
    """
    questions = {position: known.questions[known.targets[match.target]] for position, match in asked.items()}
    declared = personal_columns(form, [c for c in form.columns if _is_personal(questions.get(c.position))])
    email = edition.questionnaires[audience].identity.email
    sources: dict[str, _Source] = {}
    problems = []
    for name, kind in HASH_COLUMNS.items():
        if not _is_hashed(kind, edition, audience):
            continue
        columns = [personal.column for personal in (*declared, *found) if personal.kind == kind]
        if kind == "email":
            named = [c for c in form.columns if (q := questions.get(c.position)) is not None and q.id == email]
            columns = named or columns
        if len(columns) == 1 or (columns and kind == "name"):
            sources[name] = (kind, columns)
        elif columns:
            problems.append(_several(form, kind, columns, known))
    return sources, problems


def _is_personal(question: Question | None) -> bool:
    return question is not None and question.personal


_CANONICAL: Mapping[Kind, Callable[[str], str | None]] = {
    "email": email_of,
    "phone": phone_of,
    "name": lambda cell: words_of(cell) or None,
}
"""The form in which two cells that mean the same are equal."""


def _hashes(form: Form, kind: Kind, columns: Sequence[Column], key: bytes) -> Texts:
    canonical = _CANONICAL[kind]
    if len(columns) == 1:
        cells = form.cells[columns[0].position]
        fresh = _keyed(kind, key)
        known = {cell: canonical(cell) for cell in set(cells)}
        hashed = {cell: None if value is None else _digest(fresh, value) for cell, value in known.items()}
        return [hashed[cell] for cell in cells]
    parts = [form.cells[column.position] for column in columns]
    values = [" ".join(filter(None, map(canonical, row))) for row in zip(*parts, strict=True)]
    return [_hash_of(kind, value or None, key) for value in values]


def _hash_of(kind: Kind, value: str | None, key: bytes) -> str | None:
    return None if value is None else keyed_hash(kind, value, key)


def keyed_hash(kind: Kind, value: str, key: bytes) -> str:
    """32 hexadecimal digits that can't be had from the value without the key."""
    return _digest(_keyed(kind, key), value)


def _digest(fresh: hashlib.blake2b, value: str) -> str:
    digest = fresh.copy()
    digest.update(value.encode())
    return digest.hexdigest()


@lru_cache
def _keyed(kind: Kind, key: bytes) -> hashlib.blake2b:
    """The digest before any value: the key is taken in once, which takes longer than a value."""
    return hashlib.blake2b(digest_size=16, key=key, person=kind.encode())


def _without_personal_ids(
    form: Form, found: Sequence[Personal], edition: Edition, audience: Audience, key: bytes | None
) -> Form:
    """The form, where a column of ids that holds addresses or numbers of persons is hashed or gone."""
    kind = next((personal.kind for personal in found if personal.column.role == "id"), None)
    if kind is None:
        return form
    if key is None or kind not in HASH_COLUMNS.values() or not _is_hashed(kind, edition, audience):
        return replace(form, tool_id=[None] * len(form.tool_id))
    canonical = _CANONICAL[kind]
    hashes = {id: keyed_hash(kind, canonical(id) or id, key) for id in set(form.tool_id) if id is not None}
    return replace(form, tool_id=[None if id is None else hashes[id] for id in form.tool_id])


# Free text


def redactions(cells: Iterable[str], *, free_text: bool) -> dict[str, str]:
    """The cells in which an e-mail address or a telephone number stands, with what is stored instead.

    In answers that are no free text, a number is one only if it begins like one, by 0 or +: amounts are not.
    """
    removed = {}
    for cell in cells:
        text = without_emails(cell) if MAY_BE_EMAIL.search(cell) else cell
        text = _without_phones(text, phones_in(text, surely=not free_text))
        if text != cell:
            removed[cell] = text
    return removed


def without_emails(text: str) -> str:
    """A text in which e-mail addresses are replaced by a word that says so."""
    return EMAIL_DISGUISED.sub(EMAIL_REMOVED, EMAIL_INSIDE.sub(EMAIL_REMOVED, text))


def _without_phones(text: str, places: Iterable[tuple[int, int]]) -> str:
    parts, last = [], 0
    for start, end in places:
        parts += [text[last:start], PHONE_REMOVED]
        last = end
    return "".join((*parts, text[last:]))


def redacted_warnings(form: Form, redacted: Mapping[str, int]) -> list[Problem]:
    """One warning a file for the answers in which something was removed; `redacted` counts them by column."""
    if not redacted:
        return []
    total = sum(redacted.values())
    where = ", ".join(f"{target} ({count})" for target, count in redacted.items())
    return [
        Problem(
            file=form.file,
            found=f"une adresse électronique ou un numéro de téléphone dans {total} "
            f"{'réponse' if total < 2 else 'réponses'} : {where}",
            expected="des réponses sans coordonnées",
            action=f"rien : ils sont remplacés par « {EMAIL_REMOVED} » et « {PHONE_REMOVED} » ; "
            "les noms cités dans un texte, eux, restent : relisez avant de citer",
            severity="warning",
        )
    ]


# What is said


def _listed(form: Form, found: Sequence[Personal], hashed: set[int], known: Catalogue) -> list[Problem]:
    """One warning a file: its personal columns, their kinds, and what was done."""
    if not found:
        return []
    done = {
        "écartées": [personal for personal in found if personal.column.position not in hashed],
        "remplacées par une empreinte": [personal for personal in found if personal.column.position in hashed],
    }
    return [
        Problem(
            file=form.file,
            found="des données personnelles : "
            + " ; ".join(
                f"{what} : " + ", ".join(f"{_shown(p.column, known)} ({KINDS[p.kind]})" for p in columns)
                for what, columns in done.items()
                if columns
            ),
            expected="aucune donnée personnelle hors de ce que le questionnaire demande",
            action="rien : ces cellules ne sont pas conservées ; si vous le pouvez, ne les exportez plus de l'outil",
            severity="warning",
        )
    ]


def _stray(form: Form, personal: Personal, target: str, audience: Audience, known: Catalogue) -> Problem:
    return Problem(
        file=form.file,
        column=target,
        found=f"des données personnelles ({KINDS[personal.kind]}) sous {_shown(personal.column, known)} : "
        "la colonne est écartée",
        expected="une question qui ne demande rien de personnel, ou qui le dit par « personal: true »",
        action=f"si la question demande bien cela, ajoutez-lui « personal: true » dans {audience}.yaml ; si la colonne "
        f"n'y répond pas, donnez-lui « ignore » dans mappings/{audience}.yaml",
        severity="warning",
    )


def _several(form: Form, kind: Kind, columns: Sequence[Column], known: Catalogue) -> Problem:
    names = ", ".join(_shown(column, known) for column in columns)
    return Problem(
        file=form.file,
        found=f"plusieurs colonnes pour une seule empreinte ({KINDS[kind]}) : {names}",
        expected="une colonne" + (", ou celle de la question que nomme « identity.email »" if kind == "email" else ""),
        action="rien si les doublons ne se cherchent pas ainsi ; sinon, n'exportez que la bonne colonne",
        severity="warning",
    )


def _shown(column: Column, known: Catalogue, length: int = 60) -> str:
    """A column as a reader finds it. A heading that looks like an answer is not repeated."""
    if looks_like_data(column.heading, known):
        return f"colonne {spreadsheet_letter(column.position)}"
    text = " ".join(column.heading.split())
    return f"« {text if len(text) <= length else text[: length - 1].rstrip() + '…'} »"
