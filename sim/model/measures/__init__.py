"""The three measures with five initiatives each, in the order of the document.

To add an initiative: write one class (its measure's file) and its parameters
(calibration/parameters/initiatives.yaml). Everything else finds it here.
"""

from __future__ import annotations

from sim.model.measures import network, platform, support
from sim.model.measures.base import Initiative, Programme, discount_factor

INITIATIVES: dict[str, type[Initiative]] = {
    cls.id: cls
    for module in (platform, support, network)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Initiative) and cls.__module__ == module.__name__
}
MEASURES: dict[int, dict[str, str]] = {
    1: {
        "en": "Digital collaboration platform",
        "ja": "協働推進基盤の構築とデジタル化支援",
    },
    2: {
        "en": "Intermediary support and people",
        "ja": "中間支援機能の強化と人材育成",
    },
    3: {
        "en": "Project quality and networks",
        "ja": "協働事業の質的向上とネットワーク形成支援",
    },
}

__all__ = [
    "INITIATIVES",
    "MEASURES",
    "Initiative",
    "Programme",
    "discount_factor",
]
