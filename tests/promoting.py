"""A fleet of three environments behind a bare remote, and the program asked to change it through git."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from checkout import git
from gitopsmith import holds
from gitopsmith.holds import Hold
from repository import URL, WEB, application_of, executable, run, write

ENVIRONMENTS = ("dev", "staging", "prod")
SETTINGS = f"repository: {{urls: ['{URL}']}}\nenvironments:\n" + "".join(
    f"  - {{name: {name}, paths: ['*/overlays/{name}'], protected: {str(name == 'prod').lower()}}}\n"
    for name in ENVIRONMENTS
)
KUSTOMIZATION = """\
namespace: {name}
resources: [../../base]
# What runs here.
images:
  - name: example.com/web  # ours
    newTag: "{tag}"
"""
MANIFEST = WEB.replace("image: web", "image: example.com/web")


def overlay(name: str, app: str = "web") -> str:
    """Returns the path of an environment's kustomization."""
    return f"{app}/overlays/{name}/kustomization.yaml"


def files(app: str = "web") -> dict[str, str]:
    """Returns an application in three environments: 2.0 in the first, 1.0 in the others."""
    found = {
        f"{app}/base/kustomization.yaml": "resources: [web.yaml]\n",
        f"{app}/base/web.yaml": WEB.replace("image: web", "image: example.com/web").replace(
            "name: web", f"name: {app}"
        ),
    }
    for name in ENVIRONMENTS:
        found[f"apps/{app}-{name}.yaml"] = application_of(f"{app}-{name}", f"{app}/overlays/{name}")
        found[overlay(name, app)] = KUSTOMIZATION.format(name=f"{app}-{name}", tag="2.0" if name == "dev" else "1.0")
    return found


class Fleet:
    """A clone and its remote."""

    def __init__(self, folder: Path, content: dict[str, str]) -> None:
        self.remote, self.clone = folder / "remote.git", folder / "clone"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        git(folder, "clone", "--quiet", self.remote.as_uri(), str(self.clone))
        git(self.clone, "switch", "--quiet", "--create=main")
        self.commit({".gitopsmith.yaml": SETTINGS, **content})

    def commit(self, content: dict[str, str]) -> None:
        """Changes files at the remote, by a commit in the clone."""
        write(self.clone, content)
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--message=Meanwhile")
        git(self.clone, "push", "--quiet", "origin", "HEAD:main")

    def meanwhile(self, content: dict[str, str]) -> None:
        """Has somebody else change files at the remote in the very moment in which the next push arrives there."""
        write(self.clone, content)
        git(self.clone, "commit", "--quiet", "--all", "--message=Meanwhile")
        git(self.clone, "push", "--quiet", "origin", "HEAD:refs/heads/meanwhile")
        # git lets no hook move a ref while what is pushed is in quarantine; this commit is not.
        moved = "rm hooks/pre-receive; unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main meanwhile"
        executable(self.remote / "hooks" / "pre-receive", moved)

    def ask(self, *arguments: str, cwd: Path | None = None) -> tuple[int, str]:
        """Runs the program in the clone; returns its exit code, and all that it says."""
        done = run(*arguments, cwd=cwd or self.clone)
        return done.returncode, (done.stdout + done.stderr).decode()

    def told(self, *arguments: str) -> Any:
        """Runs the program, and returns the JSON that it says."""
        done = run(*arguments, "--format", "json", cwd=self.clone)
        return json.loads(done.stdout or b"null")

    def read(self, path: str, revision: str = "main") -> str:
        """Returns a file as the remote has it."""
        return git(self.remote, "show", f"{revision}:{path}")

    def hold(self, hold: Hold) -> None:
        """Puts a version on hold, as a rollback does."""
        changed = holds.change({}, put=[hold]).files
        self.commit({path: text or "" for path, text in changed.items()})

    @property
    def tip(self) -> str:
        return git(self.remote, "rev-parse", "main").strip()

    def trailers(self) -> dict[str, str]:
        """Returns the trailers of the remote's newest commit."""
        said = git(self.remote, "log", "-1", "--format=%(trailers:only,unfold)", "main").split("\n")
        return dict(line.split(": ", 1) for line in said if line)
