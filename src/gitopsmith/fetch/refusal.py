"""Why something is not to be had from elsewhere."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a sentence for the user
    """What was asked for is not to be had; the text says why, without any secret."""


class Moving(Refused):
    """What was asked for as a tag is a branch there, and will be another thing tomorrow."""
