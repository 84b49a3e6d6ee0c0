"""Brings one artifact from an OCI registry, with the login that helm or docker has, and checks every digest.

What an artifact has to be, to hold manifests for Argo CD: ``extract`` in its ``util/oci/client.go``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from gitopsmith.fetch.archive import MAX_ARCHIVE
from gitopsmith.fetch.files import Answer, ask
from gitopsmith.fetch.refusal import Refused
from gitopsmith.manifest import items, mapping, text

SCHEME = "oci://"
CHART = "application/vnd.cncf.helm.config.v1+json"
CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
LAYERS = (
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    CHART_LAYER,
)
"""What Argo CD takes unless it is told otherwise."""
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
_CONTENT = ("tar+gzip", "tar.gzip", "tar")
_MAX_MANIFEST = 4 * 1024 * 1024
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_EXACT = re.compile(r"[\w.-]*\d+\.\d+\.\d+[\w.-]*\Z", re.ASCII)
_PLACE = re.compile(r"oci://[A-Za-z0-9.\[\]:-]+(/[a-z0-9]+([._-]+[a-z0-9]+)*)+/?\Z")
_LOOPBACK = re.compile(r"(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?\Z")
_CHALLENGE = re.compile(r"(\w+)=\"([^\"]*)\"")


class Artifact(NamedTuple):
    """An artifact by its repository, ``oci://host/name``, and a digest or a tag."""

    url: str
    reference: str

    @property
    def is_exact(self) -> bool:
        """Tells whether it is asked for by a digest, or by a tag with a whole version."""
        exact = _DIGEST.match(self.reference) or (len(self.reference) <= 128 and _EXACT.match(self.reference))
        return bool(exact and _PLACE.match(self.url))

    @property
    def host(self) -> str:
        return self.url.removeprefix(SCHEME).partition("/")[0]

    @property
    def name(self) -> str:
        return self.url.removeprefix(SCHEME).partition("/")[2].strip("/")

    @property
    def base(self) -> str:
        """Where the registry answers about the repository."""
        scheme = "http" if _LOOPBACK.match(self.host) else "https"
        return f"{scheme}://{self.host}/v2/{self.name}"

    def __str__(self) -> str:
        return f"{self.url} at {self.reference}"


class Brought(NamedTuple):
    """What came: the digest of the artifact, that of its one layer of content, and whether it is a chart."""

    digest: str
    layer: str
    is_chart: bool


def bring(artifact: Artifact, path: Path, logins: tuple[Path, ...], seconds: float) -> Brought:
    """Writes an artifact's layer of content to a path.

    ``logins`` are files of registry logins. Raises Refused where it cannot be had, is not what it should be, or holds
    nothing for Argo CD.
    """
    session = _Session(artifact, logins, seconds)
    manifest = session.get(f"manifests/{artifact.reference}", {"Accept": ", ".join(_MANIFESTS)}, _MAX_MANIFEST)
    digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    if _DIGEST.match(artifact.reference) and digest != artifact.reference:
        raise Refused(f"{artifact} is another one: its digest is {digest}")
    layer, is_chart = _content(artifact, _parsed(artifact, manifest))
    content = session.get(f"blobs/{layer}", {}, MAX_ARCHIVE)
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != layer:
        raise Refused(f"{artifact}: what the registry sends for {layer} is something else")
    path.write_bytes(content)
    return Brought(digest, layer, is_chart)


def _parsed(artifact: Artifact, manifest: bytes) -> dict[str, Any]:
    try:
        return mapping(json.loads(manifest))
    except ValueError as error:
        raise Refused(f"{artifact}: its manifest is no JSON") from error


def _content(artifact: Artifact, manifest: dict[str, Any]) -> tuple[str, bool]:
    """Returns the digest of the one layer that Argo CD reads, and whether the artifact is a chart."""
    is_chart = text(manifest, "config", "mediaType") == CHART
    layers = [(text(layer, "mediaType"), text(layer, "digest")) for _, layer in items(manifest, "layers")]
    found = [one for one in layers if (one[0] == CHART_LAYER if is_chart else one[0].endswith(_CONTENT))]
    strange = next((kind for kind, _ in found if kind not in LAYERS), "")
    if strange:
        raise Refused(f"{artifact}: Argo CD takes no layer of the type {strange}")
    if len(found) != 1 or not _DIGEST.match(found[0][1]):
        raise Refused(f"{artifact}: Argo CD takes one layer of content, and there are {len(found)}")
    return found[0][1], is_chart


class _Session:
    """Asks a registry about one repository, and logs in where that asks for it."""

    def __init__(self, artifact: Artifact, logins: tuple[Path, ...], seconds: float) -> None:
        self._artifact, self._logins, self._seconds = artifact, logins, seconds
        self._token = ""

    def get(self, what: str, headers: Mapping[str, str], limit: int) -> bytes:
        answer = self._ask(what, headers, limit)
        if answer.status == 401 and not self._token:
            self._token = self._log_in(answer.headers.get("www-authenticate", ""))
            answer = self._ask(what, headers, limit)
        if answer.status in {401, 403}:
            raise Refused(f"{self._artifact}: access is denied; give your credentials to helm (helm registry login)")
        if answer.status == 404:
            raise Refused(f"{self._artifact}: there is no such artifact")
        if answer.status != 200:
            raise Refused(f"{self._artifact}: the registry answers {answer.status}")
        return answer.body

    def _ask(self, what: str, headers: Mapping[str, str], limit: int) -> Answer:
        known = {"Authorization": self._token} if self._token else {}
        url = f"{self._artifact.base}/{what}"
        return ask(str(self._artifact), url, {**headers, **known}, self._seconds, limit)

    def _log_in(self, challenge: str) -> str:
        """Returns what a registry wants as a header, an empty text where there is no login."""
        login = _login(self._artifact.host, self._logins)
        kind, asked = challenge.partition(" ")[0].lower(), dict(_CHALLENGE.findall(challenge))
        if kind != "bearer":
            return login
        realm = asked.get("realm", "")
        split = urlsplit(realm)
        if split.scheme != "https" and not (split.scheme == "http" and _LOOPBACK.match(split.netloc)):
            raise Refused(f"{self._artifact}: the registry sends logins to {realm!r}, which is not https")
        scope = asked.get("scope") or f"repository:{self._artifact.name}:pull"
        url = f"{realm}?{urlencode({'service': asked.get('service', ''), 'scope': scope})}"
        headers = {"Authorization": login} if login else {}
        answer = ask(str(self._artifact), url, headers, self._seconds, _MAX_MANIFEST)
        try:
            said = mapping(json.loads(answer.body))
        except ValueError:
            said = {}
        token = text(said, "token") or text(said, "access_token")
        return f"Bearer {token}" if token else ""


def _login(host: str, files: tuple[Path, ...]) -> str:
    """Returns the header of the first login for a host."""
    for path in files:
        try:
            found = mapping(json.loads(path.read_text(encoding="utf-8")), "auths")
        except (OSError, ValueError):
            continue
        for name in (host, f"https://{host}", f"https://{host}/v1/"):
            known = text(mapping(found.get(name)), "auth")
            if re.fullmatch(r"[A-Za-z0-9+/=]+", known):
                return f"Basic {known}"
    return ""
