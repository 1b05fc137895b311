"""`/ack/TOKEN`: who got a notice says that they look after it. The link asks, its button acknowledges.

Mail scanners and chat previews fetch links: a GET changes nothing. The token is the permission; there is no cookie
that another site could make a browser send along.
"""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from signalbox import clock
from signalbox.api.deps import OfSite
from signalbox.api.site import Site
from signalbox.db import Database
from signalbox.db.vault import Vault
from signalbox.errors import Refused
from signalbox.notifications import links, outbox
from signalbox.notifications.links import Claim
from signalbox.notifications.texts import line

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=4_096)]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/24px system-ui,sans-serif;margin:0;padding:16px}"
    "main{max-width:36rem;margin:10vh auto;overflow-wrap:anywhere}h1{font-size:24px;line-height:30px}"
    "button{font:inherit;font-weight:600;min-height:44px;padding:8px 20px;border:2px solid;border-radius:4px;"
    "background:none;color:inherit;cursor:pointer}"
)


@router.get("/ack/{token}")
def ask(site: OfSite, token: Token) -> HTMLResponse:
    """What the link is for, and a button. Changes nothing."""
    database, claim = _claim(site, token)
    with database.read() as session:
        found = [thread for name in claim.threads if (thread := outbox.find(session, name)) is not None]
    if not found:
        raise HTTPException(404)
    open_ = [one for one in found if one.closed_at is None]
    if not open_:
        return _page("This is over already", "There is nothing left to acknowledge.")
    if all(one.acknowledged_at is not None for one in open_):
        return _page("Somebody looks after it already", f"Acknowledged by {line(open_[0].acknowledged_by)}.")
    what = ", ".join(line(one.monitor or one.thread, 120) for one in open_)
    return _page(
        "Do you look after it?",
        f"{what}: no reminders and nobody further will be called. You will still hear when it is over.",
        '<form method="post"><button>Yes, acknowledge</button></form>',
    )


@router.post("/ack/{token}")
def acknowledge(site: OfSite, token: Token) -> HTMLResponse:
    """Acknowledge all that the link names and that is not over."""
    database, claim = _claim(site, token)
    with database.begin() as session:
        done = [_acknowledged(session, name, claim) for name in claim.threads]
    if any(done):
        return _page("Thank you", "It is acknowledged: no more reminders. You will hear when it is over.")
    return _page("Nothing to do", "It was acknowledged before, or is over already.")


def _acknowledged(session: Session, thread: str, claim: Claim) -> bool:
    try:
        return outbox.acknowledge(session, thread, f"link:{claim.channel}", clock.now())
    except Refused:  # told of long ago, and forgotten
        return False


def _claim(site: Site, token: str) -> tuple[Database, Claim]:
    """What the token says. One that is not ours or too old is answered as if nothing were here."""
    if site.database is None:
        raise HTTPException(404)
    with site.database.read() as session:
        claim = links.read(Vault.of(session), token, clock.now())
    if claim is None:
        raise HTTPException(404)
    return site.database, claim


def _page(title: str, text: str, form: str = "") -> HTMLResponse:
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1><p>{escape(text)}</p>{form}</main>"
        "</body></html>"
    )
    return HTMLResponse(body, headers=_HEADERS)
