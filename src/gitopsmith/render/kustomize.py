"""Runs kustomize, wrapped so that every object tells which file it comes from."""

from __future__ import annotations

import json
import os
import posixpath
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import documents, kustomization, tools
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.manifest import Origin, get, sequence, text
from gitopsmith.render import Failed, Rendered, remotes, shadow
from gitopsmith.render.edits import BLOCK, NONE, Edits
from gitopsmith.render.library import PROGRAM, Library
from gitopsmith.render.remotes import Wanted
from gitopsmith.render.shadow import Shadow
from gitopsmith.tree import Tree

MINIMUM = (5, 0)
TIMEOUT = 120.0
ORIGIN = "config.kubernetes.io/origin"
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_ANNOTATION = re.compile(r"    config\.kubernetes\.io/origin: \|\n((?:      .*\n)+)")
_ANNOTATIONS = re.compile(r"  annotations:\n(?!    )")
_APPLICATION = re.compile(rb"kind:\s*[\"']?Application\b[\"']?\s*(?:#|\r|\n|,|\}|\Z)")
_OWN_METADATA = frozenset({"originAnnotations", "transformerAnnotations"})


@dataclass(frozen=True, slots=True)
class Renderer:
    """A program that builds kustomizations. ``command`` is followed by the directory to build."""

    name: str
    version: str
    command: tuple[str, ...]
    timeout: float = TIMEOUT
    environment: Mapping[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def find_renderer(timeout: float = TIMEOUT) -> Renderer:
    """Returns the kustomize on PATH, else the one inside kubectl, else the program around kustomize's library.

    Raises Failure when there is neither, or only one that is too old to tell where objects come from, and for one that
    does not tell its version in time: on a busy machine that is no reason to say that there is none.
    """
    too_old = ""
    for label, path, arguments, version in (
        ("kustomize", tools.find("kustomize"), ("build",), ("version",)),
        ("kubectl kustomize", tools.find("kubectl"), ("kustomize",), ("version", "--client")),
        ("kustomize library", tools.find_helper(PROGRAM), (), ("--version",)),
    ):
        if path is None:
            continue
        found = _version(path, *version)
        if found is None:
            continue
        if found < MINIMUM:
            too_old += f"; {path} is {'.'.join(map(str, found))}"
            continue
        return Renderer(label, ".".join(map(str, found)), (path, *arguments), timeout)
    raise tools.Missing(
        "nothing to render with: put kustomize (5.0 or newer) or kubectl on PATH, or install gitopsmith[kustomize]"
        + too_old
    )


def _version(path: str, *arguments: str) -> tuple[int, int, int] | None:
    try:
        output = tools.run(path, *arguments, timeout=TIMEOUT)
    except tools.Missing:
        return None
    said = output.stdout.decode("utf-8", "replace")
    line = next((line for line in said.splitlines() if "ustomize" in line), said)
    match = _VERSION.search(line)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


class Plan(NamedTuple):
    """What to run for one entry. ``wrapper`` is a kustomization with ``HERE`` for the way to it, or empty.

    ``shadow`` is set where an Application's options are applied before, ``root`` where it is not the work tree's.
    ``wanted`` is what has to be brought from elsewhere.
    """

    entry: str
    wrapper: str
    shadow: Shadow | None = None
    root: Path | None = None
    wanted: Wanted = Wanted()


def build(tree: Tree, entry: str, renderer: Renderer) -> tuple[Rendered, ...] | Failed:
    """Builds a directory, and returns its objects in kustomize's order, or why there are none."""
    planned = plan(tree, entry)
    return planned if isinstance(planned, Failed) else execute(planned, tree.root, renderer)


def wants_origins(tree: Tree, entry: str) -> bool:
    """Tells whether judging a build needs to know where its objects come from: it renders Applications, or generates.

    A generated Secret is judged where it is configured, and of an Application its file is told apart from others.
    """
    for item in kustomization.reachable(tree, entry):
        if item.value("secretGenerator") or item.value("generators"):
            return True
        for reference, state in item.states.items():
            if state is State.FOUND_FILE and _APPLICATION.search(tree.data(reference.target) or b""):
                return True
    return False


def plan(
    tree: Tree,
    entry: str,
    edits: Edits = NONE,
    *,
    origins: bool = True,
    inflates: bool = False,
    brings: bool = False,
) -> Plan | Failed:
    """Decides how to build a directory; what would need a plugin or, mostly, a chart is not tried.

    What would need the network is tried only where the caller ``brings`` what the plan wants.
    """
    directories = (entry, *shadow.components(tree, entry, edits))
    for directory in directories:
        obstacle = undecidable(tree, directory, inflates=inflates, brings=brings)
        if obstacle is not None:
            return obstacle
    found = remotes.wanted(tree, directories) if brings else Wanted()
    if isinstance(found, Failed):
        return found
    if found.files and _tells_origins(tree, entry):
        return Failed("remote", f"{found.files[0].file} is not in this repository", entry)
    planned = _plan(tree, entry, origins=origins)._replace(wanted=found)
    if edits == NONE and not found.files:
        return planned
    copied = shadow.plan(tree, entry, edits)
    return copied if isinstance(copied, Failed) else planned._replace(shadow=copied)


def _tells_origins(tree: Tree, entry: str) -> bool:
    """Tells whether a build writes where objects come from, which a copy of a file from elsewhere cannot say."""
    path = kustomization.find(tree, entry)
    return path is not None and bool(_OWN_METADATA & set(_metadata(kustomization.read(tree, path))))


def _plan(tree: Tree, entry: str, *, origins: bool) -> Plan:
    path = kustomization.find(tree, entry)
    top = kustomization.read(tree, path) if path else None
    if not origins or top is None or top.is_component or _OWN_METADATA & set(_metadata(top)):
        return Plan(entry, "")
    body: dict[str, Any] = {"resources": ["HERE"], "buildMetadata": [*_metadata(top), "originAnnotations"]}
    if top.value("sortOptions"):
        body["sortOptions"] = top.value("sortOptions")
    return Plan(entry, json.dumps(body))


def execute(
    planned: Plan, root: Path, renderer: Renderer, library: Library | None = None
) -> tuple[Rendered, ...] | Failed:
    """Builds with the library, and with the renderer where there is none or it cannot say.

    It looks at nothing but its arguments and the disk, so that several can run at once.
    """
    if planned.shadow is not None:
        return _execute_edited(planned, planned.shadow, root, renderer, library)
    if not planned.wrapper:
        return _run(root, planned.entry, renderer, library, Path())
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        folder = Path(name).resolve()
        here = json.dumps(os.path.relpath(root / planned.entry, folder).replace(os.sep, "/"))
        (folder / "kustomization.yaml").write_text(planned.wrapper.replace('"HERE"', here), encoding="utf-8")
        return _run(root, planned.entry, renderer, library, folder)


def _execute_edited(
    planned: Plan, copied: Shadow, root: Path, renderer: Renderer, library: Library | None
) -> tuple[Rendered, ...] | Failed:
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        folder = Path(name).resolve()
        failed = edit(planned.entry, copied, root, folder, renderer.timeout)
        return failed or execute(planned._replace(shadow=None), folder, renderer, library)


def edit(entry: str, copied: Shadow, root: Path, folder: Path, timeout: float) -> Failed | None:
    """Applies an Application's options in a folder; returns why that failed, None when it did not."""
    program = tools.find("kustomize")
    if program is None and copied.edits != NONE:
        return Failed("options", "kustomize is not on PATH, and kubectl cannot edit", entry)
    try:
        return shadow.make(root, entry, copied, folder, program or "", timeout)
    except tools.TimedOut as error:
        return Failed("timeout", str(error), entry)
    except (tools.Missing, OSError) as error:  # a file that may not be read, or more than a command line may hold
        return Failed("options", f"the options of {entry or '.'} cannot be applied to a copy: {error}", entry)
    except ValueError:
        return Failed("error", "an option holds a NUL, which no command line can", entry, route=(BLOCK,))


def edited(tree: Tree, entry: str, edits: Edits, timeout: float) -> Tree | None:
    """Returns a tree whose kustomization has an Application's options in it, None where they cannot be applied."""
    path = kustomization.find(tree, entry)
    copied = shadow.plan(tree, entry, edits)
    if path is None or isinstance(copied, Failed):
        return None
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        folder = Path(name).resolve()
        failed = edit(entry, copied, tree.root, folder, timeout)
        return None if failed else tree.over(path, (folder / path).read_bytes())


def undecidable(tree: Tree, entry: str, *, inflates: bool = False, brings: bool = False) -> Failed | None:
    """Tells why a build cannot be decided offline: a remote base, a chart to inflate, or a plugin; None when it can."""
    for item in kustomization.reachable(tree, entry):
        for reference, state in item.states.items():
            if state is State.REMOTE and not brings:
                return Failed("remote", f"{reference.text} is not in this repository", item.directory)
            if reference.field in {"generators", "transformers", "validators"} and state is State.FOUND_FILE:
                for document in tree.documents(reference.target).documents:
                    if text(document.body, "apiVersion") not in {"builtin", ""}:
                        plugin = f"{text(document.body, 'apiVersion')} {text(document.body, 'kind')}"
                        return Failed("plugin", f"{reference.text} runs the plugin {plugin}", item.directory)
        if item.uses_helm and not inflates:
            return Failed(
                "helm", "helmCharts are inflated only where kustomize runs with --enable-helm", item.directory
            )
    return None


def _metadata(top: Kustomization) -> list[str]:
    return [str(option) for option in sequence(top.value("buildMetadata"))]


def _run(
    root: Path, entry: str, renderer: Renderer, library: Library | None, folder: Path
) -> tuple[Rendered, ...] | Failed:
    target = str(root / entry if folder == Path() else folder)
    try:
        output = library.build(target) if library else None
        if output is None:
            output = tools.run(*renderer.command, target, timeout=renderer.timeout, environment=renderer.environment)
    except tools.TimedOut:
        return Failed("timeout", f"{renderer.name} did not end within {renderer.timeout:g} seconds", entry)
    if output.status < 0:
        return Failed("killed", f"{renderer.name} was ended by signal {-output.status}", entry)
    if output.status != 0:
        from gitopsmith.render.failure import explain  # noqa: PLC0415 - most builds succeed

        return explain(output.complaint, root, entry, folder)
    rendered = output.stdout.decode("utf-8", "surrogateescape")
    return tuple(_object(piece, root, folder) for piece in documents.split(rendered) if piece.strip("-\n "))


def _object(piece: str, root: Path, folder: Path) -> Rendered:
    piece = piece.removeprefix("---\n")
    if ORIGIN not in piece or folder == Path():
        return Rendered(piece, Origin())
    stripped, said = strip(piece)
    return Rendered(stripped, _origin(said, root, folder))


def strip(piece: str) -> tuple[str, str]:
    """Takes kustomize's origin annotation off one rendered object; returns what is left, and what it said."""
    head = piece.find("\nmetadata:\n") + 1 if not piece.startswith("metadata:\n") else 0
    match = _ANNOTATION.search(piece, head)
    if match is None:
        return piece, ""
    left = piece[: match.start()] + piece[match.end() :]
    start = left.rfind("  annotations:\n", 0, match.start())
    if start >= 0 and start + len("  annotations:\n") == match.start() and _ANNOTATIONS.match(left, start):
        left = left[:start] + left[match.start() :]
    return left, match[1]


def _origin(said: str, root: Path, folder: Path) -> Origin:
    body = documents.load(said)
    configured_in = text(body, "configuredIn")
    return Origin(
        path=_relative(text(body, "path"), root, folder),
        configured_in=_relative(configured_in, root, folder),
        configured_by=str(get(body, "configuredBy", "kind") or ""),
        remote=bool(text(body, "repo")) or f"/{remotes.FILE}" in f"/{text(body, 'path')}",
    )


def _relative(path: str, root: Path, folder: Path) -> str:
    if not path:
        return ""
    whole = posixpath.normpath(posixpath.join(str(folder).replace(os.sep, "/"), path))
    return os.path.relpath(whole, root).replace(os.sep, "/")
