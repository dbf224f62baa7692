"""Figures become the barometer: charts, tables, prose, HTML and PDF.

Reads the table of figures and the edition, never an answer, never a file of the inbox.
"""
