"""The server: routes in one table. Handlers are short; models run in child processes only."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sim.app import scenarios, sessions
from sim.app.answers import Answers
from sim.app.downloads import STORED, YAML, Reports, attachment
from sim.app.errors import ApiError, error_response, lang_of, missing, of_content
from sim.app.facts import MAKERS, ServedFacts
from sim.app.jobs import new_job
from sim.app.queue import Queue
from sim.app.requests import read_request
from sim.app.rows import rows_of
from sim.app.security import HEADERS, Guard
from sim.app.settings import AppSettings
from sim.app.specs import SPEC_KINDS, specs_of
from sim.app.static import Site, StaticContent
from sim.base.errors import KyodoError
from sim.base.files import data_dir
from sim.runs.spec import MAX_YEARS
from sim.scenario.bundled import scenario_ids
from sim.scenario.types import Scenario

Handler = Callable[[Request], Awaitable[Response]]


def create_app(settings: AppSettings) -> Starlette:
    """The server's app. Its ``state.warm()`` makes what the first page needs, before it is asked.

    The queue of jobs opens with the app's lifespan and closes with it.
    """
    site, facts, queue, reports = Site(settings), ServedFacts(settings), Queue(settings), Reports()
    answers = Answers(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(queue.open)
        try:
            yield
        finally:
            await run_in_threadpool(reports.close)
            await run_in_threadpool(queue.close)

    def warm() -> None:
        for name in MAKERS:
            _ = facts.get(name).packed
        _ = site.bundle.packed
        for kind in SPEC_KINDS:
            _ = specs_of(kind, settings.lang).packed
        import_module("sim.analyses.compare.estimate")  # checks of requests need it
        answers.warm()

    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers={
            ApiError: _api_error,
            KyodoError: _content_error,
            HTTPException: _http_error,
            Exception: _broken,
        },
        lifespan=lifespan,
    )
    for name, value in {
        "settings": settings,
        "site": site,
        "facts": facts,
        "queue": queue,
        "reports": reports,
        "answers": answers,
        "warm": warm,
    }.items():
        setattr(app.state, name, value)
    return app


# ---- the page and fixed data


async def _index(request: Request) -> Response:
    found: Response = request.app.state.site.index.response(request)
    return found


async def _static(request: Request) -> Response:
    path = request.path_params.get("path", "bundle.js")
    found: Response = await run_in_threadpool(request.app.state.site.response, request, path)
    return found


def _fixed(name: str) -> Handler:
    async def handler(request: Request) -> Response:
        profile = request.query_params.get("profile")
        found: StaticContent = await run_in_threadpool(request.app.state.facts.get, name, profile)
        return found.response(request)

    return handler


async def _specs(request: Request) -> Response:
    kind, lang = request.path_params["kind"], lang_of(request)
    return (await run_in_threadpool(specs_of, kind, lang)).response(request)


# ---- scenarios


def _years(request: Request) -> int:
    text = request.query_params.get("years", "10")
    if not re.fullmatch("[0-9]{1,6}", text) or not 1 <= int(text) <= MAX_YEARS:
        raise ApiError(422, "serve_number", "years", low="1", high=str(MAX_YEARS))
    return int(text)


async def _plan(request: Request) -> Scenario:
    found = scenarios.read_object(await request.body(), {"plan"})
    return await run_in_threadpool(scenarios.of_plan, found.get("plan"), _years(request))


async def _to_yaml(request: Request) -> Response:
    return JSONResponse(scenarios.answer(await _plan(request)))


async def _to_plan(request: Request) -> Response:
    body = await request.body()
    found = await run_in_threadpool(scenarios.of_yaml, body, _years(request))
    return JSONResponse(scenarios.answer(found))


async def _download(request: Request) -> Response:
    found = await _plan(request)
    return Response(found.to_yaml(), headers=attachment(f"{found.id}.yaml"), media_type=YAML)


async def _bundled(request: Request) -> Response:
    id = request.path_params["id"]
    if id not in scenario_ids():
        raise missing()
    text = data_dir("scenarios", f"{id}.yaml").read_text(encoding="utf-8")
    return Response(text, headers=attachment(f"{id}.yaml"), media_type=YAML)


# ---- instant answers


def _instant(method: str) -> Handler:
    """A handler that asks the instant answers by a method that takes the request's body."""

    async def handler(request: Request) -> Response:
        body = await request.body()
        return JSONResponse(
            await run_in_threadpool(getattr(request.app.state.answers, method), body)
        )

    return handler


async def _checks(request: Request) -> Response:
    profile = request.query_params.get("profile")
    return JSONResponse(await run_in_threadpool(request.app.state.answers.checks, profile))


# ---- jobs


async def _session(request: Request) -> Response:
    response = JSONResponse({"session": True})
    new = sessions.start(request, response)
    response.body = response.render({"session": True, "new": new})
    response.headers["Content-Length"] = str(len(response.body))
    return response


def _job(request: Request, job: Any) -> dict[str, Any]:
    found: dict[str, Any] = job.to_dict(request.app.state.queue.position(job))
    return found


async def _check(request: Request) -> Response:
    settings, body = request.app.state.settings, await request.body()
    lang = lang_of(request)

    def check() -> dict[str, Any]:
        return read_request(body, settings).check(settings, lang)

    return JSONResponse(await run_in_threadpool(check))


async def _create(request: Request) -> Response:
    state, body, lang = request.app.state, await request.body(), lang_of(request)
    key = sessions.key_of(request)
    if key is None:
        raise ApiError(401, "serve_session", hint="serve_session_hint")

    def create() -> dict[str, Any]:
        wanted = read_request(body, state.settings)
        arguments = wanted.arguments(state.settings, lang)
        job = new_job(sessions.new_id(), wanted, wanted.check(state.settings, lang), arguments)
        state.queue.add(key, job, wanted.inputs(state.settings))
        return _job(request, job)

    return JSONResponse(await run_in_threadpool(create), 201)


async def _list(request: Request) -> Response:
    def found() -> list[dict[str, Any]]:
        jobs = request.app.state.queue.of(sessions.key_of(request))
        return [_job(request, job) for job in jobs]

    return JSONResponse({"jobs": await run_in_threadpool(found)})


def _on_job(method: str) -> Handler:
    """A handler that calls a method of the queue with session and id and returns the job."""

    async def handler(request: Request) -> Response:
        key, id = sessions.key_of(request), request.path_params["id"]

        def act() -> dict[str, Any]:
            return _job(request, getattr(request.app.state.queue, method)(key, id))

        return JSONResponse(await run_in_threadpool(act))

    return handler


async def _delete(request: Request) -> Response:
    key, id = sessions.key_of(request), request.path_params["id"]
    await run_in_threadpool(request.app.state.queue.delete, key, id)
    return Response(status_code=204)


async def _rows(request: Request) -> Response:
    query = request.query_params
    job = request.app.state.queue.get(sessions.key_of(request), request.path_params["id"])
    if not job.has_results or not (job.result / STORED["comparison"]).is_file():
        raise ApiError(409, "serve_no_results")

    def rows() -> Response:
        content = rows_of(
            job,
            all_indicators=query.get("indicators") == "all",
            wards=query.get("ward") == "each",
            scenario=query.get("scenario"),
        )
        return JSONResponse(content)

    return await run_in_threadpool(rows)


async def _file(request: Request) -> Response:
    state = request.app.state
    job = state.queue.get(sessions.key_of(request), request.path_params["id"])
    format, lang = request.path_params["format"], lang_of(request)
    found: Response = await state.reports.response(job, format, lang)
    return found


async def _report(request: Request) -> Response:
    state = request.app.state
    job = state.queue.get(sessions.key_of(request), request.path_params["id"])
    found: Response = await state.reports.read(job, lang_of(request))
    return found


# ---- errors


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(error, lang_of(request))


async def _content_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KyodoError)
    key = "serve_scenario" if "/scenarios/" in request.url.path else "serve_request"
    return of_content(error, key, lang_of(request))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    key = {404: "serve_missing", 405: "serve_method"}.get(error.status_code, "serve_request")
    return error_response(ApiError(error.status_code, key), lang_of(request))


async def _broken(request: Request, error: Exception) -> Response:
    response = error_response(
        ApiError(500, "serve_broken", hint="serve_broken_hint"), lang_of(request)
    )
    response.headers.update(HEADERS)  # this answer goes out past the guard
    return response


ROUTES: list[Route] = [
    Route("/", _index),
    Route("/index.html", _index),
    Route("/bundle.js", _static),
    Route("/static/{path:path}", _static),
    *(Route(f"/api/{name}", _fixed(name)) for name in MAKERS),
    Route("/api/specs/{kind}", _specs),
    Route("/api/session", _session),
    Route("/api/scenarios/yaml", _to_yaml, methods=["POST"]),
    Route("/api/scenarios/plan", _to_plan, methods=["POST"]),
    Route("/api/scenarios/download", _download, methods=["POST"]),
    Route("/api/scenarios/{id}.yaml", _bundled),
    Route("/api/reproduce", _check, methods=["POST"]),
    Route("/api/answer", _instant("answer"), methods=["POST"]),
    Route("/api/contribution", _instant("contribution"), methods=["POST"]),
    Route("/api/tornado", _instant("tornado"), methods=["POST"]),
    Route("/api/answers/checks", _checks),
    Route("/api/jobs", _create, methods=["POST"]),
    Route("/api/jobs", _list, methods=["GET"]),
    Route("/api/jobs/{id}", _on_job("get"), methods=["GET"]),
    Route("/api/jobs/{id}", _delete, methods=["DELETE"]),
    Route("/api/jobs/{id}/cancel", _on_job("cancel"), methods=["POST"]),
    Route("/api/jobs/{id}/resume", _on_job("resume"), methods=["POST"]),
    Route("/api/jobs/{id}/rows", _rows),
    Route("/api/jobs/{id}/report", _report),
    Route("/api/jobs/{id}/files/{format}", _file),
]
