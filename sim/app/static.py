"""Files that do not change while the server runs: the page, the bundle of Vega, fixed data.

All are held in memory, so no path from a request ever reaches the disk.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from sim.app.errors import missing
from sim.app.settings import AppSettings

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
"""Types of the files that are served; others in the folder are not."""
BINARY = (".png", ".ico", ".woff2")
BUNDLE = "bundle.js"
SHARED = Path(__file__).resolve().parents[1] / "report" / "web"
"""Modules that report files use as well, served beside the page's own."""
REVALIDATE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StaticContent:
    """Content with its type, kept gzipped beside the plain form where that is worth it."""

    content: bytes
    media_type: str
    pack: bool = True
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.content).hexdigest()[:20]
        object.__setattr__(self, "etag", f'"{digest}"')

    @cached_property
    def packed(self) -> bytes | None:
        """The gzipped form."""
        return gzip.compress(self.content, 6, mtime=0) if self.pack else None

    def response(self, request: Request, cache: str = REVALIDATE) -> Response:
        """The response: 304 where the reader has it already."""
        headers = {"ETag": self.etag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
        known = request.headers.get("if-none-match", "")
        if self.etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
            return Response(status_code=304, headers=headers)
        body = self.content
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = self.packed, "gzip"
        return Response(body, headers=headers, media_type=self.media_type)


class Site:
    """The page's files by their path below ``web`` (and the report's), and the bundle.

    ``hash`` names the state of all of them: what is asked for under it may be kept for ever.
    """

    def __init__(self, settings: AppSettings, bundle: Callable[[], str] | None = None) -> None:
        from sim.report.files.bundle import bundle_version, javascript

        self._bundle = bundle or javascript
        self.files: dict[str, StaticContent] = {}
        digest = hashlib.sha256(bundle_version().encode())
        folders = (SHARED, settings.web)  # the page's own files win
        paths = [(f, p) for f in folders for p in sorted(f.rglob("*")) if p.is_file()]
        for folder, path in paths:
            media_type = TYPES.get(path.suffix.lower())
            name = path.relative_to(folder).as_posix()
            if media_type is None or any(part.startswith(".") for part in name.split("/")):
                continue
            content = path.read_bytes()
            digest.update(name.encode() + b"\0" + content)
            self.files[name] = StaticContent(content, media_type, path.suffix.lower() not in BINARY)
        self.hash = digest.hexdigest()[:16]
        self.index = self._page(settings.web / "index.html", settings.lang)

    def _page(self, path: Path, lang: str) -> StaticContent:
        text = path.read_text(encoding="utf-8")
        text = text.replace('<html lang="ja"', f'<html lang="{lang}"', 1)
        text = re.sub(r'(src|href)="(?:\./)?static/', rf'\1="static/{self.hash}/', text)
        return StaticContent(text.encode(), TYPES[".html"])

    @cached_property
    def bundle(self) -> StaticContent:
        """The bundle; the first use takes it out of its package."""
        return StaticContent(self._bundle().encode(), TYPES[".js"])

    def response(self, request: Request, path: str) -> Response:
        """A file by its path below ``static/``. Raises ApiError 404."""
        first, _, rest = path.partition("/")
        name, cache = (rest, IMMUTABLE) if first == self.hash else (path, REVALIDATE)
        found = self.bundle if name == BUNDLE else self.files.get(name)
        if found is None:
            raise missing()
        return found.response(request, cache)
