"""Charts from elsewhere: an exact version comes once, is what it should be, and is kept for runs without a network."""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chartserver import PASSWORD, USER, Server, archive, serving
from checkout import git
from gitopsmith import fetch
from gitopsmith.finding import Report
from gitopsmith.lint import Options, lint, status
from repository import ORDINARY, URL, initialise, run, write

pytestmark = pytest.mark.usefixtures("kustomize", "helm", "homes")
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
    "values.yaml": "image: web\n",
    "templates/web.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
        "spec: {containers: [{name: web, image: {{ .Values.image }}}]}\n"
    ),
}
OTHER = "sha256:" + "0" * 64


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def application(url: str, more: str = "", version: str = "1.2.3") -> str:
    source = f"{{repoURL: {url!r}, chart: web, targetRevision: {version!r}{more}}}"
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop, namespace: argocd}\n"
        f"spec:\n  project: team\n  sources:\n    - {source}\n    - {{repoURL: {URL!r}, ref: values}}\n"
        "  destination: {name: in-cluster, namespace: web}\n"
    )


def repository(root: Path, app: str, **files: str) -> Path:
    write(root, {".gitopsmith.yaml": f"repository:\n  urls: [{URL}]\n", "apps/shop.yaml": app})
    return write(root, {**ORDINARY, **files})


def linted(root: Path, *, online: bool = True, seconds: float = 60) -> Report:
    return lint(Options(paths=(root,), fetch=online, timeout=seconds, jobs=2))


def unpinned(report: Report) -> list[tuple[str, int]]:
    found = [finding.location for finding in report.findings if finding.rule == "image-unpinned"]
    return [(place.path, place.line) for place in found if place.path != "ordinary/web.yaml"]


def refusal(report: Report) -> str:
    """Returns why a chart was not fetched; the rest of the repository was judged nevertheless."""
    assert any(finding.location.path == "ordinary/web.yaml" for finding in report.findings)
    (note,) = (note.message for note in report.notes if note.kind == "fetch")
    assert status(report, None) == 3
    kept = fetch.folder()
    assert not kept.exists() or list(kept.iterdir()) == []
    return note


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["repository", "registry"])
def test_a_chart_comes_once_and_is_used_without_the_network(tmp_path: Path, server: Server, kind: str) -> None:
    data = archive(CHART)
    server.offer("web", "1.2.3", data)
    server.push("web", "1.2.3", data)
    root = repository(tmp_path / "r", application(server.url if kind == "repository" else server.registry))
    before = linted(root, online=False)
    assert unpinned(before) == []
    assert any("which --fetch brings" in note.message for note in before.notes)
    report = linted(root)
    assert unpinned(report) == [("apps/shop.yaml", 7)]
    assert report.summary.rendered_share == 1.0
    asked = len(server.asked)
    assert asked > 0
    assert unpinned(linted(root, online=False)) == [("apps/shop.yaml", 7)]
    assert unpinned(linted(root)) == [("apps/shop.yaml", 7)]
    assert len(server.asked) == asked
    (record,) = (json.loads(path.read_text()) for path in fetch.folder().glob("*/record.json"))
    assert record["sha256"] == hashlib.sha256(data).hexdigest()
    assert record["digest"]


@pytest.mark.slow
def test_values_of_this_repository_fill_a_chart_from_elsewhere(tmp_path: Path, server: Server) -> None:
    server.offer("web", "1.2.3", archive(CHART))
    app = application(server.url, ", helm: {valueFiles: [$values/values/web.yaml]}")
    root = repository(tmp_path / "r", app, **{"values/web.yaml": "image: web:1.0.0\n"})
    assert unpinned(linted(root)) == []
    (root / "values/web.yaml").unlink()
    (finding,) = (finding for finding in linted(root).findings if finding.rule == "helm-build")
    assert finding.pointer == "spec.sources[0].helm.valueFiles[0]"


@pytest.mark.slow
def test_dependencies_of_a_chart_in_the_repository_are_fetched(tmp_path: Path, server: Server) -> None:
    server.offer("web", "1.2.3", archive(CHART))
    app = application(URL).replace("chart: web, targetRevision: '1.2.3'", "path: parent")
    needs = f"dependencies:\n  - {{name: web, version: 1.2.3, repository: {server.url!r}}}\n"
    root = repository(tmp_path / "r", app, **{"parent/Chart.yaml": f"apiVersion: v2\nname: p\nversion: 1.0.0\n{needs}"})
    assert any("not vendored" in note.message for note in linted(root, online=False).notes)
    report = linted(root)
    assert report.summary.rendered_share == 1.0
    assert unpinned(report) == [("apps/shop.yaml", 7)]
    assert sorted(path.name for path in (root / "parent").iterdir()) == ["Chart.yaml"]


@pytest.mark.slow
def test_credentials_come_from_helm_or_netrc_and_are_never_shown(
    tmp_path: Path, server: Server, homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.closed = True
    server.offer("web", "1.2.3", archive(CHART))
    root = repository(tmp_path / "r", application(server.url))
    assert "access is denied; give your credentials to helm" in refusal(linted(root))
    known = {"name": "mine", "url": server.url, "username": USER, "password": "wrong" + PASSWORD}
    write(homes, {"config/helm/repositories.yaml": json.dumps({"repositories": [known]})})
    said = refusal(linted(root))
    assert "access is denied" in said
    assert PASSWORD not in said
    write(homes, {"config/helm/repositories.yaml": json.dumps({"repositories": [known | {"password": PASSWORD}]})})
    report = linted(root)
    assert report.summary.rendered_share == 1.0
    assert PASSWORD not in str(report)
    assert not any(PASSWORD in path.read_text(errors="replace") for path in fetch.folder().rglob("*") if path.is_file())
    (homes / "config/helm/repositories.yaml").unlink()
    monkeypatch.setenv("XDG_CACHE_HOME", str(homes / "other"))
    write(homes, {".netrc": f"machine 127.0.0.1 login {USER} password {PASSWORD}\n"}).joinpath(".netrc").chmod(0o600)
    assert linted(root).summary.rendered_share == 1.0


@pytest.mark.slow
def test_a_login_of_helm_opens_a_registry(tmp_path: Path, server: Server, homes: Path) -> None:
    server.closed = True
    server.push("web", "1.2.3", archive(CHART))
    root = repository(tmp_path / "r", application(server.registry))
    assert "helm registry login" in refusal(linted(root))
    login = {"auths": {f"127.0.0.1:{server.port}": {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}}}
    write(homes, {"config/helm/registry/config.json": json.dumps(login)})
    assert linted(root).summary.rendered_share == 1.0


@pytest.mark.slow
def test_a_repository_that_lies_gives_nothing(tmp_path: Path, server: Server) -> None:
    server.offer("web", "1.2.3", archive(CHART), digest=OTHER)
    assert "is not what the repository's index says" in refusal(linted(repository(tmp_path, application(server.url))))


@pytest.mark.slow
def test_a_registry_that_lies_gives_nothing(tmp_path: Path, server: Server) -> None:
    lie = archive(CHART | {"values.yaml": "image: bad\n"})
    server.push("web", "1.2.3", archive(CHART), sent=lie)
    assert refusal(linted(repository(tmp_path, application(server.registry))))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (archive(CHART | {"../../../outside.yaml": "x"}), "outside of the chart's folder"),
        (archive(CHART | {"/outside.yaml": "x"}), "outside of the chart's folder"),
        (archive(CHART)[:100], "the archive is broken"),
        (b"<html>not here</html>", "the archive is broken"),
    ],
    ids=["dots", "absolute", "cut", "page"],
)
def test_an_archive_that_is_none_gives_nothing(tmp_path: Path, server: Server, data: bytes, said: str) -> None:
    server.offer("web", "1.2.3", data)
    assert said in refusal(linted(repository(tmp_path, application(server.url))))
    assert not list(tmp_path.rglob("outside.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("place", ["url", "registry"])
def test_a_version_that_is_not_there_is_said(tmp_path: Path, server: Server, place: str) -> None:
    server.offer("web", "1.0.0", archive(CHART))
    server.push("web", "1.0.0", archive(CHART))
    said = refusal(linted(repository(tmp_path, application(getattr(server, place)))))
    assert "no such chart or version" in said
    assert "web 1.2.3" in said


@pytest.mark.slow
def test_a_slow_server_costs_no_more_than_the_time_limit(tmp_path: Path, server: Server) -> None:
    server.offer("web", "1.2.3", archive(CHART))
    root = repository(tmp_path, application(server.url))
    server.seconds = 30
    assert "did not come within 3 seconds" in refusal(linted(root, seconds=3))


@pytest.mark.parametrize("version", ["1.2", "1.x", ">=1.2.3", "*", "latest"])
def test_a_version_that_floats_is_never_fetched(tmp_path: Path, server: Server, version: str) -> None:
    server.offer("web", "1.2.3", archive(CHART))
    report = linted(repository(tmp_path, application(server.url, version=version)))
    assert any("are never fetched" in note.message for note in report.notes)
    assert server.asked == []


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    from gitopsmith.fetch.archive import Broken, unpack

    path = tmp_path / "web.tgz"
    with tarfile.open(path, "w:gz") as opened:
        link = tarfile.TarInfo("web/values.yaml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)
    with pytest.raises(Broken, match="link or a device"):
        unpack(path, tmp_path / "out")


@pytest.mark.slow
def test_render_fetches_too_and_graph_shows_what_was_fetched(tmp_path: Path, server: Server) -> None:
    server.offer("web", "1.2.3", archive(CHART))
    root = repository(tmp_path / "r", application(server.url))
    before = run("render", "--application", "shop", cwd=root)
    assert b"kind: " not in before.stdout
    assert b"web 1.2.3" in before.stderr
    assert b"a chart from a Helm repository" in run("graph", cwd=root).stdout
    rendered = run("render", "--application", "shop", "--fetch", cwd=root)
    assert b"kind: Pod" in rendered.stdout
    assert rendered.stderr == b""
    assert b"web 1.2.3 (chart): Pod 1" in run("graph", cwd=root).stdout


@pytest.mark.slow
def test_diff_fetches_what_a_change_brings(tmp_path: Path, server: Server) -> None:
    server.offer("web", "1.2.3", archive(CHART))
    root = initialise(write(tmp_path / "r", {**ORDINARY, ".gitopsmith.yaml": f"repository:\n  urls: [{URL}]\n"}))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=one")
    write(root, {"apps/shop.yaml": application(server.url)})
    assert b"added Pod" not in run("diff", "HEAD", cwd=root).stdout
    shown = run("diff", "HEAD", "--fetch", "--findings", cwd=root).stdout
    assert b"added Pod" in shown
    assert b"image-unpinned" in shown
