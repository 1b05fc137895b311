"""What went wrong, in words for the person who can mend it?

SignalboxError            anything we refuse or cannot do; str() is ready to be read
├── ConfigurationError    a setting, a manifest or a command line is wrong (exit code 2)
│   └── MissingExtra      a part was asked for whose libraries are not installed
├── Unavailable           a server we stand on does not answer; worth trying again
└── Refused               no for good, by a server we stand on or by a rule of ours; trying again changes nothing
    ├── NotFound          what was named is not there
    └── Conflict          it would be possible if something else were different: a taken name, a changed revision
"""

from __future__ import annotations


class SignalboxError(Exception):
    """Root of everything raised on purpose. Its text names what was refused, where, and what to do."""


class ConfigurationError(SignalboxError):
    """A setting, a manifest or a command line that we will not start with."""


class MissingExtra(ConfigurationError):
    """A part needs libraries that are installed only with an extra."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs libraries that are not installed: run  pip install 'signalbox-status[{extra}]'")
        self.extra = extra


class Unavailable(SignalboxError):
    """A store, database or broker does not answer now."""


class Refused(SignalboxError):
    """A store, database or broker answered, and said no for good; or a rule of ours does."""


class NotFound(Refused):
    """What was named is not there."""


class Conflict(Refused):
    """It would be possible if something else were different, which the text names."""
