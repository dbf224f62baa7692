"""Ingest: the files people drop into the inbox become one table of texts.

Belongs here: opening files, recognising the tool that wrote them, finding which column
answers which question, and merging the files of one audience. Does not belong here: what
an answer means or whether it is right (validate).

Everything stays text until the questionnaire types it. Problems name files, rows and
columns, never a respondent's answer.
"""

from observatory.ingest.inbox import Ingested, read_inbox
from observatory.ingest.mapping import accept

__all__ = ["Ingested", "accept", "read_inbox"]
