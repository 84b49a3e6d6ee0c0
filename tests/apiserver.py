"""A real Kubernetes API server for the tests: etcd and kube-apiserver as plain processes, and nothing that acts.

No controller runs. What a controller would do, a test does in its place, and says so: it makes a Deployment available,
or an Application Healthy.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import program

LOOP = "127.0.0.1"
_EXTENSIONS = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=IP:127.0.0.1\n"


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A running API server, and the kubeconfig of its administrator."""

    kubeconfig: Path

    def kubectl(self, *arguments: str, stdin: str = "", check: bool = True) -> str:
        """Runs kubectl as the administrator, and returns what it prints."""
        command = (program("kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments)
        done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def get(self, *what: str) -> Any:
        """Returns an object, None when it is not there."""
        found = self.kubectl("get", *what, "--ignore-not-found", "--output=json")
        return json.loads(found) if found.strip() else None

    def status(self, what: str, name: str, status: dict[str, Any]) -> None:
        """Writes the status of an object, as its controller would."""
        patch = json.dumps({"status": status})
        self.kubectl(
            "patch", what, name, "--namespace=argocd", "--type=merge", "--subresource=status", f"--patch={patch}"
        )

    def settle(self, name: str, sync: str, health: str, **more: Any) -> None:
        """Writes what Argo CD says of an Application, and takes a request for a refresh for done."""
        said = {"sync": {"status": sync, "comparedTo": _source()}, "health": {"status": health}, **more}
        patch = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": None}}, "status": said}
        self.kubectl(
            "patch",
            "application.argoproj.io",
            name,
            "--namespace=argocd",
            "--type=merge",
            f"--patch={json.dumps(patch)}",
        )


def _source() -> dict[str, Any]:
    return {"source": {"repoURL": "https://git.example.com/x.git"}, "destination": {}}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[ApiServer]:
    """Starts etcd and an API server in a folder; skips where their programs are not."""
    apiserver, etcd = program("kube-apiserver"), program("etcd")
    program("kubectl")
    client, peer, port = _free_ports(3)
    pki = _certificates(folder)
    address = f"http://{LOOP}:{client}"
    (folder / "etcd").mkdir(mode=0o700)
    commands = (
        (
            etcd,
            "--name=n0",
            f"--data-dir={folder}/etcd",
            f"--listen-client-urls={address}",
            f"--advertise-client-urls={address}",
            f"--listen-peer-urls=http://{LOOP}:{peer}",
            f"--initial-advertise-peer-urls=http://{LOOP}:{peer}",
            f"--initial-cluster=n0=http://{LOOP}:{peer}",
            "--unsafe-no-fsync=true",
            "--log-level=warn",
        ),
        (
            apiserver,
            f"--etcd-servers={address}",
            f"--bind-address={LOOP}",
            f"--advertise-address={LOOP}",
            f"--secure-port={port}",
            f"--tls-cert-file={pki}/admin.crt",
            f"--tls-private-key-file={pki}/admin.key",
            f"--client-ca-file={pki}/ca.crt",
            "--authorization-mode=Node,RBAC",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={pki}/sa.pub",
            f"--service-account-signing-key-file={pki}/admin.key",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--endpoint-reconciler-type=none",
        ),
    )
    with contextlib.ExitStack() as stack:
        for command in commands:
            log = stack.enter_context((folder / f"{Path(command[0]).name}.log").open("wb"))
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)  # a graceful end takes a minute, and nothing here is worth keeping
        _wait(port, pki)
        yield ApiServer(_kubeconfig(folder, port, pki))


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOP, 0))
        return [one.getsockname()[1] for one in sockets]


def _certificates(folder: Path) -> Path:
    """Makes an authority, and one certificate for the server and its administrator."""
    pki = folder / "pki"
    pki.mkdir()
    (pki / "extensions").write_text(_EXTENSIONS)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    sign = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions")
    for arguments in (
        ("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=tests"),
        ("req", *key, "-keyout", "admin.key", "-out", "admin.csr", "-subj", "/O=system:masters/CN=admin"),
        ("x509", "-req", "-in", "admin.csr", *sign, "-out", "admin.crt"),
        ("pkey", "-in", "admin.key", "-pubout", "-out", "sa.pub"),
    ):
        subprocess.run((program("openssl"), *arguments), cwd=pki, check=True, capture_output=True)
    return pki


def _wait(port: int, pki: Path) -> None:
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    for _ in range(1200):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"https://{LOOP}:{port}/readyz", context=context, timeout=5).close()
            return
        time.sleep(0.1)
    pytest.fail("the API server does not become ready")


def _kubeconfig(folder: Path, port: int, pki: Path) -> Path:
    data = {name: base64.b64encode((pki / name).read_bytes()).decode() for name in ("ca.crt", "admin.crt", "admin.key")}
    cluster = {"server": f"https://{LOOP}:{port}", "certificate-authority-data": data["ca.crt"]}
    user = {"client-certificate-data": data["admin.crt"], "client-key-data": data["admin.key"]}
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": "admin", "user": user}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "admin"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(body))
    return path
