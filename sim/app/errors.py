"""Errors of the interface: one JSON object with what, where and a hint, in Japanese or English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sim.app.settings import Settings
from sim.errors import ContentError, KyodoError
from sim.report.labels import LANGUAGES, Labels


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


def language(headers: Mapping[str, str], query: Mapping[str, str], settings: Settings) -> str:
    """The language asked for by ``?lang=``, else by the browser, else the server's."""
    asked = query.get("lang", "")
    if asked in LANGUAGES:
        return asked
    accepted = headers.get("accept-language", "").lower()
    return next((code for code in LANGUAGES if accepted.startswith(code)), settings.lang)


def content(what: str, where: str = "", hint: str = "") -> dict[str, Any]:
    """The JSON of an error."""
    return {"error": {"what": what, "where": where, "hint": hint}}


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
    body = content(labels(key), ", ".join(places), _in_words(message, labels))
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
