"""What every request and every response passes: Host, origin, size of the body, headers.

The server has no password. It listens on the loopback interface, so the attackers to keep out are
web pages in the user's own browser: pages of other origins (refused by Origin and Sec-Fetch-Site),
names that they let point here (DNS rebinding; refused by Host) and frames.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.app.errors import ApiError, error_response, language
from sim.app.settings import BODY_SECONDS, IDLE_SECONDS, MAX_BODY, MAX_DISCARDED, AppSettings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WILDCARDS = ("0.0.0.0", "::", "")
SAFE = ("GET", "HEAD")


class Guard:
    """Middleware around the whole app."""

    def __init__(self, app: ASGIApp, settings: AppSettings) -> None:
        self.app, self.settings = app, settings
        self.names = allowed_names(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, hand it on with its body, add headers to whatever is answered."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)  # a report in a frame has stricter ones
                headers.setdefault("Cache-Control", "no-store")
                message["headers"] = headers.raw
            await send(message)

        try:
            self.check(scope)
            if scope["method"] not in SAFE:
                receive = await buffered(Headers(scope=scope), receive)
        except ApiError as error:
            query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
            lang = language(Headers(scope=scope), query, self.settings)
            response = error_response(error, lang)
            response.headers["Connection"] = "close"  # whatever else is sent is not read
            await response(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)

    def check(self, scope: Scope) -> None:
        """Raise ApiError for a wrong Host (421) or a request of another page (403)."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not host_allowed(hosts[0], self.names, self.settings.host):
            raise ApiError(421, "serve_host", hint="serve_host_hint")
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        api = scope["path"].startswith("/api/")
        if scope["method"] in SAFE:
            refused = api and site in ("cross-site", "same-site")
        else:
            # Browsers send Origin with every request that is not GET or HEAD.
            refused = origin is None or _place(origin) != hosts[0].lower()
            refused |= site not in (None, "same-origin")
        if refused:
            raise ApiError(403, "serve_origin", hint="serve_origin_hint")


def _place(origin: str) -> str | None:
    """Host and port of an Origin header; None for one that is no address."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def allowed_names(host: str) -> frozenset[str]:
    """Host names that the server answers to: loopback, and what it is bound to."""
    names = {*LOOPBACK, host.lower().strip("[]")} - {""}
    if host in WILDCARDS:
        names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset(names)


def host_allowed(header: str, names: frozenset[str], bound: str) -> bool:
    """Whether a Host header names this server.

    Bound to all interfaces, any literal address will do: rebinding needs a name.
    """
    try:
        found = urlsplit(f"//{header}")
        name = (found.hostname or "").rstrip(".")
        _ = found.port  # raises ValueError if it is no number
    except ValueError:
        return False
    if found.path or found.query or found.fragment or found.username is not None:
        return False
    if name in names:
        return True
    if bound not in WILDCARDS:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def discard(receive: Receive) -> None:
    """Drop what is still being sent, up to a limit.

    A browser reads no answer before it has sent its request: closing at once would show it an error
    of the network in place of ours.
    """
    left = MAX_DISCARDED
    with suppress(TimeoutError):
        while left > 0:
            async with asyncio.timeout(IDLE_SECONDS):
                message = await receive()
            left -= len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return


async def buffered(headers: Headers, receive: Receive) -> Receive:
    """The body, read up to the limit, as a channel to read it from.

    Raises ApiError 413 as soon as it is longer, whether it says so or comes in chunks, and 408 when
    it takes too long: never more than the limit is held, the rest is dropped piece by piece.
    """
    declared = headers.get("content-length", "0")
    limit = MAX_BODY // 1024
    if not declared.isdecimal() or int(declared[:12]) > MAX_BODY:
        await discard(receive)
        raise ApiError(413, "serve_length", hint="serve_length_hint", limit=limit)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    break
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > MAX_BODY:
                    body.clear()
                    await discard(receive)
                    raise ApiError(413, "serve_length", hint="serve_length_hint", limit=limit)
    except TimeoutError:
        raise ApiError(408, "serve_slow") from None
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return replay
