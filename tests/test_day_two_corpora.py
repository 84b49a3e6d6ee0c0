"""On real repositories, a version comes in, goes on, and back: each commit changes the lines that are meant."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from checkout import git
from repository import initialise, run, write

pytestmark = pytest.mark.slow
CASES = {
    "dreamkast-infra": (
        "https://github.com/cloudnativedaysjp/dreamkast-infra.git",
        {"staging": "manifests/app/*/overlays/staging", "production": "manifests/app/*/overlays/production"},
        "dreamkast",
        "607167088920.dkr.ecr.ap-northeast-1.amazonaws.com/dreamkast-ui",
    ),
    "operate-first-apps": (
        "https://github.com/operate-first/apps.git",
        {"infra": "*/overlays/moc/infra", "smaug": "*/overlays/moc/smaug"},
        "k8s-annotations-exporter",
        "quay.io/4n4nd/k8s-annotations-exporter",
    ),
    "vixens": (
        "https://github.com/charchess/vixens.git",
        {"dev": "apps/*/*/overlays/dev", "prod": "apps/*/*/overlays/prod"},
        "whoami",
        "traefik/whoami",
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, corpora: Path, tmp_path: Path) -> tuple[Path, str, str, tuple[str, ...]]:
    """A clone with a written configuration and a bare remote, an application with an image, and its environments."""
    url, environments, app, image = CASES[request.param]
    folder, remote = tmp_path / "work", tmp_path / "remote.git"
    shutil.copytree(corpora / request.param, folder, copy_function=shutil.copyfile, symlinks=True)
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        place.chmod(0o755)
    listed = "".join(f"  - {{name: {name}, paths: ['{paths}']}}\n" for name, paths in environments.items())
    write(folder, {".gitopsmith.yaml": f"repository: {{urls: [{url}]}}\nenvironments:\n{listed}"})
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    initialise(folder, str(remote))
    git(folder, "add", "--force", "--all")
    git(folder, "commit", "--quiet", "--message=All")
    git(folder, "push", "--quiet", "origin", "main")
    return folder, app, image, tuple(environments)


def _changed(folder: Path, *arguments: str) -> str:
    """Runs a command that pushes, and returns the difference that its commit makes."""
    before = git(folder, "ls-remote", "origin", "refs/heads/main").split()[0]
    done = run(*arguments, "--push", cwd=folder)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    git(folder, "fetch", "--quiet", "origin")
    return git(folder, "diff", "--unified=0", before, "origin/main")


def _lines(difference: str) -> list[str]:
    return [line for line in difference.splitlines() if re.match(r"[+-](?![+-])", line)]


def test_version_comes_goes_on_and_back(case: tuple[Path, str, str, tuple[str, ...]]) -> None:
    folder, app, image, (first, second) = case
    new = f"{image}:v99.0.0"
    released = _lines(_changed(folder, "release", app, "--env", first, "--image", new))
    assert released
    assert all(re.search(r"images:|newTag|name: |v99\.0\.0|newName", line) for line in released), released
    promoted = _lines(_changed(folder, "promote", app, "--from", first, "--to", second))
    assert promoted
    assert all(re.search(r"images:|newTag|name: |newName|image:", line) for line in promoted), promoted
    back = _changed(folder, "rollback", app, "--env", second, "--no-hold")
    assert sorted(line[1:] for line in _lines(back)) == sorted(line[1:] for line in promoted)
    assert git(folder, "status", "--porcelain") == ""
