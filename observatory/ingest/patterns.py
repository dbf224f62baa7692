"""What addresses, numbers and dates look like as text, wherever a file is looked through for them.

Belongs here: patterns that mean the same in several modules. Does not belong here: what one module alone looks for
(telephone numbers and places: personal.py; answers that are numbers: questions.py).
"""

from __future__ import annotations

import re

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^\W\d_]{2,}")
"""A whole text that is an e-mail address."""

EMAIL_INSIDE = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
"""An e-mail address within a text."""

_AT = r"(?:@|＠|[(\[{]\s*(?:at|a|arobase|@)\s*[)\]}])"
_DOT = r"(?:\.|．|\s*[(\[{]\s*(?:dot|point|\.)\s*[)\]}]\s*)"
EMAIL_DISGUISED = re.compile(rf"[\w.+%'-]+\s*{_AT}\s*[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[^\W\d_]{{2,}}\b", re.IGNORECASE)
"""An e-mail address within a text, also one written for people: « jean (at) x.fr », « jean @ x.fr », « jean＠x.fr »."""

MAY_BE_EMAIL = re.compile(r"[@＠]|[(\[{]\s*(?:at|a|arobase)\s*[)\]}]", re.IGNORECASE)
"""What every such address has."""

NUMBER_OR_DATE = re.compile(r"[-+]?\d[\d\s.,:/T-]*[%€Z]?")
"""A whole text that is a number, a date or a moment, and so heads no column."""
