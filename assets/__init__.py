"""The Dagster graph of the yearly run: ingest -> validate -> aggregate -> publish.

Belongs here: assets, partitions, checks, sensors, resources and their metadata, a few
lines each, calling `observatory`. Does not belong here: any rule, statement or wording of
the barometer. Metadata never holds an answer.
"""
