"""The words that are not ours: click's own (Usage, Options, No such command…), in the team's language.

Belongs here: which language those words take, and their catalogues (`make locale` compiles them). Does not belong
here: our own messages, which are written where they are said, in French.
"""

from __future__ import annotations

import gettext
import os
from importlib import resources

DOMAIN = "messages"
"""The domain that `gettext.gettext` reads unless told otherwise, as click does."""


def activate(language: str) -> None:
    """Make click speak that language ("fr"); one without a catalogue leaves click's English.

    Acts on the whole process and, through LANGUAGE, on those it starts. Call it before click words anything: click
    translates most words when it prints them, but the help of `version_option` and the names of `click.Path`
    when the command is declared.
    """
    gettext.bindtextdomain(DOMAIN, str(resources.files("observatory.locale")))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language
