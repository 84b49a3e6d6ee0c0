"""What --fix promises: the same render for safe fixes, no new finding, every other byte, and twice is once."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checkout import git
from gitopsmith import fix
from gitopsmith.finding import Failure, Report
from gitopsmith.fix import Outcome
from gitopsmith.fix.comparing import alike
from gitopsmith.lint import Options, lint
from repository import WEB, application_of, initialise, run, write

DEPRECATED = """\
# ours
bases:
- ../base # the shop's
commonLabels:
  # who is called
  team: shop
patchesStrategicMerge:
- colour.yaml
patchesJson6902:
- target: {version: v1, kind: ConfigMap, name: web}
  patch: |-
    - op: add
      path: /data/size
      value: large
"""
MENDED = """\
# ours
resources:
- ../base # the shop's
labels:
  # who is called
  - pairs:
      team: shop
    includeSelectors: true
patches:
- path: colour.yaml
- target: {version: v1, kind: ConfigMap, name: web}
  patch: |-
    - op: add
      path: /data/size
      value: large
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  colour: blue\n"
REAL = (
    "dreamkast-infra",
    "eoepca-plus",
    "gitops-catalog",
    "infra-deployments/argo-cd-apps",
    "operate-first-apps/observatorium",
    "vixens",
)
"""The corpora; of the two largest the part with the most deprecated fields."""
SHOP = {
    "overlay/kustomization.yaml": DEPRECATED,
    "overlay/colour.yaml": SETTINGS.replace("blue", "green"),
    "base/kustomization.yaml": "resources: [cm.yaml]\n",
    "base/cm.yaml": SETTINGS,
}


@pytest.fixture(autouse=True)
def _renderer_on_path(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with deprecated fields in one overlay, in which the program runs."""
    initialise(write(tmp_path, SHOP))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rendered(folder: Path) -> str:
    return subprocess.run(["kustomize", "build", folder], capture_output=True, text=True, check=True).stdout


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def fixed(root: Path, *, unsafe: bool = False, **more: Any) -> Outcome:
    outcome = fix.fix(Options(paths=(root,), jobs=1, **more), unsafe=unsafe)
    assert fix.write(outcome)[1] == ()
    return outcome


def is_mended(root: Path, *, unsafe: bool = False, **more: Any) -> Outcome:
    """Fixes a repository; a second run finds nothing to change, and no run anything that was not there before."""
    outcome = fixed(root, unsafe=unsafe, **more)
    after = lint(Options(paths=(root,), **more))
    assert new(outcome.before, after) == []
    assert [each.fingerprint for each in after.findings] == [each.fingerprint for each in outcome.report.findings]
    assert fix.fix(Options(paths=(root,), **more), unsafe=unsafe).texts == {}
    return outcome


def new(before: Report, after: Report) -> list[str]:
    names = {each.fingerprint for each in before.findings}
    said = {(each.rule, each.location.path, each.message) for each in before.findings}
    return [
        f"{each.rule} {each.location.path}:{each.location.line}"
        for each in after.findings
        if each.fingerprint not in names and (each.rule, each.location.path, each.message) not in said
    ]


def test_deprecated_fields_become_newer_ones_and_comments_stay(shop: Path) -> None:
    before = rendered(shop / "overlay")
    outcome = is_mended(shop)
    assert contents(shop) == {
        path: text.encode() for path, text in (SHOP | {"overlay/kustomization.yaml": MENDED}).items()
    }
    assert rendered(shop / "overlay") == before
    assert (len(outcome.fixed), outcome.left) == (4, ())


def test_items_join_those_of_the_newer_field_in_the_order_of_kustomize(shop: Path) -> None:
    old = "bases:\n- ../base\npatchesStrategicMerge:\n- colour.yaml\n"
    text = f"resources:\n  - own.yaml\n{old}patches:\n- path: own.yaml\n"
    own = SETTINGS.replace("web", "own")
    write(shop, {"overlay/kustomization.yaml": text, "overlay/own.yaml": own})
    before = rendered(shop / "overlay")
    is_mended(shop)
    assert (shop / "overlay/kustomization.yaml").read_text() == (
        "resources:\n  - own.yaml\n  - ../base\npatches:\n- path: colour.yaml\n- path: own.yaml\n"
    )
    assert rendered(shop / "overlay") == before


def test_items_in_brackets_join_those_on_lines(shop: Path) -> None:
    own = SETTINGS.replace("web", "own")
    text = "resources:\n- own.yaml\nbases: [../base, ../more]\n"
    write(shop, {"overlay/kustomization.yaml": text, "overlay/own.yaml": own})
    write(shop, {"more/kustomization.yaml": "configMapGenerator: [{name: more}]\n"})
    before = rendered(shop / "overlay")
    is_mended(shop)
    assert (shop / "overlay/kustomization.yaml").read_text() == "resources:\n- own.yaml\n- ../base\n- ../more\n"
    assert rendered(shop / "overlay") == before


def test_a_safe_fix_that_would_change_the_render_is_dropped_and_said(shop: Path) -> None:
    text = (
        "resources: [../base]\npatchesJson6902:\n- target: {kind: ConfigMap, name: web}\n  patch: |-\n"
        "    - {op: replace, path: /metadata/labels/team, value: other}\ncommonLabels: {team: shop}\n"
    )
    write(shop, {"overlay/kustomization.yaml": text})
    before = rendered(shop / "overlay")
    outcome = is_mended(shop, select=("kustomize-deprecated-field",))
    assert rendered(shop / "overlay") == before
    assert [left.finding.message.split()[1] for left in outcome.left] == ["'patchesJson6902'"]
    assert "overlay would not be built any more" in outcome.left[0].why
    assert "patchesJson6902:" in (shop / "overlay/kustomization.yaml").read_text()


def test_windows_line_ends_and_several_documents_stay(tmp_path: Path) -> None:
    text = "# one\n" + SETTINGS + "---\n" + SETTINGS.replace("web", "api") + "  colour: blue\n---\n# end\n"
    initialise(write(tmp_path, {"app/all.yaml": text.replace("\n", "\r\n")}))
    write(tmp_path, {"apps/app.yaml": application_of("app", "app")})
    is_mended(tmp_path)
    wanted = text.replace("  colour: blue\n  colour: blue\n", "  colour: blue\n").replace("\n", "\r\n")
    assert (tmp_path / "app/all.yaml").read_bytes().decode() == wanted


def test_two_keys_that_say_different_things_are_left_to_a_person(tmp_path: Path) -> None:
    write(tmp_path, {"app/cm.yaml": SETTINGS + "  colour: green\n", "apps/app.yaml": application_of("app", "app")})
    outcome = is_mended(initialise(tmp_path), unsafe=True)
    assert ["decide by hand" in left.why for left in outcome.left] == [True]


def test_annotations_that_are_no_texts_get_quotes(tmp_path: Path) -> None:
    text = SETTINGS.replace(
        "  name: web\n", "  name: web\n  annotations: {argocd.argoproj.io/sync-wave: 10, on: yes}\n"
    )
    write(tmp_path, {"app/cm.yaml": text, "apps/app.yaml": application_of("app", "app")})
    is_mended(initialise(tmp_path))
    assert '{argocd.argoproj.io/sync-wave: "10", on: "yes"}' in (tmp_path / "app/cm.yaml").read_text()


def test_a_tag_that_reads_as_a_number_gets_quotes_and_keeps_its_zero(tmp_path: Path) -> None:
    files = {
        "app/kustomization.yaml": "resources: [web.yaml]\nimages:\n- name: web\n  newTag: 1.20\n",
        "app/web.yaml": WEB,
    }
    is_mended(initialise(write(tmp_path, files)))
    assert 'newTag: "1.20"' in (tmp_path / "app/kustomization.yaml").read_text()
    assert "image: web:1.20\n" in rendered(tmp_path / "app")


def test_json_is_refused_with_words(tmp_path: Path) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"size": 7}}
    text = json.dumps(body, indent="\t")
    write(tmp_path, {"app/cm.json": text, "apps/app.yaml": application_of("app", "app")})
    outcome = fixed(initialise(tmp_path))
    assert (tmp_path / "app/cm.json").read_text() == text
    assert ["JSON" in left.why for left in outcome.left] == [True]


def test_what_an_anchor_shares_is_left_alone(tmp_path: Path) -> None:
    text = SETTINGS.replace("colour: blue", "a: &size 7\n  b: *size")
    write(tmp_path, {"app/cm.yaml": text, "apps/app.yaml": application_of("app", "app")})
    outcome = is_mended(initialise(tmp_path))
    assert (tmp_path / "app/cm.yaml").read_text() == text
    assert len(outcome.left) == len(outcome.before.findings)


def test_an_unsafe_fix_waits_for_its_flag(tmp_path: Path) -> None:
    text = application_of("app", "app") + "  syncPolicy:\n    syncOptions: [createNamespace=true]\n"
    initialise(write(tmp_path, {"apps/app.yaml": text, "app/cm.yaml": SETTINGS}))
    assert is_mended(tmp_path).fixed == ()
    is_mended(tmp_path, unsafe=True)
    assert "syncOptions: [CreateNamespace=true]" in (tmp_path / "apps/app.yaml").read_text()


def test_fixes_in_one_list_are_done_one_after_the_other(shop: Path) -> None:
    images = "".join(f"- name: gone/{name}\n  newTag: '1'\n" for name in ("one", "two", "three"))
    text = "resources: [../base]\nnamePrefix: a-\nimages:\n"
    write(shop, {"overlay/kustomization.yaml": text + images})
    assert len(is_mended(shop, unsafe=True).fixed) == 3
    assert (shop / "overlay/kustomization.yaml").read_text() == text.removesuffix("images:\n")


def test_two_patches_of_one_object_are_two_findings(shop: Path) -> None:
    target = "- target: {kind: Secret, name: gone}\n  patch: |-\n    - {op: add, path: /data/size, value: large}\n"
    text = "resources: [../base]\nnamePrefix: a-\npatches:\n"
    write(shop, {"overlay/kustomization.yaml": text + target + target.replace("size", "colour")})
    assert len(is_mended(shop, unsafe=True).fixed) == 2
    assert (shop / "overlay/kustomization.yaml").read_text() == text.removesuffix("patches:\n")


def test_a_fix_that_would_bring_another_finding_is_dropped(tmp_path: Path) -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n  rules:\n"
        "    - http:\n        paths:\n          - backend: {serviceName: web, servicePort: 80}\n"
    )
    write(tmp_path, {"app/ingress.yaml": ingress, "apps/app.yaml": application_of("app", "app")})
    outcome = is_mended(initialise(tmp_path), unsafe=True)
    assert [left.finding.rule for left in outcome.left] == ["api-removed"]
    assert "would be found" in outcome.left[0].why


def test_what_is_suppressed_or_in_the_baseline_stays_as_it_is(shop: Path) -> None:
    ignored = "bases: # gitopsmith: ignore[kustomize-deprecated-field] kept for an old kustomize"
    write(shop, {"overlay/kustomization.yaml": DEPRECATED.replace("bases:", ignored)})
    assert run("lint", "--write-baseline", cwd=shop).returncode == 0
    assert is_mended(shop).texts == {}


def test_only_what_is_asked_for_is_fixed(shop: Path) -> None:
    write(shop, {"other/kustomization.yaml": "bases: [../base]\n"})
    outcome = fix.fix(Options(paths=(shop / "other",), jobs=1))
    assert list(outcome.texts) == ["other/kustomization.yaml"]
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--message=Begin")
    write(shop, {"other/kustomization.yaml": "bases: [../base]\nnamePrefix: a-\n"})
    assert list(fix.fix(Options(base="HEAD", jobs=1)).texts) == ["other/kustomization.yaml"]


def test_modes_stay_and_links_stay_links(shop: Path) -> None:
    path = shop / "overlay/kustomization.yaml"
    path.chmod(0o640)
    (shop / "linked").symlink_to("overlay")
    is_mended(shop)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (shop / "linked").is_symlink()
    assert sorted(item.name for item in path.parent.iterdir()) == ["colour.yaml", "kustomization.yaml"]


def test_a_link_out_of_the_repository_is_not_followed(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "kustomization.yaml"
    shutil.move(shop / "overlay/kustomization.yaml", outside)
    (shop / "overlay/kustomization.yaml").symlink_to(outside)
    fixed(shop, unsafe=True)
    assert outside.read_text() == DEPRECATED


def test_a_file_that_changed_meanwhile_is_left_alone(shop: Path) -> None:
    outcome = fix.fix(Options(paths=(shop,), jobs=1))
    write(shop, {"overlay/kustomization.yaml": DEPRECATED + "# more\n"})
    written, left = fix.write(outcome)
    assert (written, len(left)) == ((), 4)
    assert (shop / "overlay/kustomization.yaml").read_text() == DEPRECATED + "# more\n"
    assert "has changed meanwhile" in fix.told(outcome, left)


def test_the_index_and_a_stream_are_no_files() -> None:
    with pytest.raises(Failure, match="neither the index nor stdin"):
        fix.fix(Options(staged=True))


def test_the_command_says_what_it_fixed_and_exits_by_what_remains(shop: Path) -> None:
    write(shop, {"overlay/cm.yaml": SETTINGS})
    done = run("lint", "--fix", "--fail-on=warning", cwd=shop)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "no findings" in said
    assert "fixed 4 findings in 1 file\n  4  kustomize-deprecated-field: overlay/kustomization.yaml\n" in said
    assert run("lint", "--fix", cwd=shop).stdout.decode().endswith("\nnothing to fix\n")


def test_the_difference_is_shown_and_nothing_is_changed(shop: Path) -> None:
    before = contents(shop)
    done = run("lint", "--fix", "--diff", "--fail-on=warning", cwd=shop)
    assert (done.returncode, contents(shop)) == (1, before)
    said = done.stdout.decode()
    assert said.startswith("--- a/overlay/kustomization.yaml\n+++ b/overlay/kustomization.yaml\n")
    assert "\n-bases:\n+resources:\n" in said
    assert done.stderr.startswith(b"would fix 4 findings in 1 file\n")


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_machines_read_the_same_report_as_ever(shop: Path, form: str) -> None:
    done = run("lint", "--fix", f"--format={form}", cwd=shop)
    assert json.loads(done.stdout)
    assert done.stderr.startswith(b"fixed 4 findings")


@pytest.mark.parametrize(
    "arguments",
    [("--fix", "--staged"), ("--fix", "-"), ("--fix", "--write-baseline"), ("--diff",), ("--unsafe-fixes",)],
)
def test_what_does_not_go_together_is_bad_usage(shop: Path, arguments: tuple[str, ...]) -> None:
    before = contents(shop)
    done = run("lint", *arguments, cwd=shop)
    assert (done.returncode, contents(shop)) == (2, before)
    assert b"fix" in done.stderr


def test_a_finding_tells_its_fix_as_text(shop: Path) -> None:
    found = json.loads(run("lint", "--format=json", cwd=shop).stdout)["findings"]
    lines = DEPRECATED.splitlines()
    for each in found:
        (edit,) = each["fix"]["edits"]
        assert each["fix"]["safe"] is True
        assert lines[edit["line"] - 1][: edit["column"] - 1] == lines[edit["line"] - 1][: edit["column"] - 1].lower()
    first = found[0]["fix"]["edits"][0]
    assert (first["path"], first["line"], first["end_line"]) == ("overlay/kustomization.yaml", 2, 2)


def test_no_fix_shows_a_secret(shop: Path) -> None:
    secret = "secretGenerator:\n- name: web\n  env: web.env\n  literals:\n  - password=kD8vq2LxT0mZ\n"
    text = f"{secret}commonLabels: {{a: b}}\nbases: [../base]\n"
    write(shop, {"overlay/kustomization.yaml": text, "overlay/web.env": "a=b\n"})
    for arguments in (("--format=json",), ("--format=sarif",), ("--fix", "--diff"), ("--fix",)):
        done = run("lint", *arguments, cwd=shop)
        assert b"kD8vq2LxT0mZ" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1}, {"a": "1"}, True),
        ({"a": 1.2}, {"a": "1.20"}, True),
        ({"a": True}, {"a": "true"}, True),
        ({"a": 1}, {"a": "2"}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": "1"}, {"a": "1.0"}, False),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
    ],
)
def test_quotes_alone_make_no_difference(one: Any, other: Any, same: bool) -> None:
    assert alike(one, other) is same


@pytest.mark.slow
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("name", REAL)
def test_real_repositories_are_mended_once_and_get_no_new_finding(
    corpora: Path, name: str, tmp_path: Path, unsafe: bool
) -> None:
    root = Path(shutil.copytree(corpora / name, tmp_path / "repository", symlinks=True))
    outcome = is_mended(initialise(root), unsafe=unsafe)
    assert bool(outcome.fixed) == bool(outcome.texts)
