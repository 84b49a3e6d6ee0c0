"""The worklist: from files to what Argo CD applies, at any depth, each build once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gitopsmith import application, graph, render
from gitopsmith.application import ObjectFact, Ownership
from gitopsmith.graph import Build, BuildResult, Graph
from gitopsmith.render import Bodies, Failed, Rendered, directory, kustomize
from gitopsmith.render.directory import Options
from gitopsmith.render.kustomize import Renderer
from gitopsmith.tree import Tree, open_tree
from repository import URL, application_of, executable, write

GROUP = '"apiVersion": "argoproj.io/v1alpha1"'
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\n"
OWN = Ownership(frozenset({"git.example.com/team/fleet"}), "configuration")
OTHER = "https://git.example.com/other/charts.git"


@pytest.fixture
def renderer(kustomize: str) -> Renderer:
    """The real program."""
    return Renderer("kustomize", "5", (kustomize, "build"))


def _work(root: Path, renderer: Renderer, jobs: int = 2) -> Graph:
    """Works through a repository with a judge that finds nothing wrong."""
    tree = open_tree(root)
    bodies = Bodies()

    def judge(build: Build, rendered: tuple[Rendered, ...] | Failed) -> BuildResult:
        if isinstance(rendered, Failed):
            return BuildResult(build, argo=graph.declared_in(tree, build.entry), failure=rendered)
        if build.type == "kustomize":
            found = tuple(resource for _, resource in render.resources(rendered, bodies))
        else:
            found = directory.read(tree, _files(tree, build))
        inputs = {} if build.type == "kustomize" else dict.fromkeys(_files(tree, build), "file")
        return BuildResult(
            build, objects=graph.facts(found, build.entry), argo=graph.argo_objects(found), inputs=inputs
        )

    def prepare(build: Build) -> object:
        return kustomize.plan(tree, build.entry) if build.type == "kustomize" else None

    def run(prepared: object) -> tuple[Rendered, ...] | Failed:
        assert isinstance(prepared, kustomize.Plan)
        return kustomize.execute(prepared, root, renderer)

    return graph.work(tree, graph.discover(tree), OWN, prepare, run, judge, jobs)


def _files(tree: Tree, build: Build) -> tuple[str, ...]:
    return directory.files(tree, build.entry, build.options) if build.type == "directory" else (build.entry,)


def _deployed(worked: Graph) -> dict[str, list[str]]:
    return {unit.application.name: [build.entry for build in unit.builds] for unit in worked.units}


NESTED = {
    "root.yaml": application_of("root", "bootstrap"),
    "bootstrap/kustomization.yaml": "resources: [teams.yaml]\nnamePrefix: main-\n",
    "bootstrap/teams.yaml": application_of("teams", "teams"),
    "teams/web.yaml": application_of("web", "apps/web"),
    "teams/api.yaml": application_of("api", "apps/api"),
    "apps/web/kustomization.yaml": "resources: [cm.yaml]\n",
    "apps/web/cm.yaml": CONFIG.format("web"),
    "apps/api/cm.yaml": CONFIG.format("api"),
}


def test_applications_are_followed_to_any_depth(tmp_path: Path, renderer: Renderer) -> None:
    """A raw root, then a kustomization, then a directory, then a kustomization and a directory."""
    worked = _work(write(tmp_path, NESTED), renderer)
    assert _deployed(worked) == {
        "root": ["bootstrap"],
        "main-teams": ["teams"],
        "web": ["apps/web"],
        "api": ["apps/api"],
    }
    assert {unit.application.name: unit.application.entry for unit in worked.units if unit.application.entry} == {
        "main-teams": "bootstrap",
        "web": "teams",
        "api": "teams",
    }
    assert worked.results[Build("kustomize", "apps/web")].objects[0].name == "web"
    assert Build("directory", "apps/api") in worked.owned


def test_the_order_of_results_does_not_depend_on_the_number_of_jobs(tmp_path: Path, renderer: Renderer) -> None:
    write(tmp_path, NESTED | {f"more/{n}/kustomization.yaml": "resources: []\n" for n in range(9)})
    assert list(_work(tmp_path, renderer, 1).results) == list(_work(tmp_path, renderer, 7).results)


def test_what_several_applications_share_is_rendered_once(tmp_path: Path, kustomize: str) -> None:
    log = tmp_path / "log"
    counting = executable(tmp_path / "bin/kustomize", f'echo "$@" >> {log}; exec {kustomize} "$@"')
    files = {f"apps/{name}.yaml": application_of(name, "shared") for name in ("one", "two", "three")}
    files |= {"shared/kustomization.yaml": "resources: [cm.yaml]\n", "shared/cm.yaml": CONFIG.format("x")}
    worked = _work(write(tmp_path / "repository", files), Renderer("kustomize", "5", (str(counting), "build")))
    assert len(log.read_text().splitlines()) == 1
    assert _deployed(worked) == {"one": ["shared"], "two": ["shared"], "three": ["shared"]}


@pytest.mark.parametrize(
    "files",
    [
        {"apps/kustomization.yaml": "resources: [other.yaml]\n", "apps/other.yaml": CONFIG.format("x")},
        {
            "apps/.keep": "",
            "kustomization.yaml": "resources: [apps/other.yaml]\n",
            "apps/other.yaml": CONFIG.format("x"),
        },
    ],
    ids=["kustomization beside it", "included files beside it"],
)
def test_a_raw_application_that_the_kustomization_beside_it_leaves_out_is_disabled(
    tmp_path: Path, renderer: Renderer, files: Mapping[str, str]
) -> None:
    (unit,) = _work(write(tmp_path, {**files, "apps/old.yaml": application_of("old", "gone")}), renderer).units
    assert (unit.application.name, unit.application.disabled) == ("old", True)


def test_a_raw_application_in_a_folder_of_its_own_is_enabled(tmp_path: Path, renderer: Renderer) -> None:
    (unit,) = _work(write(tmp_path, {"apps/web.yaml": application_of("web", "gone")}), renderer).units
    assert (unit.application.disabled, unit.builds) == (False, ())


def test_the_root_application_is_judged_as_a_file_unless_a_directory_takes_it(
    tmp_path: Path, renderer: Renderer
) -> None:
    files = {"root.yaml": application_of("root", "apps"), "apps/web.yaml": application_of("web", "gone")}
    files |= {"half/kustomization.yaml": "resources: []\n", "half/old.yaml": application_of("old", "gone")}
    files |= {"broken/app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: [\n"}
    worked = _work(write(tmp_path, files), renderer)
    assert [build.entry for build in worked.results if build.type == "file"] == ["broken/app.yaml", "root.yaml"]
    assert sorted(unit.application.name for unit in worked.units) == ["old", "root", "web", "web"]


def test_applications_in_a_failing_build_are_still_found(tmp_path: Path, renderer: Renderer) -> None:
    files = {
        "kustomization.yaml": "resources: [apps, gone.yaml]\n",
        "apps/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/web.yaml": application_of("web", "web"),
        "web/kustomization.yaml": "resources: [cm.yaml]\n",
        "web/cm.yaml": CONFIG.format("x"),
    }
    worked = _work(write(tmp_path, files), renderer)
    assert worked.results[Build("kustomize", "")].failure is not None
    assert _deployed(worked) == {"web": ["web"]}
    assert [item.name for item in worked.results[Build("kustomize", "web")].objects] == ["x"]


@pytest.mark.parametrize(
    ("block", "names"),
    [
        ("{recurse: false}", ["web"]),
        ("{recurse: true}", ["deep", "web"]),
        ("{recurse: true, include: '*.yml'}", ["deep"]),
        ("{recurse: true, exclude: 'deep/*'}", ["web"]),
        ("{recurse: true, include: '{web,deep/cm}.y*', exclude: 'web.*'}", ["deep"]),
    ],
)
def test_a_directory_source_is_read_as_argo_cd_reads_it(
    tmp_path: Path, renderer: Renderer, block: str, names: list[str]
) -> None:
    files = {
        "app.yaml": application_of("web", "web", f"directory: {block}"),
        "web/web.yaml": CONFIG.format("web"),
        "web/deep/cm.yml": CONFIG.format("deep"),
        "web/notes.txt": "kind: Nothing\n",
    }
    worked = _work(write(tmp_path, files), renderer)
    (result,) = (result for build, result in worked.results.items() if build.type == "directory")
    assert sorted(item.name for item in result.objects) == names


@pytest.mark.parametrize(
    ("source", "unverifiable", "builds"),
    [
        (f"repoURL: {OTHER}, path: web", [("repository-moving", OTHER)], []),
        (f"repoURL: {OTHER}, targetRevision: v1.0.0, path: web", [("repository", OTHER)], []),
        ("repoURL: https://charts.example.com, chart: nginx", [], ["nginx"]),
        (f"repoURL: {URL}, path: chart", [], ["chart"]),
        (f"repoURL: {URL}, path: web, plugin: {{name: x}}", [("plugin", "web")], []),
        (f"repoURL: {URL}, ref: values", [], []),
        (f"repoURL: {URL}, path: gone", [], []),
        (f"repoURL: {URL}, path: web", [], ["web"]),
        (f"repoURL: {URL}, path: web, kustomize: {{version: v5.4.0}}", [], ["web"]),
        (
            f"repoURL: {URL}, path: web, kustomize: {{namePrefix: a-, images: [x]}}",
            [],
            ["web"],
        ),
    ],
    ids=[
        "repository",
        "fixed repository",
        "chart",
        "local chart",
        "plugin",
        "values",
        "missing",
        "own",
        "version",
        "options",
    ],
)
def test_what_cannot_be_known_offline_is_said(
    tmp_path: Path, renderer: Renderer, source: str, unverifiable: list[tuple[str, str]], builds: list[str]
) -> None:
    body = (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: x}}\nspec: {{source: {{{source}}}}}\n"
    )
    files = {"app.yaml": body, "web/kustomization.yaml": "resources: []\n", "chart/Chart.yaml": "name: x\n"}
    (unit,) = _work(write(tmp_path, files), renderer).units
    assert list(unit.unverifiable) == unverifiable
    assert [build.entry for build in unit.builds] == builds


def test_application_sets_and_projects_are_gathered_raw_and_rendered(tmp_path: Path, renderer: Renderer) -> None:
    body = "apiVersion: argoproj.io/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec: {{}}\n"
    files = {
        "set.yaml": body.format("ApplicationSet", "raw"),
        "projects/kustomization.yaml": "resources: [all.yaml]\n",
        "projects/all.yaml": body.format("AppProject", "team") + "---\n" + body.format("ApplicationSet", "rendered"),
        "other.yaml": "apiVersion: app.k8s.io/v1beta1\nkind: Application\nmetadata: {name: not-argo}\n# argoproj.io/\n",
    }
    worked = _work(write(tmp_path, files), renderer)
    assert [item.name for item in worked.application_sets] == ["raw", "rendered"]
    assert [item.name for item in worked.projects] == ["team"]
    assert worked.units == ()


def test_what_still_renders_is_killed_when_the_run_is_given_up(tmp_path: Path) -> None:
    names = [str(number) for number in range(9)]
    tree = open_tree(write(tmp_path, {f"{name}/kustomization.yaml": "resources: []\n" for name in names}))
    slow = Renderer("kustomize", "5", (str(executable(tmp_path / "slow", "sleep 60")), "build"))

    def prepare(build: Build) -> object:
        if build.entry == "3":
            raise KeyboardInterrupt
        return kustomize.Plan(build.entry, "")

    def run(prepared: object) -> tuple[Rendered, ...] | Failed:
        assert isinstance(prepared, kustomize.Plan)
        return kustomize.execute(prepared, tree.root, slow)

    with pytest.raises(KeyboardInterrupt):
        graph.work(tree, graph.discover(tree), OWN, prepare, run, lambda build, _: BuildResult(build))


# --- what lies in a repository


@pytest.mark.parametrize(
    ("files", "roots"),
    [
        ({"a": "resources: [../b]\n", "b": "resources: []\n"}, ["a"]),
        ({"a": "resources: []\n", "b": "resources: []\n"}, ["a", "b"]),
        ({"a": "resources: [../b]\n", "b": "resources: [../a]\n"}, ["a"]),
        ({"a": "resources: [../b]\n", "b": "resources: [../c]\n", "c": "resources: [../b]\n"}, ["a"]),
        ({"a": "resources: [../a]\n"}, ["a"]),
        ({"a": "kind: Component\nresources: [../b]\n", "b": "resources: []\n"}, ["b"]),
        ({"a": "components: [../b]\n", "b": "kind: Component\nresources: []\n"}, ["a"]),
        ({"a": "bases: [../b]\n", "b": "resources: []\n"}, ["a"]),
    ],
    ids=["chain", "apart", "circle", "circle below", "itself", "lonely component", "component", "bases"],
)
def test_roots_are_the_kustomizations_that_nothing_includes(
    tmp_path: Path, files: Mapping[str, str], roots: list[str]
) -> None:
    write(tmp_path, {f"{name}/kustomization.yaml": text for name, text in files.items()})
    assert list(graph.discover(open_tree(tmp_path)).roots) == roots


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("apps/web.yaml", application_of("web", "web"), ["web"]),
        ("apps/web.json", f'{{{GROUP}, "kind": "Application", "metadata": {{"name": "j"}}}}', ["j"]),
        ("apps/web.txt", application_of("web", "web"), []),
        ("apps/web.yaml", application_of("'{{ name }}'", "web"), []),
        ("apps/web.yaml", application_of("web", "'${PATH}'"), []),
        ("chart/templates/web.yaml", application_of("web", "web"), []),
        ("templates/web.yaml", application_of("web", "web"), ["web"]),
        ("apps/web.yaml", "kind: Application\n# argoproj.io/\n", []),
        ("apps/web.yaml", "a: b: c\n---\n" + application_of("web", "web"), ["web"]),
    ],
    ids=[
        "YAML", "JSON", "text", "name to fill in", "path to fill in", "chart", "no chart", "no group", "half",
    ],
)  # fmt: skip
def test_raw_applications_are_found_in_manifests(tmp_path: Path, path: str, text: str, expected: list[str]) -> None:
    found = graph.discover(open_tree(write(tmp_path, {path: text, "chart/Chart.yaml": "name: x\n"})))
    assert [resource.name for resource in found.raw] == expected


def test_all_applications_in_files_are_evidence_included_or_not(tmp_path: Path) -> None:
    files = {
        "apps/kustomization.yaml": "resources: [a.yaml]\n",
        "apps/a.yaml": application_of("a", "apps"),
        "b.yaml": application_of("b", "apps"),
    }
    tree = open_tree(write(tmp_path, files))
    found = graph.discover(tree)
    assert [resource.name for resource in found.raw] == ["b"]
    assert application.evidence(found.declared, tree) == {"git.example.com/team/fleet": (2, 2)}


def test_facts_hold_what_other_builds_need(tmp_path: Path, renderer: Renderer) -> None:
    hooked = (
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  namespace: web\n  annotations:\n"
        "    argocd.argoproj.io/hook: PreSync\n    argocd.argoproj.io/sync-wave: '-1'\n"
    )
    write(tmp_path, {"a/kustomization.yaml": "resources: [job.yaml]\n", "a/job.yaml": hooked})
    worked = _work(tmp_path, renderer)
    [fact] = worked.results[Build("kustomize", "a", Options())].objects
    flat = ObjectFact("batch/v1", "Job", "web", "migrate", "-1", "PreSync", entry="a", path="a/job.yaml")
    assert fact._replace(rendered=None) == flat
    assert fact.rendered is None or fact.rendered.object == flat.resource.object


def test_what_an_application_applies_is_known_with_the_settings_of_argo_cd(tmp_path: Path, renderer: Renderer) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n  namespace: argocd\ndata:\n  a: b\n"
    write(
        tmp_path,
        {
            "root.yaml": application_of("web", "web") + "---\n" + application_of("gone", "gone"),
            "web/kustomization.yaml": "resources: [all.yaml]\n",
            "web/all.yaml": config.format("argocd-cm") + "---\n" + config.format("other"),
        },
    )
    found = graph.repository(_work(tmp_path, renderer))
    assert found.settings == {"a": "b"}
    assert {one.application.name: ([fact.name for fact in one.objects], one.complete) for one in found.deployed} == {
        "web": (["argocd-cm", "other"], True),
        "gone": ([], False),
    }
