"""Numbered steps of the relational schema. A released step is never changed; a new one is a new file."""

NEWEST = "0011"
"""The last step: a database that has seen it is up to date."""
