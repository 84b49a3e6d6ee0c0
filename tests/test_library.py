"""kustomize's library gives what the program gives, byte for byte, and whatever happens to it costs no finding."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import conftest
from gitopsmith import tools
from gitopsmith.render import Failed, Rendered
from gitopsmith.render import kustomize as renderers
from gitopsmith.render import library as libraries
from gitopsmith.render.kustomize import Renderer
from gitopsmith.render.library import PATIENCE, Library
from gitopsmith.tree import Tree, open_tree
from repository import DEFECT, ORDINARY, PROGRAM, executable, initialise, run, write
from waiting import is_gone, until

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata: {{a: b}}\n"
MANY = {
    path: text
    for number in range(12)
    for path, text in {
        f"many/{number}/kustomization.yaml": "resources: [x.yaml]\nnamespace: team\n",
        f"many/{number}/x.yaml": CONFIG.format(name=f"x{number}"),
    }.items()
}
ROLLOUT = """apiVersion: example.com/v1
kind: Rollout
metadata: {name: web}
spec: {containers: [{name: web, image: "web:1", env: [{name: A, value: a}]}, {name: log, image: "log:1"}]}
"""
SCHEMA = {
    "definitions": {
        "com.example.v1.Rollout": {
            "type": "object",
            "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Rollout"}],
            "properties": {
                "spec": {
                    "type": "object",
                    "properties": {
                        "containers": {
                            "type": "array",
                            "x-kubernetes-patch-merge-key": "name",
                            "x-kubernetes-patch-strategy": "merge",
                            "items": {"type": "object"},
                        }
                    },
                }
            },
        }
    }
}
PATCH = "apiVersion: example.com/v1\nkind: Rollout\nmetadata: {name: web}\n"
PATCH += "spec: {containers: [{name: log, image: 'log:2'}]}\n"
DEPLOYMENT = ROLLOUT.replace("example.com/v1", "apps/v1").replace("Rollout", "Deployment")
DEPLOYMENT = DEPLOYMENT.replace("spec: {", "spec: {template: {spec: {").replace("}]}\n", "}]}}}\n")
DEPLOYMENT_PATCH = PATCH.replace("example.com/v1", "apps/v1").replace("Rollout", "Deployment")
DEPLOYMENT_PATCH = DEPLOYMENT_PATCH.replace("spec: {", "spec: {template: {spec: {").replace("}]}\n", "}]}}}\n")
PATCHED = "resources: [x.yaml]\npatches: [{path: p.yaml}]\n"
SCHEMAS = {
    "plain/kustomization.yaml": PATCHED,
    "plain/x.yaml": ROLLOUT,
    "plain/p.yaml": PATCH,
    "schema/kustomization.yaml": PATCHED + "openapi: {path: schema.json}\n",
    "schema/x.yaml": ROLLOUT,
    "schema/p.yaml": PATCH,
    "schema/schema.json": json.dumps(SCHEMA),
    "below/kustomization.yaml": "resources: [../schema, ../built-in]\n",
    "built-in/kustomization.yaml": PATCHED,
    "built-in/x.yaml": DEPLOYMENT,
    "built-in/p.yaml": DEPLOYMENT_PATCH,
    "both/kustomization.yaml": PATCHED + "openapi: {path: schema.json}\n",
    "both/x.yaml": DEPLOYMENT,
    "both/p.yaml": DEPLOYMENT_PATCH,
    "both/schema.json": json.dumps(SCHEMA),
    "version/kustomization.yaml": PATCHED + "openapi: {version: v1.21.2}\n",
    "version/x.yaml": DEPLOYMENT,
    "version/p.yaml": DEPLOYMENT_PATCH,
    "unknown/kustomization.yaml": PATCHED + "openapi: {version: v9.9.9}\n",
    "unknown/x.yaml": DEPLOYMENT,
    "unknown/p.yaml": DEPLOYMENT_PATCH,
}
BUILDS = [
    "built-in",
    "plain",
    "schema",
    "plain",
    "built-in",
    "both",
    "below",
    "plain",
    "version",
    "unknown",
    "built-in",
]


@pytest.fixture(scope="session")
def program() -> str:
    """The program around kustomize's library."""
    return conftest.program(libraries.PROGRAM)


@pytest.fixture
def library(program: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """kustomize's library, which has built nothing yet."""
    monkeypatch.setenv("GITOPSMITH_HELPER", str(Path(program).parent))
    found = libraries.find(60)
    assert found is not None
    yield found
    found.close()


@pytest.fixture
def renderer(kustomize: str) -> Renderer:
    """The program that is asked where the library cannot say."""
    return Renderer("kustomize", "5", (kustomize, "build"), 60)


def _pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, timeout: float = 0.5) -> Library:
    """Returns a library whose program greets as it should, and then does something else."""
    greeting = json.dumps({"protocol": libraries.PROTOCOL, "kustomize": "v5.8.3"})
    executable(tmp_path / "pretended" / libraries.PROGRAM, f"echo $$ >> {tmp_path}/pids; echo '{greeting}'; {script}")
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path / "pretended"))
    found = libraries.find(timeout)
    assert found is not None
    return found


def _direct(kustomize: str, folder: Path) -> tuple[int, str, str]:
    done = subprocess.run((kustomize, "build", str(folder)), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def _quick(library: Library, folder: Path) -> tuple[int, str, str]:
    built = library.build(str(folder))
    assert built is not None
    return built.status, built.stdout.decode(), built.stderr.decode()


# --- the same bytes


def test_a_build_gives_what_the_program_gives(tmp_path: Path, library: Library, kustomize: str) -> None:
    write(tmp_path, MANY)
    for number in range(12):
        assert _quick(library, tmp_path / f"many/{number}") == _direct(kustomize, tmp_path / f"many/{number}")


def test_a_schema_that_one_build_names_is_not_that_of_the_next(
    tmp_path: Path, library: Library, kustomize: str
) -> None:
    """kustomize keeps it for the whole process: `schema` keeps both containers, `plain` only that of the patch."""
    write(tmp_path, SCHEMAS)
    for build in BUILDS:
        assert _quick(library, tmp_path / build) == _direct(kustomize, tmp_path / build), build
    assert "log:2" in _quick(library, tmp_path / "schema")[1]
    assert _quick(library, tmp_path / "schema") != _quick(library, tmp_path / "plain")


def test_the_label_of_the_program_and_its_version_is_the_same(tmp_path: Path, library: Library, kustomize: str) -> None:
    body = "resources: [x.yaml]\nbuildMetadata: [managedByLabel]\n"
    write(tmp_path, {"kustomization.yaml": body, "x.yaml": CONFIG.format(name="x")})
    version = subprocess.run((kustomize, "version"), capture_output=True, text=True, check=True).stdout.strip()
    if version != f"v{library.version}":
        pytest.skip(f"needs kustomize {library.version}, this is {version}")
    assert f"kustomize-v{library.version}" in _quick(library, tmp_path)[1]
    assert _quick(library, tmp_path) == _direct(kustomize, tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"kustomization.yaml": ""},
        {"kustomization.yaml": "resources: [gone.yaml]\n"},
        {"kustomization.yaml": "resource: [gone.yaml]\n"},
        {"kustomization.yaml": "resources: [x.yaml]\n", "x.yaml": "a: b: c\n"},
        {"kustomization.yaml": "helmCharts: [{name: x, repo: 'https://x'}]\n"},
        {"kustomization.yaml": "bases: [../gone]\ncommonLabels: {a: b}\n"},
    ],
    ids=["nothing", "empty", "missing", "unknown field", "broken YAML", "chart", "deprecated"],
)
def test_a_failing_build_complains_in_the_same_words(
    tmp_path: Path, library: Library, kustomize: str, files: dict[str, str]
) -> None:
    write(tmp_path, {"-odd name/.keep": ""} | {f"-odd name/{path}": text for path, text in files.items()})
    status, out, complaint = _direct(kustomize, tmp_path / "-odd name")
    said = "".join(line for line in complaint.splitlines(keepends=True) if not line.startswith("# Warning"))
    assert _quick(library, tmp_path / "-odd name") == (status, out, said)


def test_builds_get_nothing_over_the_network_and_run_no_git(tmp_path: Path, library: Library) -> None:
    write(
        tmp_path,
        {
            "git/kustomization.yaml": "resources: ['https://git.example.com/x/y//deploy?ref=v1']\n",
            "file/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n",
        },
    )
    for entry in ("git", "file"):
        built = library.build(str(tmp_path / entry))
        assert built is not None
        assert "no 'git' program on path" in built.complaint or "dial tcp" in built.complaint
        failed = renderers.execute(renderers.Plan(entry, ""), tmp_path, Renderer("none", "0", ("false",)), library)
        assert isinstance(failed, Failed)
        assert (failed.kind, failed.directory) == ("remote", entry)


def test_threads_build_at_once_in_processes_of_their_own(tmp_path: Path, library: Library, kustomize: str) -> None:
    write(tmp_path, MANY)
    built: dict[int, tuple[int, str, str]] = {}
    threads = [
        threading.Thread(target=lambda n=n: built.update({n: _quick(library, tmp_path / f"many/{n}")}))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(built) == list(range(12))
    assert all(f"name: x{number}\n" in said for number, (_, said, _) in built.items())


@pytest.mark.slow
def test_every_real_build_is_the_same(corpora: Path, library: Library, renderer: Renderer) -> None:
    """Origins too. A tenth of them, unless GITOPSMITH_ALL_BUILDS is set."""
    known = json.loads((corpora / "builds.json").read_text())["repos"]
    builds = [(corpora / name, entry) for name in sorted(known) for entry in sorted(known[name]["ok_dirs"])]
    assert len(builds) == 3091
    trees: dict[Path, Tree] = {}
    different = []
    for root, entry in builds if os.environ.get("GITOPSMITH_ALL_BUILDS") else builds[5::10]:
        tree = trees.setdefault(root, open_tree(root))
        plan = renderers.plan(tree, entry)
        assert not isinstance(plan, Failed)
        quick, slow = (renderers.execute(plan, root, renderer, which) for which in (library, None))
        if isinstance(slow, Failed) or quick != slow:
            different.append(f"{root.name}/{entry}")
    assert different == []


# --- what happens to it


@pytest.mark.parametrize(
    "script",
    [
        "exec sleep 60",
        "exit 3",
        "read x; exit 3",
        "read x; kill -9 $$",
        "read x; echo 'panic: runtime error'; sleep 60",
        "read x; echo '[]'; sleep 60",
        """read x; echo '{"id": 77, "failed": false, "size": 2, "last": false}'; echo; echo; sleep 60""",
        """read x; echo '{"id": 0, "failed": false, "size": -2, "last": false}'; echo; echo; sleep 60""",
        """read x; echo '{"id": 0, "failed": false, "size": 999, "last": false}'; echo "kind: X"; exec sleep 60""",
        """read x; echo '{"id": 0, "failed": false, "size": 999, "last": false}'; echo "kind: X"; exit""",
        "read x; exec cat /dev/zero",
    ],
    ids=[
        "hangs", "ended", "ends", "killed", "garbage", "no answer", "another answer", "odd size", "hangs halfway",
        "ends halfway", "endless",
    ],
)  # fmt: skip
def test_what_the_library_cannot_say_the_program_does(
    tmp_path: Path, renderer: Renderer, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    tree = open_tree(write(tmp_path / "repository", MANY))
    broken = _pretended(tmp_path, monkeypatch, script)
    try:
        for number in range(PATIENCE + 2):
            built = renderers.execute(renderers.Plan(f"many/{number}", ""), tree.root, renderer, broken)
            assert built == _program(tree, f"many/{number}", renderer)
    finally:
        broken.close()
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == PATIENCE
    assert all(map(is_gone, pids))


def test_a_process_that_has_grown_too_big_makes_room_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = """printf '{"id": %s, "failed": false, "size": 3, "last": true}\\nok\\n' $number"""
    script = f"read -r asked; number=${{asked#*: }}; number=${{number%%,*}}; {said}; exec sleep 60"
    library = _pretended(tmp_path, monkeypatch, script, 60)
    for _ in range(PATIENCE + 2):
        built = library.build("/anywhere")
        assert built is not None
        assert (built.status, built.stdout) == (0, b"ok\n")
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(set(pids)) == PATIENCE + 2
    assert all(map(is_gone, pids))


def _program(tree: Tree, entry: str, renderer: Renderer) -> tuple[Rendered, ...] | Failed:
    return renderers.execute(renderers.Plan(entry, ""), tree.root, renderer)


@pytest.mark.parametrize(
    "greeting",
    ["", "hello", '{"protocol": 99, "kustomize": "v5.8.3"}', '{"protocol": 1, "kustomize": "(devel)"}', "[1]"],
)
def test_a_program_of_another_version_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greeting: str
) -> None:
    executable(tmp_path / libraries.PROGRAM, f"echo '{greeting}'")
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path))
    assert libraries.find(5) is None


def test_the_folder_that_is_named_decides(tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(program).parent))
    monkeypatch.delenv("GITOPSMITH_HELPER", raising=False)
    assert tools.find_helper(libraries.PROGRAM) == program
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path))
    assert tools.find_helper(libraries.PROGRAM) is None
    monkeypatch.setenv("GITOPSMITH_HELPER", "")
    assert tools.find_helper(libraries.PROGRAM) is None


def test_without_another_program_the_library_builds_alone(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "none"))
    monkeypatch.setenv("GITOPSMITH_HELPER", str(Path(program).parent))
    found = renderers.find_renderer(60)
    assert found.name == "kustomize library"
    write(tmp_path / "a", {"kustomization.yaml": "resources: [x.yaml]\n", "x.yaml": CONFIG.format(name="x")})
    built = renderers.execute(renderers.Plan("a", ""), tmp_path, found)
    assert not isinstance(built, Failed)
    assert "name: x\n" in built[0].text
    failed = renderers.execute(renderers.Plan("gone", ""), tmp_path, found)
    assert isinstance(failed, Failed)
    above = {"b/kustomization.yaml": "resources: [../a/x.yaml]\n"}
    write(tmp_path, above)
    assert isinstance(renderers.execute(renderers.Plan("b", ""), tmp_path, found), Failed)
    able = replace(found, command=(*found.command, "--load-restrictor", "LoadRestrictionsNone"))
    assert renderers.execute(renderers.Plan("b", ""), tmp_path, able) == built


# --- whole runs


@pytest.fixture
def fleet(tmp_path: Path, kustomize: str, program: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one defect in a rendered file and a build that fails; both programs are there."""
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)
    monkeypatch.setenv("GITOPSMITH_HELPER", str(Path(program).parent))
    broken = {"broken/kustomization.yaml": "resources: [gone.yaml]\n"}
    return initialise(write(tmp_path / "fleet", ORDINARY | MANY | broken))


def _said(fleet: Path) -> dict[str, object]:
    said = json.loads(run("lint", "--format", "json", "--timeout", "5", cwd=fleet).stdout)
    assert isinstance(said, dict)
    return said


def test_a_report_is_the_same_and_names_what_rendered(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = _said(fleet)
    monkeypatch.setenv("GITOPSMITH_HELPER", "")
    slow = _said(fleet)
    assert DEFECT[1] in json.dumps(quick["findings"])
    assert "gone.yaml" in json.dumps(quick["findings"])
    assert (quick["findings"], quick["notes"]) == (slow["findings"], slow["notes"])
    assert str(quick["tool"]["renderer"]).startswith("kustomize library 5.")  # type: ignore[index]
    assert str(slow["tool"]["renderer"]).startswith("kustomize 5.")  # type: ignore[index]


@pytest.mark.slow
@pytest.mark.parametrize(
    "then",
    [
        "read x; kill -9 $$",
        "read x; echo garbage; exec sleep 60",
        'for one in 1 2 3; do read -r asked; echo "$asked"; done | {program}',
    ],
    ids=["killed", "garbage", "ends in the middle of the run"],
)
def test_a_library_that_is_lost_costs_no_finding(
    fleet: Path, tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    good = _said(fleet)
    greeting = "" if "{program}" in then else """echo '{"protocol": 1, "kustomize": "v5.8.3"}'; """
    executable(tmp_path / "pretended" / libraries.PROGRAM, greeting + then.format(program=program))
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path / "pretended"))
    bad = _said(fleet)
    assert (bad["findings"], bad["notes"], bad["tool"]) == (good["findings"], good["notes"], good["tool"])


def test_nothing_stays_in_the_temporary_folder_and_no_process(
    fleet: Path, tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    executable(tmp_path / "noted" / libraries.PROGRAM, f"echo $$ >> {tmp_path}/pids; exec {program}")
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path / "noted"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    _said(fleet)
    assert all(is_gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.usefixtures("unmeasured")
def test_an_interruption_ends_the_library_too(
    fleet: Path, tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """In the middle of a build, and where nobody is left to end it: its input ends."""
    executable(tmp_path / "noted" / libraries.PROGRAM, f"echo $$ >> {tmp_path}/pids; exec {program}")
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path / "noted"))
    endless = fleet / "many/0/endless"
    os.mkfifo(endless)
    write(fleet, {"many/0/kustomization.yaml": "configMapGenerator: [{name: x, files: [endless]}]\n"})
    writer = os.open(endless, os.O_RDWR)  # whoever reads waits for what is never written
    with subprocess.Popen((*PROGRAM, "lint"), cwd=fleet, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert until(lambda: _is_read(endless, tmp_path / "pids"))
        process.send_signal(number)
        process.communicate(timeout=30)
    os.close(writer)
    assert process.returncode == (-number if number is signal.SIGKILL else 130)
    assert all(is_gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def _is_read(path: Path, pids: Path) -> bool:
    """Tells whether one of some processes has a file open."""
    found = pids.read_text().split() if pids.is_file() else []
    opened = (descriptor for pid in found for descriptor in Path(f"/proc/{pid}/fd").glob("*"))
    return any(os.path.realpath(descriptor) == str(path) for descriptor in opened)
