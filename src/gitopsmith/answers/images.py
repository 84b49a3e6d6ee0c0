"""Images of applications: the parts of a reference, and whether it names one build."""

from __future__ import annotations

import re

from gitopsmith.image import parse

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MAJOR = re.compile(r"v?[0-9]{1,2}(-[a-z]+)*")
_EXAMPLE = "such as ghcr.io/acme/web:1.4.2"


def problem(reference: str) -> str:
    """Returns why a reference cannot stand for what was tested, empty when it can.

    The grammar is that of https://github.com/distribution/reference. What is no reference is not repeated: it may be
    a URL with a login.
    """
    image = parse(reference)
    if not _NAME.fullmatch(image.name):
        if _NAME.fullmatch(image.name.lower()):
            return f"{image.name!r} has capitals, which registries refuse; write {image.name.lower()!r}"
        return f"is no image reference; write registry, path and tag, {_EXAMPLE}"
    if "@" in reference and not _DIGEST.fullmatch(image.digest):
        return "has a malformed digest; a digest is sha256: and 64 digits of 0-9 and a-f"
    if image.tag and not _TAG.fullmatch(image.tag):
        return f"{image.tag!r} is no tag; write letters, digits, '.', '_' and '-', {_EXAMPLE}"
    if not image.digest and not image.tag:
        return f"{image.name!r} has no tag, which means whatever was pushed last; write {image.name}:VERSION"
    if not image.digest and floats(image.tag):
        return f"tag {image.tag!r} moves with every release; write a whole version or a digest, {_EXAMPLE}"
    return ""


def floats(tag: str) -> bool:
    """Tells whether a tag is moved by those who publish the image: a lone major, ``latest``, or a word."""
    low = tag.lower()
    return bool(_MAJOR.fullmatch(low)) or "latest" in re.split("[-_.]", low) or not re.search("[0-9]", low)
