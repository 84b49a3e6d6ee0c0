"""Proves a GitHub App's key the way Argo CD uses it: by trading it for a token that lives an hour."""

from __future__ import annotations

import base64
import http.client
import json
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from gitopsmith import tools
from gitopsmith.bootstrap.credential import Credential
from gitopsmith.finding import Failure

API = "https://api.github.com"
_LIFETIME = 540
"""Seconds that the signed request is good for; GitHub takes ten minutes at most."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Lets no answer send the signed request to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def installation_token(credential: Credential, timeout: float = 20.0) -> str:
    """Returns a token for the installation. Raises Failure with GitHub's word for it when there is none."""
    fields = credential.fields
    base = fields.get("githubAppEnterpriseBaseUrl") or API
    url = f"{base}/app/installations/{fields['githubAppInstallationID']}/access_tokens"
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {_signed(fields['githubAppID'], fields['githubAppPrivateKey'])}",
    }
    request = urllib.request.Request(url, data=b"", headers=headers, method="POST")  # noqa: S310 - an https one
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout) as answer:
            token = json.load(answer)["token"]
    except urllib.error.HTTPError as error:
        with error:
            raise Failure(f"{base} refuses the GitHub App: {error.code} {_reason(error)}", status=3) from None
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        raise Failure(
            f"{base} gives no token for the GitHub App: it does not answer as GitHub does", status=3
        ) from None
    return str(token)


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["message"])
    except (OSError, ValueError, KeyError, TypeError):
        return error.reason


def _signed(app: str, key: str) -> str:
    """Returns a JSON Web Token for the App, signed by openssl, which gets the key by its stdin."""
    now = int(time.time())
    head = _part({"alg": "RS256", "typ": "JWT"})
    body = _part({"iat": now - 60, "exp": now + _LIFETIME, "iss": app})
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as folder:
        message = Path(folder) / "message"
        message.write_text(f"{head}.{body}", encoding="ascii")
        sign = ("openssl", "dgst", "-sha256", "-sign", "/dev/stdin", str(message))
        output = tools.run(*sign, stdin=key.encode(), timeout=20)
    if output.status != 0:
        raise Failure("openssl cannot sign with the GitHub App's key: it must be the RSA key that GitHub gave")
    return f"{head}.{body}.{_url_safe(output.stdout)}"


def _part(value: dict[str, str | int]) -> str:
    return _url_safe(json.dumps(value, separators=(",", ":")).encode())


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
