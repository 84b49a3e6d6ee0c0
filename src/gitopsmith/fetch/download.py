"""Asks for one URL: a program of its own, so that whoever started it can end it.

It reads what to ask for from stdin, and writes a line with the status and the headers, and the body behind it.
"""

from __future__ import annotations

import http.client
import json
import sys
import urllib.error
import urllib.request
from email.message import Message
from typing import IO


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a server elsewhere, but brings no login there."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        made = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        if made is not None:
            made.remove_header("Authorization")
        return made


def _complain(said: str) -> int:
    sys.stderr.write(f"{said}\n")
    return 1


def main() -> int:
    told = json.loads(sys.stdin.buffer.read())
    if not told["url"].startswith(("http://", "https://")):
        return _complain("this is no URL of HTTP")
    opener = urllib.request.build_opener(_Redirects)
    try:
        request = urllib.request.Request(told["url"], headers=told["headers"])  # noqa: S310 - checked above
        try:
            answer = opener.open(request, timeout=told["seconds"])
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read(told["limit"] + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _complain(" ".join(str(getattr(error, "reason", error)).split()))
    if len(body) > told["limit"]:
        return _complain(f"the server sends more than {told['limit'] >> 20} MiB")
    if answer.length:  # what was promised and did not come
        return _complain("the server ended in the middle")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    sys.stdout.buffer.write(json.dumps([answer.status, headers]).encode() + b"\n" + body)
    return 0


if __name__ == "__main__":
    sys.exit(main())
