"""What a person is told of a sandbox: what runs in it, what that costs, and how to speak to it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from gitopsmith.sandbox import processes, session
from gitopsmith.sandbox.api import LOOPBACK
from gitopsmith.sandbox.commands import LISTENS
from gitopsmith.sandbox.programs import Programs
from gitopsmith.sandbox.state import State, is_running


def describe(folder: Path, state: State) -> dict[str, Any]:
    """Returns everything about a sandbox as JSON has it; memory in MiB, of CPU and time the seconds."""
    running = is_running(state, folder)
    return {
        "running": running,
        "ready": sorted(state.seconds, key=lambda part: state.seconds[part]) if running else [],
        "failure": state.failure,
        "folder": str(folder),
        "logs": str(folder / "logs"),
        "kubeconfig": str(folder / "kubeconfig"),
        "argocd": f"http://{LOOPBACK}:{state.ports['server']}" if "argocd" in state.seconds and running else "",
        "git": f"https://{LOOPBACK}:{state.ports['git']}" if "git" in state.seconds and running else "",
        "seconds": state.seconds,
        "processes": [_process(name, pid, state) for name, pid in state.processes.items()] if running else [],
    }


def _process(name: str, pid: int, state: State) -> dict[str, Any]:
    cost = processes.cost(pid) or processes.Cost(0, 0, 0)
    ports = {port: state.ports[port] for port in LISTENS.get(name, ())}
    return {"name": name, "pid": pid, **cost._asdict(), "ports": ports}


def lines(name: str, found: dict[str, Any]) -> list[str]:
    """Returns what a person reads of a description."""
    if not found["running"]:
        return [f"{name}: {found['failure'] or 'not running'}", f"  folder: {found['folder']}"]
    running = found["processes"]
    memory, cpu = (sum(process[key] for process in running) for key in ("memory", "cpu"))
    return [
        f"{name}: {len(running)} processes, {memory:.0f} MiB, {cpu:.0f} s of CPU",
        f"  Argo CD: {found['argocd'] or 'not installed; run `gitopsmith bootstrap` in a repository'}",
        f"  git: {found['git']}/public/NAME.git; /private/NAME.git asks for the password in ./git-password",
        f"  folder: {found['folder']}",
        f"  {'PROCESS':34}{'PID':>8}{'MIB':>7}{'CPU s':>8}  PORTS",
        *map(_line, running),
    ]


def _line(process: dict[str, Any]) -> str:
    figures = f"{process['pid']:8}{process['memory']:7.0f}{process['cpu']:8.1f}"
    ports = " ".join(f"{port}" for port in process["ports"].values())
    return f"  {process['name']:34}{figures}  {ports}".rstrip()


def exports(folder: Path, state: State, trusted: str) -> list[str]:
    """Returns what a shell has to evaluate: the cluster, the session of ``argocd``, and a login to the git host.

    ``trusted`` is what GIT_SSL_CAINFO names in that shell: git heeds it more than any configuration, and so gets a file
    with the sandbox's authority beside those in it. The programs of the sandbox come last on PATH: what a person has,
    such as a kubectl, goes on being used.
    """
    host = f"https://{LOOPBACK}:{state.ports['git']}"
    password = shlex.quote(str(folder / "git-password"))
    settings = {
        f"http.{host}/.sslCAInfo": str(folder / "keys" / "ca.crt"),
        f"credential.{host}.helper": f"!f() {{ echo username=git; echo password=$(cat {password}); }}; f",
    }
    variables = {
        "KUBECONFIG": str(folder / "kubeconfig"),
        "ARGOCD_CONFIG_DIR": str(folder / session.FOLDER),
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    if trusted:
        variables["GIT_SSL_CAINFO"] = str(_bundle(folder, Path(trusted)))
    programs = shlex.quote(str(Programs(Path(state.programs)).bin))
    path = f'case ":$PATH:" in *:{programs}:*) ;; *) export PATH="$PATH":{programs} ;; esac'
    return [*(f"export {name}={shlex.quote(value)}" for name, value in variables.items()), path]


def _bundle(folder: Path, trusted: Path) -> Path:
    bundle = folder / "trusted.crt"
    if trusted != bundle:
        authorities = (trusted, folder / "keys" / "ca.crt")
        bundle.write_text("\n".join(path.read_text(encoding="utf-8") for path in authorities), encoding="utf-8")
    return bundle
