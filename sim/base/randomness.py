"""Keyed randomness: every draw is a pure function of (run seed, decision, time, agent[, partner]).

There is no generator and no order. The draw of one agent never depends on who else draws, on how
many others are at risk, or on the scenario, so a difference between two scenarios is the policy
and never the dice (common random numbers).

The hash is splitmix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195): draw ``a`` of
stream ``s`` is the ``a+1``-th output of splitmix64 seeded with ``s``; tests hold published vectors.
Chances become integer thresholds ``floor(p 2^32)`` in one place (`threshold_of`) and are compared
with the upper 32 bits of the hash as integers.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    IntArray = NDArray[np.integer[Any]]

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Decision:
    """A named random choice; its ``number`` enters the key and never changes."""

    id: str
    number: int
    key: str
    meaning: str


def _table(*rows: tuple[int, str, str, str]) -> dict[str, Decision]:
    table = {name: Decision(name, number, key, meaning) for number, name, key, meaning in rows}
    if len(table) != len(rows) or len({d.number for d in table.values()}) != len(rows):
        raise ValueError("decision names and numbers must be unique")
    return table


DECISIONS = _table(
    (1, "resident_traits", "resident, move", "interest, barriers, digital access, opportunity"),
    (2, "resident_initial", "resident", "state before the burn-in"),
    (3, "resident_start", "resident, month", "starts to volunteer; lower half: by referral"),
    (4, "resident_active", "resident, month", "an episodic volunteer is active this month"),
    (5, "resident_quit", "resident, month", "quits because of load; lower half: lack of time"),
    (6, "resident_change", "resident, month", "quits by mismatch; lower half: episodic, regular"),
    (9, "resident_moves", "resident, fiscal year", "moves away; the slot is a newcomer"),
    (10, "resident_satisfied", "resident, fiscal year", "answers 'satisfied' in the survey"),
    (20, "common_income", "fiscal year", "shock to all NPO incomes"),
    (21, "common_participation", "fiscal year", "shock to all residents' starts"),
    (30, "npo_order", "npo, feature", "order in which NPOs get a stratified feature"),
    (31, "npo_trait", "npo, trait", "a fixed trait (volunteer weight, need, reserve habit ...)"),
    (32, "npo_shock", "npo, month", "shocks to an NPO's income and capability"),
    (33, "npo_digital", "npo, month", "takes up or drops online services"),
    (34, "npo_ties", "npo, month", "starts or ends regular cooperation"),
    (36, "npo_successor", "npo, month", "a successor is prepared or lost"),
    (37, "npo_leader_exit", "npo, leader number", "how long a leader stays"),
    (38, "npo_succession", "npo, leader number", "whether and by whom a leader is succeeded"),
    (39, "npo_dormancy", "npo, month", "an active NPO becomes dormant"),
    (40, "npo_closure", "npo, month", "a dormant NPO closes"),
    (41, "npo_revival", "npo, month", "a dormant NPO revives"),
    (42, "npo_entry", "ward, field, month, ordinal", "an NPO is founded"),
    (43, "npo_client", "npo, fiscal year", "is a user of intermediaries this year"),
    (44, "npo_consults", "npo, month", "asks for a consultation"),
    (45, "consultation_priority", "npo, month", "order in the queue for consultations"),
    (46, "npo_satisfied", "npo, fiscal year", "answers 'satisfied' in the yearly survey"),
    (50, "ward_feature", "ward, feature", "which wards have a feature (assigned at random)"),
    (60, "project_proposal", "npo, fiscal year, slot", "an NPO proposes; month; form; budget ..."),
    (61, "ward_proposal", "ward, fiscal year, slot", "a ward office proposes a commission"),
    (62, "project_match", "ward, npo, proposal", "which NPO gets a ward's commission (Gumbel)"),
    (63, "project_accept", "project", "the ward office accepts a proposal"),
    (64, "project_priority", "project", "order when officer hours or budget are short"),
    (65, "project_trait", "project, trait", "frailty, participants, partners, form, budget"),
    (66, "project_renewal", "project, fiscal year", "is continued in April"),
    (67, "project_outcome", "project, fiscal year", "the problem is solved"),
    (68, "project_repair", "project, fiscal year", "a failing project is improved and solves it"),
    (69, "project_end_satisfied", "project", "partner satisfied in the survey at the end"),
    (80, "enrolment", "initiative, npo, fiscal year", "an NPO's priority for a place"),
    (81, "uptake", "initiative, npo or project, year or month", "applies, registers, imitates"),
    (82, "conversion", "initiative, npo, fiscal year", "the treatment has its effect"),
    (83, "ward_order", "initiative, ward", "order in which wards are treated"),
    (84, "project_treatment", "initiative, project, year or choice", "priority or adoption"),
    (85, "staff_graduate", "initiative, npo, fiscal year", "a graduate advises; who is advised"),
    (90, "parameter", "draw, parameter", "value of an uncertain parameter in a draw"),
)


def mix(z: int) -> int:
    """The splitmix64 finaliser on a Python integer (64 bits in, 64 bits out)."""
    z &= MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def hash_key(stream: int, *keys: int) -> int:
    """Draw of ``keys`` in ``stream``: output number key+1 of splitmix64, chained over the keys."""
    for key in keys:
        stream = mix(stream + (key + 1) * GOLDEN)
    return stream


def unit(bits: int) -> float:
    """A uniform strictly between 0 and 1 from the upper 52 of 64 bits (53 would round to 1)."""
    return ((bits >> 12) + 0.5) * (1.0 / 4503599627370496.0)


def initiative_key(initiative: str) -> int:
    """The number by which an initiative's draws are told from those of others: 11 for "1.1".

    No two initiatives share one, nor one with any of 99 choices, each of which adds 100 to it:
    "1.1" to "9.9" have two digits, "1.11" and others at least eight. ValueError for "1.1000".
    """
    measure, number = (int(part) for part in initiative.split("."))
    if 1 <= measure <= 9 and 1 <= number <= 9:
        return 10 * measure + number
    if number > 999:
        raise ValueError(f"initiative {initiative}: a measure has at most 999")
    return 10_000 * (1_000 * measure + number)


def threshold_of(p: float) -> int:
    """``floor(p 2^32)`` clipped to [0, 2^32]: the event happens if the upper 32 bits are below."""
    if not p > 0.0:
        return 0
    return 4294967296 if p >= 1.0 else math.floor(p * 4294967296.0)


def parameter_uniform(seed: int, draw: int, parameter_id: str) -> float:
    """The uniform (0, 1) behind parameter ``parameter_id`` in draw ``draw`` of study ``seed``."""
    stream = hash_key(mix(seed), DECISIONS["parameter"].number, draw)
    return unit(hash_key(stream, zlib.crc32(parameter_id.encode("utf-8"))))


@dataclass(frozen=True)
class KeyedRandom:
    """The draws of one run: identified by study seed, the draw's index and the replicate.

    The draw's *index* is in the key (else all draws would share the same luck); values of
    parameters and scenarios never are. ``draw=None`` (central values) has the index -1.
    """

    seed: int
    draw: int | None = None
    replicate: int = 0

    @cached_property
    def root(self) -> int:
        """64-bit state that identifies the run."""
        index = 0 if self.draw is None else self.draw + 1
        return hash_key(mix(self.seed), index, self.replicate)

    @cached_property
    def _bases(self) -> dict[str, int]:
        return {name: hash_key(self.root, d.number) for name, d in DECISIONS.items()}

    def base(self, decision: str) -> int:
        """64-bit stream of a decision before its time is hashed in (kernels add ordinals)."""
        return self._bases[decision]

    def stream(self, decision: str, time: int = 0) -> int:
        """64-bit stream of a decision at a time (month, fiscal year or ordinal; may be < 0)."""
        return hash_key(self._bases[decision], time & MASK)

    def bits(self, decision: str, time: int, ids: IntArray, partner: int | None = None) -> Any:
        """Upper 32 bits, int64 array of the shape of ``ids``; ``partner`` is a second key."""
        import numpy as np

        return (self._hash(decision, time, ids, partner) >> np.uint64(32)).astype(np.int64)

    def uniform(self, decision: str, time: int, ids: IntArray, partner: int | None = None) -> Any:
        """Uniforms strictly in (0, 1), float64 array of the shape of ``ids``."""
        import numpy as np

        bits = self._hash(decision, time, ids, partner)
        return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * (1.0 / 4503599627370496.0)

    def below(
        self, decision: str, time: int, ids: IntArray, p: Any, partner: int | None = None
    ) -> Any:
        """Boolean array: the event of chance ``p`` (scalar or array) happens for each id."""
        import numpy as np

        if np.ndim(p):
            return self.bits(decision, time, ids, partner) < thresholds(p)
        keys = np.ascontiguousarray(ids, dtype=np.int64)
        out = np.empty(keys.shape, dtype=np.bool_)
        second = -1 if partner is None else partner
        stream = np.uint64(self.stream(decision, time))
        _kernels().below_array(stream, keys, second, threshold_of(float(p)), out)
        return out

    def normal(self, decision: str, time: int, ids: IntArray, partner: int | None = None) -> Any:
        """Standard normals by the inverse distribution function, float64 array."""
        from scipy.special import ndtri

        return ndtri(self.uniform(decision, time, ids, partner))

    def rank(self, decision: str, time: int, ids: IntArray, partner: int | None = None) -> Any:
        """Positions that sort ``ids`` by their keyed priority, ties by id (int64 array)."""
        import numpy as np

        bits = self._hash(decision, time, ids, partner)
        order = np.argsort(bits)
        ranked = bits[order]
        if (ranked[1:] == ranked[:-1]).any():
            order = np.lexsort((ids, bits))
        return order

    def _hash(self, decision: str, time: int, ids: IntArray, partner: int | None) -> Any:
        import numpy as np

        keys = np.ascontiguousarray(ids, dtype=np.int64)
        bits = np.empty(keys.shape, dtype=np.uint64)
        stream = np.uint64(self.stream(decision, time))
        _kernels().draw_array(stream, keys, -1 if partner is None else partner, bits)
        return bits


@cache
def _kernels() -> Any:
    # loaded late: reading scenarios and parameters needs no compiled code
    from sim.base import randomness_kernels

    return randomness_kernels


def thresholds(p: Any) -> Any:
    """`threshold_of` for a scalar or an array: int64."""
    import numpy as np

    if np.ndim(p) == 0:
        return threshold_of(float(p))
    # for small arrays two ufuncs are several times faster than np.clip
    scaled = np.minimum(np.maximum(p, 0.0), 1.0) * 4294967296.0
    return np.floor(scaled).astype(np.int64)


def generator(seed: int, purpose: str) -> Any:
    """A numpy generator for analysis (never for the model): a pure function of seed and purpose."""
    import numpy as np

    return np.random.Generator(np.random.PCG64([mix(seed), zlib.crc32(purpose.encode("utf-8"))]))


def legacy_state(random: Any) -> tuple[Any, ...]:
    """A state of numpy's old generator (emcee wants one), drawn from a keyed generator."""
    import numpy as np

    key = random.integers(0, 2**32, size=624, dtype=np.uint32)
    return ("MT19937", key, 624, 0, 0.0)
