"""The questionnaire as a file to load into a form tool, with its routing and its constraints.

Belongs here: LimeSurvey's tab-separated structure (limesurvey.py), XLSForm for KoboToolbox
and ODK (xlsform.py), what both share: the outline of a questionnaire (outline.py), its
conditions in a tool's language (translate.py), the words that are not the questionnaire's
(texts.py), codes that must come back (codes.py), and the step that writes files (step.py).
Does not belong here: answers, which come back through observatory.ingest.
"""
