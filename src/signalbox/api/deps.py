"""What may an endpoint ask for?"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from signalbox.api.site import Site


def site(connection: HTTPConnection) -> Site:
    """What this application serves from; there from the end of its start to the beginning of its end."""
    found: Site = connection.app.state.site
    return found


OfSite = Annotated[Site, Depends(site)]
