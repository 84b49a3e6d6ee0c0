"""The program as a user runs it: exit codes, streams, interruptions, and machines that lack something."""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from gitopsmith import __version__
from gitopsmith.cli import main
from repository import DEFECT, ORDINARY, PROGRAM, URL, WEB, application_of, executable, initialise, run, write
from waiting import is_gone, until

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
FOUND = f"::error file={DEFECT[1]},line={DEFECT[2]}"
KUSTOMIZED = {"plain/kustomization.yaml": "resources: [cm.yaml]\n", "plain/cm.yaml": CONFIG}
PLAIN = {
    "apps/web.yaml": application_of("web", "web"),
    "web/web.yaml": WEB,
    "bad/cm.yaml": "a: b: c\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    "apps/bad.yaml": application_of("bad", "bad"),
}
"""What needs no rendering, with two defects."""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with git and what shell scripts need, and nothing else, for PATH."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("git", "sh", "sleep", "echo", "cat", "kill"):
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A repository with one ordinary defect, which a rendered file has."""
    return initialise(write(tmp_path / "fleet", ORDINARY))


@pytest.fixture
def path(kustomize: str) -> str:
    """PATH with the real kustomize first."""
    return f"{Path(kustomize).parent}{os.pathsep}{os.environ['PATH']}"


Answer = tuple[int, str, str]


class Here:
    """Runs the program in this process, in a folder, with one PATH."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.setenv("PATH", path)

    def __call__(self, folder: Path, *arguments: str, stdin: bytes = b"") -> Answer:
        self._monkeypatch.chdir(folder)
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(["lint", "--format", "github", *arguments])
        said, complaint = self._capsys.readouterr()
        return status, said, complaint


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str) -> Here:
    """The program, with the real kustomize on PATH."""
    return Here(monkeypatch, capsys, path)


def _lint(folder: Path, *arguments: str, path: str | Path) -> Answer:
    done = run("lint", "--format", "github", *arguments, cwd=folder, path=str(path))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# --- exit codes


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 1),
        (("--fail-on", "never"), 0),
        (("--ignore", "image-unpinned"), 0),
        (("--ignore", "pinning"), 0),
        (("--select", "yaml"), 0),
        (("--select", "image-unpinned"), 1),
        (("--kubernetes-version", "1.30"), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_findings_decide_the_exit_code(fleet: Path, here: Here, arguments: tuple[str, ...], status: int) -> None:
    assert here(fleet, *arguments)[0] == status


def test_a_warning_fails_only_when_asked_to(fleet: Path, here: Here) -> None:
    write(fleet, {".gitopsmith.yaml": "rules: {pinning: warning}\n"})
    assert here(fleet)[0] == 0
    assert here(fleet, "--fail-on", "warning")[0] == 1
    assert here(fleet, "--isolated")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--select", "image-unpined"), "unknown rule 'image-unpined'; did you mean 'image-unpinned'?"),
        (("--ignore", "pining"), "unknown rule 'pining'; did you mean 'pinning'?"),
        (("--ignore", "zzzzz"), "unknown rule 'zzzzz'"),
        (("--kubernetes-version", "1.99"), "no schemas for Kubernetes 1.99; there are 1.25 to 1.37"),
        (("--argocd-version", "newest"), "'newest' is no version of Argo CD; write it as 3.6.1"),
        (("no-such-folder",), "no-such-folder does not exist"),
        (("--config", "no.yaml"), "no.yaml: no such configuration file"),
        (("--output", "sarif"), "--output takes FORMAT=FILE"),
        (("--output", "pdf=x"), "--output takes FORMAT=FILE with a format of text, json, sarif, "),
        (("--jobs", "0"), "0 is not in the range"),
        (("-", "apps"), "- reads one stream of manifests from stdin, and goes with no path"),
        (("--no-such-option",), "No such option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_exit_code_2_and_says_what_is_right(
    fleet: Path, here: Here, arguments: tuple[str, ...], message: str
) -> None:
    status, said, complaint = here(fleet, *arguments)
    assert (status, said) == (2, "")
    assert message in complaint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: {image-unpined: error}\n", ":1:9: unknown rule 'image-unpined'; did you mean 'image-unpinned'?"),
        ("kubernets: '1.34'\n", ":1:1: unknown key 'kubernets'; did you mean 'kubernetes'?"),
        ("kubernetes: 1.24\n", "no schemas for Kubernetes 1.24; there are 1.25 to 1.37"),
    ],
)
def test_a_wrong_configuration_is_exit_code_2(fleet: Path, here: Here, text: str, message: str) -> None:
    write(fleet, {".gitopsmith.yaml": text})
    status, said, complaint = here(fleet)
    assert (status, said) == (2, "")
    assert message in complaint


def test_paths_of_two_repositories_are_refused(tmp_path: Path, fleet: Path, here: Here) -> None:
    other = initialise(write(tmp_path / "other", ORDINARY))
    status, _, complaint = here(fleet, "apps", str(other))
    assert status == 2
    assert f"{other} is not in {fleet}, where apps is; lint one repository at a time" in complaint


@pytest.mark.parametrize("files", [{}, {"README.md": "# Nothing\n"}], ids=["empty", "no manifests"])
def test_a_tree_with_nothing_to_lint_is_exit_code_2(tmp_path: Path, here: Here, files: dict[str, str]) -> None:
    status, _, complaint = here(write(tmp_path, files))
    assert status == 2
    assert f"nothing to lint in {tmp_path}: no Application, no kustomization and no manifest is there" in complaint


def test_a_path_that_reaches_nothing_says_so(fleet: Path, here: Here) -> None:
    write(fleet, {"docs/index.md": ""})
    status, said, _ = here(fleet, "docs", "--format", "text")
    assert status == 0
    assert "nothing that Argo CD applies, and that git does not ignore, is reached from docs" in said


def test_a_folder_that_is_no_git_repository_is_linted(tmp_path: Path, here: Here) -> None:
    write(tmp_path, {**ORDINARY, ".gitopsmith.yaml": f"repository: {{urls: ['{URL}']}}\n"})
    status, said, _ = here(tmp_path)
    assert (status, FOUND in said) == (1, True)


# --- stdin, stdout, files


def test_a_dash_reads_manifests_from_stdin(tmp_path: Path, here: Here) -> None:
    status, said, _ = here(tmp_path, "-", stdin=f"{CONFIG}---\n{WEB}".encode())
    assert (status, "::error file=stdin.yaml,line=16" in said) == (1, True)


def test_an_application_on_stdin_is_judged_by_the_repository_around(fleet: Path, here: Here) -> None:
    write(fleet, {"kustomization.yaml": "resources: []\n"})
    status, said, _ = here(fleet, "-", stdin=application_of("web", "gone").encode())
    assert (status, "::error file=stdin.yaml,line=11" in said) == (1, True)
    assert here(fleet, "-", stdin=application_of("web", "ordinary").encode())[0] == 0


@pytest.mark.parametrize("stdin", [b"", b"# nothing\n", b"---\n"], ids=["empty", "comment", "marker"])
def test_nothing_on_stdin_is_nothing_to_lint(tmp_path: Path, here: Here, stdin: bytes) -> None:
    assert here(tmp_path, "-", stdin=stdin)[::2] == (
        2,
        "gitopsmith: nothing to lint: there is no manifest on stdin\n",
    )


def test_no_yaml_on_stdin_is_a_finding(tmp_path: Path, here: Here) -> None:
    status, said, _ = here(tmp_path, "-", stdin=b"a: b: c\n")
    assert (status, "::error file=stdin.yaml,line=1" in said) == (1, True)


def test_a_reader_that_goes_away_gets_no_traceback(fleet: Path, path: str) -> None:
    write(fleet, {f"many/{n}.yaml": WEB for n in range(1000)} | {"apps/many.yaml": application_of("many", "many")})
    program = " ".join(f"'{part}'" for part in PROGRAM)
    script = f"{program} lint --format github | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ("bash", "-c", script), cwd=fleet, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert (len(lines), lines[-1], done.stderr) == (2, "3", "")


@pytest.mark.parametrize(("target", "message"), [("/dev/full", "No space left on device"), ("&-", "stdout is closed")])
def test_a_stdout_that_takes_nothing_is_a_failure_of_the_environment(
    fleet: Path, path: str, target: str, message: str
) -> None:
    program = " ".join(f"'{part}'" for part in PROGRAM)
    done = subprocess.run(
        ("sh", "-c", f"{program} lint >{target}"),
        cwd=fleet,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_reports_are_written_to_files_beside_stdout(fleet: Path, here: Here) -> None:
    status, said, _ = here(fleet, "--output", "json=report.json", "--output", "sarif=report.sarif")
    assert (status, FOUND in said) == (1, True)
    assert json.loads((fleet / "report.json").read_text())["findings"][0]["rule"] == DEFECT[0]
    assert json.loads((fleet / "report.sarif").read_text())["version"] == "2.1.0"


def test_a_report_that_cannot_be_written_keeps_nothing_from_stdout(fleet: Path, here: Here) -> None:
    status, said, complaint = here(fleet, "--output", "json=no/such/folder/report.json", "--output", "sarif=ok.sarif")
    assert (status, FOUND in said) == (3, True)
    assert "gitopsmith: cannot write no/such/folder/report.json: No such file or directory" in complaint
    assert (fleet / "ok.sarif").is_file()


@pytest.mark.parametrize(
    ("color", "environment", "colored"),
    [
        ("auto", {"NO_COLOR": "", "TERM": "xterm"}, True),
        ("auto", {"NO_COLOR": "1", "TERM": "xterm"}, False),
        ("auto", {"NO_COLOR": "", "TERM": "dumb"}, False),
        ("never", {"NO_COLOR": "", "TERM": "xterm"}, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, True),
    ],
    ids=["terminal", "NO_COLOR", "dumb terminal", "never", "always"],
)
def test_colour_is_for_terminals(tmp_path: Path, color: str, environment: dict[str, str], colored: bool) -> None:
    write(tmp_path, {"web.yaml": WEB})
    ours, theirs = pty.openpty()
    command = (*PROGRAM, "lint", "--color", color, "--select", "image-unpinned")
    subprocess.run(command, cwd=tmp_path, env=os.environ | environment, stdout=theirs, check=False)
    os.close(theirs)
    said = os.read(ours, 65536)
    os.close(ours)
    assert b"image-unpinned" in said
    assert (b"\x1b[" in said) is colored


def test_statistics_count_the_findings_of_each_rule(fleet: Path, here: Here) -> None:
    write(
        fleet,
        {
            "ordinary/web.yaml": WEB.replace("name: web\n          image: web", "name: a\n          image: web")
            + "        - name: b\n          image: web\n"
        },
    )
    status, out, _ = here(fleet, "--format=text", "--statistics", "--quiet")
    assert (status, out) == (1, "2  error    image-unpinned: Container images name one version.\n")
    assert here(fleet, "--statistics")[0] == 2


def test_the_configuration_that_is_shown_gives_the_same_run(fleet: Path, here: Here) -> None:
    override = "overrides: [{paths: [ordinary], rules: {pinning: info}, reason: known}]\n"
    write(fleet, {".gitopsmith.yaml": f"profile: production\nkubernetes: 1.30\nrules: {{yaml: warning}}\n{override}"})
    status, shown, _ = here(fleet, "--show-config", "--ignore=health")
    assert status == 0
    assert "image-unpinned: error\n" in shown
    assert "readiness-missing: 'off'\n" in shown
    assert "yaml-syntax: warning\n" in shown
    (fleet / "shown.yaml").write_text(shown)
    assert here(fleet, "--show-config", "--config=shown.yaml")[1].splitlines()[1:] == shown.splitlines()[1:]
    formatted = ("--format=github",)
    assert here(fleet, *formatted, "--config=shown.yaml")[:2] == here(fleet, *formatted, "--ignore=health")[:2]


def test_the_minimal_profile_is_what_is_refused(fleet: Path, here: Here) -> None:
    assert here(fleet, "--format=text", "--profile=minimal", "--quiet")[:2] == (0, "")


def test_a_pipe_gets_no_colour_unless_it_is_asked_for(fleet: Path, here: Here) -> None:
    assert "\x1b[" not in here(fleet, "--format", "text")[1]
    assert "\x1b[" in here(fleet, "--format", "text", "--color", "always")[1]


# --- kustomize


def test_without_kustomize_it_is_said_what_to_install(fleet: Path, tools: Path) -> None:
    status, _, complaint = _lint(fleet, path=tools)
    assert status == 3
    assert "put kustomize (5.0 or newer) or kubectl on PATH, or install gitopsmith[kustomize]" in complaint


def test_without_kustomize_what_needs_no_rendering_is_judged(tmp_path: Path, tools: Path) -> None:
    status, said, _ = _lint(initialise(write(tmp_path / "fleet", PLAIN)), path=tools)
    assert status == 1
    assert "::error file=web/web.yaml,line=12" in said
    assert "::error file=bad/cm.yaml,line=1" in said


def test_an_old_kustomize_is_named(fleet: Path, tools: Path) -> None:
    executable(tools / "kustomize", "echo v4.0.0")
    status, _, complaint = _lint(fleet, path=tools)
    assert status == 3
    assert f"{tools}/kustomize is 4.0.0" in complaint


@pytest.mark.parametrize(
    ("script", "note"),
    [("exec sleep 60", "did not end within 0.5 seconds"), ("kill -9 $$", "was ended by signal 9")],
    ids=["hangs", "killed"],
)
def test_a_kustomize_that_comes_to_no_end_keeps_nothing_from_the_report(
    fleet: Path, tools: Path, kustomize: str, script: str, note: str
) -> None:
    """Only one build does, all others are reported."""
    write(fleet, {**PLAIN, **KUSTOMIZED, "apps/plain.yaml": application_of("plain", "plain")})
    fake = f'case "$2" in */fleet/plain) {script};; esac; exec {kustomize} "$@"'
    executable(tools / "kustomize", f'if [ "$1" = version ]; then echo v5.8.1; exit; fi\n{fake}')
    done = run("lint", "--timeout", "0.5", "--format", "json", cwd=fleet, path=str(tools))
    said = json.loads(done.stdout)
    assert done.returncode == 3
    assert {finding["path"] for finding in said["findings"]} == {"ordinary/web.yaml", "web/web.yaml", "bad/cm.yaml"}
    assert [entry["path"] for entry in said["notes"] if note in entry["message"]] == ["plain"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.usefixtures("unmeasured")
def test_an_interruption_ends_everything_and_leaves_nothing(
    fleet: Path, tools: Path, tmp_path: Path, number: signal.Signals
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    write(fleet, KUSTOMIZED)
    fake = f"echo $$ >> {tmp_path}/pids; sleep 60 & echo $! >> {tmp_path}/pids; wait"
    executable(tools / "kustomize", f'if [ "$1" = version ]; then echo v5.8.1; exit; fi\n{fake}')
    environment = os.environ | {"PATH": str(tools), "TMPDIR": str(temporary)}
    with subprocess.Popen(
        (*PROGRAM, "lint"),
        cwd=fleet,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert until(lambda: (tmp_path / "pids").is_file() and len((tmp_path / "pids").read_text().split()) == 4)
        process.send_signal(number)
        said, complaint = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, b"")
    assert complaint.strip() == b"gitopsmith: interrupted"
    assert list(temporary.iterdir()) == []
    assert all(is_gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


# --- the other commands


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"gitopsmith {__version__}\n"
    assert main(["--help"]) == 0
    assert "Exit codes: 0 clean; 1 findings" in capsys.readouterr().out


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lynt"]) == 2
    assert "No such command 'lynt'" in capsys.readouterr().err


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    text = capsys.readouterr().out
    assert main(["rules", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"id", "family", "severity", "profile", "summary", "fix"} == set(rows[0])
    assert [row["id"] for row in rows if row["id"] not in text] == []


def test_a_rule_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "image-unpinned"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("# image-unpinned\n\nerror in family pinning\n")
    assert "## Refused" in page
    assert main(["explain", "suppression-unused"]) == 0
    assert "## Refused" not in capsys.readouterr().out
    assert main(["explain", "image-unpined"]) == 2
    assert "did you mean 'image-unpinned'?" in capsys.readouterr().err


def test_a_defect_of_the_program_is_told_from_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gitopsmith.policy.load", lambda: 1 / 0)
    assert main(["rules"]) == 3
    complaint = capsys.readouterr().err
    assert "ZeroDivisionError" in complaint
    assert "this is a defect of gitopsmith, not of your repository; please report it" in complaint
