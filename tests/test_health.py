"""Custom health checks say here what they say in Argo CD, nothing leaves their process, and their tests are run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import repository
from conftest import ROOT, program
from gitopsmith import content, documents, health, tree
from gitopsmith.finding import Report
from gitopsmith.health import Health, Run, interpreter, running, verdict
from gitopsmith.lint import Options, lint, status
from lua_cases import CASES, FAILED, QUEUE, Said

TEMPLATE = content.GENERATOR / "health" / "{{cookiecutter.directory}}" / "health"
EACH = [pytest.param(said, id=said.id) for said in CASES]
ARGO_CD_OWN = Path(
    os.environ.get("GOMODCACHE", Path.home() / "go" / "pkg" / "mod"),
    "github.com/argoproj/argo-cd/v3@v3.6.1/resource_customizations",
)


def said(found: Health) -> tuple[str | None, str]:
    return (FAILED, "") if found.failed else (found.status, found.message)


@pytest.fixture(scope="module")
def answers() -> dict[str, Health]:
    """What each check says, all of them from one process and those that it takes to go on after a hostile one."""
    found = health.evaluate_all([run(case) for case in CASES])
    return {case.id: item for case, item in zip(CASES, found, strict=True)}


def run(case: Said) -> Run:
    return Run(case.lua, case.body or QUEUE, case.open_libs)


@pytest.mark.parametrize("case", EACH)
def test_a_check_says_what_it_says_in_argo_cd(case: Said, answers: dict[str, Health]) -> None:
    assert said(answers[case.id].shown_for(case.body or QUEUE)) == (case.status, case.message)


@pytest.mark.parametrize("case", [case for case in EACH if not str(case.id).startswith("endless")])
def test_an_answer_is_the_same_in_whatever_process(case: Said, answers: dict[str, Health]) -> None:
    told = interpreter.answer(case.lua, case.body or QUEUE, open_libs=case.open_libs)
    assert verdict.verdict(told) == answers[case.id]


def test_the_interpreter_of_argo_cd_says_the_same(answers: dict[str, Health]) -> None:
    witness = program("luahealth")
    cases = [case for case in CASES if "require(" not in case.lua]  # Argo CD's own os library is not in the witness
    text = json.dumps([(case.lua, case.open_libs, case.body or QUEUE) for case in cases])
    printed = subprocess.run((witness,), input=text, capture_output=True, text=True, check=True).stdout
    for case, line in zip(cases, printed.splitlines(), strict=True):
        told = json.loads(line)
        status = FAILED if told.get("error") else None if told.get("none") else told.get("status", "")
        assert (status, told.get("message", "")) == said(answers[case.id]), case.id


@pytest.mark.slow
@pytest.mark.parametrize("case", EACH)
def test_argo_cd_says_the_same(case: Said, tmp_path: Path) -> None:
    key = "example.com_Queue"
    data = {f"resource.customizations.health.{key}": case.lua}
    data |= {f"resource.customizations.useOpenLibs.{key}": "true"} if case.open_libs else {}
    assert asked(data, case.body or QUEUE, tmp_path) == (case.status, case.message)


def asked(data: dict[str, str], body: Any, folder: Path) -> tuple[str | None, str]:
    """Asks Argo CD's own program, offline, for the health of an object under the data of an argocd-cm."""
    labels = {"app.kubernetes.io/part-of": "argocd"}
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", "labels": labels}}
    (folder / "argocd-cm.yaml").write_text(json.dumps({**settings, "data": data}))
    (folder / "object.yaml").write_text(json.dumps(body))
    command = (program("argocd"), "admin", "settings", "resource-overrides", "health", "object.yaml")
    done = subprocess.run(
        (*command, "--argocd-cm-path", "argocd-cm.yaml"), cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return FAILED, ""
    if done.stdout.startswith("Health script is not configured"):
        return None, ""
    status, _, message = done.stdout.removeprefix("STATUS: ").partition("\nMESSAGE: ")
    return status, message.removesuffix("\n")


def generated() -> Iterable[Any]:
    """Yields every case of the checks that a generated repository has, with the Lua of its check."""
    for check in health.suites(tree.open_tree(TEMPLATE)):
        for case in check.cases:
            yield pytest.param(check.lua, case, id=f"{check.directory}-{case.name.replace(' ', '-')}")


@pytest.mark.slow
@pytest.mark.parametrize(("lua", "case"), list(generated()))
def test_argo_cd_agrees_with_the_generated_cases(lua: str, case: health.Case, tmp_path: Path) -> None:
    key = "resource.customizations.health.argoproj.io_Application"
    status, message = asked({key: lua}, case.body, tmp_path)
    assert status == case.expected["status"]
    assert message == case.expected.get("message", message)


def test_the_generated_checks_pass_their_tests() -> None:
    checks = list(health.suites(tree.open_tree(TEMPLATE)))
    assert [check.directory for check in checks] == ["argoproj.io_Application"]
    assert all(check.cases for check in checks)
    assert list(health.problems(checks)) == []


def test_the_generated_checks_reach_the_configuration_of_argo_cd(kustomize: str, tmp_path: Path) -> None:
    shutil.copytree(TEMPLATE, tmp_path / "health")
    files = {
        "argocd/install.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: argocd-cm\n  labels:\n"
        "    app.kubernetes.io/part-of: argocd\ndata:\n  kept: as it is\n",
        "argocd/argocd-cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: argocd-cm\ndata:\n  url: x\n",
        "argocd/kustomization.yaml": "namespace: argocd\nresources: [install.yaml]\ncomponents: [../health]\n"
        "patches:\n  - path: argocd-cm.yaml\n",
    }
    repository.write(tmp_path, files)
    built = subprocess.run((kustomize, "build", tmp_path / "argocd"), capture_output=True, check=True).stdout
    [document] = documents.read(built).documents
    assert document.body["metadata"] == {
        "name": "argocd-cm",
        "namespace": "argocd",
        "labels": {"app.kubernetes.io/part-of": "argocd"},
    }
    checks = {
        f"resource.customizations.health.{path.name}": (path / "health.lua").read_text()
        for path in TEMPLATE.iterdir()
        if path.is_dir()
    }
    assert document.body["data"] == {"kept": "as it is", "url": "x", **checks}


@pytest.mark.slow
def test_the_checks_that_argo_cd_brings_pass_their_own_tests() -> None:
    if not ARGO_CD_OWN.is_dir():
        pytest.skip("needs the Go module of Argo CD 3.6.1: run `go mod download`")
    checks = list(health.suites(tree.open_tree(ARGO_CD_OWN)))
    assert sum(len(check.cases) for check in checks) > 1300
    found = {(problem.location.path, problem.location.line) for problem in health.problems(checks)}
    # Two cases there are objects of another kind, so that Argo CD's own test runs another check.
    assert found == {("capabilities.3scale.net/DeveloperUser/health_test.yaml", line) for line in (13, 17)}


HOSTILE = {
    "python": "return {status = tostring(python)}",
    "os-execute": 'return {status = tostring(require("os").execute)}',
    "package": "return {status = tostring(package)}",
    "load": "return {status = tostring(load or loadstring or loadfile or dofile or newproxy or module)}",
    "globals": 'local s = "" for k in pairs(_G) do s = s .. k .. " " end return {status = s}',
    "open-io": "return {status = tostring(io)}",
    "open-dump": "return {status = tostring(string.dump)}",
    "open-os": "return {status = tostring(os.getenv or os.remove or os.execute or os.exit)}",
    "string-metatable": 'return {status = tostring(getmetatable(""))}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_reaches_the_machine_is_there(name: str) -> None:
    text = f"local c = (function() {HOSTILE[name]} end)() return {{status = 'Healthy', message = c.status}}"
    found = health.evaluate(text, QUEUE, open_libs=name.startswith("open-"))
    if name == "globals":
        expected = (
            "_G _VERSION actionParams assert collectgarbage error getfenv getmetatable ipairs next obj pairs pcall"
            " print rawequal rawget rawset require select setfenv setmetatable table tonumber tostring type"
            " unpack xpcall"
        )
        assert sorted(found.message.split()) == expected.split()
    else:
        assert (found.status, found.message) == ("Healthy", "nil")


ENDLESS = "computes for more than a second"
TOO_BIG = "not enough memory: a check may use 64 MB"
ENDS = {
    "endless-pcall": ("while true do pcall(function() while true do end end) end", ENDLESS),
    "endless-coroutine": (
        "local c = coroutine.wrap(function() while true do pcall(coroutine.yield) end end) while true do pcall(c) end",
        ENDLESS,
    ),
    "endless-pattern": ('string.find(string.rep("a", 200), string.rep("a?", 200) .. string.rep("a", 200))', ENDLESS),
    "doubled-string": ('local s = "aaaaaaaaaaaaaaaa" while true do s = s .. s end', TOO_BIG),
    "repeated-string": ('return {status = string.rep("a", 1e10)}', TOO_BIG),
    "endless-table": ("local t = {} while true do t[#t + 1] = {} end", TOO_BIG),
    "deep-recursion": ("local function f() return 1 + f() end return f()", "stack overflow"),
    "deep-metatables": (
        "local t = {} for i = 1, 1e5 do t = setmetatable({}, {__index = t}) end return {status = t.x}",
        "loop in gettable",
    ),
    "nested-answer": (
        "local t = {} for i = 1, 1e5 do t = {t} end return {status = 'Healthy', t = t}",
        "cannot encode tables that are nested so deeply",
    ),
    "error-that-loops": (
        "error(setmetatable({}, {__tostring = function() while true do end end}))",
        "an error without a message",
    ),
    "compiled-lua": ("\x1bLua\x51\x00\x01\x04\x08\x04\x08\x00", "unexpected symbol near 'char(27)'"),
    "not-utf-8": (b"\xff return 1".decode("utf-8", "surrogateescape"), "unexpected symbol near '\ufffd'"),
}


@pytest.mark.slow
def test_hostile_checks_come_to_an_end_and_the_others_are_still_run() -> None:
    harmless = Run('return {status = "Healthy"}', QUEUE)
    two_endless = {name: case for name, case in ENDS.items() if name != "endless-pattern"}
    for cases in (two_endless, {"endless-pattern": ENDS["endless-pattern"]}):
        found = health.evaluate_all([each for lua, _ in cases.values() for each in (Run(lua, QUEUE, True), harmless)])
        told = dict(zip(cases, found[::2], strict=True))
        assert {name: item.message for name, item in told.items()} == {name: end for name, (_, end) in cases.items()}
        assert all(item.failed for item in told.values())
        assert {item.status for item in found[1::2]} == {"Healthy"}


@pytest.mark.slow
def test_after_three_endless_checks_no_other_is_run() -> None:
    endless = [Run(f"while true do end -- {number}", QUEUE) for number in (1, 2, 3, 3, 4)]
    found = health.evaluate_all([endless[0], *endless])
    not_run = "was not run, since another one before it did not end"
    assert [item.message for item in found] == [ENDLESS, not_run, ENDLESS, ENDLESS, not_run, not_run]


CHECK = """\
local health = { status = "Progressing" }
if obj.status then
  health.status = obj.status.phase
  health.message = obj.status.message.text
end
return health
"""
OBJECT = "object: {apiVersion: example.com/v1, kind: Queue}"
GOOD = f"tests:\n  - {OBJECT}\n    healthStatus: {{status: Progressing}}\n"


def linted(folder: Path, files: dict[str, str], *paths: str) -> Report:
    repository.initialise(repository.write(folder, {**repository.ORDINARY, **files}))
    named = tuple(folder / path for path in paths) or (folder,)
    return lint(Options(paths=named, select=("health-check-failed",), jobs=1))


def found_in(report: Report) -> list[str]:
    """Returns the folders of the checks that findings are about."""
    return [finding.location.path.split("/")[1] for finding in report.findings]


def check(tests: str, lua: str = CHECK, folder: str = "checks/example.com_Queue") -> dict[str, str]:
    return {f"{folder}/health.lua": lua, f"{folder}/health_test.yaml": tests}


WRONG = {
    "another-status": (
        f"tests:\n  - {OBJECT}\n    healthStatus:\n      status: Healthy\n",
        (4, "case 'number 1' is Progressing, not Healthy; mend the check, or expect Progressing"),
    ),
    "another-message": (
        f"tests:\n  - name: starts\n    {OBJECT}\n    healthStatus:\n      status: Progressing\n      message: wait\n",
        (6, "message of case 'starts' is '', not 'wait'; mend the check, or expect what it says"),
    ),
    "an-answer-where-none-is-expected": (
        f"tests:\n  - {OBJECT}\n    healthStatus: null\n",
        (3, "case 'number 1' is Progressing, not without an answer; mend the check, or expect Progressing"),
    ),
    "no-tests": ("{}\n", (1, "there is no case here; write a list of tests")),
    "empty": ("# nothing\n", (1, "there is no case here; write a list of tests")),
    "no-list": ("tests: {}\n", (1, "there is no case here; write a list of tests")),
    "no-yaml": ("tests: [\n", (2, "did not find expected node content while parsing a flow node")),
    "unknown-key": (
        GOOD + "useOpenLib: true\n",
        (4, "unknown key 'useOpenLib'; did you mean 'useOpenLibs'?"),
    ),
    "unknown-key-of-a-case": (
        f"tests:\n  - {OBJECT}\n    health: {{status: Healthy}}\n    healthStatus: {{status: Progressing}}\n",
        (3, "unknown key 'health'; did you mean 'healthStatus'?"),
    ),
    "open-libraries-in-quotes": (GOOD + 'useOpenLibs: "true"\n', (4, "useOpenLibs is true or false, without quotes")),
    "case-is-a-text": ("tests:\n  - starts\n", (2, "a case is a map with an object and the healthStatus it shall get")),
    "no-health-status": (
        f"tests:\n  - {OBJECT}\n",
        (2, "healthStatus is missing; write the status that the check shall give"),
    ),
    "health-status-is-a-text": (
        f"tests:\n  - {OBJECT}\n    healthStatus: Healthy\n",
        (3, "healthStatus is a map with a status, or null where the check has nothing to say"),
    ),
    "no-status": (
        f"tests:\n  - {OBJECT}\n    healthStatus: {{message: x}}\n",
        (3, "status None is none of Argo CD's; write one of "),
    ),
    "message-is-a-number": (
        f"tests:\n  - {OBJECT}\n    healthStatus: {{status: Progressing, message: 5}}\n",
        (3, "message is a string; put 5 in quotes"),
    ),
    "no-object": (
        "tests:\n  - healthStatus: {status: Healthy}\n",
        (2, "a case has either an object, or an inputPath to the file that holds one"),
    ),
    "two-objects": (
        f"tests:\n  - {OBJECT}\n    inputPath: x.yaml\n    healthStatus: {{status: Healthy}}\n",
        (2, "a case has either an object, or an inputPath to the file that holds one"),
    ),
    "no-file": (
        "tests:\n  - inputPath: x.yaml\n    healthStatus: {status: Healthy}\n",
        (2, "there is no file checks/example.com_Queue/x.yaml"),
    ),
    "file-beyond-the-repository": (
        "tests:\n  - inputPath: ../../../x.yaml\n    healthStatus: {status: Healthy}\n",
        (2, "there is no file ../x.yaml"),
    ),
    "file-that-is-empty": (
        "tests:\n  - inputPath: nothing.yaml\n    healthStatus: {status: Healthy}\n",
        (2, "checks/example.com_Queue/nothing.yaml holds no readable object: it is empty"),
    ),
    "object-without-a-kind": (
        "tests:\n  - object: {status: {}}\n    healthStatus: {status: Healthy}\n",
        (2, "this is no Kubernetes object; it needs an apiVersion and a kind"),
    ),
    "object-of-another-kind": (
        "tests:\n  - object: {apiVersion: v1, kind: Queue}\n    healthStatus: {status: Healthy}\n",
        (2, "this is Queue, and never comes to a check for example.com/Queue; "),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_tests_is_found_at_its_line(name: str, tmp_path: Path) -> None:
    tests, (line, message) = WRONG[name]
    [finding] = linted(tmp_path, {**check(tests), "checks/example.com_Queue/nothing.yaml": ""}).findings
    assert finding.location[:2] == ("checks/example.com_Queue/health_test.yaml", line)
    assert finding.message.startswith(message)


def test_lua_that_breaks_off_is_found_at_its_line_once_with_its_cases(tmp_path: Path) -> None:
    case = "{apiVersion: example.com/v1, kind: Queue, status: {phase: Healthy}}"
    tests = GOOD + "".join(f"  - object: {case}\n    healthStatus: {{status: Healthy}}\n" for _ in range(2))
    [finding] = linted(tmp_path, check(tests)).findings
    assert finding.location[:2] == ("checks/example.com_Queue/health.lua", 4)
    assert finding.message == (
        "breaks off for case 'number 2', so that Argo CD shows Unknown: attempt to index field 'message' (a nil value)"
    )
    assert [related.location.line for related in finding.related] == [5, 7]


BROKEN = {
    "no-library": ('return {status = string.lower("A")}', "Lua's own libraries are not there without useOpenLibs"),
    "no-method": ('return {status = ("A"):lower()}', "Lua's own libraries are not there without useOpenLibs"),
    "no-number": ("return 5", "expect table output from Lua script, not number"),
    "does-not-compile": ("return {", "this is no Lua that Argo CD can run: "),
    "not-a-string": ("return {status = 5}", "a status or message that is no string; return {status = 'Progressing'}"),
    "nil": ("return nil", "gets no answer, as the check returns nil; return a table, or expect null"),
    "not-a-status": ('return {status = "ready"}', "is Unknown, not Progressing; mend the check, or expect Unknown"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_lua_is_explained(name: str, tmp_path: Path) -> None:
    lua, message = BROKEN[name]
    [finding] = linted(tmp_path, check(GOOD, lua)).findings
    assert message in finding.message


@pytest.mark.parametrize(("lua", "found"), [("return {", ["error", "warning"]), ("return obj.x.y", ["warning"])])
def test_lua_without_tests_is_compiled_all_the_same(lua: str, found: list[str], tmp_path: Path) -> None:
    report = linted(tmp_path, {"checks/example.com_Queue/health.lua": lua})
    assert sorted(str(finding.severity) for finding in report.findings) == found


def test_standard_libraries_are_there_where_the_tests_say_so(tmp_path: Path) -> None:
    lua = 'return {status = ("Progressing"):match("%a+")}'
    assert linted(tmp_path, check(GOOD + "useOpenLibs: true\n", lua)).findings == ()


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("example.com_Queue", []),
        ("example.com_queue", []),
        ("apps_Deployment", ["this is example.com/Queue, and never comes to a check for apps/Deployment"]),
        ("Queue", ["this is example.com/Queue, and never comes to a check for Queue"]),
        ("checks/example.com/Queue", []),
        ("checks/example.com/_", []),
        ("queues", ["a health check is in a folder named <group>_<Kind>, not 'queues'"]),
    ],
)
def test_the_folder_names_the_kind(folder: str, found: list[str], tmp_path: Path) -> None:
    tests = GOOD.replace("Queue", "queue") if folder.endswith("queue") else GOOD
    messages = [finding.message.partition(";")[0] for finding in linted(tmp_path, check(tests, CHECK, folder)).findings]
    assert messages == found


ASSEMBLED = "kind: Component\nconfigMapGenerator:\n  - name: argocd-cm\n    behavior: merge\n    files:\n"


KEY = "resource.customizations.health.example.com_Queue"
ENTRIES = {
    "right": (f"{KEY}=example.com_Queue/health.lua", None),
    "another-key": (
        f"{KEY.lower()}=example.com_Queue/health.lua",
        (
            f"error checks/kustomization.yaml 7: Argo CD does not look for this check under {KEY.lower()!r}; "
            f"write {KEY}=example.com_Queue/health.lua"
        ),
    ),
    "missing": (
        "settings.lua",
        (
            "warning checks/example.com_Queue/health.lua 1: this check does not get into argocd-cm as others do; "
            f"add {KEY}=example.com_Queue/health.lua to the files in checks/kustomization.yaml"
        ),
    ),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_check_goes_where_the_others_go(name: str, tmp_path: Path) -> None:
    entry, found = ENTRIES[name]
    other = "      - resource.customizations.health.example.com_Topic=example.com_Topic/health.lua\n"
    files = {
        **check(GOOD),
        **check(GOOD.replace("Queue", "Topic"), folder="checks/example.com_Topic"),
        "checks/kustomization.yaml": f"{ASSEMBLED}{other}      - {entry}\n",
        "checks/settings.lua": "",
    }
    told = [
        f"{item.severity} {item.location.path} {item.location.line}: {item.message}"
        for item in linted(tmp_path, files).findings
    ]
    assert told == ([found] if found else [])


@pytest.mark.parametrize(
    "files",
    [
        {"nginx/health.lua": "ngx.say('up')"},
        {"my_App/health.lua": "ngx.say('up')"},
        {"nginx/health.lua": "ngx.say('up')", "nginx/health_test.yaml": "tests: [{name: up, path: /health}]"},
        {"nginx/my_health.lua": "ngx.say('up')", "nginx/health_test.yaml": GOOD},
        {"Queue/health.lua": "ngx.say('up')"},
        {"tests/health_test.yaml": GOOD},
    ],
    ids=lambda files: "-and-".join(files).replace("/", "-"),
)
def test_what_only_looks_like_a_health_check_is_left_alone(files: dict[str, str], tmp_path: Path) -> None:
    report = linted(tmp_path, files)
    assert report.findings == ()


def test_only_the_checks_that_a_named_file_decides_about_are_run(tmp_path: Path) -> None:
    files = {
        **check("tests:\n  - inputPath: queue.yaml\n    healthStatus: {status: Healthy}\n"),
        "checks/example.com_Queue/queue.yaml": "apiVersion: example.com/v1\nkind: Queue\n",
        **check(GOOD.replace("Progressing", "Healthy").replace("Queue", "Topic"), CHECK, "checks/example.com_Topic"),
    }
    expected = {
        "checks/example.com_Queue/queue.yaml": ["example.com_Queue"],
        "checks/example.com_Topic": ["example.com_Topic"],
        "ordinary/web.yaml": [],
        ".": ["example.com_Queue", "example.com_Topic"],
    }
    for number, (path, folders) in enumerate(expected.items()):
        assert found_in(linted(tmp_path / str(number), files, path)) == folders


def test_a_named_check_that_passes_is_no_empty_run(tmp_path: Path) -> None:
    report = linted(tmp_path, check(GOOD), "checks/example.com_Queue/health.lua")
    assert (report.findings, [note.kind for note in report.notes if note.kind == "scope"]) == ((), [])


def test_a_comment_silences_a_case(tmp_path: Path) -> None:
    tests = f"tests:\n  - {OBJECT}\n    # gitopsmith: ignore[health-check-failed] known, see the tracker\n"
    report = linted(tmp_path, check(tests + "    healthStatus: {status: Healthy}\n"))
    assert (report.findings, len(report.suppressed)) == ((), 1)


def test_no_module_of_the_linted_repository_is_run(scripts: Path, tmp_path: Path) -> None:
    hostile = "import pathlib; pathlib.Path('run').touch()\n"
    names = ("lupa", "json", "re", "signal", "gitopsmith", "sitecustomize", "usercustomize")
    root = repository.write(
        tmp_path, {**repository.ORDINARY, **check(GOOD), **{f"{name}.py": hostile for name in names}}
    )
    command = (scripts / "gitopsmith", "lint", "--select", "health-check-failed", "--format", "json", ".")
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    report = json.loads(done.stdout)
    assert (report["findings"], [note for note in report["notes"] if "health" in note["message"]]) == ([], [])
    assert not (root / "run").exists()


def test_without_lua_the_checks_are_counted_in_a_note(tmp_path: Path) -> None:
    repository.write(tmp_path / "shadow", {"lupa.py": "raise ImportError('no lupa')\n"})
    root = repository.write(tmp_path / "repository", {**repository.ORDINARY, **check(GOOD)})
    search = os.pathsep.join([str(tmp_path / "shadow"), str(ROOT / "src")])
    command = (sys.executable, "-m", "gitopsmith", "lint", "--select", "health-check-failed", "--format", "json", ".")
    environment = os.environ | {"PYTHONPATH": search}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    notes = [note for note in json.loads(done.stdout)["notes"] if "health" in note["message"]]
    assert [(note["kind"], note["count"]) for note in notes] == [("unverifiable", 1)]
    assert notes[0]["message"] == "health checks are not tested: Lua cannot be run here: ImportError: no lupa"


def test_a_machine_that_is_too_busy_for_the_checks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TIMEOUT", -1.999)  # a thousandth of a second is left for one check
    report = linted(tmp_path, check(GOOD))
    assert [note.message for note in report.notes if note.kind == "timeout"] == [
        f"health checks are not tested: {Path(sys.executable).name} did not end within 0.001 seconds"
    ]
    assert status(report, None) == 3


def test_a_repository_without_checks_starts_no_other_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    assert linted(tmp_path, {}).findings == ()
