"""What Argo CD applies, shown: the tree of it, and the manifests themselves."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checkout import DEMO, ROOT, git
from gitopsmith import documents
from gitopsmith.applied.hiding import hidden, hidden_pair
from gitopsmith.applied.working import Manifest
from gitopsmith.applied.written import written
from gitopsmith.cli import main
from gitopsmith.manifest import Resource
from repository import WEB, application_of, initialise, write

SECRET = "Zx9-kPq7Wv3mTn5Ls8"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: blue}\n"
NESTED = {
    "root.yaml": application_of("root", "apps"),
    "apps/kustomization.yaml": "resources: [web.yaml, chart.yaml]\n",
    "apps/web.yaml": application_of("web", "web"),
    "apps/chart.yaml": application_of("chart", "", "chart: redis").replace("    path: \n", ""),
    "web/kustomization.yaml": "resources: [web.yaml]\n",
    "web/web.yaml": WEB.replace("image: web\n", "image: web:1.0\n"),
    "spare/kustomization.yaml": "resources: [settings.yaml]\n",
    "spare/settings.yaml": CONFIG,
}


class Views:
    """Runs a command in a folder, and returns its exit code, stdout and stderr."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capfdbinary

    def __call__(self, folder: Path, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.chdir(folder)
        status = main(list(arguments))
        out, err = self._capture.readouterr()
        return status, out.decode(), err.decode()


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], kustomize: str) -> Views:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=":")
    return Views(monkeypatch, capfdbinary)


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    return initialise(write(tmp_path / "fleet", NESTED))


# --- graph


def test_graph_shows_applications_that_applications_bring(nested: Path, views: Views) -> None:
    status, shown, _ = views(nested, "graph")
    assert status == 0
    assert shown == (
        "root.yaml (file): Application 1\n"
        "  Application root -> in-cluster/web\n"
        "    apps (kustomize): Application 2\n"
        "      Application chart -> in-cluster/web\n"
        "        redis main (chart): unverifiable: a chart from a Helm repository\n"
        "      Application web -> in-cluster/web\n"
        "        web (kustomize): Deployment 1\n"
        "\n"
        "no Application deploys:\n"
        "  spare (kustomize): ConfigMap 1\n"
    )


def test_graph_of_a_path_shows_what_it_reaches_and_who_brings_that(nested: Path, views: Views) -> None:
    _, shown, _ = views(nested, "graph", "web/web.yaml")
    assert [line.strip().split(" (")[0] for line in shown.splitlines()] == [
        "root.yaml",
        "Application root -> in-cluster/web",
        "apps",
        "Application web -> in-cluster/web",
        "web",
    ]


def test_graph_ends_where_applications_bring_each_other(tmp_path: Path, views: Views) -> None:
    files = {
        "a/kustomization.yaml": "resources: [b.yaml]\n",
        "a/b.yaml": application_of("b", "b"),
        "b/kustomization.yaml": "resources: [a.yaml, ../web]\n",
        "b/a.yaml": application_of("a", "a"),
        "web/kustomization.yaml": "resources: [web.yaml]\n",
        "web/web.yaml": WEB,
        "three.yaml": application_of("c", "none"),
    }
    status, shown, _ = views(initialise(write(tmp_path / "fleet", files)), "graph")
    assert status == 0
    assert shown.count("(see above)") == 1
    assert "none (" in shown
    assert "fails: this path does not exist" in shown


def test_graph_as_json_names_each_application_once(nested: Path, views: Views) -> None:
    found = json.loads(views(nested, "graph", "--format", "json")[1])
    names = {one["id"]: one["name"] for one in found["applications"]}
    assert sorted(names.values()) == ["chart", "root", "web"]
    [root] = [one for one in found["applications"] if one["name"] == "root"]
    assert [names[number] for number in root["sources"][0]["applications"]] == ["chart", "web"]
    assert [part["applications"] for part in found["applied_by_hand"]] == [[root["id"]]]


def test_graph_as_mermaid_quotes_what_would_be_code(tmp_path: Path, views: Views) -> None:
    odd = application_of('"]-->x["<script>', "none").replace('name: "]-->x["<script>', "name: '\"]-->x[\"<script>'")
    shown = views(initialise(write(tmp_path / "fleet", {"a.yaml": odd})), "graph", "--format", "mermaid")[1]
    assert shown.startswith("flowchart LR\n")
    assert "<script>" not in shown
    assert '"]' not in shown.replace('"])\n', "").replace('"]\n', "")


def test_graph_says_that_there_is_nothing(tmp_path: Path, views: Views) -> None:
    status, _, said = views(tmp_path, "graph")
    assert status == 2
    assert "nothing to show" in said


# --- render


def _plain(kustomize: str, folder: Path) -> list[str]:
    done = subprocess.run((kustomize, "build", str(folder)), capture_output=True, check=True)
    return done.stdout.decode().split("---\n")


def test_render_prints_what_kustomize_builds(views: Views, kustomize: str) -> None:
    status, shown, _ = views(ROOT / "example-repo", "render", "--application", "web-prod")
    assert status == 0
    assert shown.split("---\n")[1:] == _plain(kustomize, ROOT / "example-repo/apps/web/overlays/prod")
    assert shown.startswith("# Application web-prod (apps/web/overlays/prod)\n---\n")


def test_render_of_an_environment_holds_its_applications_alone(views: Views) -> None:
    _, shown, _ = views(ROOT / "example-repo", "render", "--environment", "prod")
    titles = [line for line in shown.splitlines() if line.startswith("# ")]
    assert titles == ["# Application root-prod (argocd/envs/prod)", "# Application web-prod (apps/web/overlays/prod)"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--application", "web-prd"), "there is no Application 'web-prd'; did you mean 'web-prod'?"),
        (("--environment", "produ"), "there is no environment 'produ'; did you mean 'prod'?"),
        (("nowhere",), "nowhere does not exist"),
    ],
)
def test_render_tells_the_nearest_name(views: Views, arguments: tuple[str, ...], said: str) -> None:
    status, _, complaint = views(ROOT / "example-repo", "render", *arguments)
    assert (status, complaint) == (2, f"gitopsmith: {said}\n")


def test_render_hides_secrets_unless_it_is_asked_to_show_them(views: Views) -> None:
    masked = views(DEMO, "render", "--application", "shop-production")[1]
    shown = views(DEMO, "render", "--application", "shop-production", "--show-secrets")[1]
    plain = yaml.safe_load((DEMO / "shop/overlays/production/database.yaml").read_text())["stringData"]
    assert [key for key, value in plain.items() if f"{key}: {value}" in masked] == []
    assert [key for key, value in plain.items() if f"{key}: {value}" not in shown] == []
    assert [key for key in plain if f"{key}: '***'" not in masked and f'{key}: "***"' not in masked] == []


def test_render_reads_a_source_from_the_tag_that_it_names(nested: Path, views: Views) -> None:
    _edit(nested / "apps/web.yaml", "targetRevision: main", "targetRevision: v1")
    git(nested, "add", "--all")
    git(nested, "commit", "--quiet", "--message=The first version")
    git(nested, "tag", "v1")
    _edit(nested / "web/web.yaml", "image: web:1.0", "image: web:2.0")
    assert "image: web:1.0" in views(nested, "render", "--application", "web")[1]


def _edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_render_goes_on_where_a_build_fails(nested: Path, views: Views) -> None:
    write(nested, {"web/kustomization.yaml": "resources: [gone.yaml]\n"})
    status, shown, said = views(nested, "render")
    assert status == 1
    assert "gone.yaml" in said
    assert "name: settings" in shown


def test_render_gives_up_a_directory_with_a_broken_file(nested: Path, views: Views) -> None:
    broken = {"plain/a.yaml": CONFIG, "plain/b.yaml": CONFIG + "a: b: c\n", "p.yaml": application_of("plain", "plain")}
    status, _, said = views(write(nested, broken), "render", "--application", "plain")
    assert status == 1
    assert "plain/b.yaml:5" in said


def test_render_writes_a_file_for_each_object(nested: Path, views: Views, tmp_path: Path) -> None:
    two = CONFIG + "---\n" + CONFIG.replace("{name: settings}", "{name: settings, namespace: other}")
    write(nested, {"spare/settings.yaml": two})
    out = tmp_path / "out"
    assert views(nested, "render", "--output-dir", str(out))[0] == 0
    written_files = {path.relative_to(out).as_posix() for path in out.rglob("*.yaml")}
    assert {"web/deployment-web.yaml", "spare/configmap-settings.yaml", "root/application-web.yaml"} <= written_files
    both = [yaml.safe_load(path.read_text())["metadata"] for path in (out / "spare").iterdir()]
    assert sorted(one.get("namespace", "") for one in both) == ["", "other"]
    status, _, said = views(nested, "render", "--output-dir", str(out))
    assert (status, "is not an empty folder" in said) == (2, True)


def test_render_writes_nothing_outside_of_its_folder(tmp_path: Path, views: Views) -> None:
    odd = application_of("../../up", "plain")
    files = {"a.yaml": odd, "plain/c.yaml": CONFIG.replace("name: settings", "name: ../../../etc")}
    folder = initialise(write(tmp_path / "deep" / "fleet", files))
    assert views(folder, "render", "--output-dir", str(tmp_path / "deep" / "out"))[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep"]
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["fleet", "out"]


# --- hiding


def _manifest(text: str) -> Manifest:
    return Manifest(text, Resource(documents.load(text)))


OBJECTS = {
    "data": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {one: SECRET, two: [SECRET]}\n",
    "misspelt": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringdata:\n  one: |\n    data\n    SECRET\n",
    "env": "apiVersion: v1\nkind: Pod\nspec: {containers: [{env: [{name: DB_PASSWORD, value: SECRET}]}]}\n",
    "url": "apiVersion: v1\nkind: ConfigMap\ndata: {url: 'https://me:SECRET@db.company.com/x'}\n",
    "configmap": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {PASSWORD: SECRET}\n",
    "template": "apiVersion: e/v1\nkind: Outer\nspec: {template: {data: {one: SECRET}}}\n",
    "nested": "apiVersion: e/v1\nkind: Outer\nspec: {manifest: {kind: Secret, data: {one: SECRET}}}\n",
    "annotation": "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    a: |\n"
    '      {"kind":"Secret","data":{"a":"SECRET"}}\n',
    "embedded": "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |\n    kind: Secret\n"
    "    stringData:\n      one: SECRET\n",
}


@pytest.mark.parametrize("text", [text.replace("SECRET", SECRET) for text in OBJECTS.values()], ids=list(OBJECTS))
def test_no_secret_is_shown_and_a_changed_one_says_so(text: str) -> None:
    other = text.replace(SECRET, "Jw2-hRb6Yc4nQs1Dm9")
    assert SECRET not in hidden(_manifest(text))
    before, after = hidden_pair(_manifest(text), _manifest(other))
    assert SECRET not in before + after
    assert "Jw2" not in before + after
    assert before != after
    assert "(changed)" in after
    assert hidden_pair(_manifest(text), _manifest(text)) == (before, before)


def test_an_object_without_secrets_stays_byte_by_byte() -> None:
    assert hidden(_manifest(WEB)) == WEB


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["C"])),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("abcyn01._", min_size=1), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_what_is_written_is_read_as_the_same(body: object) -> None:
    assert documents.load(written({"body": body})) == {"body": body}


@pytest.mark.parametrize(
    "word", ["y", "0o17", "1_000", "~", "1e3", "on", "=", "2001-01-01", "*x", "a: b", "", " a", "0x1F"]
)
def test_words_that_look_like_something_else_stay_words(word: str) -> None:
    assert documents.load(written({"word": word, word: 1})) == {"word": word, word: 1}
