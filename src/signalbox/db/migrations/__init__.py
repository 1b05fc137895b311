"""Numbered steps of the relational schema. A released step is never changed; a new one is a new file."""
