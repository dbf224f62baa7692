"""The options of a question as respondents' tools write them.

Belongs here: comparing wordings, finding the option a text names, splitting packed
answers. Does not belong here: whole columns (values.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from observatory.editions.form_codes import answer_codes
from observatory.editions.model import OTHER, Edition, Question
from observatory.validate.refusals import Refusal

_SEPARATORS = re.compile(r"[;,|\r\n]")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), "")
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`"), "'") | dict.fromkeys(map(ord, '"«»“”„'), " ")
_MEANT = _DASHES | _INVISIBLE | _QUOTES
_NEAR = 90
_NEAR_LENGTH = 5
_SHOWN = 8
_LONG = 8
"""Letters from which on an option's wording inside a longer text is hardly there by chance."""

_SHORTEST = 3
_BULLET = re.compile(r"[\W_]*(?:(?:[0-9]{1,2}|[a-z](?=[.)]))[\W_]*)?")
"""What people and tools put between options: signs, and the number or letter of an item."""

_SIGNS = re.compile(r"[\W_]*")


def normalised(text: str) -> str:
    """A wording made comparable: case, accents, spaces, apostrophes, dashes and final punctuation no longer count."""
    folded = unicodedata.normalize("NFKD", text.translate(_MEANT)).casefold()
    folded = "".join(character for character in folded if not unicodedata.combining(character))
    folded = re.sub(r"\s+", " ", folded).strip()
    folded = re.sub(r" ?([-/<>%€:;!?=]) ?", r"\1", folded)
    return re.sub(r"[\s.;:,!?*…]+$", "", folded) or folded


@dataclass(frozen=True)
class Options:
    """The options of one question. `codes` by normalised wording; `labels` by code, in the edition's first language."""

    codes: dict[str, str]
    labels: dict[str, str]
    exclusive: frozenset[str]
    other: bool
    longest: int
    """The most pieces that separators cut an option's wording into."""

    def code(self, text: str) -> str | None:
        """The option that this text names, by wording or code; None if it names none.

        Excel's CSV of western encodings writes « ? » for the narrow no-break space of « 20 % ».
        """
        code = self.codes.get(normalised(text))
        return self._marked.get(_unmarked(text)) if code is None and "?" in text else code

    @cached_property
    def _marked(self) -> dict[str, str]:
        """The options by wordings in which a question mark is a space, those that two options share left out."""
        return _unshared((wording.replace("?", " "), code) for wording, code in self.codes.items())

    def position(self, code: str) -> int:
        """The place of an option among the others."""
        return list(self.labels).index(code)

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        wordings = [wording for wording, code in self.codes.items() if len(wording) >= _SHORTEST and code != "other"]
        longest = sorted(wordings, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest)) or '(?!)'})(?!\w)")

    def listed(self, text: str) -> tuple[str, ...]:
        """The options that a text is a list of, whatever signs, bullets or numbers part them; none if it says more.

        Numbers out of order say more: a rank.
        """
        wording = normalised(text)
        found = list(self._inside.finditer(wording))
        if not found:
            return ()
        ends = [0, *(match.end() for match in found)]
        gaps = [wording[end : match.start()] for end, match in zip(ends, found, strict=False)]
        told = all(len(match[0]) >= _LONG for match in found) or all(gap.strip() for gap in gaps[1:] or gaps)
        numbers = [int(number) for gap in gaps for number in re.findall(r"[0-9]+", gap)]
        if (
            told
            and numbers == sorted(numbers)
            and all(map(_BULLET.fullmatch, gaps))
            and _SIGNS.fullmatch(wording[ends[-1] :])
        ):
            return tuple(dict.fromkeys(self.codes[match[0]] for match in found))
        return ()

    def hidden_in(self, text: str) -> bool:
        """Whether a text typed for « autre » holds an option beside other words, or is one cut short."""
        wording = normalised(text)
        if any(len(match[0]) >= _LONG for match in self._inside.finditer(wording)):
            return True
        if len(wording) < _LONG:
            return False
        return len({code for known, code in self.codes.items() if known.startswith(wording)}) == 1

    def near(self, text: str) -> str | None:
        """The label of the one option the text is most likely a slip for."""
        wording = normalised(text)
        if len(wording) < _NEAR_LENGTH:
            return None
        found = process.extractOne(wording, self.codes.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
        if found is None or re.findall(r"[0-9]+", found[0]) != re.findall(r"[0-9]+", wording):
            return None
        return self.labels[self.codes[found[0]]]

    def refusal(self, text: str) -> Refusal:
        """The refusal of a text that names no option."""
        near = self.near(text)
        labels = list(self.labels.values())
        shown = " ; ".join(labels[:_SHOWN])
        if len(labels) > _SHOWN:
            shown += f" ; … ({len(labels)} réponses possibles)"
        return Refusal(
            "choice",
            f"l'une des réponses proposées : {shown}",
            f"vouliez-vous dire « {near} » ?" if near else "choisissez l'une des réponses proposées",
        )


def options_of(edition: Edition, question: Question) -> Options:
    """The options of a choice question by every wording of theirs.

    Labels come before other wordings met, those before codes, and those before the short codes that LimeSurvey's forms
    are given. A wording that two options share names neither.
    """
    choices = edition.choices(question)
    labels = [(edition.fill(text, question), choice.code) for choice in choices for text in choice.label.values()]
    aliases = [(text, choice.code) for choice in choices for text in choice.aliases]
    codes: dict[str, str] = {}
    own = [(choice.code, choice.code) for choice in choices]
    short = [(code, option) for option, code in answer_codes(edition, question).items()]
    for wordings in (labels, aliases, own, short):
        codes = _unshared(wordings) | codes
    return Options(
        codes=codes,
        labels={choice.code: edition.fill(edition.text(choice.label), question) for choice in choices},
        exclusive=frozenset(choice.code for choice in choices if choice.exclusive),
        other=question.choices is not None and question.choices.other,
        longest=max((len(_SEPARATORS.split(text)) for text, _ in (*labels, *aliases)), default=1),
    )


def _unmarked(text: str) -> str:
    return normalised(text.replace("?", " "))


def _unshared(wordings: Iterable[tuple[str, str]]) -> dict[str, str]:
    owners: dict[str, set[str]] = {}
    for text, code in wordings:
        owners.setdefault(normalised(text), set()).add(code)
    return {wording: next(iter(codes)) for wording, codes in owners.items() if wording and len(codes) == 1}


@dataclass(frozen=True)
class Packed:
    """A packed answer read: the options in the order met, and the text that names none."""

    codes: tuple[str, ...]
    other: str


def split_packed(text: str, options: Options) -> Packed:
    """Split a packed multiple answer (`A; B, C`) against the known options.

    Separators (`;` `,` `|`, new line) may occur inside an option, so the split is the one that leaves the least text
    unnamed, and among those the one with the fewest, hence longest, options. What is left unnamed may still be options
    that other signs part (`A / B`, `• A • B`, `1. A 2. B`).
    """
    spans = [match.span() for match in re.finditer(r"[^;,|\r\n]+", text) if match[0].strip()]
    count = len(spans)
    # best[i]: what is left unnamed and how many parts, from piece i on; taken[i]: the part that starts there.
    best: list[tuple[int, int]] = [(0, 0)] * (count + 1)
    taken: list[tuple[int, str | None]] = [(1, None)] * count
    for start in reversed(range(count)):
        best[start] = (best[start + 1][0] + 1, best[start + 1][1] + 1)
        for end in range(min(count, start + options.longest), start, -1):
            code = options.code(text[spans[start][0] : spans[end - 1][1]])
            score = (best[end][0], best[end][1] + 1)
            if code is not None and score < best[start]:
                best[start], taken[start] = score, (end - start, code)
    codes: list[str] = []
    unnamed: list[list[int]] = []
    position = 0
    while position < count:
        length, code = taken[position]
        if code is not None:
            codes.append(code)
        elif unnamed and unnamed[-1][1] == position:
            unnamed[-1][1] = position + 1
        else:
            unnamed.append([position, position + 1])
        position += length
    if not codes and unnamed:
        words = [options.codes.get(normalised(word)) for word in text.split()]
        if len(words) > 1 and all(words):
            return Packed(tuple(dict.fromkeys(word for word in words if word)), "")
    left: list[str] = []
    for first, last in unnamed:
        parted, rest = _parted(text, spans[first:last], options)
        codes += parted
        left += rest
    return Packed(tuple(dict.fromkeys(codes)), "; ".join(left))


def _parted(text: str, spans: list[tuple[int, int]], options: Options) -> tuple[list[str], list[str]]:
    """The options that unnamed pieces side by side are a list of, together or piece by piece, and the texts left."""
    if parted := options.listed(text[spans[0][0] : spans[-1][1]]):
        return list(parted), []
    codes: list[str] = []
    left: list[list[tuple[int, int]]] = [[]]
    for start, end in spans:
        if parted := options.listed(text[start:end]):
            codes += parted
            left.append([])
        else:
            left[-1].append((start, end))
    return codes, [text[run[0][0] : run[-1][1]].strip() for run in left if run]


def without_other_label(text: str) -> str:
    """The text typed beside « autre », without a leading « Autre : »."""
    head, colon, tail = text.partition(":")
    return tail.strip() if colon and tail.strip() and normalised(head) in _OTHER_WORDINGS else text.strip()


_OTHER_WORDINGS = frozenset(normalised(text) for text in (*OTHER.label.values(), *OTHER.aliases))
