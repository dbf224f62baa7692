"""An edition's known margins, checked against its questionnaires.

Belongs here: that questions and options exist, that every option is counted once, that margins speak of one
population. Does not belong here: the shape of the file (model.py), the respondents (aggregate).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from observatory.editions.documents import DataPath, Document
from observatory.editions.model import (
    NUMERIC_TYPES,
    ONE_CHOICE_TYPES,
    Edition,
    KnownCounts,
    KnownMargins,
    Questionnaire,
)
from observatory.problems import Problem


def check_margins(edition: Edition, documents: dict[str, Document]) -> list[Problem]:
    """Every fault of the margins' files, each with its line. The questionnaires must be sound."""
    problems: list[Problem] = []
    for audience, margins in edition.margins.items():
        document = documents[f"margins/{audience}"]
        if margins.audience != audience:
            problems.append(document.unknown(("audience",), "le public de ce fichier", margins.audience, [audience]))
            continue
        if audience not in edition.questionnaires:
            known = edition.audiences
            problems.append(document.unknown(("audience",), "un public de cette édition", audience, known))
            continue
        questionnaire = edition.questionnaires[audience]
        found = [
            *_counts(edition, questionnaire, margins, document),
            *_totals(questionnaire, margins, document),
            *_repeated(margins, document),
        ]
        problems += found or _populations(margins, document)
    return problems


def _listed(margins: KnownMargins) -> list[tuple[DataPath, KnownCounts]]:
    strata: list[tuple[DataPath, KnownCounts]] = [] if margins.strata is None else [(("strata",), margins.strata)]
    return strata + [(("counts", index), known) for index, known in enumerate(margins.counts)]


def _counts(
    edition: Edition, questionnaire: Questionnaire, margins: KnownMargins, document: Document
) -> Iterator[Problem]:
    asked = {q.id: q for q in questionnaire.questions if q.type in ONE_CHOICE_TYPES and not q.personal}
    for path, known in _listed(margins):
        if known.question not in asked:
            yield document.unknown((*path, "question"), "une question à choix unique", known.question, asked)
            continue
        offered = edition.choices(asked[known.question])
        yield from _options(known, [choice.code for choice in offered], path, document)
        # Who answers « other » or « don't know » is of no known category: a count may be given, none is asked for.
        expected = [choice.code for choice in offered if choice.substantive and choice.code != "other"]
        missing = [code for code in expected if known.category_of(code) is None]
        if missing:
            yield document.problem(
                (*path, "counts"),
                found=f"pas d'effectif pour : {', '.join(missing)}",
                expected="un effectif pour chaque option de la question",
                action="ajoutez-le (0 si la catégorie n'existe pas), ou comptez l'option dans un groupe (groups)",
            )


def _options(known: KnownCounts, codes: list[str], path: DataPath, document: Document) -> Iterator[Problem]:
    grouped: dict[str, str] = {}
    for group, members in known.groups.items():
        here = (*path, "groups", group)
        if group in codes:
            yield document.problem(
                here,
                found=f"un groupe nommé comme l'option « {group} »",
                expected="un nom de groupe qui n'est pas un code d'option",
                action="renommez ce groupe, ici et dans counts",
            )
        if group not in known.counts:
            yield document.problem(
                here, found="un groupe sans effectif", expected="son effectif dans counts", action="ajoutez-le"
            )
        for index, code in enumerate(members):
            if code not in codes:
                yield document.unknown((*here, index), "un code d'option", code, codes)
            elif code in grouped or code in known.counts:
                yield document.problem(
                    (*here, index),
                    found=f"« {code} » compté deux fois",
                    expected="chaque option dans un seul groupe, ou seule",
                    action="gardez l'un des deux",
                )
            grouped[code] = group
    for category in known.counts:
        if category not in codes and category not in known.groups:
            names = [*codes, *known.groups]
            yield document.unknown((*path, "counts", category), "un code d'option ou un groupe", category, names)


def _totals(questionnaire: Questionnaire, margins: KnownMargins, document: Document) -> Iterator[Problem]:
    asked = [q.id for q in questionnaire.questions if q.type in NUMERIC_TYPES and not q.personal]
    for index, known in enumerate(margins.totals):
        if known.question not in asked:
            yield document.unknown(("totals", index, "question"), "une question numérique", known.question, asked)


def _repeated(margins: KnownMargins, document: Document) -> Iterator[Problem]:
    for key, listed in (("counts", margins.counts), ("totals", margins.totals)):
        names = [known.question for known in listed]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield document.problem(
                    (key, index, "question"),
                    found=f"« {name} » une deuxième fois",
                    expected="une marge par question",
                    action=f"gardez l'une des deux (l'autre : ligne {document.line((key, names.index(name)))})",
                )


def _populations(margins: KnownMargins, document: Document) -> Iterator[Problem]:
    """Strata and margins count the same units: their sums are one number."""
    sums = [(path, known.question, math.fsum(known.counts.values())) for path, known in _listed(margins)]
    for path, _, population in sums[1:]:
        (first, name, expected) = sums[0]
        if abs(population - expected) > 1e-10 * max(population, expected):
            yield document.problem(
                (*path, "counts"),
                found=f"une somme de {population:.12g}",
                expected=f"{expected:.12g}, la population donnée à la ligne {document.line(first)} (« {name} »)",
                action="corrigez l'une des deux marges, ou ramenez-la à la population de l'autre",
            )
