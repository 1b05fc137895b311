"""What short, lasting id does a name get?"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

LONGEST = 80
PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$"


def slug(name: str) -> str:
    """Lower-case ASCII letters, digits and single hyphens, at most 80 characters; may be empty.

    Accents are dropped by compatibility decomposition (Unicode NFKD); letters that have no ASCII form
    are written as their code points, so that names in any script get distinct ids.
    """
    ascii_name = "".join(
        character if character.isascii() else f"-u{ord(character):x}-" if character.isalnum() else "-"
        for character in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(character)
    )
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:LONGEST].strip("-")


def name_of_url(url: str) -> str:
    """The name a bare URL gets: host and path (`questdb.io/docs`), without credentials, query or port 80/443."""
    parts = urlsplit(url)
    host = parts.hostname or url
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return f"{host}{port}{parts.path.rstrip('/')}"


def slug_of_url(url: str) -> str:
    """The id a bare URL gets: the slug of its name."""
    return slug(name_of_url(url))
