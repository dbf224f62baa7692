"""Simulated waves: form exports of plausible answers, made from the questionnaires themselves.

Belongs here: writing a wave's files into a workspace, and refusing one that holds real
answers. Does not belong here: who answers (population.py), what (answers.py), with what
mistakes (flaws.py), in which tool's format (exports.py), the known distributions
(shares.yaml).
"""
