"""``gitopsmith bootstrap`` on a real API server: what it leaves there, in which order, and what it leaves alone.

No controller runs, so that a test writes what they would: a workload is available, an Application Synced and Healthy.
That Argo CD itself takes over from there is for the sandbox to show.
"""

from __future__ import annotations

import base64
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import apiserver
import gitserver
from apiserver import ApiServer
from bootstrapping import bootstrap, command, environment, make, outcomes

pytestmark = pytest.mark.slow
ARGOCD = "--namespace=argocd"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    """A Kubernetes API server with nothing in it."""
    folder = tmp_path / "kubernetes"
    folder.mkdir()
    with apiserver.running(folder) as found:
        yield found


def accompanied(
    root: Path, server: ApiServer, act: Callable[[], None], *arguments: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command while ``act`` does, over and over, what controllers would do."""
    out, err = root.parent / "out", root.parent / "err"
    with (
        out.open("w") as stdout,
        err.open("w") as stderr,
        subprocess.Popen(
            command(root, "--yes", *arguments),
            env=environment(root, server.kubeconfig) | more,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        ) as process,
    ):
        try:
            while process.poll() is None:
                act()
        finally:
            process.kill()
    return subprocess.CompletedProcess((), process.returncode, out.read_text(), err.read_text())


def run_workloads(server: ApiServer) -> None:
    """Makes every workload of Argo CD available."""
    for one in (server.get("deployments,statefulsets", ARGOCD) or {"items": []})["items"]:
        if not one["status"].get("updatedReplicas"):
            seen = {"observedGeneration": one["metadata"]["generation"], "replicas": 1, "updatedReplicas": 1}
            server.status(one["kind"], one["metadata"]["name"], seen | {"readyReplicas": 1, "availableReplicas": 1})


def applications(server: ApiServer) -> list[Any]:
    found = server.kubectl("get", "applications.argoproj.io", ARGOCD, "--output=json", check=False)
    return list(json.loads(found)["items"]) if found else []  # their kind is not served from the beginning


def deploy(server: ApiServer) -> None:
    """Does what Argo CD would: the root makes Argo CD's own Application, and both are Synced."""
    run_workloads(server)
    found = applications(server)
    names = {one["metadata"]["name"] for one in found}
    if "platform-in-cluster" in names and "argocd" not in names:
        child = found[0] | {"metadata": {"name": "argocd", "namespace": "argocd"}}
        server.kubectl("create", "--filename=-", stdin=json.dumps(child))
    for one in found:
        done = one.get("status", {}).get("health") and "annotations" not in one["metadata"]
        if not done:
            server.settle(one["metadata"]["name"], "Synced", "Healthy")


def data(secret: Any) -> dict[str, str]:
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}


def test_from_nothing_to_a_cluster_that_argocd_keeps_and_once_more(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gitserver.running(tmp_path) as host:
        for name, value in host.trust.items():
            monkeypatch.setenv(name, value)
        url = f"{host.url}/origin.git"
        root = make(tmp_path, repo_url=url, credential="token", argocd_host="argocd.example.com")
        login = {"GITOPSMITH_TOKEN": gitserver.PASSWORD, "GITOPSMITH_USERNAME": gitserver.USERNAME}

        alone = bootstrap(root, kubeconfig=server.kubeconfig, **login)
        assert (alone.returncode, outcomes(alone.stdout).get("repository")) == (2, "ok"), alone.stdout
        assert "nobody is here to confirm that tests at https://127.0.0.1:" in alone.stderr
        planned = bootstrap(root, "--dry-run", kubeconfig=server.kubeconfig, **login)
        assert planned.returncode == 0
        assert f"write Secret argocd/repository for {url}, from GITOPSMITH_TOKEN" in planned.stdout
        assert server.get("namespace", "argocd") is None  # neither of the two has changed anything

        first = accompanied(root, server, lambda: deploy(server), **login)
        assert first.returncode == 0, first.stderr
        assert_order(first.stderr)
        assert "Argo CD: https://argocd.example.com\n" in first.stdout
        kept = assert_secrets(server, url, first.stdout + first.stderr)

        _track(server, "application.argoproj.io", "platform-in-cluster")
        _track(server, "appproject.argoproj.io", "default")
        installed = server.get("deployment", "argocd-server", ARGOCD)["metadata"]["resourceVersion"]
        again = accompanied(root, server, lambda: deploy(server))  # without a token
        assert again.returncode == 0, again.stderr
        for line in (
            "bootstrap/argocd: left to Argo CD, which runs and keeps itself",
            "Secret argocd/repository: kept as it is",
            "webhook.github.secret in Secret argocd/argocd-secret: kept as it is",
            "bootstrap/projects.yaml: applied AppProject/platform-in-cluster; left to Argo CD AppProject/default",
            "bootstrap/root.yaml: left to Argo CD Application/platform-in-cluster",
        ):
            assert line in again.stderr
        assert "token from Secret argocd/repository" in again.stdout
        assert assert_secrets(server, url, again.stdout + again.stderr) == kept
        assert server.get("deployment", "argocd-server", ARGOCD)["metadata"]["resourceVersion"] == installed
        tracked = server.get("application.argoproj.io", "platform-in-cluster", ARGOCD)["metadata"]["annotations"]
        assert tracked["argocd.argoproj.io/tracking-id"] == "platform-in-cluster"

        _own(server, "SealedSecret")
        adopted = accompanied(root, server, lambda: deploy(server), **login)
        assert adopted.returncode == 0, adopted.stderr
        assert "Secret argocd/repository: left to SealedSecret/repository, which keeps it" in adopted.stderr

        server.settle("argocd", "OutOfSync", "Degraded", conditions=[{"type": "SyncError", "message": "no such path"}])
        sick = bootstrap(root, "--yes", "--timeout=3", kubeconfig=server.kubeconfig, **login)
        assert sick.returncode == 1
        assert "argocd: OutOfSync, Degraded: no such path\n" in sick.stdout
        assert "not Synced and Healthy; run the same command to look again" in sick.stderr


def assert_order(said: str) -> None:
    steps = [line[9:] for line in said.splitlines()]
    order = [
        "bootstrap/argocd: applying ",
        "StatefulSet/argocd-application-controller is available",
        "Secret argocd/repository: written from GITOPSMITH_TOKEN",
        "webhook.github.secret in Secret argocd/argocd-secret: made",
        "bootstrap/projects.yaml: applied AppProject/default, AppProject/platform-in-cluster",
        "bootstrap/root.yaml: applied Application/platform-in-cluster",
        "2 of 2 Applications are Synced and Healthy",
    ]
    places = [next(n for n, line in enumerate(steps) if line.startswith(start)) for start in order]
    assert places == sorted(places)


def assert_secrets(server: ApiServer, url: str, said: str) -> str:
    """Checks what the cluster keeps, and that nothing of it was said; returns the webhook's secret."""
    secret = server.get("secret", "repository", ARGOCD, "--show-managed-fields")
    login = {"username": gitserver.USERNAME, "password": gitserver.PASSWORD}
    assert data(secret) == {"type": "git", "url": url, **login}
    assert secret["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "repository"}
    assert secret["metadata"]["annotations"] == {"sealedsecrets.bitnami.com/managed": "true"}
    assert _managers(secret) == {("gitopsmith", "Apply")}
    install = server.get("deployment", "argocd-server", ARGOCD, "--show-managed-fields")
    assert ("argocd-controller", "Apply") in _managers(install)
    signing = data(server.get("secret", "argocd-secret", ARGOCD))["webhook.github.secret"]
    assert len(signing) > 40
    assert signing not in said
    assert gitserver.PASSWORD not in said
    return signing


def _managers(body: Any) -> set[tuple[str, str]]:
    return {(one["manager"], one["operation"]) for one in body["metadata"]["managedFields"]}


def _track(server: ApiServer, what: str, name: str) -> None:
    """Marks an object as Argo CD marks what it deployed."""
    server.kubectl("annotate", what, name, ARGOCD, f"argocd.argoproj.io/tracking-id={name}")


def _own(server: ApiServer, kind: str) -> None:
    """Gives the repository Secret an owner, as an operator does that has taken it over."""
    owner = {"apiVersion": "bitnami.com/v1alpha1", "kind": kind, "name": "repository", "uid": "1", "controller": True}
    patch = json.dumps({"metadata": {"ownerReferences": [owner]}})
    server.kubectl("patch", "secret", "repository", ARGOCD, "--type=merge", f"--patch={patch}")


@pytest.mark.usefixtures("unmeasured")
def test_an_argocd_that_does_not_run_in_time_is_named_and_ctrl_c_is_safe(server: ApiServer, tmp_path: Path) -> None:
    root = make(tmp_path)
    arguments = (*command(root, "--yes"), "--timeout=600")
    where = environment(root, server.kubeconfig)
    with subprocess.Popen(arguments, env=where, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "applying" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Stopped. Run the same command again to go on from here." in said

    for timeout in (10, 60, 300):
        late = bootstrap(root, "--yes", f"--timeout={timeout}", kubeconfig=server.kubeconfig)
        if "the API server does not serve" not in late.stderr:
            break  # a busy machine takes its time to serve new kinds
    assert late.returncode == 1
    assert "these do not run: Deployment/argocd-applicationset-controller" in late.stderr
    assert applications(server) == []  # nothing is handed to an Argo CD that does not run


def test_a_cluster_with_another_argocd_or_without_rights_is_left_alone(server: ApiServer, tmp_path: Path) -> None:
    root = make(tmp_path, argocd_host="argocd.example.com", gateway="gateway-system/gateway")
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "argocd-server",
            "namespace": "default",
            "labels": {"app.kubernetes.io/part-of": "argocd"},
        },
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "server", "image": "quay.io/argoproj/argocd:v3.4.1"}]},
            },
        },
    }
    server.kubectl("create", "--filename=-", stdin=json.dumps(body))
    found = bootstrap(root, "--yes", kubeconfig=server.kubeconfig)
    said = outcomes(found.stdout)
    assert (found.returncode, said["Argo CD"], said["kinds"], said["rights"]) == (1, "failed", "failed", "ok")
    assert "namespace default holds an Argo CD already" in found.stdout
    assert "the cluster does not serve gateway.networking.k8s.io/v1, which HTTPRoute/argocd-server" in found.stdout

    nobody = bootstrap(root, "--yes", kubeconfig=_impersonating(server, tmp_path))
    assert outcomes(nobody.stdout)["rights"] == "failed"
    assert "installing it needs a cluster's administrator: the API server says no" in nobody.stdout
    assert server.get("namespace", "argocd") is None


def _impersonating(server: ApiServer, folder: Path) -> Path:
    """Returns a kubeconfig of somebody who may look at everything, and change nothing."""
    server.kubectl("create", "clusterrolebinding", "looks", "--clusterrole=view", "--user=somebody")
    read = ("--verb=get,list", "--resource=deployments.apps,statefulsets.apps,secrets,namespaces")
    server.kubectl("create", "clusterrole", "reads", *read)
    server.kubectl("create", "clusterrolebinding", "reads", "--clusterrole=reads", "--user=somebody")
    body = json.loads(server.kubeconfig.read_text())
    body["users"][0]["user"]["as"] = "somebody"
    path = folder / "somebody"
    path.write_text(json.dumps(body))
    return path
