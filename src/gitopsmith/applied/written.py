"""Writes an object as YAML that Kubernetes reads as the same object."""

from __future__ import annotations

import functools
import re
from typing import Any

import yaml

from gitopsmith import documents

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LONGEST_WORD = 128
"""Longer texts are no numbers, booleans or dates, so nobody reads them as such."""


class _Dumper(yaml.CSafeDumper):
    """Quotes every word that Kubernetes would read as something else than a text, and repeats what is there twice."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def written(body: Any) -> str:
    """Returns the YAML of a body, keys in the body's order; what stands for bytes that are no UTF-8 is replaced."""
    return yaml.dump(
        body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000, default_flow_style=False
    )


def _text(dumper: yaml.CSafeDumper, value: str) -> yaml.ScalarNode:
    value = _SURROGATE.sub("\ufffd", value)
    style = "|" if "\n" in value else None if _is_plain(value) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


@functools.lru_cache(maxsize=4096)
def _is_plain(word: str) -> bool:
    return len(word) > _LONGEST_WORD or isinstance(documents.load(word), str)


_Dumper.add_representer(str, _text)
