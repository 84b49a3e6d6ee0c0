"""Brings what kustomizations name that lies elsewhere, and builds with it."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from gitopsmith import fetch, git
from gitopsmith.fetch import OWN_FILES_ONLY, Checkout, Moving, Refused, Store
from gitopsmith.finding import Failure
from gitopsmith.kustomization import Remote
from gitopsmith.render import Failed, Rendered, kustomize, remotes
from gitopsmith.render.kustomize import Plan, Renderer
from gitopsmith.render.remotes import Wanted
from gitopsmith.tree import open_tree

_ASIDE = re.compile(r"\S*?/kustomize-\d+/?")
"""The folder into which kustomize puts a remote base."""


class _Unavailable(Exception):  # noqa: N818 - carries why there is nothing to render
    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.failed = failed


@dataclass(frozen=True, slots=True, eq=False)
class Remotes:
    """What is kept of what lies elsewhere; more is fetched only where ``online`` is set. ``timeout`` is in seconds."""

    timeout: float
    online: bool
    store: Store

    def prepare(self, planned: Plan) -> Plan | Failed:
        """Returns a plan, or why it is not tried: something that it wants is not kept, and is not to be fetched."""
        found = planned.wanted
        missing = [one for one in found.repositories if not self.online and not self._find(one)]
        lacking = [one.file for one in found.files if not self.online and self.store.find_file(one.file) is None]
        for lost in (*(remotes.place(one) for one in missing), *lacking):
            return Failed("remote", f"{lost} is not in this repository", planned.entry)
        return planned

    def render(self, planned: Plan, root: Path, renderer: Renderer) -> tuple[Rendered, ...] | Failed:
        """Builds with what a plan wants; several threads may do so at once."""
        with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
            folder = Path(name).resolve()
            try:
                found = self._bring_all(planned.wanted, planned.entry, folder)
                files = tuple((one, self._bring_file(one.file, planned.entry)) for one in planned.wanted.files)
            except _Unavailable as error:
                return error.failed
            shadow = planned.shadow._replace(files=files) if planned.shadow is not None else None
            offline = replace(renderer, environment=remotes.environment(found, folder))
            rendered = kustomize.execute(planned._replace(shadow=shadow), root, offline)
        if isinstance(rendered, Failed):
            return rendered._replace(message=_ASIDE.sub("", rendered.message))
        return rendered

    def _bring_all(self, wanted: Wanted, entry: str, folder: Path) -> dict[Remote, Checkout]:
        """Brings what a build wants, and what that wants in turn."""
        found: dict[Remote, Checkout] = {}
        todo = list(wanted.repositories)
        while todo:
            remote = todo.pop()
            if remote not in found:
                found[remote] = self._bring(remote, entry)
                todo += self._wanted_by(remote, found[remote], entry, folder / f"at-{len(found)}")
        return found

    def _wanted_by(self, remote: Remote, checkout: Checkout, entry: str, folder: Path) -> tuple[Remote, ...]:
        folder.mkdir()
        try:
            git.read_out(checkout.repository, checkout.commit, folder, OWN_FILES_ONLY)
        except Failure as error:
            raise _Unavailable(Failed("fetch", f"{remotes.place(remote)}: {error}", entry)) from error
        wanted = remotes.wanted(open_tree(folder / "tree"), (remote.path.strip("/"),))
        if isinstance(wanted, Failed):
            raise _Unavailable(wanted._replace(directory=entry))
        if wanted.files:
            named = f"{wanted.files[0].file}, which {remotes.place(remote)} includes, is not in this repository"
            raise _Unavailable(Failed("remote", named, entry))
        return wanted.repositories

    def _find(self, remote: Remote) -> Checkout | None:
        return self.store.find_commit(remotes.place(remote))

    def _bring(self, remote: Remote, entry: str) -> Checkout:
        place = remotes.place(remote)
        found = self._find(remote)
        if found is None and not self.online:
            raise _Unavailable(Failed("remote", f"{place} is not in this repository", entry))
        try:
            found = found or self.store.fetch_commit(place, self.timeout)
        except Moving as error:
            raise _Unavailable(Failed("moving", str(error), entry)) from error
        except Refused as error:
            raise _Unavailable(Failed("fetch", str(error), entry)) from error
        if found.submodules and remote.submodules:
            raise _Unavailable(Failed("remote", f"{place} has submodules, which are not fetched", entry))
        return found

    def _bring_file(self, file: fetch.File, entry: str) -> Path:
        found = self.store.find_file(file)
        if found is None and not self.online:
            raise _Unavailable(Failed("remote", f"{file} is not in this repository", entry))
        try:
            return found or self.store.fetch_file(file, self.timeout)
        except Refused as error:
            raise _Unavailable(Failed("fetch", str(error), entry)) from error
