"""Words that say what a figure does: « en hausse de 3,2 points », « non comparable (rupture) ».

Belongs here: choosing the word for a change. Does not belong here: computing it (lookup.py), writing the
number (numbers.py). Only a significant change goes up or down.
"""

from __future__ import annotations

from observatory.publish.labels import Labels, say
from observatory.publish.lookup import Change
from observatory.publish.numbers import NO_BREAK_SPACE, points


def change_words(change: Change, labels: Labels, language: str, since: bool = True) -> str:
    """The words for a change, to follow a comma; empty where there is no earlier edition to compare with."""
    if change.state == "absent":
        return ""
    if change.value is None or change.state in {"uncertain", "stable"}:
        words = say(labels, f"change.{change.state}")
    elif change.state == "untested":
        words = say(labels, "change.untested", points=points(change.value, language=language, sign=True))
    else:
        words = say(labels, f"change.{change.state}", points=points(abs(change.value), language=language))
    return f"{words} {say(labels, 'change.since', edition=change.previous)}" if since else words


NOT_SIGNIFICANT = "ns"
NOT_TESTED = "nt"


def change_sign(change: Change, language: str) -> str:
    """A change as a cell shows it: « +3,2 », « −0,4 ns », « b » for a break, « c » or « u » withheld, « – » none."""
    if change.value is None:
        if change.state == "withheld":
            return "u" if change.reason == "quality" else "c"
        return "b" if change.state == "broken" else "–"
    text = points(change.value, language=language, sign=True, unit=False)
    if change.state in {"up", "down"}:
        return text
    return f"{text}{NO_BREAK_SPACE}{NOT_TESTED if change.state == 'untested' else NOT_SIGNIFICANT}"
