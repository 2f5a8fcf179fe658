"""Layout of the count tables that the monthly passes fill, one row a ward.

``RESIDENTS``: columns of ``world.residents_by_ward`` (sample counts of the last month).
``NPOS``: columns of ``world.npos_by_ward``.
"""

from __future__ import annotations

EPISODIC_NOW, REGULAR_NOW, ACTIVE_NOW, PARTICIPANTS, STARTS = 0, 1, 2, 3, 4
QUIT_LOAD, QUIT_TIME, QUIT_MISMATCH, QUITS, REFERRABLE, REFERRED = 5, 6, 7, 8, 9, 10
RESIDENTS = 11

ACTIVE_NPOS, SHORT_PEOPLE, SHORT_FUNDS, ONLINE, COOPERATE, UNPREPARED = 0, 1, 2, 3, 4, 5
NPOS = 6

# entries of ``world.money``, the ledger of the NPOs' cash in whole yen
INCOME, SPENDING, ENDOWED, WRITTEN_OFF = 0, 1, 2, 3
