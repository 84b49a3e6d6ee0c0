"""Unpacks an archive of a chart or of manifests, and nothing that those have no reason to hold."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MAX_ARCHIVE = 32 * 1024 * 1024
"""Bytes of an archive; helm's releases, which hold the chart, fit into 1 MiB."""
MAX_CONTENT = 256 * 1024 * 1024
MAX_FILES = 20_000


class Broken(Exception):  # noqa: N818 - a sentence for the user
    """An archive that is not unpacked; the text says why."""


def unpack(archive: Path, folder: Path, *, depth: int = 1) -> None:
    """Writes the files of an archive into ``folder``, without the first ``depth`` folders that all of them lie in.

    Raises Broken for what is no archive, too much, or leads elsewhere; what was written by then is the caller's to
    throw away.
    """
    if archive.stat().st_size > MAX_ARCHIVE:
        raise Broken(f"the archive has more than {MAX_ARCHIVE >> 20} MiB")
    try:
        with tarfile.open(archive) as opened:
            for member, path in _members(opened, depth):
                _write(opened, member, folder / path)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise Broken(f"the archive is broken: {error}") from error


def _members(opened: tarfile.TarFile, depth: int) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """Yields each file with its path below the folders that all lie in."""
    size = 0
    for number, member in enumerate(opened):
        size += member.size
        if number >= MAX_FILES or size > MAX_CONTENT:
            raise Broken(f"the archive holds more than {MAX_FILES} files or {MAX_CONTENT >> 20} MiB")
        if member.isdir() or member.name == "pax_global_header":
            continue
        path = PurePosixPath(member.name)
        if not member.isreg():
            raise Broken(f"the archive holds a link or a device, {member.name!r}")
        if path.is_absolute() or ".." in path.parts or "\\" in member.name or len(path.parts) <= depth:
            raise Broken(f"the archive holds {member.name!r}, which lies outside of the chart's folder")
        yield member, "/".join(path.parts[depth:])


def _write(opened: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    content = opened.extractfile(member)
    assert content is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        while piece := content.read(1 << 20):
            file.write(piece)
