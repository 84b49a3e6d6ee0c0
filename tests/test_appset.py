"""ApplicationSets are expanded by Argo CD's own code: what they generate is found, judged, and mended in the set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitopsmith.application import Ownership
from gitopsmith.appset import Expansion, expander
from gitopsmith.config import Cluster, Config
from gitopsmith.finding import Finding, Report
from gitopsmith.lint import Options, lint
from gitopsmith.manifest import Resource, get
from gitopsmith.tree import open_tree
from repository import ORDINARY, URL, executable, initialise, run, write

pytestmark = pytest.mark.usefixtures("appset", "kustomize")
OWN = Ownership(frozenset({"git.example.com/team/fleet"}), "configuration")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"
GIT = f"repoURL: {URL}, revision: HEAD"
CLUSTER = Cluster("production", "https://10.0.0.1", "", {"tier": "one"}, {})


def set_of(generators: str, *, name: str = "'{{ .path.basename }}'", path: str = "'{{ .path.path }}'") -> str:
    """Returns an ApplicationSet with Go templates; generators begin in line 10, the template's name is line 13."""
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: fleet
  namespace: argocd
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - {generators}
  template:
    metadata:
      name: {name}
    spec:
      project: team
      source:
        repoURL: {URL}
        targetRevision: main
        path: {path}
      destination: {{name: in-cluster, namespace: web}}
"""


DIRECTORIES = set_of(f"git: {{{GIT}, directories: [{{path: apps/*}}, {{path: apps/old, exclude: true}}]}}")
APPS = {f"apps/{name}/config.yaml": CONFIG for name in ("web", "shop", "old", "web/deep")} | {"apps/README.md": ""}


def expanded(folder: Path, text: str, settings: Config = Config()) -> Expansion:  # noqa: B008 - it is frozen
    write(folder, {"set.yaml": text})
    tree = open_tree(folder)
    asked = expander(tree, OWN, settings, 60)
    try:
        return asked.expand(Resource(tree.documents("set.yaml").documents[0].body))
    finally:
        asked.close()


def names(found: Expansion) -> list[str]:
    return [one.name for one in found.applications]


def linted(folder: Path, files: dict[str, str], configuration: str = "") -> Report:
    said = {".gitopsmith.yaml": f"repository: {{urls: ['{URL}']}}\n{configuration}"}
    return lint(Options(paths=(initialise(write(folder, {**files, **said})),)))


def of(report: Report, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


def test_directories_are_matched_as_argo_cd_does(tmp_path: Path) -> None:
    found = expanded(write(tmp_path, APPS), DIRECTORIES)
    assert (names(found), found.refusals, found.unverifiable) == (["shop", "web"], (), ())
    assert [get(one.body, "spec", "source", "path") for one in found.applications] == ["apps/shop", "apps/web"]


def test_a_pattern_of_files_crosses_folders_as_in_git(tmp_path: Path) -> None:
    files = {"envs/a.yaml": "team: {name: one}\n", "envs/deep/er/b.yaml": "team: {name: two}\n", "c.yaml": "x: y\n"}
    text = set_of(
        f"git: {{{GIT}, files: [{{path: 'envs/*.yaml'}}]}}", name="'{{ .team.name }}'", path="'{{ .path.path }}'"
    )
    found = expanded(write(tmp_path, files), text)
    assert [(one.name, one.file) for one in found.applications] == [
        ("one", "envs/a.yaml"),
        ("two", "envs/deep/er/b.yaml"),
    ]


def test_a_file_that_links_out_of_the_repository_is_not_read(tmp_path: Path) -> None:
    secret = write(tmp_path / "outside", {"secret.yaml": "team: {name: stolen}\n"}) / "secret.yaml"
    folder = write(tmp_path / "inside", {"envs/a.yaml": "team: {name: one}\n"})
    (folder / "envs" / "link.yaml").symlink_to(secret)
    text = set_of(f"git: {{{GIT}, files: [{{path: 'envs/*.yaml'}}]}}", name="'{{ .team.name }}'")
    found = expanded(folder, text)
    assert names(found) == []
    assert found.unverifiable == (("set-generator", "fleet: content of envs/link.yaml"),)


def test_clusters_come_from_the_configuration_alone(tmp_path: Path) -> None:
    text = set_of(
        "clusters: {selector: {matchLabels: {tier: one}}}",
        name="'web-{{ .name }}-{{ .metadata.labels.tier }}'",
        path="x",
    )
    assert expanded(tmp_path, text).unverifiable == (("set-clusters", "fleet: clusters"),)
    found = expanded(tmp_path, text, Config(clusters=(CLUSTER, CLUSTER._replace(name="other", labels={}))))
    assert (names(found), found.unverifiable) == (["web-production-one"], ())


def test_what_a_service_answers_comes_from_the_configuration_alone(tmp_path: Path) -> None:
    text = set_of("scmProvider: {github: {organization: team}}", name="'{{ .repository }}'", path="x")
    assert expanded(tmp_path, text).unverifiable == (("set-generator", "fleet: scmProvider"),)
    found = expanded(
        tmp_path, text, Config(application_sets={"fleet": [{"repository": "web"}, {"repository": "shop"}]})
    )
    assert (names(found), found.unverifiable) == (["shop", "web"], ())


def test_a_matrix_knows_what_one_of_its_generators_does(tmp_path: Path) -> None:
    both = f"matrix: {{generators: [{{clusters: {{}}}}, {{git: {{{GIT}, directories: [{{path: apps/*}}]}}}}]}}"
    text = set_of(both, name="'{{ .name }}-{{ .path.basename }}'")
    found = expanded(write(tmp_path, APPS), text, Config(clusters=(CLUSTER,)))
    assert names(found) == [
        *("in-cluster-old", "in-cluster-shop", "in-cluster-web"),
        *("production-old", "production-shop", "production-web"),
    ]


@pytest.mark.parametrize(
    "where",
    [
        "repoURL: https://git.example.com/other/fleet.git, revision: HEAD",
        f"repoURL: {URL}, revision: v1.2.3",
        f"repoURL: {URL}, revision: c123456789012345678901234567890123456789",
    ],
)
def test_another_repository_and_a_fixed_revision_are_not_known(tmp_path: Path, where: str) -> None:
    found = expanded(write(tmp_path, APPS), set_of(f"git: {{{where}, directories: [{{path: nowhere/*}}]}}"))
    assert (found.applications, found.refusals) == ((), ())
    assert [kind for kind, _ in found.unverifiable] == ["set-repository"]


def test_what_is_generated_is_judged_and_a_set_can_generate_the_next(tmp_path: Path) -> None:
    parents = set_of("list: {elements: [{dir: sets}]}", name="parents", path="'{{ .dir }}'")
    files = {
        "parents.yaml": parents.replace("name: fleet", "name: parents"),
        "sets/kustomization.yaml": "resources: [set.yaml]\n",
    }
    files |= {
        "sets/set.yaml": DIRECTORIES,
        **{
            name.replace("ordinary/", "apps/ordinary/"): text
            for name, text in ORDINARY.items()
            if name.startswith("ordinary/")
        },
    }
    report = linted(tmp_path, files)
    (unpinned,) = of(report, "image-unpinned")
    assert (unpinned.location.path, unpinned.location.line, unpinned.applications) == (
        "apps/ordinary/web.yaml",
        12,
        ("ordinary",),
    )
    assert report.summary.rendered_share == 1.0


def test_the_tree_shows_what_a_set_generates_below_what_brings_the_set(tmp_path: Path) -> None:
    files = {"sets/kustomization.yaml": "resources: [set.yaml]\n", "sets/set.yaml": DIRECTORIES, **APPS}
    shown = run("graph", cwd=initialise(write(tmp_path, files))).stdout.decode()
    assert shown.splitlines()[:3] == [
        "sets (kustomize): ApplicationSet 1",
        "  Application shop -> in-cluster/web",
        "    apps/shop (directory): ConfigMap 1",
    ]
    assert "unverifiable" not in shown


def test_one_defect_of_a_template_is_one_finding_with_all_that_have_it(tmp_path: Path) -> None:
    text = set_of("list: {elements: [{app: a}, {app: b}, {app: c}]}", name="'app-{{ .app }}'", path="'gone/{{ .app }}'")
    (missing,) = of(linted(tmp_path, {"set.yaml": text, "gone/b/x.yaml": CONFIG}), "application-path-missing")
    assert (missing.location.path, missing.location.line) == ("set.yaml", 19)
    assert missing.applications == ("app-a", "app-c")
    assert missing.object is not None
    assert missing.object.kind == "ApplicationSet"
    assert [(place.location.line, place.message) for place in missing.related] == [
        (10, "app-a gets its parameters here"),
        (10, "app-c gets its parameters here"),
    ]


def test_a_defect_that_a_file_brings_in_names_the_file(tmp_path: Path) -> None:
    text = set_of(f"git: {{{GIT}, files: [{{path: 'envs/*.yaml'}}]}}", name="'{{ .app }}'", path="'{{ .dir }}'")
    files = {"set.yaml": text, "envs/a.yaml": "app: a\ndir: gone\n"}
    (missing,) = of(linted(tmp_path, files), "application-path-missing")
    assert [place.location.path for place in missing.related] == ["envs/a.yaml"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (set_of("list: {elements: [{a: b}]}", name="'{{ .b }}'"), 13, "map has no entry for key"),
        (set_of("list: {elements: [{a: b}]}", name="'{{ .a '"), 13, "unclosed action"),
        (set_of("list: {elements: [{a: b}, {a: c}]}", name="web", path="x"), 13, "2 Applications the name 'web'"),
        (set_of("list: {elements: [{a: B_}]}", name="'{{ .a }}'", path="x"), 13, "'B_', which Kubernetes refuses"),
        (set_of("matrix: {generators: [{list: {elements: []}}]}", name="x", path="x"), 10, "less than two generators"),
        (DIRECTORIES, 10, "nothing is generated"),
    ],
)
def test_a_set_that_argo_cd_refuses_is_found_at_the_place(tmp_path: Path, text: str, line: int, message: str) -> None:
    (found,) = of(linted(tmp_path, {"set.yaml": text}), "application-set-invalid")
    assert (found.location.path, found.location.line) == ("set.yaml", line)
    assert message in found.message


def test_a_list_that_was_left_empty_and_a_secret_in_a_template_are_no_words_of_a_finding(tmp_path: Path) -> None:
    assert expanded(tmp_path / "empty", set_of("list: {elements: []}", name="x", path="x")) == Expansion()
    text = set_of("list: {elements: [{a: b}]}", name="'{{ if }}kD8vq2LxT0mZ'", path="x")
    (found,) = expanded(tmp_path / "secret", text).refusals
    assert "missing value for if" in found.message
    assert "kD8vq2LxT0mZ" not in found.message


def test_an_option_of_templates_that_does_not_exist_is_found(tmp_path: Path) -> None:
    text = set_of("list: {elements: [{a: b}]}", name="x", path="x").replace("missingkey=error", "missing=error")
    (found,) = expanded(tmp_path, text).refusals
    assert "unrecognized option" in found.message


def test_a_parameter_that_nothing_gives_is_found_without_go_templates(tmp_path: Path) -> None:
    text = set_of("list: {elements: [{a: b}]}", name="'web-{{a}}'", path="'apps/{{b}}'").replace("goTemplate: true", "")
    (found,) = of(linted(tmp_path, {"set.yaml": text}), "application-set-invalid")
    assert (found.location.line, found.applications) == (19, ("web-b",))
    assert "'apps/{{b}}'" in found.message


def test_a_set_that_a_kustomization_leaves_out_gives_warnings_alone(tmp_path: Path) -> None:
    files = {"sets/set.yaml": set_of("list: {elements: [{a: b}]}", name="'{{ .b }}'"), "sets/on.yaml": CONFIG}
    report = linted(tmp_path, {**files, "sets/kustomization.yaml": "resources: [on.yaml]\n"})
    assert [str(found.severity) for found in of(report, "application-set-invalid")] == ["warning"]


def test_what_is_generated_for_sample_clusters_gives_warnings_alone(tmp_path: Path) -> None:
    text = set_of("clusters: {}", name="'{{ .name }}'", path="'gone/{{ .name }}'")
    report = linted(tmp_path, {"set.yaml": text}, "clusters: [{name: b-}]\n")
    assert [str(finding.severity) for finding in of(report, "application-path-missing")] == ["warning"]
    assert [str(finding.severity) for finding in of(report, "application-set-invalid")] == ["warning"]


def test_a_set_that_is_filled_in_later_is_left_alone(tmp_path: Path) -> None:
    text = set_of("{}", name="x", path="x")
    assert expanded(tmp_path, text).unverifiable == (("set-template", "fleet"),)


def test_without_the_program_a_set_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path))
    (note,) = (
        note for note in linted(tmp_path, {"set.yaml": DIRECTORIES, **APPS}).notes if note.kind == "unverifiable"
    )
    assert "ApplicationSets are not expanded" in note.message


@pytest.mark.parametrize(
    "script", ["exit 1", "read line; echo nonsense", "read line; echo 2; echo -n []", "read line; echo 9"]
)
def test_a_program_that_ends_or_talks_nonsense_is_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    broken = executable(tmp_path / "bin" / "gitopsmith-appset", script).parent
    monkeypatch.setenv("GITOPSMITH_HELPER", str(broken))
    found = expanded(write(tmp_path / "repository", APPS), DIRECTORIES)
    assert found.unverifiable == (("set", "fleet"),)


ODD: tuple[Any, ...] = (None, 1, "x", [], {}, [1], {"a": 1}, [None], [{}], [{"list": 1}], [{"git": None}], [[]])


@pytest.mark.slow
@pytest.mark.parametrize("field", ["spec", "generators", "template", "metadata", "goTemplateOptions", "templatePatch"])
def test_odd_bodies_break_nothing(tmp_path: Path, field: str) -> None:
    tree = open_tree(write(tmp_path, APPS))
    asked = expander(tree, OWN, Config(), 60)
    for odd in ODD:
        body = json.loads(
            json.dumps(open_tree(write(tmp_path, {"s.yaml": DIRECTORIES})).documents("s.yaml").documents[0].body)
        )
        (body if field in {"spec", "metadata"} else body["spec"])[field] = odd
        assert isinstance(asked.expand(Resource(body)), Expansion), odd
    assert names(asked.expand(Resource(open_tree(tmp_path).documents("s.yaml").documents[0].body))) == ["shop", "web"]
    asked.close()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (scratch := tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    text = set_of(f"git: {{{GIT}, files: [{{path: 'envs/*.yaml'}}]}}", name="'{{ .app }}'", path="x")
    assert names(expanded(write(tmp_path / "repository", {"envs/a.yaml": "app: a\n"}), text)) == ["a"]
    assert list(scratch.iterdir()) == []
