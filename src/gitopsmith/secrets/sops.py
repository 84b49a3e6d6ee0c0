"""Reads what SOPS encrypts: its metadata, what of an object it would encrypt, and which files a repository gives it.

What is encrypted is decided as ``sops.go`` does (3.13), what is metadata as ``stores/stores.go``, and which file falls
under which creation rule as ``config/config.go``: the nearest ``.sops.yaml`` above it, and in that the first rule that
fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from gitopsmith.finding import Route
from gitopsmith.manifest import items, mapping, scalars, text

CONFIGURATION = ".sops.yaml"
CIPHERTEXT = "ENC[AES256_GCM,data:"
_RECIPIENTS = ("age", "pgp", "kms", "gcp_kms", "azure_kv", "hc_vault", "hckms", "key_groups")
_COSTLY = r"\([^()]*[*+{][^()]*\)[*+{]"
"""A repeated group with a repetition in it, over which Python could take long."""
_SopsRule = tuple[Callable[[str, str], bool], str, bool]


def _ends(suffix: str, key: str) -> bool:
    return key.endswith(suffix)


def _matches(pattern: str, key: str) -> bool:
    return re.search(pattern, key) is not None


_SOPS_RULES: tuple[tuple[str, Callable[[str, str], bool], bool], ...] = (
    ("unencrypted_suffix", _ends, False),
    ("encrypted_suffix", _ends, True),
    ("unencrypted_regex", _matches, False),
    ("encrypted_regex", _matches, True),
)
"""What may stand in the metadata: how it is compared with a key, and whether what it matches is to be encrypted."""
_SOPS_DEFAULT: list[_SopsRule] = [(_ends, "_unencrypted", False)]


def is_sops(body: Any) -> bool:
    """Tells whether SOPS wrote an object: its metadata has a message authentication code."""
    block = mapping(body, "sops")
    return text(block, "mac").startswith("ENC[") and ("lastmodified" in block or "version" in block)


def sops_unencrypted(body: dict[str, Any]) -> Iterator[Route]:
    """Yields the routes of the values that a SOPS object's own rules want encrypted, and that are not.

    None are known where comments decide, since rendered objects have none, or where a pattern cannot be read here.
    """
    block = mapping(body, "sops")
    rules = [(patterns, text(block, name), wants) for name, patterns, wants in _SOPS_RULES if text(block, name)]
    if any(text(block, name) for name in ("encrypted_comment_regex", "unencrypted_comment_regex")):
        return
    with suppress(re.error):
        for route, value in scalars({key: value for key, value in body.items() if key != "sops"}):
            is_encrypted = isinstance(value, str) and value.startswith(CIPHERTEXT)
            if value not in (None, "") and not is_encrypted and _wants_encryption(rules or _SOPS_DEFAULT, route):
                yield route


def _wants_encryption(rules: list[_SopsRule], route: Route) -> bool:
    """Tells what a file's rule says, of which SOPS takes one; it looks at every key on the way to the value."""
    keys = [step for step in route if isinstance(step, str)]
    matches, pattern, wants = rules[-1]
    return any(matches(pattern, key) for key in keys) == wants


class CreationRule(NamedTuple):
    """What a ``.sops.yaml`` says of the files whose path from there a pattern is found in; empty fits all files."""

    pattern: str
    settings: dict[str, Any]

    def is_about(self, path: str) -> bool:
        if not self.pattern or re.search(_COSTLY, self.pattern):
            return not self.pattern
        with suppress(re.error):
            return re.search(self.pattern, path) is not None
        return False


def creation_rules(configuration: Any) -> tuple[CreationRule, ...]:
    """Returns the rules of a ``.sops.yaml`` in their order."""
    return tuple(CreationRule(text(rule, "path_regex"), rule) for _, rule in items(configuration, "creation_rules"))


def to_be_encrypted(body: Any, rule: CreationRule) -> Iterator[Route]:
    """Yields the routes of the values in a body that a creation rule wants encrypted."""
    yield from sops_unencrypted({**mapping(body), "sops": rule.settings})


def ciphertext(body: Any) -> Iterator[Route]:
    """Yields the routes of the values that SOPS encrypted."""
    for route, value in scalars(body):
        if isinstance(value, str) and value.startswith(CIPHERTEXT) and route[:1] != ("sops",):
            yield route


def missing_metadata(body: Any) -> str:
    """Returns without what SOPS cannot decrypt a body that it encrypted; empty where all is there."""
    block = mapping(body, "sops")
    if not block:
        return "metadata"
    if not text(block, "mac").startswith("ENC["):
        return "a message authentication code"
    if not block.get("lastmodified"):
        return "the time of the last change"
    return "" if any(block.get(name) for name in _RECIPIENTS) else "a key that could decrypt it"
