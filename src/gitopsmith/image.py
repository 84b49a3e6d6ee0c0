"""A container image by the parts of its reference."""

from __future__ import annotations

import re
from typing import NamedTuple

_MOVING = re.compile(
    r"(?:[a-z]+[-_.])?"
    r"(?:stable|mainline|main|master|trunk|head|devel|develop|dev|edge|nightly|canary|unstable|snapshot|current|rolling|next|"
    r"release|prod|production|staging|stage|testing|test|qa|lts|beta|alpha|preview)"
    r"(?:[-_.][a-z]+)*|(?:[a-z0-9.]+[-_])*latest(?:[-_][a-z0-9.]+)*",
    re.IGNORECASE,
)
_MAJOR = re.compile(r"v?\d{1,2}(?:-[a-z]+)*", re.IGNORECASE)


class Image(NamedTuple):
    """The parts of an image reference; ``name`` holds the registry, with its port."""

    name: str
    tag: str
    digest: str

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def version(self) -> str:
        """What to call it among others of its name: its tag, else the beginning of its digest."""
        return self.tag or self.digest[:19] or "latest"


def parse(reference: str) -> Image:
    """Cuts an image reference at its marks: ``[registry[:port]/]path[:tag][@digest]``."""
    rest, _, digest = reference.partition("@")
    folder, slash, last = rest.rpartition("/")
    last, _, tag = last.partition(":")
    return Image(folder + slash + last, tag, digest)


def is_moving(tag: str) -> bool:
    """Tells whether a tag is one that publishers move with their releases; ``latest`` aside."""
    return tag not in {"", "latest"} and bool(_MOVING.fullmatch(tag) or _MAJOR.fullmatch(tag))
