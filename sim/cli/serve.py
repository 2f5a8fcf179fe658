"""``kyodo serve``: the page in the browser, on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.base import user_choices
from sim.base.optional import need
from sim.cli import shared_options as o

if TYPE_CHECKING:
    from sim.app.settings import AppSettings

MARK = "serve.json"
"""The file that marks a folder of sessions, and names the server that uses it."""

Host = Annotated[str, typer.Option("--host", help="Address to listen on (no password!).")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0: any free one.")]
Out = Annotated[str, typer.Option("--out", metavar="DIR", help="Folder of sessions and results.")]
Lang = Annotated[user_choices.Lang, typer.Option("--lang", help="Language that the page opens in.")]
Open = Annotated[
    bool | None,
    typer.Option("--open/--no-browser", help="Open a browser [default: from a terminal]."),
]

Prepare = Annotated[
    bool, typer.Option("--prepare", help="Make instant answers for the profile first.")
]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8765,
    out: Out = "results/serve",
    profile: o.Profile = None,
    lang: Lang = user_choices.Lang.ja,
    browser: Open = None,
    workers: o.Workers = None,
    prepare: Prepare = False,
    force: o.Force = False,
) -> None:
    """Open Kyodo in the browser: choose measures, compare, take files home.

    Runs on this machine and needs no internet. Prints the address; Ctrl-C ends it.
    """
    for module in ("starlette", "uvicorn", "vl_convert"):
        need(module, "app")
    import uvicorn

    from sim.app.app import create_app
    from sim.app.settings import AppSettings
    from sim.figures.evidence import load_profile

    load_profile(profile or "document")
    name = str(Path(profile).resolve()) if profile and Path(profile).is_file() else profile
    settings = AppSettings(
        out=Path(out), host=host, profile=name or "document", lang=lang.value, workers=workers
    )
    with listen(host, port) as listener:
        address = address_of(listener, host)
        mark = claim(settings.out, address, force=force)
        try:
            if prepare:
                prepare_answers(settings)
            app = create_app(settings)
            app.state.warm()
            config = uvicorn.Config(
                app, log_level="error", access_log=False, server_header=False, lifespan="on"
            )
            server = uvicorn.Server(config)
            with contextlib.suppress(KeyboardInterrupt):  # the usual end
                if not is_loopback(listener):
                    o.say(
                        f"warning: {host} can be reached from other machines, and there is no"
                        " password: whoever reaches it can start runs (docs/serve.md)"
                    )
                o.say(f"kyodo serve: sessions and results in {settings.out}; Ctrl-C ends it")
                o.emit(address)
                if opens(browser, is_loopback(listener)):
                    import webbrowser

                    webbrowser.open(address)
                server.run(sockets=[listener])
        finally:
            mark.unlink(missing_ok=True)
    o.say("kyodo serve: ended; finished runs are kept")


def prepare_answers(settings: AppSettings) -> None:
    """Run the anchors of instant answers for the profile, unless they are there.

    A stopped preparation goes on. Raises KyodoError if a run failed.
    """
    from sim.analyses.instant.anchors import (
        anchor_runs,
        find_anchors,
        prepare,
        stamp_of,
        write_anchors,
    )
    from sim.app.answers import folder
    from sim.cli.running import progress_bar
    from sim.runs.spec import canonical_hash
    from sim.runs.store import ResultStore
    from sim.runs.workers import available_cores

    profile, kept = settings.profile, folder(settings)
    if find_anchors(profile, [kept]) is not None:
        o.say("instant answers of this profile are there already")
        return
    workers = settings.workers or available_cores()
    o.say(
        f"instant answers: {anchor_runs():,} runs on {workers} workers, about ten minutes on two"
        " cores; Ctrl-C stops, the same command goes on"
    )
    name = Path(profile).stem
    store = ResultStore(kept / f"{name}-runs")
    store.open(canonical_hash(["anchors", stamp_of(profile)]), force=True)
    with progress_bar(anchor_runs(), quiet=False) as progress:
        anchors = prepare(profile, workers=workers, store=store, progress=progress)
    write_anchors(kept / f"{name}.parquet", anchors)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises UsageError for a port that is taken or a host that is not ours."""
    from sim.base.errors import UsageError

    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise UsageError(f"--host {host}: {error.strerror or error}") from None
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(128)
    except OSError as error:
        listener.close()
        import errno

        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"--port {port} is taken, perhaps by another kyodo serve:"
                " give another --port, or 0 for any free one"
            ) from None
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    return listener


def address_of(listener: socket.socket, host: str) -> str:
    """The address to open: with the real port, and a name that a browser understands."""
    bound, port = listener.getsockname()[:2]
    if bound in ("0.0.0.0", "::"):
        bound = socket.gethostname()
    return f"http://[{bound}]:{port}/" if ":" in bound else f"http://{bound}:{port}/"


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can reach it."""
    import ipaddress

    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def claim(folder: Path, address: str, *, force: bool) -> Path:
    """Make the folder ours. Raises OutputError if a server uses it, or it holds other files."""
    import psutil

    from sim.base.errors import OutputError
    from sim.base.files import atomic_write

    mark = folder / MARK
    other = _read(mark)
    if other is not None and psutil.pid_exists(other["pid"]):
        same = abs(psutil.Process(other["pid"]).create_time() - other["created"]) < 1.0
        if same and other["pid"] != os.getpid():
            raise OutputError(
                f"{folder} is used by the server at {other['address']}: open that, or give --out"
            )
    if other is None and folder.is_dir() and not force:
        strangers = {p.name for p in folder.iterdir()} - {"sessions", "instant"}
        if strangers:
            raise OutputError(
                f"{folder} holds other files: choose another --out, or --force to write there"
            )
    with atomic_write(mark, "w") as stream:
        created = psutil.Process().create_time()
        json.dump({"address": address, "pid": os.getpid(), "created": created}, stream)
    if os.name == "posix":
        folder.chmod(0o700)  # sessions are nobody else's business
    return mark


def _read(mark: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))
        return {
            "pid": int(found["pid"]),
            "created": float(found["created"]),
            "address": str(found["address"]),
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None


def opens(wanted: bool | None, loopback: bool) -> bool:
    """Whether to open a browser: as asked, else from a terminal of a desktop."""
    if wanted is not None:
        return wanted
    desktop = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return loopback and desktop and sys.stdout.isatty()
