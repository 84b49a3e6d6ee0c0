"""How each program of a sandbox is called: flags, from ports and folders to lists of arguments."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gitopsmith.sandbox.api import LOOPBACK

Ports = Mapping[str, int]


class Command(NamedTuple):
    """One program to run, with what is added to its environment."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = {}
    program: str = ""
    """Its path, where it is none of those that were built."""


def etcd(ports: Ports, folder: Path) -> Command:
    client, peer = (f"http://{LOOPBACK}:{ports[name]}" for name in ("etcd", "etcd-peer"))
    return Command(
        "etcd",
        (
            "--name=sandbox",
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=sandbox={peer}",
            "--unsafe-no-fsync=true",
            "--log-level=warn",
        ),
    )


def api_server(ports: Ports, folder: Path) -> Command:
    keys = folder / "keys"
    return Command(
        "kube-apiserver",
        (
            f"--etcd-servers=http://{LOOPBACK}:{ports['etcd']}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={ports['kube-apiserver']}",
            f"--tls-cert-file={keys / 'admin.crt'}",
            f"--tls-private-key-file={keys / 'admin.key'}",
            f"--client-ca-file={keys / 'ca.crt'}",
            "--authorization-mode=Node,RBAC",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={keys / 'accounts.pub'}",
            f"--service-account-signing-key-file={keys / 'accounts.key'}",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--allow-privileged=true",
            f"--advertise-address={LOOPBACK}",
            "--endpoint-reconciler-type=none",
            "--enable-priority-and-fairness=false",
            "--max-requests-inflight=0",
            "--max-mutating-requests-inflight=0",
        ),
    )


def _kubernetes(ports: Ports, folder: Path, name: str, *more: str) -> Command:
    return Command(
        name,
        (
            f"--kubeconfig={folder / 'kubeconfig'}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={ports[name]}",
            "--leader-elect=false",
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
            *more,
        ),
    )


def controller_manager(ports: Ports, folder: Path) -> Command:
    keys = folder / "keys"
    return _kubernetes(
        ports,
        folder,
        "kube-controller-manager",
        f"--root-ca-file={keys / 'ca.crt'}",
        f"--service-account-private-key-file={keys / 'accounts.key'}",
        # There are no metrics to scale by, and the addons scale without; and the migrator of stored
        # versions asks for a feature that is off in a program that has Argo CD's client libraries in it.
        "--controllers=*,-horizontal-pod-autoscaler-controller,-storage-version-migrator-controller",
    )


def scheduler(ports: Ports, folder: Path) -> Command:
    return _kubernetes(ports, folder, "kube-scheduler")


def kwok(ports: Ports, folder: Path) -> Command:
    return Command(
        "kwok",
        (
            f"--kubeconfig={folder / 'kubeconfig'}",
            f"--config={folder / 'stages.yaml'}",
            "--manage-all-nodes=true",
            "--node-lease-duration-seconds=40",
            "--cidr=10.244.0.0/16",
            f"--node-ip={LOOPBACK}",
            f"--node-port={ports['kwok']}",
            f"--server-address={LOOPBACK}:{ports['kwok']}",
        ),
    )


def redis(ports: Ports, folder: Path) -> Command:
    del folder
    return Command("redis-server", (f"{LOOPBACK}:{ports['redis']}",))


def git_server(ports: Ports, folder: Path) -> Command:
    del ports
    return _own("git-server", "gitserver", folder)


def addons(ports: Ports, folder: Path) -> Command:
    del ports
    return _own("addons", "addons", folder)


def _own(name: str, module: str, folder: Path) -> Command:
    environment = {"PYTHONPATH": python_path()}
    return Command(name, ("-m", f"gitopsmith.sandbox.{module}", str(folder)), environment, sys.executable)


def python_path() -> str:
    """Returns where another Python finds this program, however this one was started."""
    here = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


def repo_server(ports: Ports, folder: Path) -> Command:
    return _argo_cd(
        folder,
        "argocd-repo-server",
        f"--redis={LOOPBACK}:{ports['redis']}",
        f"--address={LOOPBACK}",
        f"--port={ports['repo-server']}",
        f"--metrics-address={LOOPBACK}",
        f"--metrics-port={ports['repo-server-metrics']}",
        "--disable-tls",
        # Its default is a path of the container, and it is refused together with --disable-tls.
        "--client-ca-path=",
    )


def application_controller(ports: Ports, folder: Path) -> Command:
    return _argo_cd(
        folder,
        "argocd-application-controller",
        "--namespace=argocd",
        f"--redis={LOOPBACK}:{ports['redis']}",
        f"--repo-server={LOOPBACK}:{ports['repo-server']}",
        "--repo-server-plaintext",
        f"--metrics-port={ports['controller-metrics']}",
    )


def applicationset_controller(ports: Ports, folder: Path) -> Command:
    return _argo_cd(
        folder,
        "argocd-applicationset-controller",
        "--namespace=argocd",
        f"--metrics-addr={LOOPBACK}:{ports['applicationset-metrics']}",
        f"--probe-addr={LOOPBACK}:{ports['applicationset-probe']}",
        f"--webhook-addr={LOOPBACK}:{ports['applicationset-webhook']}",
        f"--argocd-repo-server={LOOPBACK}:{ports['repo-server']}",
        "--repo-server-plaintext",
    )


def server(ports: Ports, folder: Path) -> Command:
    return _argo_cd(
        folder,
        "argocd-server",
        "--namespace=argocd",
        f"--redis={LOOPBACK}:{ports['redis']}",
        f"--repo-server={LOOPBACK}:{ports['repo-server']}",
        "--repo-server-plaintext",
        "--insecure",
        f"--address={LOOPBACK}",
        f"--port={ports['server']}",
        f"--metrics-address={LOOPBACK}",
        f"--metrics-port={ports['server-metrics']}",
        # No Dex: people sign in as admin.
        f"--dex-server=http://{LOOPBACK}:1",
    )


def _argo_cd(folder: Path, name: str, *arguments: str) -> Command:
    """Returns a command of Argo CD, with its folders moved from the container's places to the sandbox's."""
    environment = {
        "ARGOCD_BINARY_NAME": name,
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_GNUPGHOME": str(folder / "gpg"),
        "ARGOCD_GPG_DATA_PATH": str(folder / "gpg"),
        "ARGOCD_PLUGINSOCKFILEPATH": str(folder / "plugins"),
        "ARGOCD_ASK_PASS_SOCK": str(folder / "ask-pass.sock"),
        "ARGOCD_APP_CONF_PATH": str(folder / "tls"),
        "GRPC_ENABLE_TXT_SERVICE_CONFIG": "false",
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
    }
    return Command(name, arguments, environment)


CONTROL_PLANE = (etcd, api_server, controller_manager, scheduler, kwok)
ARGO_CD = (redis, repo_server, application_controller, server, applicationset_controller)
LISTENS = {
    "etcd": ("etcd", "etcd-peer"),
    "redis-server": ("redis",),
    "git-server": ("git",),
    "argocd-repo-server": ("repo-server", "repo-server-metrics"),
    "argocd-application-controller": ("controller-metrics",),
    "argocd-applicationset-controller": ("applicationset-metrics", "applicationset-probe", "applicationset-webhook"),
    "argocd-server": ("server", "server-metrics"),
    **{name: (name,) for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")},
}
"""The names of the ports of each process. All are on loopback, but for the application controller's metrics: it puts
them on every interface, and has no setting for that (3.6.1)."""
