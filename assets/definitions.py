"""Where Dagster's pages find the graph: `defs`.

Belongs here: the graph over the places that the environment names. The command builds its own (graph.py).
"""

from assets.graph import build_definitions
from observatory.locations import locations

defs = build_definitions(locations())
