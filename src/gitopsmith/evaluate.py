"""Policies over values: every violation becomes a finding at the place where a person mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitopsmith import kustomization as kustomizations
from gitopsmith import positions
from gitopsmith.application import Application, ObjectFact, Repository, instance_name
from gitopsmith.argocd.overriding import overriding_files
from gitopsmith.config import Config
from gitopsmith.documents import Problem
from gitopsmith.finding import Finding, Location, Related, Route, Severity, Suppressed
from gitopsmith.graph import Build, BuildResult, Expanded, SourceFinding, argo_objects, declared_in, facts
from gitopsmith.kustomization import FILE_NAMES, Kustomization, State
from gitopsmith.manifest import Charted, Origin, Resource, get, items, mapping, pointer
from gitopsmith.policy import Policy, Violation
from gitopsmith.render import Bodies, Failed, Rendered, directory, resources
from gitopsmith.render.edits import BLOCK, NONE, dead_images, option_of
from gitopsmith.render.helm import Roots, values_files
from gitopsmith.render.shadow import left_out, touched
from gitopsmith.tree import Tree, is_yaml, join
from gitopsmith.validate import SchemaProblem, Schemas, check_kustomization, refusals

EXPANSION = "application-set-invalid"
ANNOTATION = "gitopsmith.io/ignore."
OPINIONS = frozenset({"pinning", "health", "reliability", "security"})
"""Families about workloads that run; what no Application deploys is spared them."""
CERTAIN_SCHEMAS = ("Kubernetes ", "Argo CD ", "Sealed Secrets ", "a definition in this repository")
"""How the origins of those schemas begin that are known to be the cluster's own."""


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """What judging needs: the files, the rules in force with their severities, and the schemas."""

    tree: Tree
    policies: tuple[Policy, ...]
    rules: Mapping[str, Severity]
    schemas: Schemas
    check_objects: Callable[[list[dict[str, Any]]], list[list[SchemaProblem]]] | None = None
    """A second engine that takes the place of the builtin schemas' own check."""
    origin: Callable[[Build, Resource], Origin] = lambda _, resource: resource.origin
    """Tells where an object of a build comes from that was rendered without knowing."""
    edited: Callable[[Build], Tree | None] = lambda _: None
    """Returns the files as a build has them that an Application's options change."""
    bodies: Bodies = field(default_factory=Bodies)
    config: Config = field(default_factory=Config)
    _problems: dict[bytes, tuple[SchemaProblem, ...]] = field(default_factory=dict)
    _violations: dict[bytes, tuple[tuple[str, Violation], ...]] = field(default_factory=dict)
    _by_kind: dict[str, tuple[Policy, ...]] = field(default_factory=dict)

    def for_kind(self, group_kind: str) -> tuple[Policy, ...]:
        """Returns the resource policies in force that look at a kind."""
        if group_kind not in self._by_kind:
            self._by_kind[group_kind] = tuple(
                policy
                for policy in self.policies
                if policy.subject == "resource" and policy.id in self.rules and {group_kind, "*"} & policy.kinds
            )
        return self._by_kind[group_kind]

    def of(self, subject: str) -> Iterator[Policy]:
        """Yields the policies in force that look at a subject."""
        return (policy for policy in self.policies if policy.subject == subject and policy.id in self.rules)

    def schema_problems(self, digest: bytes, body: dict[str, Any]) -> tuple[SchemaProblem, ...]:
        """Returns what the API server will hold against an object; objects with the same text are judged once."""
        if digest not in self._problems:
            found = self.schemas.check(body)
            self._problems[digest] = (*found, *refusals(body, found))
        return self._problems[digest]

    def violations(self, digest: bytes, resource: Resource) -> Iterator[tuple[str, Violation]]:
        """Yields what policies hold against an object, by rule; what needs no siblings is judged once for each text."""
        policies = self.for_kind(resource.group_kind)
        if digest not in self._violations:
            alone = replace(resource, siblings=())
            self._violations[digest] = tuple(_violations((p for p in policies if not p.siblings), alone))
        yield from self._violations[digest]
        yield from _violations((policy for policy in policies if policy.siblings), resource)


def _violations(policies: Iterable[Policy], resource: Resource) -> Iterator[tuple[str, Violation]]:
    for policy in policies:
        assert policy.check is not None
        for violation in policy.check(resource):
            yield policy.id, violation


def judge_build(judge: Judge, build: Build, rendered: tuple[Rendered, ...] | Failed) -> BuildResult:
    """Judges one build's objects, or tells why there are none."""
    if isinstance(rendered, Failed):
        if build.commit:
            return _elsewhere(judge, build, rendered)
        argo = declared_in(judge.tree, build.entry)
        option = _failed_option(judge, build, rendered)
        failure = _chart_failure if build.type == "helm" else _failure
        findings = tuple(failure(judge, build, rendered)) if rendered.kind == "error" and option is None else ()
        in_sources = (option,) if option is not None else ()
        return BuildResult(build, findings, in_sources, argo=argo, failure=rendered, inputs=inputs(judge.tree, build))
    keyed = resources(_stamped(judge, build, rendered), judge.bodies)
    if build.commit:
        return _elsewhere(judge, build, tuple(resource for _, resource in keyed))
    return _judge_resources(judge, build, keyed)


def judge_files(judge: Judge, build: Build, paths: tuple[str, ...]) -> BuildResult:
    """Judges the objects in manifest files that are applied as they are."""
    if build.commit:
        return _elsewhere(judge, build, directory.read(judge.tree, paths))
    found = directory.read(judge.tree, paths)
    keyed = tuple((f"{resource.origin.path}#{index}".encode(), resource) for index, resource in enumerate(found))
    result = _judge_resources(judge, build, keyed)
    insisted = [path for path in paths if build.type == "file" or directory.is_insisted_on(judge.tree, path)]
    problems = [finding for path in insisted for finding in file_findings(judge, path)]
    return replace(result, findings=(*problems, *result.findings))


def _elsewhere(judge: Judge, build: Build, found: tuple[Resource, ...] | Failed) -> BuildResult:
    """Tells what another revision deploys. Nobody can edit its files, so only that it cannot be built is a finding."""
    commit = inputs(judge.tree, build)
    if not isinstance(found, Failed):
        objects = facts(found, build.entry, judge.schemas.scope, build.commit)
        return BuildResult(build, objects=objects, argo=argo_objects(found), inputs=commit)
    program, rule = ("helm", "helm-build") if build.type == "helm" else ("kustomize", "kustomize-build")
    message = f"{program} cannot render {build.entry or '.'} at commit {build.commit[:12]}: {found.message}"
    blamed = found.kind == "error" and rule in judge.rules
    route = found.route or ("targetRevision",)
    failure = (SourceFinding(route, _unplaced(judge, rule, message)),) if blamed else ()
    return BuildResult(build, in_sources=failure, failure=found, inputs=commit)


def _unplaced(judge: Judge, rule: str, message: str, build: Build | None = None) -> Finding:
    """Returns a finding that gets its place from the Application whose source is to blame for a build."""
    related = _related(judge.tree, build.entry) if build is not None else ()
    return Finding(rule, judge.rules[rule], message, Location(""), related=related)


def _judge_resources(judge: Judge, build: Build, keyed: tuple[tuple[bytes, Resource], ...]) -> BuildResult:
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    in_sources: list[SourceFinding] = []
    unvalidated: list[str] = []
    second = judge.check_objects([resource.body for _, resource in keyed]) if judge.check_objects else None
    for index, (digest, resource) in enumerate(keyed):
        known = judge.schemas.knows(resource.api_version, resource.kind)
        if not known:
            unvalidated.append(resource.group_kind)
        if second is None:
            problems: Iterable[SchemaProblem] = judge.schema_problems(digest, resource.body)
        else:
            problems = (*second[index], *refusals(resource.body, second[index]))
        for rule, violation in _object_violations(judge, digest, resource, problems):
            resource, tree, option = _written(judge, build, resource, violation.route)
            finding = _finding(judge, rule, violation, resource, build.entry, tree)
            reason = resource.annotations.get(ANNOTATION + finding.rule)
            if isinstance(reason, str) and reason.strip():
                suppressed.append(Suppressed(finding, reason.strip(), "annotation"))
            elif option is not None:
                in_sources.append(SourceFinding((BLOCK, *option), finding))
            else:
                findings.append(finding)
    found = tuple(resource for _, resource in keyed)
    return BuildResult(
        build,
        tuple(findings),
        (*in_sources, *_dead_options(judge, build, found)),
        tuple(suppressed),
        facts(found, build.entry, judge.schemas.scope),
        argo_objects(found),
        len(found) - len(unvalidated),
        tuple(unvalidated),
        inputs=inputs(judge.tree, build),
    )


def _object_violations(
    judge: Judge, digest: bytes, resource: Resource, problems: Iterable[SchemaProblem]
) -> Iterator[tuple[str, Violation]]:
    for problem in problems:
        if problem.rule in judge.rules:
            yield problem.rule, _schema_violation(judge, resource, problem)
    removed = judge.schemas.removed(resource.api_version, resource.kind)
    if removed and "api-removed" in judge.rules:
        yield "api-removed", Violation(("apiVersion",), removed)
    yield from judge.violations(digest, resource)


def _written(judge: Judge, build: Build, resource: Resource, route: Route) -> tuple[Resource, Tree, Route | None]:
    """Returns an object with its origin, the files to look for its field in, and the option that wrote the field."""
    if resource.origin == Origin():
        resource = replace(resource, origin=judge.origin(build, resource))
    tree = judge.edited(build)
    if tree is None:
        return resource, judge.tree, None
    place = positions.place(tree, build.entry, resource, route)
    path = kustomizations.find(tree, build.entry)
    if path is None or place.location.path != path:
        return resource, tree, None
    item = kustomizations.read(tree, path)
    steps = place.route if place.document is item.document else _patch_around(item, place.location)
    return resource, judge.tree, option_of(build.edits, item.body, steps)


def _patch_around(item: Kustomization, location: Location) -> Route:
    """Returns the inline patch of a kustomization that holds a place."""
    for route, _ in items(item.body, item.key("patches") or "patches"):
        whole = item.document.location(item.path, (*route, "patch")) if item.document else location
        if whole[1:3] <= location[1:3] and location[3:5] <= whole[3:5]:
            return (*route, "patch")
    return ()


def _dead_options(judge: Judge, build: Build, found: Iterable[Resource]) -> Iterator[SourceFinding]:
    if build.edits == NONE or "application-option-dead" not in judge.rules:
        return
    dead: list[tuple[Route, str]] = [
        (("images", index), said) for index, said in dead_images(build.edits, (one.body for one in found))
    ]
    dead += _dead_patches(judge, build)
    dead += [(("components", index), said) for index, said in left_out(judge.tree, build.entry, build.edits)]
    for route, message in dead:
        yield SourceFinding((BLOCK, *route), _unplaced(judge, "application-option-dead", message, build))


def _dead_patches(judge: Judge, build: Build) -> Iterator[tuple[Route, str]]:
    """Yields the patches that find no object, by what tells it of any kustomization."""
    tree = judge.edited(build) if build.edits.patches else None
    path = kustomizations.find(tree, build.entry) if tree is not None else None
    if tree is None or path is None:
        return
    item = kustomizations.read(tree, path)
    layer = kustomizations.layer(tree, item, {})
    for policy in judge.of("layer"):
        assert policy.check is not None
        for violation in policy.check(layer) if not item.is_component else ():
            option = option_of(build.edits, item.body, violation.route)
            if option is not None and option[0] == "patches":
                yield option, violation.message


def _overriding(judge: Judge, application: Application, source: Route, route: Route) -> Location | None:
    """Returns where a file beside what is deployed sets a field of a source, None where none does."""
    asked = next(one for one in application.sources if one.route == source)
    for name in reversed(overriding_files(instance_name(application.resource))) if not asked.commit else ():
        path = join(asked.directory_path, name)
        document = next(iter(judge.tree.documents(path).documents), None)
        if document is not None and document.has(route):
            return document.location(path, route)
    return None


def place_in_source(judge: Judge, application: Application, source: Route, found: SourceFinding) -> Finding:
    """Returns a finding at the field of one Application that is to blame for it."""
    route = (*source, *found.route)
    placed = _application_finding(judge, found.finding.rule, Violation(route, found.finding.message), application)
    about = found.finding.object or application.resource.object
    return replace(
        found.finding,
        location=_overriding(judge, application, source, found.route) or placed.location,
        object=about,
        pointer=found.finding.pointer or placed.pointer,
        source="",
        related=(*found.finding.related, *placed.related),
    )


def _schema_violation(judge: Judge, resource: Resource, problem: SchemaProblem) -> Violation:
    """Says by whose schema a field is unknown where that is one release of an operator: the cluster's may differ."""
    origin = judge.schemas.origin(resource.api_version, resource.kind)
    if problem.rule != "schema-unknown-field" or origin.startswith(CERTAIN_SCHEMAS):
        return Violation(problem.route, problem.message)
    return Violation(problem.route, f"{problem.message} (by {origin})", severity=Severity.WARNING)


def judge_application(judge: Judge, application: Application, *, ownership_known: bool) -> Iterator[Finding]:
    """Yields what is wrong with one Application; of a disabled one, nothing is more than a warning."""
    if application.commit:  # nobody can edit it there
        return
    worst = Severity.WARNING if application.disabled else Severity.ERROR
    for policy in judge.of("application"):
        assert policy.check is not None
        if policy.needs_ownership and not ownership_known:
            continue
        for violation in policy.check(application):
            finding = _application_finding(judge, policy.id, violation, application)
            yield replace(finding, severity=min(worst, finding.severity), applications=(application.name,))


def judge_application_set(judge: Judge, one: Expanded) -> Iterator[Finding]:
    """Yields why Argo CD refuses an ApplicationSet; of a disabled one, nothing is more than a warning."""
    if EXPANSION not in judge.rules:
        return
    worst = Severity.WARNING if one.disabled else Severity.ERROR
    for refusal in one.expansion.refusals:
        violation = Violation(refusal.route, refusal.message, severity=min(worst, refusal.severity))
        finding = _finding(judge, EXPANSION, violation, one.application_set, one.entry)
        yield replace(finding, applications=tuple(sorted(refusal.applications)))


def judge_repository(judge: Judge, repository: Repository) -> Iterator[Finding]:
    """Yields what only shows when all Applications are seen together."""
    for policy in judge.of("repository"):
        assert policy.check is not None
        for violation in policy.check(repository):
            subject = violation.subject
            if isinstance(subject, Kustomization):
                yield _in_kustomization(judge, subject, policy.id, violation)
                continue
            if isinstance(subject, Application | ObjectFact) and subject.commit:
                yield from _about_elsewhere(judge, repository, policy.id, violation)
                continue
            if isinstance(subject, Application):
                finding = _application_finding(judge, policy.id, violation, subject)
            elif isinstance(subject, ObjectFact):
                finding = _finding(judge, policy.id, violation, subject.resource, subject.entry)
            else:
                finding = _finding(judge, policy.id, violation, subject, None)
            yield replace(finding, applications=_deploying(repository, subject))


def _about_elsewhere(judge: Judge, repository: Repository, rule: str, violation: Violation) -> Iterator[Finding]:
    """Yields a finding about an object in another revision, at each Application that asks for that revision."""
    subject = violation.subject
    found = _unplaced(judge, rule, violation.message)
    found = replace(found, severity=min(violation.severity or found.severity, found.severity))
    for app in (one.application for one in repository.deployed if subject in one.objects):
        for source in app.sources if not app.commit else ():
            if source.commit == subject.commit:
                placed = place_in_source(judge, app, source.route, SourceFinding(("targetRevision",), found))
                yield replace(placed, applications=(app.name,))


def _deploying(repository: Repository, subject: Application | Resource | ObjectFact) -> tuple[str, ...]:
    """Returns the names of the Applications that a finding is about."""
    if isinstance(subject, Application):
        return (subject.name,)
    return tuple(sorted({one.application.name for one in repository.deployed if subject in one.objects}))


def judge_kustomization(judge: Judge, item: Kustomization) -> Iterator[Finding]:
    """Yields what is wrong with a kustomization file and the YAML files that it names, without building it."""
    yield from file_findings(judge, item.path)
    if item.document is None and item.problems:
        return
    violations: list[tuple[str, Violation]] = []
    for policy in judge.of("kustomization"):
        assert policy.check is not None
        violations += [(policy.id, violation) for violation in policy.check(item)]
    for problem in check_kustomization(item.body) if item.body else ():
        if problem.rule in judge.rules:
            violations.append((problem.rule, Violation(problem.route, problem.message)))
    yield from (_in_kustomization(judge, item, rule, violation) for rule, violation in violations)
    for reference, state in item.states.items():
        if state is State.FOUND_FILE and is_yaml(reference.target) and reference.field not in {
            "configMapGenerator", "secretGenerator", "helmCharts", "helmChartInflationGenerator",
        }:  # fmt: skip
            yield from file_findings(judge, reference.target)


def _in_kustomization(judge: Judge, item: Kustomization, rule: str, violation: Violation) -> Finding:
    location = item.document.location(item.path, violation.route) if item.document else Location(item.path, 1, 1, 1, 2)
    severity = min(violation.severity or judge.rules[rule], judge.rules[rule])
    return Finding(rule, severity, violation.message, location, pointer=pointer(item.body, violation.route))


def judge_layer(judge: Judge, item: Kustomization, including: dict[str, set[str]]) -> Iterator[Finding]:
    """Yields what a kustomization changes in vain. ``including`` are the directories that include each directory."""
    if kustomizations.overrides(item):
        layer = kustomizations.layer(judge.tree, item, including)
        for policy in judge.of("layer"):
            assert policy.check is not None
            yield from (_in_kustomization(judge, item, policy.id, violation) for violation in policy.check(layer))


def file_findings(judge: Judge, path: str) -> Iterator[Finding]:
    """Yields the problems of a file as YAML."""
    for problem in judge.tree.documents(path).problems:
        if problem.rule in judge.rules:
            yield _problem_finding(judge, path, problem)


def _problem_finding(judge: Judge, path: str, problem: Problem) -> Finding:
    first = Location(path, problem.first_line, 1, problem.first_line, 2)
    related = (Related(first, "the first one stands here"),) if problem.first_line else ()
    return Finding(problem.rule, judge.rules[problem.rule], problem.message, problem.location(path), related=related)


def _failure(judge: Judge, build: Build, failed: Failed) -> Iterator[Finding]:
    if "kustomize-build" not in judge.rules:
        return
    path, item, route = _blamed(judge.tree, failed)
    location = item.document.location(path, route) if item.document else Location(path, 1, 1, 1, 2)
    location = failed.location or location
    related = () if failed.directory == build.entry else _related(judge.tree, build.entry)
    finding = _unplaced(judge, "kustomize-build", f"kustomize cannot build this: {failed.message}")
    yield replace(finding, location=location, pointer=pointer(item.body, route), related=related)


def _blamed(tree: Tree, failed: Failed) -> tuple[str, Kustomization, Route]:
    """Returns the entry of a kustomization that a failed build is about."""
    from gitopsmith.render.blame import blame  # noqa: PLC0415 - most builds succeed

    path = kustomizations.find(tree, failed.directory) or join(failed.directory, FILE_NAMES[0])
    item = kustomizations.read(tree, path)
    return path, item, blame(tree, item, failed.message)


def _failed_option(judge: Judge, build: Build, failed: Failed) -> SourceFinding | None:
    """Returns the finding about the option of an Application that makes a build fail, None when no option does."""
    if build.edits == NONE or failed.kind != "error" or "kustomize-build" not in judge.rules:
        return None
    if failed.route:
        what = ".".join(str(step) for step in failed.route if isinstance(step, str))
        message = f"kustomize refuses the option {what}: {failed.message}"
        return SourceFinding(failed.route, _unplaced(judge, "kustomize-build", message, build))
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
    return SourceFinding((BLOCK, *option), _unplaced(judge, "kustomize-build", message, build))


def _chart_failure(judge: Judge, build: Build, failed: Failed) -> Iterator[Finding]:
    """Yields that a chart gives nothing: at the file that helm names, else at what the Application asks of it."""
    if "helm-build" not in judge.rules or build.asked is None:
        return
    message = f"helm cannot render this chart: {failed.message}" if not failed.route else failed.message
    app, source = build.asked
    route = (*source.route, *(failed.route or ("path" if build.chart is None else "chart",)))
    found = _application_finding(judge, "helm-build", Violation(route, message), app)
    if failed.location is None:
        yield found
        return
    related = (Related(found.location, f"rendered for the Application {app.name}"),)
    yield replace(found, location=failed.location, object=None, source="", pointer="", related=related)


def _stamped(judge: Judge, build: Build, rendered: tuple[Rendered, ...]) -> tuple[Rendered, ...]:
    """Tells each object of a chart where the chart is asked for."""
    if build.asked is None:
        return rendered
    app, source = build.asked
    place = positions.place(judge.tree, app.entry or "", *app.written(source.route)).location
    asked = _charted(judge.tree, build, place)
    return tuple(Rendered(item.text, replace(item.origin, asked=asked)) for item in rendered)


def _charted(tree: Tree, build: Build, place: Location) -> Charted:
    """Returns where the values of a chart come from, of one in the work tree; of others, only who asks for it."""
    release = build.release
    if release is None or build.chart is not None or build.commit:
        return Charted(place)
    found = values_files(release, Roots(tree.root / build.entry, tree.root, tree.root))
    files = () if isinstance(found, Failed) else tuple(path.relative_to(tree.root).as_posix() for path in found)
    parameters = (*release.parameters, *release.strings, *release.files)
    return Charted(place, build.entry, files, release.values, tuple(name for name, _ in parameters))


def _related(tree: Tree, entry: str | None) -> tuple[Related, ...]:
    path = kustomizations.find(tree, entry) if entry is not None else None
    return (Related(Location(path, 1, 1, 1, 2), "rendered by this kustomization"),) if path else ()


def _application_finding(judge: Judge, rule: str, violation: Violation, application: Application) -> Finding:
    """Points at an Application's field, or at what gives it to a generated one in its ApplicationSet.

    What is generated for sample clusters is no more than a warning: each Argo CD of a repository knows others.
    """
    resource, route = application.written(violation.route)
    finding = _finding(judge, rule, violation._replace(route=route), resource, application.entry)
    if application.generation is not None and application.generation.sampled:
        finding = replace(finding, severity=min(Severity.WARNING, finding.severity))
    return replace(finding, related=(*finding.related, *_parameters(judge, application)))


def _parameters(judge: Judge, application: Application) -> Iterator[Related]:
    """Yields where the parameters of a generated Application are written."""
    generation = application.generation
    if generation is not None and generation.element:
        resource = generation.application_set
        place = positions.place(judge.tree, application.entry or "", resource, generation.element)
        yield Related(place.location, f"{application.name} gets its parameters here")
    elif generation is not None and judge.tree.kind(generation.file) == "file":
        yield Related(Location(generation.file, 1, 1, 1, 2), f"{application.name} gets its parameters here")


def _finding(
    judge: Judge,
    rule: str,
    violation: Violation,
    resource: Resource,
    entry: str | None,
    tree: Tree | None = None,
) -> Finding:
    if resource.origin == Origin() and entry is not None:
        resource = replace(resource, origin=judge.origin(Build("kustomize", entry), resource))
    place = positions.place(tree or judge.tree, entry or "", resource, violation.route)
    severity = min(violation.severity or judge.rules[rule], judge.rules[rule])
    source = place.document.body if place.document is not None else None
    named = mapping(source).get("kind") == resource.kind and get(source, "metadata", "name")
    return Finding(
        rule,
        severity,
        violation.message,
        place.location,
        resource.object,
        source=f"{resource.kind}/{named}" if named else "",
        pointer=pointer(resource.body, violation.route),
        related=_related(judge.tree, entry) if entry not in {None, place.location.path.rpartition("/")[0]} else (),
    )


def files_of(tree: Tree, build: Build) -> tuple[str, ...]:
    """Returns the manifest files of a build that nothing has to render."""
    return directory.files(tree, build.entry, build.options) if build.type == "directory" else (build.entry,)


def inputs(tree: Tree, build: Build) -> dict[str, str]:
    """Returns every path that a build depends on, each with its digest: missing ones and listings count.

    What is rendered from another revision depends on its commit alone.
    """
    if build.commit:
        return {f"{build.commit}:{build.entry}": build.commit}
    if build.type == "kustomize":
        return {path: tree.digest(path) for path in touched(tree, build.entry, build.edits)}
    if build.type == "helm":
        return {path: tree.digest(path) for path in _chart_files(tree, build)}
    found = files_of(tree, build)
    listing = {build.entry: " ".join(found)} if build.type == "directory" else {}
    return {**listing, **{path: tree.digest(path) for path in found}}


def _chart_files(tree: Tree, build: Build) -> Iterator[str]:
    """Yields the files of a chart in the repository, and those that its Application names."""
    prefix = f"{build.entry}/" if build.entry else ""
    if build.chart is None:
        yield from (path for path in tree.files if path.startswith(prefix))
    release = build.release
    for file in (*release.value_files, *(file for _, file in release.files)) if release is not None else ():
        inside = build.entry if file.place == "chart" and not file.path.startswith("/") else ""
        if build.chart is None or file.place == "repository":
            yield join(inside, file.path.lstrip("/"))


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Makes one finding of those that one edit mends: same rule, same place; Applications and overlays are gathered."""
    merged: dict[tuple[Any, ...], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.location, finding.pointer)
        known = merged.get(key)
        if known is None:
            merged[key] = finding
            continue
        merged[key] = replace(
            known,
            severity=max(known.severity, finding.severity),
            applications=tuple(sorted({*known.applications, *finding.applications})),
            related=tuple(dict.fromkeys((*known.related, *finding.related))),
        )
    return sorted(merged.values(), key=lambda finding: finding.order)
