"""Libraries that only some parts need, by the extra that installs them."""

from __future__ import annotations

from importlib.util import find_spec

from sim.base.errors import KyodoError


def need(module: str, extra: str, what: str = "this command") -> None:
    """Raise KyodoError (exit code 1) with the pip line where an optional library is missing.

    ``what`` needs it.
    """
    if find_spec(module) is None:
        raise KyodoError(
            f"{what} needs {module}, which is not installed:"
            f" python -m pip install 'kyodo-sim[{extra}]'"
            f" (in a checkout: python -m pip install -c constraints.txt '.[{extra}]')"
        )
