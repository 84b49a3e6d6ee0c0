"""Releasing and promoting through git: real remotes, real rendering, and what people had written there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from checkout import git
from gitopsmith import holds
from gitopsmith.holds import Hold, path_of
from promoting import ENVIRONMENTS, KUSTOMIZATION, MANIFEST, Fleet, files, overlay
from repository import PROGRAM, application_of, executable

DIGEST, OTHER = (f"sha256:{letter * 64}" for letter in "ab")
BAD = Hold("web", "staging", "example.com/web:2.0", "It fell over", "2026-11-28", "A Tester")


@pytest.fixture
def fleet(tmp_path: Path, kustomize: str) -> Fleet:
    del kustomize
    return Fleet(tmp_path, files())


def _release(fleet: Fleet, reference: str, *more: str) -> tuple[int, str]:
    return fleet.ask("release", "web", "--image", reference, *more)


def test_release_changes_one_line_and_says_what_it_did(fleet: Fleet) -> None:
    status, said = _release(fleet, "example.com/web:2.10", "--push")
    assert status == 0
    assert "image of web in Deployment/web: example.com/web:2.0 -> example.com/web:2.10" in said
    assert fleet.read(overlay("dev")) == KUSTOMIZATION.format(name="web-dev", tag="2.10")
    assert fleet.trailers() == {"App": "web", "Environment": "dev", "Image": "example.com/web:2.10"}
    assert _release(fleet, "example.com/web:2.10", "--push") == (0, "nothing to do: it is so already\n")


def test_without_a_way_it_is_only_shown(fleet: Fleet) -> None:
    tip = fleet.tip
    status, said = _release(fleet, "example.com/web:3.0")
    assert status == 0
    assert "nothing was sent; --push pushes it, --pr asks for it by a pull request" in said
    assert fleet.tip == tip


def test_release_by_pull_request_leaves_the_branch_alone(fleet: Fleet) -> None:
    tip = fleet.tip
    told = fleet.told("release", "web", "--image", "example.com/web:3.0", "--pr")
    assert told["branch"].startswith("release-web-dev-")
    assert 'newTag: "3.0"' in fleet.read(overlay("dev"), told["branch"])
    assert fleet.tip == tip


def test_request_that_will_not_merge_by_itself_is_not_what_was_asked_for(fleet: Fleet) -> None:
    status, said = _release(fleet, "example.com/web:3.0", "--pr", "--auto-merge")
    assert status == 1
    assert "pushed the branch release-web-dev-" in said
    assert "it does not merge by itself" in said
    assert _release(fleet, "example.com/web:3.0", "--pr")[0] == 0


@pytest.mark.parametrize(
    ("reference", "more", "said"),
    [
        ("example.com/wep:3.0", (), "no container of web in dev runs example.com/wep; there is example.com/web"),
        ("example.com/web", (), "example.com/web names no version; write example.com/web:TAG"),
        ("no image!", (), "is no image; write NAME:TAG"),
        ("example.com/web:3", ("--env", "prod"), "new versions of web come to dev, and are promoted from there"),
        ("example.com/web:3", ("--env", "live"), "web is not deployed to 'live'; it is in dev, staging, prod"),
    ],
)
def test_what_cannot_be_released_is_told(fleet: Fleet, reference: str, more: tuple[str, ...], said: str) -> None:
    status, told = _release(fleet, reference, *more, "--push")
    assert status == 2
    assert said in told


def test_unknown_application_is_told_with_what_there_is(fleet: Fleet) -> None:
    status, told = fleet.ask("promote", "wep", "--to", "prod")
    assert status == 2
    assert "there is no application 'wep'; there is web" in told


@pytest.mark.parametrize(
    ("before", "reference", "after"),
    [
        ('newTag: "1"\n    digest: ' + DIGEST, f"example.com/web:2@{OTHER}", f'newTag: "2"\n    digest: {OTHER}'),
        ('newTag: "1"\n    digest: ' + DIGEST, "example.com/web:2", 'newTag: "2"'),
        ('newTag: "1"', f"example.com/web@{OTHER}", f"digest: {OTHER}"),
        ("newTag: '1'", "example.com/web:1.20", "newTag: '1.20'"),
        ("newTag: v1", "example.com/web:1.20", 'newTag: "1.20"'),
        ("newName: a.io/web\n    newTag: v1", "a.io/web:v2", "newName: a.io/web\n    newTag: v2"),
    ],
)  # fmt: skip
def test_tag_and_digest_never_contradict_each_other(fleet: Fleet, before: str, reference: str, after: str) -> None:
    written = KUSTOMIZATION.format(name="web-dev", tag="2.0")
    fleet.commit({overlay("dev"): written.replace('newTag: "2.0"', before)})
    assert _release(fleet, reference, "--push")[0] == 0
    assert fleet.read(overlay("dev")) == written.replace('newTag: "2.0"', after)


def test_line_ends_and_comments_stay(fleet: Fleet) -> None:
    written = KUSTOMIZATION.format(name="web-dev", tag="2.0").replace("\n", "\r\n")
    fleet.commit({overlay("dev"): written})
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    data = subprocess.run(
        ("git", "show", f"main:{overlay('dev')}"), cwd=fleet.remote, capture_output=True, check=True
    ).stdout
    assert data == written.replace("2.0", "2.1").encode()


def test_image_of_a_shared_base_becomes_an_entry_of_the_overlay(fleet: Fleet) -> None:
    fleet.commit({overlay(name): f"namespace: {name}\nresources: [../../base]\n" for name in ENVIRONMENTS})
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    assert fleet.read(overlay("dev")) == (
        'namespace: dev\nresources: [../../base]\nimages:\n  - name: example.com/web\n    newTag: "2.1"\n'
    )


def test_image_in_a_manifest_of_its_own_is_changed_there(fleet: Fleet) -> None:
    manifest = MANIFEST.replace("example.com/web", "example.com/web:1 # ours")
    plain = {"web/overlays/dev/web.yaml": manifest, overlay("dev"): "namespace: dev\nresources: [web.yaml]\n"}
    fleet.commit(plain)
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    assert fleet.read("web/overlays/dev/web.yaml") == manifest.replace("web:1 ", "web:2.1 ")


def test_folder_of_manifests_works_as_well(fleet: Fleet) -> None:
    manifest = MANIFEST.replace("example.com/web", "example.com/web:1")
    fleet.commit(
        {
            "web/plain/web.yaml": manifest,
            "apps/web-dev.yaml": application_of("web-dev", "web/plain"),
            ".gitopsmith.yaml": fleet.read(".gitopsmith.yaml").replace("*/overlays/dev", "web/plain"),
        }
    )
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    assert fleet.read("web/plain/web.yaml") == manifest.replace("web:1", "web:2.1")


def test_values_of_a_chart_are_changed_where_they_stand(fleet: Fleet, helm: str) -> None:
    del helm
    manifest = MANIFEST
    template = manifest.replace("example.com/web", '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"')
    fleet.commit(
        {
            "chart/overlays/dev/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "chart/overlays/dev/templates/web.yaml": template,
            "chart/overlays/dev/values.yaml": "image:\n  repository: example.com/web\n  tag: '1.0'  # here\n",
            "apps/web-dev.yaml": application_of("web-dev", "chart/overlays/dev"),
        }
    )
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    assert fleet.read("chart/overlays/dev/values.yaml").endswith("tag: '2.1'  # here\n")


def test_image_that_the_application_overrides_is_not_claimed_to_have_changed(fleet: Fleet) -> None:
    override = "kustomize: {images: ['example.com/web=example.com/web:9']}"
    fleet.commit({"apps/web-dev.yaml": application_of("web-dev", "web/overlays/dev", override)})
    tip = fleet.tip
    status, said = _release(fleet, "example.com/web:2.1", "--push")
    assert status == 1
    assert "the image of web in Deployment/web would not be example.com/web:2.1" in said
    assert fleet.tip == tip


def test_two_applications_on_one_overlay_are_not_changed_for_one(fleet: Fleet) -> None:
    fleet.commit({"apps/shop-dev.yaml": application_of("shop-dev", "web/overlays/dev")})
    status, said = fleet.ask("release", "web-dev", "--image", "example.com/web:2.1", "--push")
    assert status == 1
    assert "this changes shop-dev in dev, too" in said


def test_new_error_blocks_unless_forced(fleet: Fleet) -> None:
    status, said = _release(fleet, "example.com/web:latest", "--push")
    assert status == 1
    assert "error[image-unpinned]" in said
    assert "--force sends it all the same" in said
    assert _release(fleet, "example.com/web:latest", "--push", "--force")[0] == 0
    assert 'newTag: "latest"' in fleet.read(overlay("dev"))


def test_promotion_brings_the_version_and_nothing_else(fleet: Fleet) -> None:
    base = fleet.tip
    assert fleet.ask("promote", "web", "--to", "staging", "--push")[0] == 0
    assert fleet.read(overlay("staging")) == KUSTOMIZATION.format(name="web-staging", tag="2.0")
    assert fleet.read(overlay("prod")) == KUSTOMIZATION.format(name="web-prod", tag="1.0")
    assert fleet.trailers() == {
        "App": "web",
        "Environment": "staging",
        "Promote-From": f"dev@{base[:12]}",
        "Promote-To": "staging",
        "Image": "example.com/web:2.0",
    }
    assert fleet.ask("promote", "web", "--from", "dev", "--push") == (0, "nothing to do: it is so already\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "dev", "--to", "prod"), "this leaves out staging: dev -> staging -> prod; --skip does it"),
        (("--from", "prod", "--to", "dev"), "dev does not come after prod"),
        (("--to", "dev"), "dev is the first environment of web; `gitopsmith release` brings versions there"),
        (("--from", "prod"), "prod is the last environment of web"),
        ((), "say where to: --to ENVIRONMENT"),
        (("--to", "live"), "it is in dev, staging, prod"),
    ],
)
def test_order_is_kept(fleet: Fleet, arguments: tuple[str, ...], said: str) -> None:
    status, told = fleet.ask("promote", "web", *arguments, "--push")
    assert status == 2
    assert said in told


def test_environment_is_skipped_when_told(fleet: Fleet) -> None:
    assert fleet.ask("promote", "web", "--from", "dev", "--to", "prod", "--skip", "--push")[0] == 0
    assert 'newTag: "2.0"' in fleet.read(overlay("prod"))


def test_listed_files_go_along_and_others_stay(fleet: Fleet) -> None:
    made = "configMapGenerator: [{name: web, envs: [app.env, own.env]}]\n"
    fleet.commit(
        {
            ".gitopsmith.yaml": fleet.read(".gitopsmith.yaml") + "promote:\n  applications: {web: [app.env, old/*]}\n",
            overlay("dev"): fleet.read(overlay("dev")) + made,
            overlay("staging"): fleet.read(overlay("staging")) + made,
            **{f"web/overlays/{name}/own.env": f"HOST={name}\n" for name in ENVIRONMENTS},
            "web/overlays/dev/app.env": "LEVEL=debug\n",
            "web/overlays/staging/app.env": "LEVEL=info\n",
            "web/overlays/staging/old/gone": "x",
        }
    )
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert status == 0, said
    assert "not only images change:\n  web-staging: ConfigMap/web" in said
    assert fleet.read("web/overlays/staging/app.env") == "LEVEL=debug\n"
    assert fleet.read("web/overlays/staging/own.env") == "HOST=staging\n"
    assert "old/gone" not in git(fleet.remote, "ls-tree", "-r", "--name-only", "main")


def test_hold_is_respected_and_ends_with_a_newer_version(fleet: Fleet) -> None:
    fleet.hold(BAD)
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert status == 1
    assert "example.com/web:2.0 is on hold for web in staging since 2026-11-28 by A Tester: It fell over" in said
    assert fleet.told("promote", "web", "--plan")["applications"][0]["promotions"][0]["held"] == ["example.com/web:2.0"]
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    assert fleet.read(path_of(BAD)) == holds.change({}, put=[BAD]).files[path_of(BAD)]
    assert fleet.ask("promote", "web", "--to", "staging", "--push")[0] == 0
    assert path_of(BAD) not in git(fleet.remote, "ls-tree", "-r", "--name-only", "main")


def test_held_version_comes_back_by_force_and_is_free_then(fleet: Fleet) -> None:
    fleet.hold(BAD)
    assert fleet.ask("promote", "web", "--to", "staging", "--push", "--force")[0] == 0
    assert path_of(BAD) not in git(fleet.remote, "ls-tree", "-r", "--name-only", "main")


def test_plan_shows_what_is_where(fleet: Fleet) -> None:
    fleet.commit(files("shop"))
    status, said = fleet.ask("promote", "--plan")
    assert (status, said.splitlines()) == (
        0,
        [
            "application  dev  staging  prod",
            "shop         2.0  1.0      1.0",
            "web          2.0  1.0      1.0",
            "",
            "shop: dev -> staging: web 1.0 -> 2.0",
            "  gitopsmith promote shop --to staging",
            "web: dev -> staging: web 1.0 -> 2.0",
            "  gitopsmith promote web --to staging",
        ],
    )
    [app] = fleet.told("promote", "web", "--plan")["applications"]
    assert app["environments"][0] == {"name": "dev", "images": ["example.com/web:2.0"], "failure": ""}


def test_broken_environment_is_said_and_not_promoted(fleet: Fleet) -> None:
    fleet.commit({overlay("dev"): "resources: [nowhere]\n"})
    assert "web          broken  1.0      1.0" in fleet.ask("promote", "--plan")[1]
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert status == 2
    assert "web/overlays/dev cannot be rendered" in said


def test_protected_branch_says_how_to_go_on(fleet: Fleet) -> None:
    executable(fleet.remote / "hooks" / "pre-receive", 'read a b c; test "$c" != refs/heads/main || exit 1')
    status, said = _release(fleet, "example.com/web:2.1", "--push")
    assert status == 3
    assert "--pr makes a pull request" in said
    assert _release(fleet, "example.com/web:2.1", "--pr")[0] == 0


def test_push_or_request_pushes_where_that_may_be(fleet: Fleet) -> None:
    told = fleet.told("release", "web", "--image", "example.com/web:2.1", "--push", "--pr")
    assert (told["commit"], told["branch"]) == (fleet.tip, "")


def test_push_or_request_asks_for_the_same_where_the_branch_is_protected(fleet: Fleet) -> None:
    executable(fleet.remote / "hooks" / "pre-receive", 'read a b c; test "$c" != refs/heads/main || exit 1')
    tip = fleet.tip
    told = fleet.told("release", "web", "--image", "example.com/web:2.1", "--push", "--pr")
    assert 'newTag: "2.1"' in fleet.read(overlay("dev"), told["branch"])
    assert fleet.tip == tip
    status, said = _release(fleet, "example.com/web:2.1", "--push", "--pr", "--auto-merge")
    assert (status, "note: main at origin does not take the commit" in said) == (1, True)


def test_push_or_request_never_asks_for_what_nobody_was_shown(fleet: Fleet) -> None:
    fleet.meanwhile({overlay("dev"): KUSTOMIZATION.format(name="web-dev", tag="6.6.6")})
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push", "--pr", "--auto-merge")
    assert (status, "somebody else changed meanwhile" in said) == (3, True)
    heads = git(fleet.remote, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    assert sorted(heads) == ["main", "meanwhile"]


def test_trial_sends_nothing_so_it_goes_with_no_way(fleet: Fleet) -> None:
    assert _release(fleet, "example.com/web:2.1", "--dry-run", "--pr")[0] == 2


def test_work_tree_index_and_branches_are_never_touched(fleet: Fleet) -> None:
    (fleet.clone / overlay("dev")).write_text("begun")
    git(fleet.clone, "switch", "--quiet", "--create=mine")
    before = git(fleet.clone, "status", "--porcelain"), git(fleet.clone, "for-each-ref", "refs/heads")
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    assert (git(fleet.clone, "status", "--porcelain"), git(fleet.clone, "for-each-ref", "refs/heads")) == before
    assert (fleet.clone / overlay("dev")).read_text() == "begun"


def test_shallow_clone_and_work_tree_aside_serve_as_well(fleet: Fleet, tmp_path: Path) -> None:
    fleet.commit({"x": "1"})
    git(tmp_path, "clone", "--quiet", "--depth=1", fleet.remote.as_uri(), str(tmp_path / "shallow"))
    git(fleet.clone, "worktree", "add", "--quiet", "--detach", str(tmp_path / "aside"))
    for number, folder in enumerate(("shallow", "aside")):
        reference = f"example.com/web:3.{number}"
        status, said = fleet.ask("release", "web", "--image", reference, "--push", cwd=tmp_path / folder)
        assert status == 0, said
    assert 'newTag: "3.1"' in fleet.read(overlay("dev"))


def test_nobody_is_needed_as_author(fleet: Fleet, homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))]:
        monkeypatch.delenv(name)
    for name, value in (("COUNT", "1"), ("KEY_0", "user.useConfigOnly"), ("VALUE_0", "true")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0
    assert git(fleet.remote, "log", "-1", "--format=%an", "main").strip() == "gitopsmith"


@pytest.mark.slow
def test_twenty_promotions_at_once_all_land_once(tmp_path: Path, kustomize: str) -> None:
    del kustomize
    apps = [f"app{number}" for number in range(10)]
    fleet = Fleet(tmp_path, {path: text for app in apps for path, text in files(app).items()})

    def promote(app: str) -> tuple[int, str]:
        return fleet.ask("promote", app, "--to", "staging", "--push")

    with ThreadPoolExecutor(20) as pool:
        ended = list(pool.map(promote, [*apps, *apps]))
    assert [status for status, _ in ended] == [0] * 20
    subjects = git(fleet.remote, "log", "--format=%s", "main").splitlines()
    assert sorted(subjects[:-1]) == sorted(f"promote(staging/{app}): 1.0 -> 2.0" for app in apps)
    for app in apps:
        assert fleet.read(overlay("staging", app)) == KUSTOMIZATION.format(name=f"{app}-staging", tag="2.0")
        assert fleet.read(overlay("prod", app)) == KUSTOMIZATION.format(name=f"{app}-prod", tag="1.0")


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured")
def test_killed_run_leaves_nothing(fleet: Fleet) -> None:
    tip, before = fleet.tip, git(fleet.clone, "for-each-ref")
    for pause in (0.2, 0.5, 0.9):
        command = (*PROGRAM, "release", "web", "--image", "example.com/web:2.1", "--dry-run")
        process = subprocess.Popen(command, cwd=fleet.clone, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (fleet.tip, git(fleet.clone, "for-each-ref")) == (tip, before)
    assert git(fleet.clone, "status", "--porcelain") == ""
    assert _release(fleet, "example.com/web:2.1", "--push")[0] == 0


def test_json_tells_all_that_happened(fleet: Fleet) -> None:
    told = fleet.told("promote", "web", "--to", "staging", "--push")
    assert told["commit"] == fleet.tip
    assert told["subject"] == "promote(staging/web): 1.0 -> 2.0"
    assert told["difference"]["highlights"][0]["after"] == "example.com/web:2.0"
    assert json.dumps(told)


def test_version_that_nobody_was_shown_is_not_promoted_after_a_lost_race(fleet: Fleet) -> None:
    fleet.meanwhile({overlay("dev"): KUSTOMIZATION.format(name="web-dev", tag="6.6.6")})
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert status == 3
    assert "somebody else changed meanwhile what this brings" in said
    assert "it is promote(staging/web): 1.0 -> 6.6.6; nothing was pushed, look at it and try again" in said
    assert fleet.read(overlay("staging")) == KUSTOMIZATION.format(name="web-staging", tag="1.0")
    assert fleet.ask("promote", "web", "--to", "staging", "--push")[0] == 0


def test_file_that_nobody_was_shown_is_not_promoted_after_a_lost_race(fleet: Fleet) -> None:
    made = "configMapGenerator: [{name: web, envs: [app.env]}]\n"
    overlays = {overlay(name): fleet.read(overlay(name)) + made for name in ENVIRONMENTS}
    settings = {".gitopsmith.yaml": fleet.read(".gitopsmith.yaml") + "promote: {files: [app.env]}\n"}
    fleet.commit({**overlays, **settings, **{f"web/overlays/{name}/app.env": f"AT={name}\n" for name in ENVIRONMENTS}})
    fleet.meanwhile({"web/overlays/dev/app.env": "AT=once\n"})
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert (status, fleet.read("web/overlays/staging/app.env")) == (3, "AT=staging\n"), said


def test_what_others_change_beside_it_costs_a_second_try_and_not_the_promotion(fleet: Fleet) -> None:
    more = "commonAnnotations: {a: b}\n"
    fleet.meanwhile({overlay("staging"): fleet.read(overlay("staging")) + more})
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert status == 0, said
    assert fleet.read(overlay("staging")) == KUSTOMIZATION.format(name="web-staging", tag="2.0") + more


def test_promotion_that_is_asked_for_again_is_the_same_request_after_others_have_pushed(fleet: Fleet) -> None:
    ask = ("promote", "web", "--to", "staging", "--pr")
    first = fleet.told(*ask)
    fleet.commit({"README.md": "Somewhere else\n"})
    again = fleet.told(*ask)
    assert (again["branch"], again["commit"]) == (first["branch"], first["commit"])
    fleet.commit({overlay("staging"): fleet.read(overlay("staging")) + "commonAnnotations: {a: b}\n"})
    anew = fleet.told(*ask)
    assert anew["branch"] == first["branch"]
    assert git(fleet.remote, "rev-parse", f"{anew['branch']}~1").strip() == fleet.tip
    fleet.commit({overlay("dev"): KUSTOMIZATION.format(name="web-dev", tag="2.1")})
    assert fleet.told(*ask)["branch"] != first["branch"]


def _two_workloads(overlays: dict[str, str]) -> dict[str, str]:
    """Returns the files of an application with two workloads whose containers have one name."""
    base = {
        "web/base/kustomization.yaml": "resources: [web.yaml, worker.yaml]\n",
        "web/base/web.yaml": MANIFEST,
        "web/base/worker.yaml": MANIFEST.replace("  name: web\n", "  name: worker\n", 1).replace(
            "example.com/web", "example.com/worker:5"
        ),
    }
    return base | {overlay(name): text for name, text in overlays.items()}


@pytest.mark.parametrize("affixes", ["nameSuffix: -{name}\n", "namePrefix: '{name}-'\n"])
def test_image_goes_to_the_workload_of_the_same_name_whatever_the_overlay_adds_to_it(
    fleet: Fleet, affixes: str
) -> None:
    written = {
        name: affixes.format(name=name)
        + KUSTOMIZATION.format(name=f"web-{name}", tag="2.0" if name == "dev" else "1.0")
        for name in ENVIRONMENTS
    }
    fleet.commit(_two_workloads(written))
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert status == 0, said
    assert fleet.read(overlay("staging")) == written["staging"].replace("1.0", "2.0")


def test_workloads_that_cannot_be_told_apart_are_named_and_nothing_is_sent(fleet: Fleet) -> None:
    def plain(name: str, tag: str) -> dict[str, str]:
        both = (("web", f"web:{tag}"), ("worker", "worker:5"))
        files = {
            f"web/overlays/{name}/{one}.yaml": MANIFEST.replace("  name: web\n", f"  name: {one}-{name}\n", 1).replace(
                "example.com/web", f"example.com/{image}"
            )
            for one, image in both
        }
        return files | {overlay(name): f"namespace: {name}\nresources: [web.yaml, worker.yaml]\n"}

    fleet.commit({**plain("dev", "2.0"), **plain("staging", "1.0")})
    tip = fleet.tip
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert (status, fleet.tip) == (2, tip)
    assert (
        "web in dev has Deployment/web-dev web, Deployment/worker-dev web, web in staging has Deployment/web-st" in said
    )
    assert "it is not known which is which; name them alike in both" in said
    assert "web: dev -> staging: web in dev has Deployment/web-dev web" in fleet.ask("promote", "--plan")[1]
    [step, _] = fleet.told("promote", "--plan")["applications"][0]["promotions"]
    assert (step["images"], "which is which" in step["failure"]) == ([], True)


def test_workloads_that_all_run_one_image_need_not_be_told_apart(fleet: Fleet) -> None:
    def plain(name: str) -> dict[str, str]:
        files = {
            f"web/overlays/{name}/{one}.yaml": MANIFEST.replace("  name: web\n", f"  name: {one}-{name}\n", 1)
            for one in ("web", "worker")
        }
        tag = "2.0" if name == "dev" else "1.0"
        listed = KUSTOMIZATION.format(name=name, tag=tag).replace("[../../base]", "[web.yaml, worker.yaml]")
        return files | {overlay(name): listed}

    fleet.commit({**plain("dev"), **plain("staging")})
    status, said = fleet.ask("promote", "web", "--to", "staging", "--push")
    assert status == 0, said
    assert 'newTag: "2.0"' in fleet.read(overlay("staging"))
