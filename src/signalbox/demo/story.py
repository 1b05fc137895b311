"""What happened in the demo's past that people wrote about? Incidents with what was said of them, work, annotations.

Plain data. Days are counted back from the day the demo is made on; clocks are those of the page's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from signalbox.demo.ailments import (
    BAD_GATEWAY,
    EXPIRED,
    NO_NAME,
    REFUSED,
    SERVER_ERROR,
    SLOW,
    TIMEOUT,
    UNAVAILABLE,
    Ailment,
)
from signalbox.incidents.specs import Affected, Impact, Status

LOOKING, FOUND, MENDED, OVER = Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING, Status.RESOLVED
WORSE, PART, OUT, FINE = Affected.DEGRADED, Affected.PARTIAL, Affected.MAJOR, Affected.OPERATIONAL


class Part(NamedTuple):
    """A trouble of one monitor. Minutes are counted from where its incident begins."""

    monitor: str
    after: float
    lasts: float
    ailment: Ailment


class Said(NamedTuple):
    """One update."""

    after: float  # minutes
    status: Status
    body: str
    monitors: Mapping[str, Affected] = {}
    promised: float | None = None  # minutes until the next one


class Case(NamedTuple):
    """One incident."""

    name: str
    days: int  # ago
    clock: str  # when it began
    title: str
    impact: Impact
    parts: tuple[Part, ...]
    said: tuple[Said, ...]
    postmortem: str = ""
    learnt: float = 24.0  # hours after its end that the postmortem was written


CASES = (
    Case(
        "jobs-behind", 81, "06:05", "Background jobs run late", Impact.MINOR,
        (Part("jobs", 0, 96, REFUSED),),
        (
            Said(9, LOOKING, "Exports and thumbnails are not being made at the moment.", {"jobs": OUT}),
            Said(41, FOUND, "The queue's disk is full. We are making room.", {"jobs": OUT}),
            Said(99, MENDED, "Jobs run again. The backlog of 41,000 will take about an hour.", {"jobs": WORSE}),
            Said(168, OVER, "The backlog is worked off; nothing was lost."),
        ),
    ),
    Case(
        "singapore-slow", 63, "03:20", "Slow answers in Asia", Impact.MINOR,
        (Part("singapore", 0, 288, SLOW),),
        (
            Said(14, LOOKING, "Readers in Asia wait longer than usual for maps.", {"singapore": WORSE}),
            Said(55, FOUND, "A submarine cable is cut; our carrier goes round by another one.", {"singapore": WORSE}),
            Said(292, OVER, "Traffic takes its usual way again."),
        ),
    ),
    Case(
        "certificate", 41, "02:00", "Map tiles refused by browsers", Impact.CRITICAL,
        (Part("tiles", 0, 192, EXPIRED), Part("portal", 0, 150, EXPIRED)),
        (
            Said(7, LOOKING, "Browsers refuse map tiles, and our certificate.", {"tiles": OUT, "portal": OUT}),
            Said(
                38, FOUND, "The certificate ran out at 02:00. The new one was made last week, but not put in place.",
                {}, 90,
            ),
            Said(118, FOUND, "Half of the servers have the new certificate.", {"tiles": PART}, 60),
            Said(193, MENDED, "All servers have it.", {"tiles": FINE, "portal": FINE}),
            Said(236, OVER, "Tiles are served everywhere again."),
        ),
        "The certificate of `tiles.larkspur.example` ran out at 02:00. A new one had been made"
        " five days before, but the job that hands it to the servers had been switched off during the move of the build"
        " machines, and nobody was told.\n\n## What we do about it\n\n- The hand-over runs again, and alarms when it"
        " has not run for a day.\n- Our monitors warn **14 days** before a certificate ends, not 3.\n",
    ),
    Case(
        "name-lost", 24, "15:40", "Sign-in and API cannot be found", Impact.MAJOR,
        (Part("accounts", 0, 38, NO_NAME), Part("api", 2, 34, NO_NAME), Part("webhooks", 3, 31, NO_NAME)),
        (
            Said(5, LOOKING, "Some of our names are not found. The website works.", {"accounts": OUT, "api": OUT}),
            Said(19, FOUND, "A change to our zone lost three records. It is put back.", {"webhooks": OUT}),
            Said(40, MENDED, "The records are there again; name servers remember the gap for up to ten minutes."),
            Said(58, OVER, "All names are found."),
        ),
        "A tool of ours sorted the zone file and dropped names with an underscore beside them. It now compares the"
        " number of records before and after, and refuses to publish when any are gone.",
    ),
    Case(
        "checkout-down", 9, "18:52", "Checkout and card payments unavailable", Impact.CRITICAL,
        (Part("checkout", 0, 74, BAD_GATEWAY), Part("cards", 3, 68, TIMEOUT), Part("invoices", 6, 52, SERVER_ERROR)),
        (
            Said(4, LOOKING, "Orders cannot be completed. We look into it.", {"checkout": OUT, "cards": OUT}, 20),
            Said(
                21, FOUND, "The payment database refuses connections since today's release. We roll it back.",
                {"invoices": PART}, 30,
            ),
            Said(49, FOUND, "One of three servers is rolled back; payments begin to work.", {"cards": PART}),
            Said(
                76, MENDED, "Payments work. Orders from 18:52 on were **not charged twice**; open carts are kept.",
                {"checkout": FINE, "cards": FINE, "invoices": FINE},
            ),
            Said(121, OVER, "All is well since 20:06."),
        ),
        "The release at 18:49 opened a database connection for each request instead of taking one from the pool. At the"
        " evening's peak the limit of 400 was reached within three minutes; from then on every order failed. We found"
        " the cause at 19:13, and the last server was rolled back at 20:06.\n\n## What we do about it\n\n"
        "1. Releases are tried with an evening's load first.\n2. The pool's limit is lower than the database's.\n"
        "3. No releases between 17:00 and 22:00.\n",
        18,
    ),
    Case(
        "mail-late", 1, "10:17", "Mails arrive late", Impact.MINOR,
        (Part("email", 0, 31, UNAVAILABLE), Part("email", 31.2, 22, SLOW)),
        (
            Said(6, LOOKING, "Order confirmations and password mails are late.", {"email": PART}),
            Said(33, MENDED, "The mail server is back and works off its queue.", {"email": WORSE}),
            Said(61, OVER, "Every mail has been delivered.", {"email": FINE}),
        ),
    ),
)  # fmt: skip

OPEN = Case(
    "search-slow", 0, "", "Search is slow", Impact.MINOR,
    (Part("search", 0, 9, TIMEOUT), Part("search", 9.2, 34, SLOW), Part("routing", 17, 6, SLOW)),
    (
        Said(4, LOOKING, "Searching for places fails or takes long.", {"search": OUT}),
        Said(
            12, FOUND, "One of four search servers lost its index. The others carry its load, and answer slowly.",
            {"search": WORSE}, 35,
        ),
        Said(32, FOUND, "The index is being built anew: 60 % are done.", {}, 20),
        Said(45, MENDED, "The index is complete, and searching is as fast as usual.", {"search": FINE}),
        Said(58, OVER, "Search has been fast for a quarter of an hour."),
    ),
)  # fmt: skip
"""The one that is open when the demo begins; what is said last comes while it is watched."""
BEGAN = 26
"""Minutes ago that it began."""


class Planned(NamedTuple):
    """Work. `at`: days from today (before: negative) and clock, or minutes from now."""

    title: str
    text: str
    at: tuple[int, str] | float
    lasts: float  # minutes
    monitors: tuple[str, ...]
    expected: str
    parts: tuple[Part, ...] = ()
    rrule: str | None = None


WORKS = (
    Planned(
        "Upgrade of the payment database", "Payments and invoices are not available meanwhile. Carts are kept.",
        (-20, "04:00"), 50, ("cards", "invoices", "refunds"), "down",
        (Part("invoices", 4, 31, UNAVAILABLE), Part("refunds", 5, 30, UNAVAILABLE), Part("cards", 6, 22, UNAVAILABLE)),
    ),
    Planned(
        "New imagery of the Alps", "Tiles above 1,200 m are drawn anew.", (-47, "22:00"), 240, ("tiles",), "none",
        (Part("tiles", 61, 27, SLOW),),
    ),
    Planned(
        "Monthly check of backups", "", (-88, "05:00"), 30, ("jobs",), "brief", rrule="FREQ=MONTHLY;BYDAY=2SU"
    ),
    Planned(
        "Virginia moves to new machines", "", -35, 90,
        ("virginia",), "brief",
    ),
    Planned(
        "Move of the mail servers", "Mails may arrive up to ten minutes late.", (3, "23:00"), 60, ("email",), "brief",
    ),
)  # fmt: skip


class Note(NamedTuple):
    """What was said afterwards of a trouble that was none."""

    monitor: str
    days: int
    clock: str
    lasts: float
    ailment: Ailment
    what: str
    text: str


NOTES = (
    Note("help", 33, "11:10", 26, REFUSED, "false-positive", "Our new firewall refused the monitor alone"),
    Note("webhooks", 13, "09:30", 17, TIMEOUT, "our-side", "The monitor's own network was being rewired"),
)  # fmt: skip

PAUSED = ("reports", 6, "17:30")
"""Nobody asks this one since."""
NEW = ("portal", 12, "10:00")
"""This one is watched only since."""
GAP = ("singapore", 17, "02:10", 164)
"""Nobody asked this one for so many minutes."""
