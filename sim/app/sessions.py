"""Sessions: who may see which folder. A random token in a cookie names a folder by its hash.

The token is the only key. Neither it nor any other text of a client becomes a path: the folder is
named by the token's hash, and jobs are looked up among those of the session.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "kyodo_session"
YEAR_SECONDS = 365 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_id() -> str:
    """An id that nobody can guess, for a job."""
    return secrets.token_hex(8)


def key_of(request: Request) -> str | None:
    """The name of the session's folder: a hash of the cookie's token; None without one.

    A token that this server did not make opens a session of its own: the cookie jar of one host is
    shared by all its ports, so two servers see the same token, each with its own folder.
    """
    token = request.cookies.get(COOKIE, "")
    if not _TOKEN.fullmatch(token):
        return None
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def start(request: Request, response: Response) -> bool:
    """Give the browser a token if it has none; whether it was given one."""
    if key_of(request) is not None:
        return False
    response.set_cookie(
        COOKIE,
        secrets.token_urlsafe(32),
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return True


def folder_of(out: Path, key: str) -> Path:
    """The folder of a session; made when something is kept there."""
    return out / "sessions" / key
