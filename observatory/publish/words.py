"""Words that say what a figure does: « en hausse de 3,2 points », « non comparable (rupture) ».

Belongs here: choosing the word for a change. Does not belong here: computing it (lookup.py), writing the
number (numbers.py). As long as no interval is published for a change, the word describes the difference and
claims nothing about its significance; the method note says so.
"""

from __future__ import annotations

from observatory.publish.labels import Labels, say
from observatory.publish.lookup import Change
from observatory.publish.numbers import points


def change_words(change: Change, labels: Labels, language: str, since: bool = True) -> str:
    """The words for a change, to follow a comma; empty where there is no earlier edition to compare with."""
    if change.state == "absent":
        return ""
    if change.value is None or change.state in {"broken", "withheld", "uncertain", "stable"}:
        words = say(labels, f"change.{change.state}")
    else:
        words = say(labels, f"change.{change.state}", points=points(abs(change.value), language=language))
    return f"{words} {say(labels, 'change.since', edition=change.previous)}" if since else words


def change_sign(change: Change, language: str) -> str:
    """A change as a cell shows it: « +3,2 », « −0,4 », « = », « b » for a break, « c » withheld, « – » for none."""
    if change.value is not None:
        return points(change.value, language=language, sign=True)
    return {"broken": "b", "withheld": "c"}.get(change.state, "–")
