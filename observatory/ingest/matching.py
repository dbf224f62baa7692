"""Which column answers which question: certain, doubtful with candidates, or neither.

Belongs here: the decision for each column of one file. Does not belong here: reading
headings (headers.py, tools/), equality of wordings (wording.py), what a person decided
(mapping.py), moving cells (assemble.py).

A column is certain when its code or its wording is known and nothing contradicts it. A
known code over another wording is doubtful: forms re-use codes. Columns are first tied to
a question, then to an option of that question, so that the same option under another
question is never taken for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from observatory.editions.columns import option_column, other_column
from observatory.ingest.catalogue import IGNORE, PER_OPTION, Catalogue
from observatory.ingest.headers import PLACEHOLDERS
from observatory.ingest.tools.form import Column, Form
from observatory.wording import normalise, similarity, squeeze, variants

DOUBTFUL = 72.0
"""Score from which a column that is not certain is shown to a person."""

Status = Literal["certain", "accepted", "doubtful", "aside", "ignored"]
"""`aside`: resembles nothing, but a person is asked, since questions have no column."""

How = Literal["code", "wording", "similarity", "person", ""]
HeadingKey = tuple[str, int]
"""A heading, normalised, and which of the file's columns of that heading it is, from 1."""


@dataclass(frozen=True)
class Candidate:
    """A target that a column may answer, with a score from 0 to 100."""

    target: str
    score: float


@dataclass(frozen=True)
class Match:
    """What was decided for one column of one file. `target` is '' unless certain or accepted.

    A certain one with candidates is put before a person all the same, to confirm that the file is in its place. An
    ignored one has those of the questions that may have been asked under it all the same.
    """

    file: str
    column: Column
    occurrence: int
    status: Status
    target: str = ""
    how: How = ""
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def key(self) -> HeadingKey:
        return heading_key(self.column.heading, self.occurrence)

    @property
    def decided(self) -> bool:
        return self.status in {"certain", "accepted"} and self.target not in {"", IGNORE}

    @property
    def asked(self) -> bool:
        """Whether a person is asked about the column."""
        return self.status in {"doubtful", "aside"} or (self.status == "certain" and bool(self.candidates))


@dataclass(frozen=True)
class _Claim:
    """A column tied to a question; `option` is a choice code, 'other' aside, '' for the whole, None when unknown."""

    question: str
    option: str | None
    how: How
    doubt: str = ""


def questions_waiting(matches: Sequence[Match], catalogue: Catalogue) -> frozenset[str]:
    """The questions that a column may turn out to answer: one put before a person, or one that is empty so far."""
    undecided = [match for match in matches if match.status != "accepted" and not match.decided]
    waiting = {catalogue.targets[candidate.target] for match in undecided for candidate in match.candidates}
    if any(match.reason == _OTHER_OF_WHICH and not match.candidates for match in undecided):
        waiting.update(filter(catalogue.has_other, catalogue.questions))
    return frozenset(waiting)


def takes_several_columns(target: str, catalogue: Catalogue) -> bool:
    """Whether several columns of a file, each with some of the options chosen, may be one answer."""
    return target in catalogue.questions and catalogue.questions[target].type in PER_OPTION


def heading_key(heading: str, occurrence: int) -> HeadingKey:
    return normalise(heading), occurrence


def match_columns(form: Form, catalogue: Catalogue, accepted: Mapping[HeadingKey, str]) -> list[Match]:
    """One match a column, in the file's order. `accepted` holds what a person decided, and comes first."""
    matches: list[Match] = []
    seen: dict[str, int] = defaultdict(int)
    for column in form.columns:
        name = normalise(column.heading)
        seen[name] += 1
        target = accepted.get((name, seen[name]))
        if target is not None and (target == IGNORE or target in catalogue.targets):
            matches.append(Match(form.file, column, seen[name], "accepted", target, "person"))
        else:
            matches.append(Match(form.file, column, seen[name], "ignored"))
    taken = {match.target for match in matches if match.status == "accepted"}
    open_matches = [(index, match) for index, match in enumerate(matches) if match.status == "ignored"]
    claims = {index: _claims(match.column, catalogue) for index, match in open_matches}
    claims |= _beside_options(matches, claims, form, catalogue)
    by_question = _by_question(claims)
    for index, match in open_matches:
        matches[index] = _decide(match, claims[index], by_question, catalogue)
        if not claims[index] and _is_lone_other(match.column, form, catalogue):
            matches[index] = replace(match, status="doubtful", reason=_OTHER_OF_WHICH)
        elif matches[index].reason == _NO_OTHER and has_answers(form, match.column):
            matches[index] = replace(match, status="doubtful", reason=_NO_OTHER)
    _settle_conflicts(matches, form, taken, catalogue)
    _look_for_alike(matches, catalogue)
    return matches


# Exact: by code or by wording


def _claims(column: Column, catalogue: Catalogue) -> list[_Claim]:
    """The questions that a heading names exactly. Several, or one with a doubt, is no certainty."""
    best: list[_Claim] = []
    for question, option, code, option_code in _readings(column):
        by_code = _by_code(code, option_code, option, catalogue)
        by_text = _by_wording(question, option, catalogue) if question else []
        if by_code and question and not by_text and not option:
            by_text = _by_joined_wording(question, catalogue)
        found = _agree(by_code, by_text, question) if by_code else by_text
        if by_code or (len(found) == 1 and not found[0].doubt and found[0].option is not None):
            return found
        best = best or found
    return best or _by_slash(column, catalogue)


REWORDED = "le code est connu, mais l'intitulé a changé"


def _agree(by_code: _Claim, by_text: Sequence[_Claim], question: str) -> list[_Claim]:
    """What a known code and the wording beside it say together."""
    if not question:
        return [by_code]
    if not by_text:
        return [replace(by_code, doubt=REWORDED)]
    agreeing = [claim for claim in by_text if claim.question == by_code.question]
    if agreeing and len({claim.option for claim in (*agreeing, by_code)} - {None}) <= 1:
        return [replace(by_code, option=agreeing[0].option if by_code.option is None else by_code.option)]
    return [replace(claim, doubt="le code et l'intitulé désignent deux questions") for claim in (by_code, *by_text)]


_BETWEEN = (" - ", " – ", " — ", " : ", ": ", " / ", " > ", "? ", " | ")
"""What tools that write no brackets put between a question and its option."""


def _readings(column: Column) -> list[tuple[str, str, str, str]]:
    """The ways to read a heading, likeliest first: question, option, code, option's code."""
    readings = [(column.heading, "", "", "")]
    readings.append((column.question, column.option, column.code, column.option_code))
    if column.option and " " not in column.question and not column.code:
        readings.append((column.option, "", column.question, ""))
    elif column.option and not column.question and not column.option_code:
        readings.append((column.option, "", column.code, ""))
    if " " not in column.heading and column.heading != column.code:
        readings.append(("", "", column.heading, ""))
    for sign in _BETWEEN:
        left, found, right = column.heading.rpartition(sign)
        if found:
            readings.append((left, right, "", ""))
    return readings


def _by_slash(column: Column, catalogue: Catalogue) -> list[_Claim]:
    """What `Question/Option` names, one of whose parts may hold a slash too: only where the question has options."""
    doubtful: list[_Claim] = []
    for question, option in () if column.option else _slashed(column.heading):
        found = _by_wording(question, option, catalogue)
        if len(found) == 1 and not found[0].doubt and found[0].option is not None:
            return found
        doubtful = doubtful or [claim for claim in found if catalogue.questions[claim.question].type in PER_OPTION]
    return doubtful


def _slashed(text: str) -> list[tuple[str, str]]:
    return [(text[:at], text[at + 1 :]) for at, sign in enumerate(text) if sign == "/"]


def _by_code(code: str, option_code: str, option: str, catalogue: Catalogue) -> _Claim | None:
    if not code:
        return None
    if option_code and (grid := catalogue.grid_codes.get(squeeze(code))):
        row = catalogue.codes.get(squeeze(option_code))
        rows = catalogue.rows[grid].find(option_code) or ({row} if row else set())
        if len(rows) == 1:
            return _Claim(next(iter(rows)), "", "code")
    target = catalogue.codes.get(squeeze(code))
    if target in catalogue.questions and option_code:
        assert target is not None
        whole = catalogue.codes.get(squeeze(code + option_code), "")
        if whole and catalogue.targets[whole] == target:
            return _Claim(target, whole.partition("__")[2], "code")
        return _Claim(target, "other" if catalogue.is_other(target, option_code) else None, "code")
    if target is None or target == "":
        return None
    question, _, part = target.partition("__")
    if not part and option:
        return _Claim(question, None, "code")
    return _Claim(question, part, "code")


def _by_wording(question: str, option: str, catalogue: Catalogue) -> list[_Claim]:
    claims = []
    if option:
        for grid in sorted(catalogue.grids.find(question)):
            claims += [_Claim(row, "", "wording") for row in sorted(catalogue.rows[grid].find(option))]
        if len(claims) == 1:
            return claims
    for found in sorted(catalogue.wordings.find(question)):
        if not option:
            claims.append(_Claim(found, "", "wording"))
            continue
        options = catalogue.options[found].find(option)
        if len(options) == 1:
            claims.append(_Claim(found, next(iter(options)), "wording"))
        elif catalogue.is_other(found, option):
            claims.append(_Claim(found, "other", "wording"))
        elif any(normalise(variant) == normalise(question) for variant in variants(option)):
            claims.append(_Claim(found, "", "wording"))
        else:
            claims.append(_Claim(found, None, "wording"))
    known = [claim for claim in claims if claim.option is not None]
    claims = known if len(known) == 1 else claims
    return claims if len(claims) == 1 else [replace(c, doubt="plusieurs questions ont cet intitulé") for c in claims]


def _by_joined_wording(text: str, catalogue: Catalogue) -> list[_Claim]:
    """What a question and its option mean that a tool wrote as one text beside a code; only if both are known."""
    for question, option in _joined(text):
        found = [claim for claim in _by_wording(question, option, catalogue) if claim.option is not None]
        if len(found) == 1 and not found[0].doubt:
            return found
    return []


def _joined(text: str) -> Iterator[tuple[str, str]]:
    """The ways to part a text into a question and an option; an option may hold brackets of its own."""
    text = text.strip()
    for opening, closing in ("[]", "()"):
        if text.endswith(closing):
            yield from ((text[:at], text[at + 1 : -1]) for at, sign in enumerate(text) if sign == opening)
    for sign in _BETWEEN:
        left, found, right = text.partition(sign)
        while found:
            yield left, right
            more, found, right = right.partition(sign)
            left += sign + more


def _beside_options(
    matches: Sequence[Match], claims: Mapping[int, Sequence[_Claim]], form: Form, catalogue: Catalogue
) -> dict[int, list[_Claim]]:
    """What columns headed by an option alone, or by « autre » alone, mean by the columns they stand beside.

    Some tools write no question above the options (nor above those that nobody chose). An option that only one question
    has, beside others of that question, is certain if its cells say no more than whether it was chosen; an empty column
    is, too, after one of the same question.
    """
    meant = [_meant(index, match, claims, catalogue) for index, match in enumerate(matches)]
    whole = {question for of in meant for question, part in of.items() if part == ""}
    found: dict[int, list[_Claim]] = {}
    for index, match in enumerate(matches):
        if index not in claims or claims[index] or not _is_bare(match.column):
            continue
        column = match.column
        before = meant[index - 1] if index else {}
        after = meant[index + 1] if index + 1 < len(meant) else {}
        if catalogue.is_other_heading(column.heading):
            found[index] = _other_after(index, meant, has_answers(form, column), catalogue)
        elif meant[index]:
            answered = has_answers(form, column)
            beside = [question for question in meant[index] if before.get(question) or after.get(question)]
            unique = len(catalogue.questions_with_option(column.heading)) == 1
            told = _is_told_option(column) or (answered and _holds_choices(form, column, meant[index], catalogue))
            if answered and not _is_told_option(column) and not whole.isdisjoint(meant[index]):
                continue
            if answered and not told:
                if unique and beside:
                    found[index] = [_Claim(beside[0], meant[index][beside[0]], "wording", _NOT_TICKED)]
                continue
            if not unique and not answered:
                # Nothing is in it that could be given to the wrong question.
                nearer = before if any(before.values()) else after
                beside = [question for question in beside if nearer.get(question) and len(nearer) == 1]
            if len(beside) == 1 and (unique or not answered):
                meant[index] = {beside[0]: meant[index][beside[0]]}
                found[index] = [_Claim(beside[0], meant[index][beside[0]], "wording")]
            elif answered:
                doubt = "une option, loin des autres de sa question" if unique else "une option de plusieurs questions"
                likeliest = sorted(meant[index], key=lambda question: question not in before)
                found[index] = [_Claim(id, meant[index][id], "wording", doubt) for id in likeliest]
    return found


def _meant(
    index: int, match: Match, claims: Mapping[int, Sequence[_Claim]], catalogue: Catalogue
) -> dict[str, str | None]:
    """The questions, each with its option, that a column may stand for; one where that is known."""
    if index not in claims:
        question, _, part = match.target.partition("__")
        return {question: part} if question in catalogue.questions else {}
    if claims[index]:
        claim = claims[index][0]
        return {claim.question: claim.option} if len(claims[index]) == 1 and not claim.doubt else {}
    if not _is_bare(match.column):
        return {}
    return {
        question: code
        for question, code in catalogue.questions_with_option(match.column.heading).items()
        if catalogue.questions[question].type in PER_OPTION and code != "other"
    }


def _is_bare(column: Column) -> bool:
    """Whether a heading is all that is known of a column."""
    coded = column.option_code or column.code not in {"", column.heading}
    return column.role is None and not (column.option or coded)


def _is_told_option(column: Column) -> bool:
    """Whether the tool says that a column is one option, ticked or not."""
    return column.kind == "multiple" and [*map(normalise, column.options)] == [normalise(column.heading)]


def _holds_choices(form: Form, column: Column, meant: Mapping[str, str | None], catalogue: Catalogue) -> bool:
    """Whether every answer is a tick, a rank where options are ranked, or the option itself, in any of its wordings."""
    cells = {cell for cell in form.cells.counts(column.position) if not cell.isspace()} - form.not_shown - {""}
    ranked = any(catalogue.questions[question].type == "ranking" for question in meant)
    return all(
        normalise(cell) in _TICKS
        or (ranked and _RANK.fullmatch(normalise(cell)) is not None)
        or any(code in catalogue.options[question].find(cell) for question, code in meant.items())
        for cell in cells
    )


_NOT_TICKED = "une option, mais ses cellules disent autre chose que « choisie » ou « pas choisie »"
_NO_OTHER = "« autre » n'est pas proposé par cette question"
_OTHER_OF_WHICH = "« autre » : rien ne dit avec certitude de quelle question"


def _other_after(
    index: int, meant: Sequence[Mapping[str, str | None]], answered: bool, catalogue: Catalogue
) -> list[_Claim]:
    """What « autre » stands for after the columns of a question."""
    before = meant[index - 1] if index else {}
    offering = [question for question in before if catalogue.has_other(question)]
    if len(before) == 1 and offering:
        question = offering[0]
        standing: set[str | None] = set()
        for earlier in reversed(meant[:index]):
            if list(earlier) != [question]:
                break
            standing.add(earlier[question])
        options = {target.partition("__")[2] for target, of in catalogue.targets.items() if of == question}
        if options - {"", "other", "other_text"} and options - {"", "other", "other_text"} <= standing:
            return [_Claim(question, "other", "wording")]
    return [_Claim(question, "other", "wording", _OTHER_OF_WHICH) for question in offering] if answered else []


def _is_lone_other(column: Column, form: Form, catalogue: Catalogue) -> bool:
    """Whether a column holds answers that its heading ties to no question, but to « autre »."""
    return _is_bare(column) and catalogue.is_other_heading(column.heading) and has_answers(form, column)


def _by_question(claims: Mapping[int, Sequence[_Claim]]) -> dict[str, list[tuple[int, _Claim]]]:
    """The columns whose only claim, without doubt, is that question."""
    by_question: dict[str, list[tuple[int, _Claim]]] = defaultdict(list)
    for index, found in claims.items():
        if len(found) == 1 and not found[0].doubt:
            by_question[found[0].question].append((index, found[0]))
    return by_question


def _decide(
    match: Match,
    claims: Sequence[_Claim],
    by_question: Mapping[str, Sequence[tuple[int, _Claim]]],
    catalogue: Catalogue,
) -> Match:
    if not claims:
        return match
    if len(claims) > 1 or claims[0].doubt:
        likely = dict.fromkeys(_likely_target(claim, match.column, catalogue) for claim in claims)
        candidates = _three([_scored(target, match.column, catalogue) for target in likely], match.column, catalogue)
        return replace(match, status="doubtful", reason=claims[0].doubt, candidates=candidates)
    claim = claims[0]
    question = catalogue.questions[claim.question]
    if question.type in PER_OPTION:
        return _decide_option(match, claim, catalogue)
    if claim.option in {"other", "other_text"}:
        if not catalogue.has_other(question.id):
            return replace(match, reason=_NO_OTHER)
        return replace(match, status="certain", target=other_column(question.id), how=claim.how)
    if claim.option == "":
        return replace(match, status="certain", target=question.id, how=claim.how)
    if claim.option is not None:
        reason = "une colonne par option, pour une question à réponse unique"
        candidates = _three([_scored(question.id, match.column, catalogue)], match.column, catalogue)
        return replace(match, status="doubtful", reason=reason, candidates=candidates)
    # The text under the question is no option of it: it matters only if several columns share the question.
    others = [other for index, other in by_question[question.id] if other.option in {"", None}]
    if len(others) == 1:
        return replace(match, status="certain", target=question.id, how=claim.how)
    if any(other.option == "" for other in others):
        return replace(match, reason="la question a déjà sa colonne")
    reason = "plusieurs colonnes pour une question à réponse unique"
    candidates = _three([_scored(question.id, match.column, catalogue)], match.column, catalogue)
    return replace(match, status="doubtful", reason=reason, candidates=candidates)


def _decide_option(match: Match, claim: _Claim, catalogue: Catalogue) -> Match:
    if claim.option == "" or (claim.option is None and _is_placeholder(match.column.option)):
        return replace(match, status="certain", target=claim.question, how=claim.how)
    if claim.option is not None:
        # Whether « autre » was ticked or typed shows only in its cells.
        target = (
            other_column(claim.question)
            if claim.option in {"other", "other_text"}
            else option_column(claim.question, claim.option)
        )
        if target not in catalogue.targets:
            return replace(match, reason=_NO_OTHER)
        return replace(match, status="certain", target=target, how=claim.how)
    if catalogue.questions[claim.question].type == "ranking" and _names_rank(match.column):
        return replace(match, status="certain", target=claim.question, how=claim.how)
    option = match.column.option or match.column.option_code or _after_question(match.column, claim.question, catalogue)
    candidates = _option_candidates(claim.question, option, catalogue)
    if _RANK.fullmatch(normalise(option)):
        # « Question 2 » is more often the second choice than an option.
        candidates = (Candidate(claim.question, 100.0), *candidates)[:3]
    return replace(match, status="doubtful", reason="option inconnue de la question", candidates=candidates)


def _after_question(column: Column, question: str, catalogue: Catalogue) -> str:
    """What stands after a question in a heading that a tool wrote as one text."""
    ways = (*_joined(column.heading), *_slashed(column.heading))
    parted = (pair for pair in ways if question in catalogue.wordings.find(pair[0]))
    return next((option for _, option in parted), "")


def _is_placeholder(option: str) -> bool:
    return any(normalise(variant) in PLACEHOLDERS for variant in variants(option))


def _likely_target(claim: _Claim, column: Column, catalogue: Catalogue) -> str:
    if claim.option in {"other", "other_text"} and catalogue.has_other(claim.question):
        return other_column(claim.question)
    if catalogue.questions[claim.question].type not in PER_OPTION or claim.option == "":
        return claim.question
    if claim.option is not None:
        target = option_column(claim.question, claim.option)
        return target if target in catalogue.targets else claim.question
    candidates = _option_candidates(claim.question, column.option, catalogue)
    return candidates[0].target if candidates else claim.question


def _scored(target: str, column: Column, catalogue: Catalogue) -> Candidate:
    """A target with how alike its wording and the column's heading are."""
    question, _, part = target.partition("__")
    code = "other" if part == "other_text" else part
    texts = [(column.question or column.heading, column.option), *_joined(column.question or column.heading)]
    best = 0.0
    for text, option in texts:
        score = catalogue.wordings.nearest(text).get(question, 0.0)
        if code and option:
            score *= catalogue.options[question].nearest(option).get(code, 0.0) / 100
        elif code:
            # A heading without a question may be the option alone.
            score = max(score / 2, catalogue.options[question].nearest(text).get(code, 0.0))
        grid = catalogue.questions[question].grid
        if grid and option:
            row = catalogue.rows[grid].nearest(option).get(question, 0.0)
            score = max(score, catalogue.grids.nearest(text).get(grid, 0.0) * row / 100)
        best = max(best, score)
    return Candidate(target, round(best, 1))


def _three(first: Sequence[Candidate], column: Column, catalogue: Catalogue) -> tuple[Candidate, ...]:
    """These candidates, and after them the questions that the heading resembles most: three in all."""
    known = {catalogue.targets[candidate.target] for candidate in first}
    others = [question for question in catalogue.questions if question not in known]
    return (*first, *open_candidates(column, others, catalogue))[:3]


def _option_candidates(question: str, option: str, catalogue: Catalogue) -> tuple[Candidate, ...]:
    scores = catalogue.options[question].nearest(option)
    found = [
        Candidate(other_column(question) if code == "other" else option_column(question, code), round(score, 1))
        for code, score in scores.items()
    ]
    return tuple(sorted(found, key=lambda candidate: (-candidate.score, candidate.target))[:3])


def _settle_conflicts(matches: list[Match], form: Form, taken: set[str], known: Catalogue) -> None:
    """Two columns for one target: an empty one gives way, « autre » ticked or typed is told apart, others doubt."""
    claimed: dict[str, list[int]] = defaultdict(list)
    for index, match in enumerate(matches):
        if match.status == "certain":
            claimed[match.target].append(index)
    for target, indexes in claimed.items():
        question, _, part = target.partition("__")
        ticks = option_column(question, "other")
        if part == "other_text" and target not in taken and ticks in known.targets:
            indexes = _tell_other_apart(matches, indexes, ticks, form)
        if target in taken:
            for index in indexes:
                if takes_several_columns(target, known) and has_answers(form, matches[index].column):
                    # Of three columns of choices, a person may have decided on two.
                    matches[index] = _doubted_twin(matches[index], target)
                    continue
                matches[index] = replace(
                    matches[index], status="ignored", target="", reason="une autre colonne a été acceptée"
                )
            continue
        if len(indexes) > 1:
            filled = [index for index in indexes if has_answers(form, matches[index].column)] or indexes[:1]
            for index in set(indexes) - set(filled):
                matches[index] = replace(matches[index], status="ignored", target="", reason="colonne vide, en double")
            indexes = filled
        if len(indexes) > 1 and not all(_is_packed(matches[index], known) for index in indexes):
            for index in indexes:
                matches[index] = _doubted_twin(matches[index], target)


def _doubted_twin(match: Match, target: str) -> Match:
    reason = "plusieurs colonnes répondent à la même question"
    return replace(match, status="doubtful", target="", reason=reason, candidates=(Candidate(target, 100.0),))


def _is_packed(match: Match, known: Catalogue) -> bool:
    """Whether a column holds one of the options chosen, with others beside it: together they are one answer."""
    column = match.column
    if column.kind in {"multiple", "ranking"} and not column.option and not column.option_code:
        return True
    question = known.questions.get(match.target)
    return question is not None and question.type == "ranking" and _names_rank(column)


_RANK = re.compile(r"(?:(?:rang|rank|ranking|classement|rangfolge|rangplatz) ?)?[1-9][0-9]?")


def _names_rank(column: Column) -> bool:
    """Whether a column stands for a rank, and holds the option put there (`order[1]`, `Question [Rang 2]`)."""
    return any(_RANK.fullmatch(normalise(text)) for text in (column.option_code, column.option) if text)


def _tell_other_apart(matches: list[Match], indexes: list[int], ticks: str, form: Form) -> list[int]:
    """Of the columns of « autre », those that hold text; those that only hold ticks become the option's column."""
    texts = []
    for index in indexes:
        column = matches[index].column
        if _only_ticks(form, column):
            matches[index] = replace(matches[index], target=ticks)
        else:
            texts.append(index)
    return texts


_TICKS = frozenset(
    {
        *("x", "1", "0", "oui", "non", "yes", "no", "ja", "nein", "y", "n", "true", "false", "vrai", "faux"),
        *("checked", "coché", "unchecked", "non coché", "1.0", "0.0", "✓"),
    }
)


def _only_ticks(form: Form, column: Column) -> bool:
    """Whether every answer is a tick or the option's own heading."""
    headings = {normalise(variant) for text in (column.option, column.question) for variant in variants(text)}
    values = {normalise(cell) for cell in set(form.cells.counts(column.position)) - form.not_shown} - {""}
    return bool(values) and values <= (_TICKS | headings)


def has_answers(form: Form, column: Column) -> bool:
    """Whether any cell holds something that a respondent may have answered."""
    return any(
        cell and not cell.isspace() and cell not in form.not_shown for cell in set(form.cells.counts(column.position))
    )


# Alike: what a person should look at


def _look_for_alike(matches: list[Match], catalogue: Catalogue) -> None:
    """Columns left over that resemble a question nobody answers become doubtful, with their best candidates."""
    answered = {catalogue.targets[match.target] for match in matches if match.decided}
    open_questions = set(catalogue.questions) - answered
    scores: dict[str, dict[str, float]] = {}
    for index, match in enumerate(matches):
        if match.status != "ignored" or match.reason or match.column.role is not None:
            continue
        found = _alike(match.column, catalogue, scores)
        best = next((c for c in found if catalogue.targets[c.target] in open_questions), None)
        if best is not None and best.score >= DOUBTFUL and best.score >= found[0].score - 5:
            ranked = (best, *(candidate for candidate in found if candidate != best))
            candidates = _three(ranked, match.column, catalogue)
            matches[index] = replace(
                match, status="doubtful", reason="intitulé proche", how="similarity", candidates=candidates
            )


def _alike(column: Column, catalogue: Catalogue, scores: dict[str, dict[str, float]]) -> list[Candidate]:
    found: dict[str, float] = {}
    question = column.question or column.code
    if question not in scores:
        scores[question] = {**catalogue.wordings.nearest(question)}
    for id, score in scores[question].items():
        if score < 50:
            continue
        if not column.option or catalogue.questions[id].type not in PER_OPTION:
            found[id] = score
            continue
        for candidate in _option_candidates(id, column.option, catalogue)[:1]:
            found[candidate.target] = score * candidate.score / 100
    if column.option:
        for grid, score in catalogue.grids.nearest(column.question).items():
            for row, row_score in catalogue.rows[grid].nearest(column.option).items():
                found[row] = max(found.get(row, 0.0), score * row_score / 100)
    elif not any(score >= DOUBTFUL for score in found.values()):
        for id, options in catalogue.options.items():
            if catalogue.questions[id].type in PER_OPTION:
                for code in options.find(question) - {"other", "none"}:
                    found[option_column(id, code)] = 100.0
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Candidate(target, round(score, 1)) for target, score in ranked]


def nearest_columns(question: str, matches: Sequence[Match], catalogue: Catalogue) -> list[tuple[float, Match]]:
    """The three columns most like a question that none answers, best first, each with its score."""
    wordings = catalogue.wordings
    labels = [wording for wording, ids in wordings.exact.items() if question in ids]
    scored = [
        (
            round(
                max(
                    similarity(text, label)
                    for label in labels
                    for text in variants(match.column.question or match.column.heading)
                ),
                1,
            ),
            match,
        )
        for match in matches
        if not match.decided and match.column.heading and match.column.role is None
    ]
    return sorted(scored, key=lambda item: (-item[0], item[1].column.position))[:3]


def open_candidates(column: Column, questions: Sequence[str], catalogue: Catalogue) -> tuple[Candidate, ...]:
    """The three of these questions (or their likeliest options) that a column resembles most, however little.

    They are ranked by the words they share, so that a short heading finds the long question it stands for; the score
    says how alike the wordings are.
    """
    text = column.question or column.heading
    scores = catalogue.wordings.nearest(text)
    ranks = catalogue.shared_words(text)
    ranked = sorted(questions, key=lambda id: (-max(ranks[id], scores.get(id, 0.0)), -scores.get(id, 0.0), id))[:3]
    candidates = []
    for id in ranked:
        options = _option_candidates(id, column.option, catalogue) if column.option else ()
        target = options[0].target if options and catalogue.questions[id].type in PER_OPTION else id
        candidates.append(Candidate(target, round(scores.get(id, 0.0), 1)))
    return tuple(candidates)
