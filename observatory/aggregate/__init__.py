"""Validated answers become figures, in DuckDB.

Belongs here: what is computed from validated tables, and the table of figures. Does not
belong here: files, form tools, pages. Each statement is a `.sql` file; Python only says
which questions, options, domains and fields the edition asks for.
"""
