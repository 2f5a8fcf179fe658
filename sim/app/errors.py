"""Errors of the interface: one JSON object with what, where and a hint, in Japanese or English."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sim.app.settings import AppSettings
from sim.base.errors import ContentError, KyodoError
from sim.base.user_choices import LANGUAGES
from sim.pages.labels import Labels


class ApiError(Exception):
    """An answer of status 4xx. ``key`` names the sentence in labels_serve.yaml."""

    def __init__(
        self, status: int, key: str, where: str = "", hint: str = "", **fields: object
    ) -> None:
        super().__init__(key)
        self.status, self.key, self.where, self.hint, self.fields = status, key, where, hint, fields


def missing() -> ApiError:
    """404, the same for what does not exist and for what belongs to another session."""
    return ApiError(404, "serve_missing", hint="serve_missing_hint")


def no_room(error: Exception) -> ApiError:
    """507 for what could not be written; the terminal tells which file and why."""
    logging.getLogger("kyodo.serve").error("%s", error)
    return ApiError(507, "serve_disk", hint="serve_broken_hint")


_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"aliases \(", "serve_hint_alias"),
    (r"tags \(", "serve_hint_tag"),
    (r"so many values", "serve_hint_many"),
    (r"nested too deeply", "serve_hint_deep"),
    (r"duplicate key '(?P<name>[^']*)'", "serve_hint_duplicate"),
    (r"unknown .*?'(?P<name>[^']*)'", "serve_hint_unknown"),
    (r"missing (?P<name>[\w, ]+)$", "serve_hint_missing"),
    (r"(?P<name>\S+) is outside the horizon", "serve_hint_horizon"),
    (r"must lie between 0 and 1", "serve_hint_between"),
    (r"the file is empty", "serve_hint_empty"),
    (r"not valid YAML", "serve_hint_yaml"),
)
"""How messages of the strict reader begin -> the same in both languages."""


_QUOTED = re.compile(r"""(['"`])(?:[A-Za-z]:)?[\\/][^'"`\n]*[\\/](?=[^'"`\n\\/]+\1)""")
_PLAIN = re.compile(r"""(?<![\w./\\~-])(?:[A-Za-z]:)?[\\/](?:[^\\/\s'"`<>|:]+[\\/])+""")


def without_folders(text: str, *known: Path) -> str:
    """A text in which files of this machine stand by their names, without their folders.

    ``known``: files and folders that may stand there, also with blanks in their names.
    """
    for path in known:
        if path.is_absolute() and path.name:
            text = text.replace(str(path), path.name)
    return _PLAIN.sub("", _QUOTED.sub(r"\1", text))


def language(headers: Mapping[str, str], query: Mapping[str, str], settings: AppSettings) -> str:
    """The language asked for by ``?lang=``, else by the browser, else the server's."""
    asked = query.get("lang", "")
    if asked in LANGUAGES:
        return asked
    accepted = headers.get("accept-language", "").lower()
    return next((code for code in LANGUAGES if accepted.startswith(code)), settings.lang)


def content(what: str, where: str = "", hint: str = "") -> dict[str, Any]:
    """The JSON of an error."""
    texts = {"what": what, "where": where, "hint": hint}
    # what a client sent may stand in them, and may be what no encoding can hold
    return {"error": {k: v.encode("utf-8", "replace").decode() for k, v in texts.items()}}


def error_response(error: ApiError, lang: str) -> JSONResponse:
    """The response of an ApiError."""
    labels = Labels(lang)
    hint = labels(error.hint) if error.hint.startswith("serve_") else error.hint
    body = content(labels(error.key, **error.fields), error.where, hint)
    return JSONResponse(body, error.status, {"Cache-Control": "no-store"})


def of_content(error: KyodoError, key: str, lang: str) -> JSONResponse:
    """422 for content that the strict readers refuse: their sentence is the hint."""
    labels = Labels(lang)
    line = error.line if isinstance(error, ContentError) else None
    message = error.message if isinstance(error, ContentError) else str(error)
    found = re.match(r"([A-Za-z_]+(?:\.[\w.]+)?): ", message)
    places = [labels("serve_line", line=line)] if line is not None else []
    places += [found[1]] if found else []
    body = content(labels(key), ", ".join(places), without_folders(_in_words(message, labels)))
    return JSONResponse(body, 422, {"Cache-Control": "no-store"})


def _in_words(message: str, labels: Labels) -> str:
    """A reader's message; in Japanese with the usual ones translated and the original behind."""
    if labels.lang == "en":
        return message
    for pattern, key in _PATTERNS:
        found = re.search(pattern, message)
        if found:
            text = labels(key, **found.groupdict()) if found.groupdict() else labels(key)
            near = re.search(r"did you mean '([^']*)'", message)
            if near:
                text += f"。{labels('serve_did_you_mean', name=near[1])}"
            return f"{text}（{message}）"
    return message


def lang_of(request: Request) -> str:
    """The language of a request."""
    return language(request.headers, request.query_params, request.app.state.settings)
