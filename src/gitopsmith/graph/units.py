"""What has to be built for an Application, and what of it cannot be known offline."""

from __future__ import annotations

from gitopsmith.application import Application, Source, is_fixed
from gitopsmith.fetch import Chart
from gitopsmith.finding import Route
from gitopsmith.graph.build import Asked, Build, Unit
from gitopsmith.manifest import mapping, text
from gitopsmith.render.directory import Options
from gitopsmith.render.edits import read as read_edits
from gitopsmith.render.helm import release
from gitopsmith.render.variables import Variables
from gitopsmith.revisions import Revisions


def unit_of(app: Application, revisions: Revisions | None) -> Unit:
    """Returns an Application with the builds of its sources."""
    builds: list[Build] = []
    routes: list[Route] = []
    unverifiable: list[tuple[str, str]] = []
    for source in app.sources:
        if source.type == "values":
            continue
        build = _build(app, source, revisions)
        if build is not None:
            builds.append(build)
            routes.append(source.route)
        else:
            unverifiable += unknown(source)
    return Unit(app, tuple(builds), tuple(unverifiable), tuple(routes))


def _build(app: Application, source: Source, revisions: Revisions | None) -> Build | None:
    """Returns what renders a source, None for one that cannot be rendered."""
    variables = Variables(app, source, revisions.commit if revisions is not None else lambda _: "")
    if source.type == "chart":
        chart = Chart(source.repo_url, source.chart, source.target_revision)
        entry = f"{chart.name} {chart.version}".strip()
        asked, wanted = Asked(app, source), release(app, source, variables)
        return Build("helm", entry, release=wanted, chart=chart, asked=asked)
    if not source.is_here or source.present != "directory":
        return None
    if source.type == "kustomize":
        edits = read_edits(mapping(source.body, "kustomize"), variables)
        return Build("kustomize", source.directory_path, edits=edits, commit=source.commit)
    if source.type == "directory":
        return Build("directory", source.directory_path, _options(source.body), commit=source.commit)
    if source.type == "helm":
        asked, wanted = Asked(app, source), release(app, source, variables)
        return Build("helm", source.directory_path, release=wanted, asked=asked, commit=source.commit)
    return None


def unknown(source: Source) -> tuple[tuple[str, str], ...]:
    """Returns why a source cannot be looked at without a network or a plugin: (kind, subject); nothing if it can."""
    if source.type == "values":
        return ()
    if not source.own and source.complaint:
        return (("fetch", source.complaint),)
    if not source.is_here:
        stays = is_fixed(source.body) and not source.moves
        return (("repository" if stays else "repository-moving", source.repo_url),)
    if source.type == "revision":
        return (("revision", source.target_revision),)
    return ((source.type, source.path),) if source.present == "directory" else ()


def _options(source: dict[str, object]) -> Options:
    block = mapping(source, "directory")
    return Options(block.get("recurse") is True, text(block, "include"), text(block, "exclude"))
