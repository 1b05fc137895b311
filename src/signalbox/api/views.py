"""Which views of pages are served? Those that the gallery knows: incidents, history, days, monitors and so on."""

from __future__ import annotations

from starlette.types import Scope, Send

from signalbox.api.clients import client
from signalbox.api.paths import STRICT
from signalbox.api.ready import send_body, settled
from signalbox.pages.views.gallery import Gallery


async def answer(gallery: Gallery, path: str, scope: Scope, send: Send) -> bool:
    """Answer a GET for a view; False, with nothing sent, if no page has one at that path below the site's root."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    wanted = gallery.wanted(path, scope["query_string"].decode("latin-1"), accepted.decode("latin-1"))
    if wanted is None:
        return False
    (body,) = await settled(gallery.view(wanted, client(scope)))
    policy = gallery.policy
    extra = [(b"vary", b"accept-language"), (b"content-security-policy", policy.encode() if policy else STRICT)]
    await send_body(body, scope, send, extra=extra)
    return True
