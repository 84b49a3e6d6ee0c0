"""Downloads one file by HTTP, as kustomize does: without any login."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gitopsmith import tools
from gitopsmith.fetch import credentials
from gitopsmith.fetch.refusal import Refused

MAX_FILE = 32 * 1024 * 1024
"""Bytes of a file; Argo CD's own installation has 2 MiB."""
_PROGRAM = Path(__file__).with_name("download.py")


class File(NamedTuple):
    """A file by its URL, which names the version."""

    url: str

    def __str__(self) -> str:
        return credentials.without(self.url)


class Answer(NamedTuple):
    """What a server answers. ``headers`` have names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


def download(file: File, seconds: float) -> bytes:
    """Returns what a URL gives. Raises Refused where that is nothing, too slow or too much."""
    answer = ask(str(file), file.url, {}, seconds, MAX_FILE)
    if answer.status != 200:
        raise Refused(f"{file}: the server answers {answer.status}")
    return answer.body


def ask(name: str, url: str, headers: Mapping[str, str], seconds: float, limit: int) -> Answer:
    """Asks for a URL in a process of its own, which ends after so many seconds however slowly the server writes.

    Raises Refused where there is no answer, or it has more bytes than ``limit``; the text begins with ``name``.
    """
    told = json.dumps({"url": url, "headers": dict(headers), "seconds": seconds, "limit": limit}).encode()
    try:
        output = tools.run(sys.executable, "-P", str(_PROGRAM), stdin=told, timeout=seconds)
    except tools.TimedOut as error:
        raise Refused(f"{name} did not come within {seconds:g} seconds") from error
    head, _, body = output.stdout.partition(b"\n")
    if output.status != 0 or not head:
        said = credentials.without(output.complaint.rpartition("\n")[2])[:300]
        raise Refused(f"{name}: {said or 'nothing came'}")
    status, found = json.loads(head)
    return Answer(status, found, body)
