"""Signalbox watches services and publishes their status page."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("signalbox-status")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+source"
