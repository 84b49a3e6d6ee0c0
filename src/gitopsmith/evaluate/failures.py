"""Why a build gives nothing, at the entry, the template or the option that is to blame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gitopsmith import kustomization as kustomizations
from gitopsmith.evaluate.judge import Judge
from gitopsmith.evaluate.placing import place_in_application, rendered_by, unplaced
from gitopsmith.finding import Finding, Location, Related, Route
from gitopsmith.graph import Build, SourceFinding
from gitopsmith.kustomization import FILE_NAMES, Kustomization
from gitopsmith.policy import Violation
from gitopsmith.render import Failed
from gitopsmith.render.edits import BLOCK, NONE, option_of
from gitopsmith.tree import Tree, join


def build_failure(judge: Judge, build: Build, failed: Failed) -> Iterator[Finding]:
    if "kustomize-build" not in judge.rules:
        return
    path, item, route = _blamed(judge.tree, failed)
    location = item.document.location(path, route) if item.document else Location(path, 1, 1, 1, 2)
    location = failed.location or location
    related = () if failed.directory == build.entry else rendered_by(judge.tree, build.entry)
    finding = unplaced(judge, "kustomize-build", f"kustomize cannot build this: {failed.message}")
    yield replace(finding, location=location, pointer=kustomizations.keyed_pointer(item.body, route), related=related)


def _blamed(tree: Tree, failed: Failed) -> tuple[str, Kustomization, Route]:
    """Returns the entry of a kustomization that a failed build is about."""
    from gitopsmith.render.blame import blame  # noqa: PLC0415 - most builds succeed

    path = kustomizations.find(tree, failed.directory) or join(failed.directory, FILE_NAMES[0])
    item = kustomizations.read(tree, path)
    return path, item, blame(tree, item, failed.message)


def failed_option(judge: Judge, build: Build, failed: Failed) -> SourceFinding | None:
    """Returns the finding about the option of an Application that makes a build fail, None when no option does."""
    if build.edits == NONE or failed.kind != "error" or "kustomize-build" not in judge.rules:
        return None
    if failed.route:
        what = ".".join(str(step) for step in failed.route if isinstance(step, str))
        message = f"kustomize refuses the option {what}: {failed.message}"
        return SourceFinding(failed.route, unplaced(judge, "kustomize-build", message, build))
    tree = judge.edited(build)
    if tree is None or failed.directory != build.entry:
        return None
    _, item, route = _blamed(tree, failed)
    option = option_of(build.edits, item.body, route)
    if not route and "patch" in failed.message and build.edits.patches:  # one that cannot be read has no name
        option = ("patches",)
    if option is None:
        return None
    message = f"kustomize cannot build {build.entry or '.'} with this option: {failed.message}"
    return SourceFinding((BLOCK, *option), unplaced(judge, "kustomize-build", message, build))


def chart_failure(judge: Judge, build: Build, failed: Failed) -> Iterator[Finding]:
    """Yields that a chart gives nothing: at the file that helm names, else at what the Application asks of it."""
    if "helm-build" not in judge.rules or build.asked is None:
        return
    message = f"helm cannot render this chart: {failed.message}" if not failed.route else failed.message
    app, source = build.asked
    route = (*source.route, *(failed.route or ("path" if build.chart is None else "chart",)))
    found = place_in_application(judge, "helm-build", Violation(route, message), app)
    if failed.location is None:
        yield found
        return
    related = (Related(found.location, f"rendered for the Application {app.name}"),)
    yield replace(found, location=failed.location, object=None, source="", pointer="", related=related)
