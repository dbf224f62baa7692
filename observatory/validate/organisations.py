"""When two names as typed are one organisation's.

Belongs here: what may differ between them (legal form, case, accents, signs, a typing error). Does not belong here:
what follows for their answers (duplicates.py).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from observatory.wording import key

_NEAR = 95
"""Likeness of two names, without spaces, from which they are one."""

_WORD_NEAR = 80
"""Likeness that each word needs beside: « de l'Ain » and « de l'Aisne » differ in one letter of thirty, but not in one
letter of a word."""

_SHORTEST_NEAR = 10
"""Under that length, one letter more is too much for `_NEAR`."""

_AT_ONCE = 1000

_FORMS = """
sa sas sasu sarl eurl eirl ei sci snc scs sca scop scic scp selarl selas gie gip geie epic epa se
inc incorporated ltd limited llc llp plc corp gmbh ag kg ug bv nv sprl srl spa sl ab oy as aps
"""
_LEGAL_FORMS = frozenset(_FORMS.split())

_EMPTY = """
na nc nr ras neant aucun aucune rien vide test essai anonyme confidentiel prive inconnu autre moi
noncommunique nonrenseigne nesaitpas nsp none no non oui unknown anonymous private
entreprise societe mairie commune ville region departement collectivite association ministere administration
etablissement hopital universite startup company organisation organization
"""
_NO_NAME = frozenset(_EMPTY.split())
"""What is typed in place of a name, or is many organisations' name."""


def families(names: Iterable[str]) -> dict[str, str]:
    """For each name that can be compared, a text that all names of the same organisation share."""
    words = {name: _words(name) for name in set(names)}
    letters = {name: "".join(found) for name, found in words.items()}
    spelled: dict[str, tuple[str, ...]] = {}
    for name in sorted(words):
        spelled.setdefault(letters[name], words[name])
    usable = sorted(text for text in spelled if len(text) > 1 and text not in _NO_NAME)
    first = dict(zip(usable, usable, strict=True))

    def family(text: str) -> str:
        while first[text] != text:
            first[text] = text = first[first[text]]
        return text

    for one, other in _near(usable):
        if _words_near(spelled[one], spelled[other]):
            low, high = sorted((family(one), family(other)))
            first[high] = low
    return {name: family(text) for name, text in letters.items() if text in first}


def _words(name: str) -> tuple[str, ...]:
    """The words that tell the organisation: `S.A.R.L. Dupont & Fils` is `dupont fils`."""
    text = re.sub(r"\b\w(?: \w\b)+", lambda letters: letters[0].replace(" ", ""), key(name))
    words = text.split()
    while words and words[0] in _LEGAL_FORMS:
        words = words[1:]
    while words and words[-1] in _LEGAL_FORMS:
        words = words[:-1]
    return tuple(words)


def _near(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of texts that are as near as `_NEAR`, with the same digits; some may come twice.

    A typing error leaves one half of a name as it is: only names that share a half are compared.
    """
    blocks: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for text in texts:
        if len(text) >= _SHORTEST_NEAR:
            digits = " ".join(re.findall(r"\d+", text))
            for half in {len(text) // 2, (len(text) - 1) // 2}:
                blocks["first", digits, text[:half]].append(text)
                blocks["last", digits, text[-half:]].append(text)
    for block in blocks.values():
        block.sort(key=len)
        lengths = [len(text) for text in block]
        for start in range(0, len(block) if len(block) > 1 else 0, _AT_ONCE):
            some = block[start : start + _AT_ONCE]
            longest = len(some[-1]) * (200 - _NEAR) / _NEAR
            others = block[start : bisect_right(lengths, longest)]
            scores = process.cdist(some, others, scorer=fuzz.ratio, score_cutoff=_NEAR, dtype=np.uint8)
            for at, beside in zip(*np.nonzero(scores), strict=True):
                if at < beside:
                    yield some[at], others[beside]


def _words_near(one: Sequence[str], other: Sequence[str]) -> bool:
    return len(one) == len(other) and all(map(lambda a, b: fuzz.ratio(a, b) >= _WORD_NEAR, one, other))
