"""Which addresses does a name have? See `lookups.py`."""

from signalbox.resolver.lookups import PATIENCE, Lookup, Resolver
from signalbox.resolver.others import Resolvers

__all__ = ["PATIENCE", "Lookup", "Resolver", "Resolvers"]
