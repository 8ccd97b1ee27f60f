"""What the hub's answers mean: a sentence with what to do, or to try again later."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from studio.core.errors import CannotLoad

AGAIN = {408, 425, 429, 500, 502, 503, 504}
"""Answers that a later try may not get."""


class Broken(Exception):
    """The line broke, or the hub is busy: worth another try. `wait`: seconds that it asked for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class Refused(CannotLoad):
    """The hub says no. `page`: where a person can change that, "" if nowhere."""

    def __init__(self, message: str, hint: str = "", page: str = "") -> None:
        super().__init__(message, hint)
        self.page = page


def judge(
    status: int, headers: Mapping[str, str], repo: str, page: str, logged_in: bool, what: str = ""
) -> Exception | None:
    """What to raise for an answer about `repo`, None if it is a good one.

    `page` is the repository's page, `what` the file that was asked for.
    """
    if status < 300 or status == 416:
        return None
    code = headers.get("X-Error-Code", "")
    if status in AGAIN:
        words = "The hub is busy" if status in (429, 503) else f"The hub answered with {status}"
        return Broken(words, retry_after(headers))
    if code == "GatedRepo":
        return _gated(repo, page, logged_in)
    if status == 403 and code != "DisabledRepo":
        return Refused(
            f"The hub does not let you have {repo}.",
            f"See at {page} if something is to be accepted first, and if your login may read it.",
            page,
        )
    if status == 401 and logged_in and code != "RepoNotFound":
        return Refused(
            "The hub does not accept your login any more.",
            "Log in again with `hf auth login`, or correct HF_TOKEN.",
        )
    if code == "RevisionNotFound":
        return Refused(f"{repo} has no such revision.", "Leave the revision out for the newest.")
    if status == 404 and what and code != "RepoNotFound":
        return Refused(f"{repo} no longer has the file {what}.", "Look it up again.")
    if status in (401, 404):
        hint = (
            "Check how it is written."
            if logged_in
            else ("Check how it is written; for a private one, log in with `hf auth login`.")
        )
        return Refused(f"There is no model {repo} on the hub, or it is private.", hint)
    if status in (410, 451) or code == "DisabledRepo":
        return Refused(f"{repo} was taken off the hub.", "Choose another model.", page)
    return Refused(f"The hub refused {repo} with the answer {status}.", "Try again later.", page)


def _gated(repo: str, page: str, logged_in: bool) -> Refused:
    steps = f"Accept it at {page}"
    if not logged_in:
        steps += ", log in with `hf auth login` or set HF_TOKEN,"
    return Refused(f"{repo} asks for its licence to be accepted.", f"{steps} and try again.", page)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait, from a number or a date (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None
