"""The process that a sandbox is: it starts everything in order, watches over it, and ends it.

It is run as ``python -m gitopsmith.sandbox.supervise FOLDER PROGRAMS``, away from any terminal. Everything that it
starts ends with it, also when it is killed, so that a sandbox is one process to whoever looks for it.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.sandbox import commands, deployed, state
from gitopsmith.sandbox.api import LOOPBACK, Api, Refused, answers
from gitopsmith.sandbox.commands import Command
from gitopsmith.sandbox.programs import Programs
from gitopsmith.sandbox.state import State

READY = 120.0
"""Seconds that one part may take to be ready."""
GRACE = 3.0
"""Seconds to end in: an API server takes up to a minute when etcd goes away, and nothing here is worth waiting for."""
EVERY = 0.05
NODE = "sandbox-node"


class Supervisor:
    """Everything that runs, with the state that others read."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        self.folder = folder
        self.programs = programs
        self.processes: dict[str, Any] = {}
        self.state = State(pid=os.getpid(), started=time.time(), programs=str(programs.folder), ports=_free_ports())
        state.write(folder, self.state)
        self.api: Api

    def run(self) -> None:
        """Brings everything up, and stays until something ends or somebody asks it to end."""
        self._prepare()
        self._control_plane()
        self._argo_cd()
        while True:
            self._notice_deaths("running")
            time.sleep(0.5)

    def _prepare(self) -> None:
        for name in ("keys", "logs", "etcd", "home", "tmp", "plugins", "tls", "ssh", "gpg"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        made = tools.run(str(self.programs.bin / "certificates"), str(self.folder / "keys"))
        if made.status != 0:
            raise Failure(f"cannot make certificates: {made.complaint}", status=3)
        (self.folder / "ssh" / "ssh_known_hosts").touch()
        # What Argo CD trusts is a file for each host, without its port.
        shutil.copy(self.folder / "keys" / "ca.crt", self.folder / "tls" / LOOPBACK)
        (self.folder / "gitconfig").write_text("[safe]\n\tdirectory = *\n", encoding="utf-8")
        shutil.copy(self.programs.folder / "stages.yaml", self.folder / "stages.yaml")
        (self.folder / "kubeconfig").write_text(
            json.dumps(_kubeconfig(self.folder, self.state.ports)), encoding="utf-8"
        )
        (self.folder / "kubeconfig").chmod(0o600)
        self.api = Api(self.state.ports["kube-apiserver"], self.folder / "keys")

    def _control_plane(self) -> None:
        ports, folder = self.state.ports, self.folder
        self._start(commands.etcd(ports, folder))
        self._start(commands.api_server(ports, folder))
        self._wait("kube-apiserver", lambda: self.api.request("GET", "/readyz") == "ok")
        self.api.apply(f"/api/v1/nodes/{NODE}", _node())
        for command in (commands.controller_manager, commands.scheduler, commands.kwok):
            self._start(command(ports, folder))
        self._wait("node", lambda: _is_ready(self.api.get(f"/api/v1/nodes/{NODE}")))
        self._wait("cluster", lambda: self.api.get("/api/v1/namespaces/default/serviceaccounts/default"))
        self._start(commands.git_server(ports, folder))
        self._wait("git", lambda: _listens(ports["git"]))

    def _argo_cd(self) -> None:
        """Starts Argo CD when its objects are in the cluster, with the settings that its Deployments would take."""
        self._start(commands.redis(self.state.ports, self.folder))
        self._wait("redis", lambda: _listens(self.state.ports["redis"]))
        self._wait("objects of Argo CD", lambda: deployed.is_installed(self.api), timeout=float("inf"))
        environments = deployed.environments(self.api)
        started = [command(self.state.ports, self.folder) for command in commands.ARGO_CD[1:]]
        for command in started:
            taken = environments.get(command.name, {})
            self._start(command._replace(environment={**taken, **command.environment}))
        probes = {
            "argocd-repo-server": ("repo-server-metrics", "/healthz?full=true"),
            "argocd-application-controller": ("controller-metrics", "/healthz"),
            "argocd-applicationset-controller": ("applicationset-metrics", "/metrics"),
            "argocd-server": ("server", "/healthz"),
        }
        for name, (port, path) in probes.items():
            self._wait(name, lambda port=port, path=path: answers(self.state.ports[port], path))  # type: ignore[misc]
        self._ready("argocd")

    def _start(self, command: Command) -> None:
        environment = {
            "PATH": f"{self.programs.bin}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "KUBECONFIG": str(self.folder / "kubeconfig"),
            "NO_PROXY": "*",
            "LANG": "C.UTF-8",
            **command.environment,
        }
        program = "argocd" if command.name.startswith("argocd-") else command.name
        log = self.folder / "logs" / f"{command.name}.log"
        process = tools.serve(
            command.program or str(self.programs.bin / program),
            *command.arguments,
            cwd=self.folder,
            log=log,
            environment=environment,
        )
        self.processes[command.name] = process
        numbers = {name: one.pid for name, one in self.processes.items()}
        self._write(State(**{**_fields(self.state), "processes": numbers}))

    def _wait(self, part: str, is_ready: Callable[[], Any], timeout: float = READY) -> None:
        end = time.monotonic() + timeout
        last: object = None
        while time.monotonic() < end:
            self._notice_deaths(part)
            try:
                if is_ready():
                    self._ready(part)
                    return
            except (OSError, ValueError, Refused) as error:
                last = error
            time.sleep(EVERY)
        raise Failure(f"{part} was not ready after {timeout:.0f} s: {last}", status=3)

    def _notice_deaths(self, part: str) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                log = self.folder / "logs" / f"{name}.log"
                raise Failure(f"{name} ended with status {process.returncode} ({part}); see {log}", status=3)

    def _ready(self, part: str) -> None:
        self._write(state.ready(self.state, part))

    def _write(self, new: State) -> None:
        self.state = new
        state.write(self.folder, new)

    def stop(self) -> None:
        """Ends everything, what was started last first."""
        for process in reversed(self.processes.values()):
            process.terminate()
        end = time.monotonic() + GRACE
        while time.monotonic() < end and any(process.poll() is None for process in self.processes.values()):
            time.sleep(EVERY)
        for process in self.processes.values():
            process.kill()
            process.wait()
        self._write(State(**{**_fields(self.state), "pid": 0, "processes": {}}))


def _listens(port: int) -> bool:
    with socket.create_connection((LOOPBACK, port), 1):
        return True


def _fields(known: State) -> dict[str, Any]:
    return {name: getattr(known, name) for name in State.__dataclass_fields__}


def _free_ports() -> dict[str, int]:
    """Returns a free port on loopback for everything that listens."""
    sockets = [socket.create_server((LOOPBACK, 0)) for _ in state.PORTS]
    numbers = {name: one.getsockname()[1] for name, one in zip(state.PORTS, sockets, strict=True)}
    for one in sockets:
        one.close()
    return numbers


def _kubeconfig(folder: Path, ports: dict[str, int]) -> dict[str, Any]:
    def encoded(name: str) -> str:
        return base64.b64encode((folder / "keys" / name).read_bytes()).decode()

    name = "sandbox" if folder.name == state.DEFAULT else f"sandbox-{folder.name}"
    server = f"https://{LOOPBACK}:{ports['kube-apiserver']}"
    cluster = {"server": server, "certificate-authority-data": encoded("ca.crt")}
    user = {"client-certificate-data": encoded("admin.crt"), "client-key-data": encoded("admin.key")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "argocd"}}],
    }


def _node() -> dict[str, Any]:
    labels = {"kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux"}
    metadata = {"name": NODE, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata}


def _is_ready(node: Any) -> bool:
    conditions = node["status"].get("conditions", []) if node else []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def main() -> int:
    folder, programs = Path(sys.argv[1]), Programs(Path(sys.argv[2]))

    def end(*_: object) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    supervisor = Supervisor(folder, programs)
    try:
        supervisor.run()
    except Failure as error:
        supervisor.state = State(**{**_fields(supervisor.state), "failure": str(error)})
        return error.status
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
