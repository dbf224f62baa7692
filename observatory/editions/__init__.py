"""What an edition is: the folders of `survey_schemas/` read into typed, checked objects.

Belongs here: questionnaires, lists, indicators, targets, thresholds, lineage, and the
expressions that conditions are written in. Does not belong here: answers, files of
respondents, figures, anything that knows a form tool or a page.
"""
