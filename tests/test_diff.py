"""The rendered difference between revisions, over real git repositories: what it tells, and what it never shows."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from checkout import git
from gitopsmith import diff as differing
from gitopsmith.cli import main
from gitopsmith.diff import values
from gitopsmith.finding import ObjectName
from repository import PROGRAM, URL, WEB, application_of, executable, initialise, write

OLD, NEW = "Zx9kPq7Wv3mTn5Ls8", "Jw2hRb6Yc4nQs1Dm9"
SETTINGS = f"""\
repository: {{urls: ["{URL}"]}}
environments:
  - {{name: dev, paths: ["web/overlays/dev"]}}
  - {{name: prod, protected: true, paths: ["web/overlays/prod", "other/prod"]}}
"""
OVERLAY = """\
namespace: {name}
resources: [../../base]
images: [{{name: web, newTag: "1.0"}}]
replicas: [{{name: web, count: 2}}]
"""
FLEET = {
    ".gitopsmith.yaml": SETTINGS,
    "apps/dev.yaml": application_of("web-dev", "web/overlays/dev"),
    "apps/prod.yaml": application_of("web-prod", "web/overlays/prod"),
    "web/base/kustomization.yaml": "resources: [web.yaml]\n",
    "web/base/web.yaml": WEB,
    "web/overlays/dev/kustomization.yaml": OVERLAY.format(name="dev"),
    "web/overlays/prod/kustomization.yaml": OVERLAY.format(name="prod"),
}
VOLUME = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""


def _commit(folder: Path, message: str = "A change") -> str:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A committed repository with one application in two environments, on a branch of its own."""
    folder = initialise(write(tmp_path / "fleet", FLEET))
    _commit(folder, "The beginning")
    git(folder, "switch", "--quiet", "--create", "change")
    return folder


class Diff:
    """Runs the command in a folder; every format of one difference."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capfdbinary

    def __call__(self, folder: Path, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.chdir(folder)
        status = main(["diff", *arguments])
        out, err = self._capture.readouterr()
        return status, out.decode(), err.decode()

    def text(self, folder: Path, *arguments: str) -> str:
        status, out, err = self(folder, *arguments)
        assert (status, err) == (0, "")
        return out

    def markdown(self, folder: Path, *arguments: str) -> str:
        return self.text(folder, "--format", "markdown", *arguments)

    def json(self, folder: Path, *arguments: str) -> Any:
        return json.loads(self.text(folder, "--format", "json", *arguments))


@pytest.fixture
def diff(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], kustomize: str) -> Diff:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=":")
    return Diff(monkeypatch, capfdbinary)


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _objects(found: Any) -> list[tuple[str, str, str]]:
    return sorted(
        (one["label"], change["what"], f"{change['object']['kind']}/{change['object']['name']}")
        for one in found["deliveries"]
        for change in one["objects"]
    )


# --- what changes


def test_an_image_in_one_environment_changes_there_alone(fleet: Path, diff: Diff) -> None:
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "1.0", "1.1")
    shown = diff.markdown(fleet)
    assert "| `web-prod` | `prod` | `image of web in Deployment/web` | `web:1.0` | `web:1.1` |" in shown
    assert "no change in **`dev`**" in shown
    assert "**`prod`** (protected) changes, in 1 application: objects 1 changed" in shown
    text = diff.text(fleet)
    assert "-      - image: web:1.0\n+      - image: web:1.1\n" in text
    assert text.index("== prod (protected)") < text.index("== dev\nno change")


def test_a_base_reaches_every_environment(fleet: Path, diff: Diff) -> None:
    _edit(fleet, "web/base/web.yaml", "- name: web\n", "- name: web\n          args: [--verbose]\n")
    found = diff.json(fleet)
    assert _objects(found) == [("web-dev", "changed", "Deployment/web"), ("web-prod", "changed", "Deployment/web")]
    assert [one["changed"] for one in found["environments"]] == [True, True]


def test_replicas_stand_beside_images(fleet: Path, diff: Diff) -> None:
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "count: 2", "count: 5")
    assert "| `web-prod` | `prod` | `replicas of Deployment/web` | `2` | `5` |" in diff.markdown(fleet)


def test_nothing_changes_where_a_file_is_renamed(fleet: Path, diff: Diff) -> None:
    git(fleet, "mv", "web/base/web.yaml", "web/base/deployment.yaml")
    _edit(fleet, "web/base/kustomization.yaml", "web.yaml", "deployment.yaml")
    assert diff(fleet, "--exit-code")[0] == 0
    assert "**No difference**." in diff.markdown(fleet)
    assert diff.markdown(fleet).count("no change in") == 2


def test_nothing_changes_where_a_folder_is_renamed(fleet: Path, diff: Diff) -> None:
    git(fleet, "mv", "web/overlays/dev", "web/overlays/development")
    _edit(fleet, "apps/dev.yaml", "web/overlays/dev", "web/overlays/development")
    found = diff.json(fleet)
    assert _objects(found) == [("apps/dev.yaml", "changed", "Application/web-dev")]
    [said] = [one["said"] for one in found["deliveries"] if one["label"] == "web-dev"]
    assert said == ["spec.source.path: web/overlays/dev -> web/overlays/development"]


def test_an_application_is_added_and_another_removed(fleet: Path, diff: Diff) -> None:
    write(fleet, {"apps/more.yaml": application_of("more", "more"), "more/a.yaml": VOLUME})
    (fleet / "apps/dev.yaml").unlink()
    found = diff.json(fleet)
    whats = {one["label"]: one["what"] for one in found["deliveries"] if one["application"]}
    assert whats == {"more": "added", "web-dev": "removed"}
    assert ("web-dev", "removed", "Deployment/web") in _objects(found)
    assert ("more", "added", "PersistentVolumeClaim/data") in _objects(found)
    assert "its objects stay, and nobody applies them" in diff.markdown(fleet)


def test_an_application_that_begins_to_deploy_what_was_there_is_added_with_it(fleet: Path, diff: Diff) -> None:
    write(fleet, {"spare/kustomization.yaml": "resources: [a.yaml]\n", "spare/a.yaml": VOLUME})
    _commit(fleet)
    write(fleet, {"apps/spare.yaml": application_of("spare", "spare")})
    found = diff.json(fleet, "HEAD")
    assert ("spare", "added", "PersistentVolumeClaim/data") in _objects(found)


def test_what_holds_state_is_called_out_first(fleet: Path, diff: Diff) -> None:
    write(fleet, {"other/prod/kustomization.yaml": "resources: [data.yaml]\n", "other/prod/data.yaml": VOLUME})
    write(fleet, {"other/prod/app.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\n"})
    _edit(fleet, "other/prod/kustomization.yaml", "[data.yaml]", "[data.yaml, app.yaml]")
    _commit(fleet)
    _edit(fleet, "other/prod/kustomization.yaml", "data.yaml, ", "")
    shown = diff.markdown(fleet, "HEAD")
    assert shown.index("PersistentVolumeClaim/data") < shown.index("- **`prod`**")
    assert "its data go with it" in shown
    assert diff.text(fleet, "HEAD").startswith("DELETES PersistentVolumeClaim/data of other/prod in prod")


def test_what_the_api_server_will_refuse_is_called_out(fleet: Path, diff: Diff) -> None:
    labels = "labels: [{pairs: {tier: front}, includeSelectors: true}]\n"
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "resources:", f"{labels}resources:")
    shown = diff.text(fleet, "HEAD")
    assert shown.startswith("REFUSED Deployment/web of web-prod in prod: ")
    assert "nobody change spec.selector" in shown
    assert "**Argo CD cannot apply this, and its syncs will fail:**" in diff.markdown(fleet, "HEAD")
    assert diff.json(fleet, "HEAD")["refusals"][0]["fields"] == ["spec.selector"]


def test_an_application_that_cascades_is_called_out(fleet: Path, diff: Diff) -> None:
    _edit(
        fleet,
        "apps/dev.yaml",
        "  namespace: argocd\n",
        "  namespace: argocd\n  finalizers: [resources-finalizer.argocd.argoproj.io]\n",
    )
    _commit(fleet)
    (fleet / "apps/dev.yaml").unlink()
    assert "everything that it applies goes, too" in diff.text(fleet, "HEAD")


def test_a_protected_environment_stays_protected_in_the_change_that_lifts_it(fleet: Path, diff: Diff) -> None:
    _edit(fleet, ".gitopsmith.yaml", "protected: true, ", "")
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "1.0", "1.1")
    assert "== prod (protected)" in diff.text(fleet)


# --- secrets


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


GENERATED = 'secretGenerator: [{{name: login, literals: ["password={}", "user=me"]}}]\n'
HOLDERS = {
    "secret": "apiVersion: v1\nkind: Secret\nmetadata: {{name: login}}\nstringData: {{password: {}}}\n",
    "configmap": "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: login}}\ndata: {{PASSWORD: {}}}\n",
    "generated": "",
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_secret_appears_nowhere_and_its_change_does(fleet: Path, diff: Diff, holder: str) -> None:
    for value in (OLD, NEW):
        text = "resources: [login.yaml]\n" if HOLDERS[holder] else GENERATED.format(value)
        write(fleet, {"other/prod/kustomization.yaml": text, "other/prod/login.yaml": HOLDERS[holder].format(value)})
        _commit(fleet)
    for form in ("text", "json", "markdown"):
        shown = diff.text(fleet, "HEAD^", "--format", form, "--findings")
        assert [word for one in (OLD, NEW) for word in (one, _encoded(one)) if word in shown] == []
        assert "(changed)" in shown
    [[_, what, _]] = _objects(diff.json(fleet, "HEAD^"))
    assert what == "changed"


def test_a_secret_that_comes_and_goes_is_hidden_too(fleet: Path, diff: Diff) -> None:
    write(fleet, {"other/prod/kustomization.yaml": GENERATED.format(OLD)})
    added = _commit(fleet)
    shown = diff.text(fleet, "main") + diff.text(fleet, added, "main")
    assert "kind: Secret" in shown
    assert [word for word in (OLD, _encoded(OLD)) if word in shown] == []


# --- what is broken


def test_a_build_that_fails_now_takes_nothing_away(fleet: Path, diff: Diff) -> None:
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "../../base", "../../gone")
    found = diff.json(fleet)
    assert _objects(found) == []
    [prod] = found["deliveries"]
    assert prod["unverifiable"] != []
    assert "as far as can be known" in diff.markdown(fleet)


def test_binary_and_broken_files_hide_no_change(fleet: Path, diff: Diff) -> None:
    write(fleet, {"web/base/logo.png": b"\x89PNG\x00\xff", "notes.yaml": "a: [", "odd.yaml": b"\xff\xfe\x00"})
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "1.0", "1.1")
    assert _objects(diff.json(fleet)) == [("web-prod", "changed", "Deployment/web")]


def test_a_configuration_that_was_broken_is_told(fleet: Path, diff: Diff) -> None:
    good = (fleet / ".gitopsmith.yaml").read_text()
    write(fleet, {".gitopsmith.yaml": "nonsense: true\n"})
    _commit(fleet)
    write(fleet, {".gitopsmith.yaml": good})
    assert "note: the configuration of HEAD" in diff.text(fleet, "HEAD")


# --- revisions


def test_two_revisions_are_compared_whatever_the_work_tree_is(fleet: Path, diff: Diff) -> None:
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "1.0", "1.1")
    _commit(fleet)
    _edit(fleet, "web/overlays/dev/kustomization.yaml", "1.0", "3.0")
    write(fleet, {"untracked.yaml": VOLUME})
    before = git(fleet, "status", "--porcelain"), git(fleet, "ls-files", "--stage")
    assert _objects(diff.json(fleet, "main", "HEAD")) == [("web-prod", "changed", "Deployment/web")]
    assert _objects(diff.json(fleet)) == [
        ("web-dev", "changed", "Deployment/web"),
        ("web-prod", "changed", "Deployment/web"),
    ]
    assert (git(fleet, "status", "--porcelain"), git(fleet, "ls-files", "--stage")) == before


def test_a_folder_inside_of_the_checkout_is_compared_with_itself(tmp_path: Path, diff: Diff) -> None:
    folder = tmp_path / "mono"
    inner = write(folder / "deploy", FLEET)
    initialise(folder)
    _commit(folder)
    _edit(inner, "web/overlays/prod/kustomization.yaml", "1.0", "1.1")
    assert _objects(diff.json(inner)) == [("web-prod", "changed", "Deployment/web")]


@pytest.mark.parametrize("base", ["nowhere", "--output=x"])
def test_a_revision_that_is_not_there_is_told(fleet: Path, diff: Diff, base: str) -> None:
    status, _, said = diff(fleet, "--", base)
    assert (status, f"there is no revision {base!r} in this clone" in said) == (2, True)


def test_a_shallow_clone_tells_how_to_get_the_base(fleet: Path, diff: Diff, tmp_path: Path) -> None:
    git(fleet, "switch", "--quiet", "main")
    _commit(fleet, "Meanwhile")
    git(fleet, "switch", "--quiet", "change")
    _commit(fleet, "Apart")
    git(fleet, "switch", "--quiet", "main")
    clone, shallow = tmp_path / "clone", ("--depth=1", "--no-single-branch", "--branch=change")
    git(tmp_path, "clone", "--quiet", *shallow, f"file://{fleet}", str(clone))
    status, _, said = diff(clone)
    assert status == 2
    assert "which is shallow; fetch `git fetch --unshallow`" in said
    assert "`git fetch --depth=1 origin 0123456`" in diff(clone, "0123456")[2]


def test_outside_of_git_there_is_nothing_to_compare(tmp_path: Path, diff: Diff) -> None:
    assert "is in no git checkout" in diff(tmp_path)[2]


def test_the_exit_code_is_asked_for(fleet: Path, diff: Diff) -> None:
    assert diff(fleet, "--exit-code")[0] == 0
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "1.0", "1.1")
    assert diff(fleet)[0] == 0
    assert diff(fleet, "--exit-code")[0] == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.usefixtures("unmeasured")
def test_nothing_is_left_behind_when_it_is_interrupted(fleet: Path, tmp_path: Path, number: signal.Signals) -> None:
    started, temporary = tmp_path / "started", tmp_path / "temporary"
    temporary.mkdir()
    script = f"case $1 in version) echo v5.8.3;; *) touch {started}; sleep 60;; esac"
    tools = executable(tmp_path / "bin" / "kustomize", script).parent
    _edit(fleet, "web/overlays/prod/kustomization.yaml", "1.0", "1.1")
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(temporary)}
    environment["GITOPSMITH_HELPER"] = ""  # or kustomize's library would build
    process = subprocess.Popen(
        (*PROGRAM, "diff"), cwd=fleet, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    while not started.exists() and process.poll() is None:
        time.sleep(0.02)
    assert list(temporary.iterdir()) != []
    process.send_signal(number)
    _, said = process.communicate()
    assert (process.returncode, said.strip()) == (130, b"gitopsmith: interrupted")
    assert list(temporary.iterdir()) == []


# --- findings


def test_new_and_fixed_findings_stand_beside_the_difference(fleet: Path, diff: Diff) -> None:
    assert diff.json(fleet, "--findings")["findings"] == {"new": [], "fixed": []}
    _edit(fleet, "web/overlays/prod/kustomization.yaml", '"1.0"', "latest")
    _commit(fleet)
    shown = diff.markdown(fleet, "--findings")
    assert "1 new finding, 0 fixed" in shown
    assert "error `image-unpinned` at `web/overlays/prod/kustomization.yaml:3`" in shown
    assert diff.json(fleet, "HEAD", "main", "--findings")["findings"]["fixed"][0]["rule"] == "image-unpinned"


# --- the comment


def _change(name: str, lines: int) -> values.Change:
    body = ("@@ -1 +1 @@", *(f"+{name} {number} \N{GREEK SMALL LETTER ALPHA}" for number in range(lines)))
    return values.Change(values.CHANGED, ObjectName("v1", "ConfigMap", "web", name), body)


def _difference(label: str, *changes: values.Change, rows: tuple[values.Highlight, ...] = ()) -> values.Difference:
    section = values.Section(
        label, is_application=True, entries=(label,), environments=("prod",), what="changed", changes=changes
    )
    group = values.Group("prod", protected=True, sections=(section,))
    return values.Difference(label, label, (group,), rows)


def test_the_comment_fits_and_says_what_it_leaves_out() -> None:
    shown = differing.markdown(_difference("web", *(_change(f"settings-{number}", 400) for number in range(40))))
    assert len(shown.encode()) < 65_536
    kept = shown.count("<details>")
    assert 0 < kept < 40
    assert f"**{40 - kept} objects left out, as this comment is full; `gitopsmith diff` shows all.**" in shown
    assert shown.count("<details>") == shown.count("</details>")


def test_the_comment_cannot_be_written_by_what_it_shows() -> None:
    evil = "x`|</details>@everyone\n# hello <!-- gitopsmith diff -->"
    change = values.Change(values.ADDED, ObjectName("v1", "ConfigMap", "web", evil), ("+```", "+# hello", "+````"))
    found = _difference(evil, change, rows=(values.Highlight(evil, (evil,), evil, evil, evil),))
    shown = differing.markdown(found)
    assert shown.count("\n# hello") == 0
    assert "\n`````diff\n" in shown
    assert shown.count("</details>\n") == 1
    [cells] = [line for line in shown.splitlines() if line.startswith("| `x")]
    assert cells.replace("\\|", "").count("|") == 6


def test_the_comment_is_found_again_by_its_first_line(fleet: Path, diff: Diff) -> None:
    assert diff.markdown(fleet).startswith(f"{differing.MARKER}\n")
