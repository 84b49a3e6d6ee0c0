"""The process that a sandbox is: it starts everything in order, watches over it, and ends it.

It is run as ``python -m gitopsmith.sandbox.supervise FOLDER PROGRAMS LOCK``, away from any terminal; LOCK is an open
file, which it closes when others can read who it is. Everything that it starts ends with it, also when it is killed, so
that a sandbox is one process to whoever looks for it.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from gitopsmith import content, tools
from gitopsmith.finding import Failure
from gitopsmith.sandbox import commands, deployed, processes, session, state
from gitopsmith.sandbox.api import LOOPBACK, Api, Refused, answers
from gitopsmith.sandbox.commands import Command
from gitopsmith.sandbox.programs import Programs
from gitopsmith.sandbox.state import State

READY = 120.0
"""Seconds that one part may take to be ready."""
EVERY, CALMLY = 0.05, 0.25
"""Seconds between two looks at what is about to be ready, and at what waits for a person."""
SESSION = 12 * 3600.0
"""Seconds after which the session of the command line is made anew: half of what Argo CD lets one live."""
NODES = {f"sandbox-{zone}": f"sandbox-{zone}" for zone in "abc"}
"""Each node with its zone: three, so that pods that refuse each other's company find a place."""

PROBES = {
    "argocd-repo-server": ("repo-server-metrics", "/healthz?full=true"),
    "argocd-application-controller": ("controller-metrics", "/healthz"),
    "argocd-applicationset-controller": ("applicationset-metrics", "/metrics"),
    "argocd-server": ("server", "/healthz"),
}
"""Where each process of Argo CD says that it works: a port, and a path."""


class Supervisor:
    """Everything that runs, with the state that others read."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        self.folder = folder
        self.programs = programs
        self.processes: dict[str, tools.Process] = {}
        self.reserved = reserve(state.PORTS)
        ports = {name: one.getsockname()[1] for name, one in self.reserved.items()}
        self.state = State(pid=os.getpid(), started=time.time(), programs=str(programs.folder), ports=ports)
        state.write(folder, self.state)
        self.api: Api

    def run(self) -> None:
        """Brings everything up, and stays until something ends or somebody asks it to end."""
        self._prepare()
        self._control_plane()
        self._argo_cd()
        signed = time.monotonic()
        while True:
            self._notice_deaths("everything was up")
            if time.monotonic() - signed > SESSION:
                signed = time.monotonic()
                self._sign_in()
            time.sleep(CALMLY)

    def _prepare(self) -> None:
        for name in ("keys", "logs", "etcd", "home", "tmp", "plugins", "tls", "ssh", "gpg", session.FOLDER):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        made = tools.run(str(self.programs.bin / "certificates"), str(self.folder / "keys"))
        if made.status != 0:
            raise Failure(f"cannot make certificates: {made.complaint}", status=3)
        (self.folder / "ssh" / "ssh_known_hosts").touch()
        # What Argo CD trusts is a file for each host, without its port.
        shutil.copy(self.folder / "keys" / "ca.crt", self.folder / "tls" / LOOPBACK)
        (self.folder / "gitconfig").write_text("[safe]\n\tdirectory = *\n", encoding="utf-8")
        stages = [root / "stages.yaml" for root in (self.programs.folder, content.SANDBOX)]
        (self.folder / "stages.yaml").write_text(
            "\n---\n".join(path.read_text(encoding="utf-8") for path in stages), encoding="utf-8"
        )
        (self.folder / "kubeconfig").touch(mode=0o600)
        (self.folder / "kubeconfig").write_text(
            json.dumps(_kubeconfig(self.folder, self.state.ports)), encoding="utf-8"
        )
        self.api = Api(self.state.ports["kube-apiserver"], self.folder / "keys")

    def _control_plane(self) -> None:
        ports, folder = self.state.ports, self.folder
        self._start(commands.etcd(ports, folder))
        self._start(commands.api_server(ports, folder))
        self._wait("kube-apiserver", lambda: self.api.request("GET", "/readyz") == "ok" and self._join())
        for command in (commands.controller_manager, commands.scheduler, commands.kwok):
            self._start(command(ports, folder))
        self._wait("nodes", lambda: all(_is_ready(self.api.get(f"/api/v1/nodes/{name}")) for name in NODES))
        self._wait("cluster", lambda: self.api.get("/api/v1/namespaces/default/serviceaccounts/default"))
        for command in (commands.addons, commands.git_server):
            self._start(command(ports, folder))
        self._wait("git", lambda: _listens(ports["git"]))

    def _join(self) -> bool:
        return all(self.api.apply(f"/api/v1/nodes/{name}", _node(name, zone)) for name, zone in NODES.items())

    def _argo_cd(self) -> None:
        """Starts Argo CD when its objects are in the cluster, with the settings that its Deployments would take."""
        self._start(commands.redis(self.state.ports, self.folder))
        self._wait("redis", lambda: _listens(self.state.ports["redis"]))
        environments: dict[str, dict[str, str]] = {}

        def take() -> bool:
            if deployed.is_installed(self.api):
                environments.update(deployed.environments(self.api))
            return bool(environments)

        self._wait("objects of Argo CD", take, float("inf"), CALMLY)
        *others, last = (make(self.state.ports, self.folder) for make in commands.ARGO_CD[1:])
        for command in others:
            self._start(_with(command, environments))
        for command in others:
            self._wait_for(command)
        # It serves no webhook when it starts before argocd-server has made the key that it signs with.
        self._start(_with(last, environments))
        self._wait_for(last)
        self._sign_in()
        self._ready("argocd")

    def _wait_for(self, command: Command) -> None:
        port, path = PROBES[command.name]
        self._wait(command.name, lambda: answers(self.state.ports[port], path))

    def _sign_in(self) -> None:
        try:
            session.write(self.folder, self.state.ports["server"], self.api)
        except (OSError, ValueError, Failure) as error:
            print(f"no session for the command line: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the log

    def _start(self, command: Command) -> None:
        environment = {
            "PATH": f"{self.programs.bin}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "KUBECONFIG": str(self.folder / "kubeconfig"),
            "NO_PROXY": "*",
            "LANG": "C.UTF-8",
            **command.environment,
            processes.MARK: str(self.folder),
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
        self._write(replace(self.state, processes=numbers))

    def _wait(self, part: str, is_ready: Callable[[], Any], timeout: float = READY, every: float = EVERY) -> None:
        end = time.monotonic() + timeout
        last: object = None
        while time.monotonic() < end:
            self._notice_deaths(f"waiting for {part}")
            try:
                if is_ready():
                    self._ready(part)
                    return
            except (OSError, ValueError, http.client.HTTPException, Refused) as error:
                last = error
            time.sleep(every)
        raise Failure(f"{part} was not ready after {timeout:.0f} s: {last}", status=3)

    def _notice_deaths(self, when: str) -> None:
        for name, process in self.processes.items():
            status = process.poll()
            if status is not None:
                log = self.folder / "logs" / f"{name}.log"
                how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
                raise Failure(f"{name} {how} while {when}; see {log}{_last(log)}", status=3)

    def _ready(self, part: str) -> None:
        self._write(state.ready(self.state, part))

    def _write(self, new: State) -> None:
        self.state = new
        state.write(self.folder, new)

    def stop(self) -> None:
        """Ends everything, and not gently: an API server takes a minute to go, and nothing here is worth the wait.

        What etcd has stored is of no use from then on, and makes room for the reason where a full disk was that.
        """
        for process in reversed(self.processes.values()):
            process.kill()
        for process in self.processes.values():
            process.wait()
        processes.end(self.folder)
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)
        self._write(replace(self.state, pid=0, processes={}))


def _with(command: Command, environments: Mapping[str, Mapping[str, str]]) -> Command:
    return command._replace(environment={**environments[command.name], **command.environment})


def _last(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f": {lines[-1][:500]}" if lines else ""
    return ""


def _listens(port: int) -> bool:
    with socket.create_connection((LOOPBACK, port), 1):
        return True


def reserve(names: Iterable[str]) -> dict[str, socket.socket]:
    """Returns a socket on loopback for each name, bound and not listening.

    As long as it is open nobody is given its port by chance, and a program that asks for the port by number gets it:
    Argo CD's processes start minutes after the ports were chosen.
    """
    found = {}
    for name in names:
        found[name] = socket.socket()
        found[name].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found[name].bind((LOOPBACK, 0))
    return found


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


def _node(name: str, zone: str) -> dict[str, Any]:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": zone,
        "topology.kubernetes.io/region": "sandbox",
    }
    metadata = {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata}


def _is_ready(node: Any) -> bool:
    conditions = node["status"].get("conditions", []) if node else []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def main() -> int:
    folder, programs, locked = Path(sys.argv[1]), Programs(Path(sys.argv[2])), int(sys.argv[3])
    ending = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def end(*_: object) -> None:
        for number in ending:
            signal.signal(number, signal.SIG_IGN)
        raise SystemExit(0)

    for number in ending:
        signal.signal(number, end)
    supervisor = Supervisor(folder, programs)
    os.close(locked)
    try:
        supervisor.run()
    except (Failure, OSError) as error:
        supervisor.state = replace(supervisor.state, failure=str(error))
    finally:
        supervisor.stop()
    return 3


if __name__ == "__main__":
    sys.exit(main())
