"""Brings Argo CD's installation into a repository, in the version that it names or in another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gitopsmith import answers, config, documents, edit
from gitopsmith.finding import Failure
from gitopsmith.generate import install
from gitopsmith.generate.place import place
from gitopsmith.manifest import sequence, text

KUSTOMIZATION = "bootstrap/argocd/kustomization.yaml"


class Vendored(NamedTuple):
    """What was written, and what is to be known of it."""

    files: tuple[str, ...]
    notes: tuple[str, ...]


def vendor(root: Path, *, version: str = "", manifest: Path | None = None) -> Vendored:
    """Writes the installation into a repository, and makes it what the repository deploys.

    It is read from ``manifest``, else downloaded. Without a ``version`` it is the one in the linter's configuration,
    which is where an update is proposed. Raises Failure when it cannot be had, is not that of the version, or the
    repository was not made by gitopsmith.
    """
    given = answers.read(root / answers.FILE_NAME)
    settings = documents.read(_read(root, config.FILE_NAME).encode()).documents
    version = version or (text(settings[0].body, "argocd") if settings else "") or given.argocd_version
    answers.check(replace(given, argocd_version=version))
    found, note = install.read(manifest, version) if manifest else install.fetch(version)
    texts = {
        KUSTOMIZATION: _refer(_read(root, KUSTOMIZATION)),
        config.FILE_NAME: edit.put(_read(root, config.FILE_NAME), ("argocd",), version, path=config.FILE_NAME),
        answers.FILE_NAME: edit.put(
            _read(root, answers.FILE_NAME), ("argocd_version",), version, path=answers.FILE_NAME
        ),
    }
    written = place(root, {path: one.encode() for path, one in texts.items()} | {install.PATH: found})
    return Vendored(written, (note,) if note else ())


def _refer(written: str) -> str:
    """Returns the kustomization with the file in place of its URL."""
    body = documents.read(written.encode()).documents[0].body
    for index, entry in enumerate(sequence(body, "resources")):
        if isinstance(entry, str) and install.is_url(entry):
            return edit.put(written, ("resources", index), Path(install.PATH).name, path=KUSTOMIZATION)
    return edit.append(written, ("resources",), Path(install.PATH).name, path=KUSTOMIZATION)


def _read(root: Path, path: str) -> str:
    try:
        return (root / path).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{root / path}: cannot be read: {error}; was this repository made by gitopsmith?") from error
