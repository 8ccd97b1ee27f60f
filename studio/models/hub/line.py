"""One HTTP request to the hub. The token goes to the hub's own origin, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from studio import __version__
from studio.core.errors import CannotLoad
from studio.core.offline import why_offline
from studio.models.hub.refusals import Broken, judge, retry_after

CONNECT = 10.0
STALL = 20.0
"""Seconds without a byte after which a line is given up and made anew."""
PIECE = 1 << 18
REDIRECTS = (301, 302, 303, 307, 308)
HOPS = 8


def endpoint() -> str:
    """The hub's address: HF_ENDPOINT, or the library's own."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def page_of(repo: str) -> str:
    """Where a person can read about a repository, and accept its licence."""
    return f"{endpoint()}/{repo}"


def token() -> str:
    """The person's own, from HF_TOKEN or their login; "" without one, or if they want none sent.

    The library may renew a login that runs out, over the network.
    """
    from huggingface_hub import constants, get_token

    if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN or why_offline():
        return ""
    try:
        return get_token() or ""
    except OSError:  # a file that cannot be read is as good as none
        return ""


def logged_in() -> bool:
    """Whether there is a token, without asking anybody whether it is good."""
    from huggingface_hub import constants

    named = os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN")
    return bool(named) or Path(constants.HF_TOKEN_PATH).is_file()


@dataclass
class Answer:
    """A good answer whose body is yet to be read. `start`: the first byte's place in the file.

    `total`: bytes of the whole file, None if the server does not say. `etag` is a strong one or "".
    """

    status: int
    start: int
    total: int | None
    etag: str
    _body: requests.Response

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes, at most `PIECE` bytes at a time. Raises Broken."""
        try:
            while chunk := self._body.raw.read1(PIECE, decode_content=False):
                yield chunk
        except (HTTPError, OSError, ValueError, AttributeError):
            # Also of a socket that `cut` shuts down under the reader.
            raise Broken("The line to the hub broke") from None

    def json(self) -> Any:
        """Raises Broken."""
        try:
            return self._body.json()
        except (requests.RequestException, HTTPError, OSError, ValueError):
            raise Broken("The hub's answer could not be read") from None

    def cut(self) -> None:
        """Wake whoever reads, from another thread: there is nothing more to read."""
        with suppress(RuntimeError, ValueError, OSError, AttributeError):
            self._body.raw.shutdown()

    def close(self) -> None:
        self._body.close()


class Line:
    """Requests of one thread about one repository, on connections that are kept open."""

    def __init__(self, repo: str) -> None:
        self.repo = repo
        self._session = requests.Session()
        self._token = token()

    def close(self) -> None:
        self._session.close()

    def file(self, commit: str, path: str, start: int = 0, etag: str = "") -> Answer:
        """A file from byte `start` on, if it is still the one of `etag`; else all of it.

        Raises Broken, Refused, CannotLoad.
        """
        headers = {}
        if start:
            headers["Range"] = f"bytes={start}-"
            if etag:
                headers["If-Range"] = etag
        place = f"{self.repo}/resolve/{quote(commit, safe='')}/{quote(path)}"
        return self._get(f"{endpoint()}/{place}", headers, path)

    def api(self, path: str) -> Any:
        """What the hub's API says, as JSON. Raises Broken, Refused, CannotLoad."""
        answer = self._get(f"{endpoint()}/api/{path}", {})
        try:
            return answer.json()
        finally:
            answer.close()

    def _get(self, url: str, headers: Mapping[str, str], what: str = "") -> Answer:
        for _ in range(HOPS):
            response = self._send(url, headers)
            if response.status_code not in REDIRECTS:
                return self._answer(response, what, _origin(url) == _origin(endpoint()))
            url = urljoin(url, response.headers.get("Location", ""))
            response.close()
        raise Broken("The hub sends from one place to the next")

    def _send(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        # At every request, not once at the start: the switch is obeyed from the moment it is set.
        reason = why_offline()
        if reason:
            raise CannotLoad(
                f"The network is not used: {reason} says so.", "Change that to download models."
            )
        # identity: ranges and lengths are then those of the file itself.
        sent = {"User-Agent": f"diffusion-studio/{__version__}", "Accept-Encoding": "identity"}
        sent |= headers
        if self._token and _origin(url) == _origin(endpoint()):
            sent["Authorization"] = f"Bearer {self._token}"
        try:
            return self._session.get(
                url,
                headers=sent,
                stream=True,
                timeout=(CONNECT, STALL),
                allow_redirects=False,
                # Otherwise passwords of ~/.netrc would be sent instead, to any host in it.
                auth=lambda request: request,
            )
        except (requests.ConnectionError, requests.Timeout, HTTPError, OSError):
            # Without its cause: the texts of those hold addresses with signatures in them.
            raise Broken("The hub could not be reached") from None
        except (requests.RequestException, ValueError):
            raise Broken("The hub sends to a place that is none") from None

    def _answer(self, response: requests.Response, what: str, ours: bool) -> Answer:
        known = bool(self._token)
        status, headers = response.status_code, response.headers
        if status >= 400 and status != 416 and not ours:
            # Where files lie knows nothing of licences; the address it was given has run out.
            response.close()
            raise Broken(f"The hub's storage answered with {status}", retry_after(headers))
        problem = judge(status, headers, self.repo, page_of(self.repo), known, what)
        if problem is not None:
            response.close()
            raise problem
        start, total = 0, _number(headers.get("Content-Length", ""))
        if status == 206:
            span, _, whole = headers.get("Content-Range", "").rpartition("/")
            first = _number(span.removeprefix("bytes ").partition("-")[0])
            start, total = -1 if first is None else first, _number(whole)
        etag = headers.get("ETag", "")
        return Answer(status, start, total, "" if etag.startswith("W/") else etag, response)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
