"""Which addresses does a name have? See `lookups.py`."""

from signalbox.resolver.lookups import PATIENCE, Lookup, Resolver

__all__ = ["PATIENCE", "Lookup", "Resolver"]
