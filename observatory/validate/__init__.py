"""From answers as text to typed answers: what is refused is listed, what is kept is sound.

Belongs here: typing cells by the questionnaire, its Pandera schema, who counts as a
respondent, corrections, the quarantine spreadsheet. Does not belong here: reading form
exports (ingest), storing tables, anything computed over respondents (aggregate).
"""
