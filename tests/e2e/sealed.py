"""The controller of sealed-secrets as a process: it believes to be in a Pod, whose files only it sees."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import program
from e2e.live import Live, run
from gitopsmith.sandbox.api import LOOPBACK, Api

NAMESPACE = "sealed-secrets"
ACCOUNT = "controller"
KEYS = f"/api/v1/namespaces/{NAMESPACE}/secrets?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key=active"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "sealedsecrets.bitnami.com"},
    "spec": {
        "group": "bitnami.com",
        "names": {"kind": "SealedSecret", "plural": "sealedsecrets", "singular": "sealedsecret"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}
# A mount namespace of its own hides the files from everything else; what is in it goes with the process.
POD = """\
set -eu
mount -t tmpfs none /run
mkdir -p /run/secrets/kubernetes.io/serviceaccount
cp "$1" /run/secrets/kubernetes.io/serviceaccount/ca.crt
cat >/run/secrets/kubernetes.io/serviceaccount/token
shift
exec "$@"
"""


def require() -> str:
    """Returns the program; skips where it cannot run."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare: the controller of sealed-secrets looks for the files of a Pod")
    return program("sealed-secrets-controller")


def version(controller: str) -> str:
    return run(controller, "--version", cwd=Path.cwd()).strip().rpartition(" ")[2]


@contextlib.contextmanager
def running(controller: str, live: Live) -> Iterator[Path]:
    """Has the controller run, and yields the file of the certificate that it seals with."""
    live.api.apply("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com", DEFINITION)
    live.wait("the kind", lambda: live.api.get("/apis/bitnami.com/v1alpha1"))
    token = _token(live.api)
    port = live.state.ports["kube-apiserver"]
    pod = {
        "KUBERNETES_SERVICE_HOST": LOOPBACK,
        "KUBERNETES_SERVICE_PORT": str(port),
        "POD_NAMESPACE": NAMESPACE,
        "PATH": os.environ["PATH"],
    }
    authority = str(live.folder / "keys" / "ca.crt")
    flags = (f"--listen-addr={LOOPBACK}:0", f"--listen-metrics-addr={LOOPBACK}:0")
    command = ("unshare", "--mount", "sh", "-c", POD, "pod", authority, controller, *flags)
    log = live.folder / "logs" / "sealed-secrets-controller.log"
    with log.open("wb") as said, subprocess.Popen(command, env=pod, stdin=-1, stdout=said, stderr=said) as process:
        assert process.stdin is not None
        process.stdin.write(token.encode())
        process.stdin.close()
        try:
            live.wait("the key", lambda: _is_over(process, log) or live.api.get(KEYS)["items"], timeout=60)
            yield _certificate(live)
        finally:
            process.kill()


def _is_over(process: subprocess.Popen[bytes], log: Path) -> bool:
    return pytest.fail(f"the controller ended:\n{log.read_text()}") if process.poll() is not None else False


def _token(api: Api) -> str:
    """Makes the account of the controller, an administrator here, and returns a token of it."""
    metadata = {"name": ACCOUNT, "namespace": NAMESPACE}
    api.apply(
        f"/api/v1/namespaces/{NAMESPACE}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    )
    accounts = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}"
    api.apply(accounts, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": NAMESPACE},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", **metadata}],
    }
    api.apply(f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{NAMESPACE}", binding)
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    found: str = api.request("POST", f"{accounts}/token", asked)["status"]["token"]
    return found


def _certificate(live: Live) -> Path:
    path = live.folder / "sealed-secrets.crt"
    path.write_bytes(base64.b64decode(live.api.get(KEYS)["items"][0]["data"]["tls.crt"]))
    return path


def seal(certificate: Path, namespace: str, name: str, data: dict[str, str]) -> str:
    """Returns a SealedSecret as YAML."""
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    command = (program("kubeseal"), f"--cert={certificate}", "--format=yaml")
    body = yaml.safe_dump(secret | {"data": encoded})
    return subprocess.run(command, input=body, capture_output=True, text=True, check=True).stdout
