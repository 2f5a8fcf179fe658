"""What a server is started with, and the limits that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MAX_BODY = 256 * 1024
"""Most bytes of a request's body: a scenario file has about 1 kB."""
MAX_DISCARDED = 16 * 2**20
"""Bytes of a body that is too long which are taken and dropped before the refusal is sent."""
IDLE_SECONDS = 1.0
"""How long the next bytes of such a body are waited for."""
BODY_SECONDS = 30.0
"""Longest time that a body may take to arrive."""
MAX_SCENARIOS = 8
MAX_DRAWS = 1000
MAX_REPLICATES = 20
MAX_NUMBER = 10_000
"""Most of any other whole number that a question leaves open."""
MAX_JOBS = 50
"""Jobs that a session may keep."""
MAX_TITLE = 200
OWN = "own"
"""The id of a profile file given by ``--profile``; its path never leaves the server."""


@dataclass(frozen=True)
class AppSettings:
    """``out``: folder of the sessions. ``host``: as bound. ``profile``: a name, or a file's path.

    ``workers``: processes of a run (None: all cores). ``running``: runs at the same time.
    ``web``: folder of the page.
    """

    out: Path
    host: str = "127.0.0.1"
    profile: str = "document"
    lang: str = "ja"
    workers: int | None = None
    running: int = 1
    web: Path = Path(__file__).resolve().parent / "web"

    @property
    def profile_id(self) -> str:
        """The profile's id for the page."""
        return OWN if self.own_profile else self.profile

    @property
    def own_profile(self) -> str | None:
        """The path of the profile file, if the server was started with one."""
        return self.profile if self.profile.lower().endswith((".yaml", ".yml")) else None

    def profile_of(self, id: str) -> str:
        """What ``load_profile`` takes for an id of the page."""
        return self.own_profile if id == OWN and self.own_profile else id

    def profile_ids(self) -> list[str]:
        """Ids of the profiles that the page offers."""
        from sim.figures.profiles import profile_names

        return [*profile_names(), *([OWN] if self.own_profile else [])]
