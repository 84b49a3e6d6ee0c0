"""OCI artifacts with manifests: one comes by its digest or by an exact tag, is what it should be, and is kept."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chartserver import PASSWORD, USER, Server, archive, serving
from gitopsmith import fetch
from gitopsmith.fetch import Artifact, Refused, Store
from gitopsmith.fetch.artifacts import CHART, CHART_LAYER
from gitopsmith.helm import find_helm
from gitopsmith.lint import Options, lint
from repository import ORDINARY, URL, application_of, run, write

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-artifact}\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kept")


def files() -> bytes:
    return archive({"config.yaml": CONFIG, "more/other.yaml": CONFIG.replace("from", "more")}, "manifests")


def push(server: Server, data: bytes, kind: str = LAYER, config: str = "application/vnd.oci.empty.v1+json") -> Artifact:
    digest = server.push_artifact("app", "1.2.3", [(kind, data)], config)
    return Artifact(f"oci://127.0.0.1:{server.port}/charts/app", digest)


@pytest.mark.usefixtures("homes")
@pytest.mark.parametrize("by", ["digest", "tag"])
def test_an_artifact_comes_once(server: Server, store: Store, by: str) -> None:
    artifact = push(server, files())
    artifact = artifact if by == "digest" else artifact._replace(reference="1.2.3")
    assert store.find_artifact(artifact) is None
    found = store.fetch_artifact(artifact, None, 30)
    assert (found.files / "manifests/config.yaml").read_text() == CONFIG
    asked = len(server.asked)
    assert store.fetch_artifact(artifact, None, 30) == store.find_artifact(artifact) == found
    assert len(server.asked) == asked


@pytest.mark.usefixtures("homes")
def test_a_chart_is_unpacked_as_argo_cd_unpacks_it(server: Server, store: Store) -> None:
    artifact = push(server, archive({"Chart.yaml": "name: app\n"}, "app"), CHART_LAYER, CHART)
    assert (store.fetch_artifact(artifact, None, 30).files / "Chart.yaml").is_file()


@pytest.mark.usefixtures("homes")
@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([], "takes one layer of content, and there are 0"),
        ([(LAYER, b"x"), (LAYER, b"y")], "there are 2"),
        ([("application/vnd.example.tar", b"x")], "takes no layer of the type application/vnd.example.tar"),
        ([("application/vnd.in-toto+json", b"x")], "there are 0"),
        ([(LAYER, b"no archive")], "the archive is broken"),
        ([(LAYER, archive({"../../outside.yaml": "x"}))], "lies outside"),
    ],
)
def test_what_argo_cd_would_not_take_is_refused(
    server: Server, store: Store, layers: list[tuple[str, bytes]], said: str
) -> None:
    server.push_artifact("app", "1.2.3", layers)
    with pytest.raises(Refused, match=said):
        store.fetch_artifact(Artifact(f"oci://127.0.0.1:{server.port}/charts/app", "1.2.3"), None, 30)
    assert not list(store.folder.iterdir())


@pytest.mark.usefixtures("homes")
def test_a_registry_that_lies_hangs_or_lacks_it_gives_nothing(server: Server, store: Store) -> None:
    artifact = push(server, files())
    path, (kind, manifest) = next((path, one) for path, one in server.answers.items() if "/manifests/sha" in path)
    server.answers[path] = (kind, manifest + b" ")
    with pytest.raises(Refused, match="is another one"):
        store.fetch_artifact(artifact, None, 30)
    server.answers[path] = (kind, manifest)
    blob = f"/v2/charts/app/blobs/sha256:{hashlib.sha256(files()).hexdigest()}"
    server.answers[blob] = ("application/octet-stream", b"other")
    with pytest.raises(Refused, match="is something else"):
        store.fetch_artifact(artifact, None, 30)
    with pytest.raises(Refused, match="there is no such artifact"):
        store.fetch_artifact(artifact._replace(reference="9.9.9"), None, 30)
    server.seconds = 20
    with pytest.raises(Refused, match="did not come within 1 seconds"):
        store.fetch_artifact(artifact, None, 1)
    assert not list(store.folder.iterdir())


def test_a_login_of_docker_opens_a_registry(server: Server, store: Store, homes: Path) -> None:
    artifact = push(server, files())
    server.closed = True
    with pytest.raises(Refused, match="helm registry login"):
        store.fetch_artifact(artifact, None, 30)
    login = {"auths": {f"127.0.0.1:{server.port}": {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}}}
    write(homes, {".docker/config.json": json.dumps(login)})
    assert store.fetch_artifact(artifact, None, 30)


@pytest.mark.usefixtures("helm")
def test_a_login_of_helm_opens_a_registry(server: Server, store: Store, homes: Path) -> None:
    artifact = push(server, files())
    server.closed = True
    login = {"auths": {f"127.0.0.1:{server.port}": {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}}}
    write(homes, {"config/helm/registry/config.json": json.dumps(login)})
    assert store.fetch_artifact(artifact, find_helm(30), 30)


@pytest.mark.parametrize(
    ("url", "reference", "exact"),
    [
        ("oci://ghcr.example/a/b", "1.2.3", True),
        ("oci://ghcr.example/a/b", "v1.2.3-rc.1", True),
        ("oci://ghcr.example:5000/a/b", "sha256:" + "0" * 64, True),
        ("oci://ghcr.example/a/b", "latest", False),
        ("oci://ghcr.example/a/b", "1.2", False),
        ("oci://ghcr.example/a/b", "main", False),
        ("oci://ghcr.example/a/../b", "1.2.3", False),
        ("oci://ghcr.example/a b", "1.2.3", False),
        ("oci://user@ghcr.example/a", "1.2.3", False),
    ],
)
def test_only_what_stays_the_same_is_asked_for(url: str, reference: str, exact: bool) -> None:
    assert Artifact(url, reference).is_exact == exact


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize", "homes")
def test_a_source_with_a_path_in_an_artifact_is_rendered(tmp_path: Path, server: Server) -> None:
    artifact = push(server, files())
    app = application_of("web", "manifests").replace(URL, artifact.url).replace("main", "1.2.3")
    root = write(
        tmp_path / "r", {".gitopsmith.yaml": f"repository:\n  urls: [{URL}]\n", "apps/web.yaml": app, **ORDINARY}
    )
    assert lint(Options(paths=(root,), fetch=True, jobs=2)).summary.rendered_share == 1.0
    assert b"name: from-artifact" in run("render", "--application", "web", cwd=root).stdout
    assert [path.name for path in fetch.folder().iterdir()]
    write(root, {"apps/web.yaml": app.replace("1.2.3", "latest")})
    notes = lint(Options(paths=(root,), fetch=True, jobs=2)).notes
    assert any("follow a branch or a range of other repositories" in note.message for note in notes)
