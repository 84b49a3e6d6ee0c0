"""A container image by the parts of its reference."""

from __future__ import annotations

from typing import NamedTuple


class Image(NamedTuple):
    """The parts of an image reference; ``name`` holds the registry, with its port."""

    name: str
    tag: str
    digest: str


def parse(reference: str) -> Image:
    """Cuts an image reference at its marks: ``[registry[:port]/]path[:tag][@digest]``."""
    rest, _, digest = reference.partition("@")
    folder, slash, last = rest.rpartition("/")
    last, _, tag = last.partition(":")
    return Image(folder + slash + last, tag, digest)
