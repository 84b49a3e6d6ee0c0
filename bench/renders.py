"""Renders every directory that is known to build: is all of it valid, and is it what a plain build gives?"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import Costs
from bench.repositories import KUBERNETES

from gitopsmith import tree
from gitopsmith.manifest import Resource, mapping
from gitopsmith.render import Bodies, Failed, Rendered, kustomize, resources
from gitopsmith.render.kustomize import Renderer
from gitopsmith.tree import Tree
from gitopsmith.validate import SchemaProblem, Schemas, vendored

JOBS = 2


@dataclass(slots=True)
class Validated:
    """What the schemas say about the objects of one repository's builds."""

    builds: int = 0
    objects: int = 0
    core: int = 0
    unvalidated: int = 0
    failed: list[str] = field(default_factory=list)
    core_pairs: dict[tuple[str, str], SchemaProblem] = field(default_factory=dict)
    custom: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """The first directory of each (file, object, problem) of a custom kind."""


def validate(root: Path, directories: Iterable[str], costs: Costs) -> Validated:
    """Renders directories, parses what comes out and checks it."""
    files, bodies, out = tree.open_tree(root), Bodies(), Validated()
    with costs.stage("validate: read definitions"):
        schemas = Schemas(KUBERNETES, definitions(files))
    checked: dict[bytes, list[SchemaProblem]] = {}
    with costs.stage("validate: render, parse, check"):
        for directory, rendered in render(files, directories):
            if isinstance(rendered, Failed):
                out.failed.append(f"{directory}: {rendered.message}")
                continue
            out.builds += 1
            for digest, resource in resources(rendered, bodies):
                if digest not in checked:
                    checked[digest] = schemas.check(resource.body)
                _count(out, directory, resource, schemas, checked[digest])
    return out


def _count(out: Validated, directory: str, resource: Resource, schemas: Schemas, problems: list[SchemaProblem]) -> None:
    core = is_core(resource.api_version, resource.kind)
    out.objects += 1
    out.core += core
    out.unvalidated += not schemas.knows(resource.api_version, resource.kind)
    for problem in problems:
        if core:
            out.core_pairs.setdefault((directory, str(resource.object)), problem)
        else:
            route = ".".join(map(str, problem.route))
            told = f"{resource.object.api_version} {resource.object}: {route}: {problem.message}"
            out.custom.setdefault((resource.origin.path, str(resource.object), told), directory)


def is_core(api_version: str, kind: str) -> bool:
    """Tells whether Kubernetes itself serves a kind."""
    return f"{api_version} {kind}" in vendored.kubernetes(KUBERNETES)


def core_kinds() -> frozenset[str]:
    return frozenset(name.split(" ")[1] for name in vendored.kubernetes(KUBERNETES) if name.count(" ") == 1)


def definitions(files: Tree) -> list[dict[str, Any]]:
    """Returns the CustomResourceDefinitions in a tree."""
    return [
        document.body
        for path in files.files
        if tree.is_yaml(path) and b"kind: CustomResourceDefinition" in (files.data(path) or b"")
        for document in files.documents(path).documents
        if mapping(document.body).get("kind") == "CustomResourceDefinition"
    ]


def render(files: Tree, directories: Iterable[str]) -> Iterator[tuple[str, tuple[Rendered, ...] | Failed]]:
    """Yields each directory with what our renderer makes of it, in the order given."""
    renderer = kustomize.find_renderer()
    with ThreadPoolExecutor(JOBS) as pool:
        plans = [(directory, kustomize.plan(files, directory)) for directory in directories]
        futures = [
            (
                directory,
                plan if isinstance(plan, Failed) else pool.submit(kustomize.execute, plan, files.root, renderer),
            )
            for directory, plan in plans
        ]
        for directory, future in futures:
            yield directory, future if isinstance(future, Failed) else future.result()


def unequal(root: Path, directories: Iterable[str]) -> list[str]:
    """Returns the directories where our rendering, annotations off, is not byte for byte what a plain build gives."""
    renderer = kustomize.find_renderer()
    names = list(directories)
    with ThreadPoolExecutor(JOBS) as pool:
        plain = pool.map(lambda name: _plain(renderer, root / name), names)
        ours = render(tree.open_tree(root), names)
        return [name for (name, rendered), expected in zip(ours, plain, strict=True) if text(rendered) != expected]


def text(rendered: tuple[Rendered, ...] | Failed) -> bytes | None:
    """Writes objects as kustomize does; None for a build that failed."""
    if isinstance(rendered, Failed):
        return None
    return "---\n".join(item.text for item in rendered).encode("utf-8", "surrogateescape")


def _plain(renderer: Renderer, directory: Path) -> bytes:
    return subprocess.run((*renderer.command, str(directory)), check=False, capture_output=True).stdout
