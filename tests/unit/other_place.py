"""An invented place of three areas: every file of its folder, and the figures of a profile for it.

Its columns, codes, start year, map and credits differ from those of every bundled place.
"""

from __future__ import annotations

import json
from pathlib import Path

CODES = (90001, 90002, 90003)
DESCRIPTION = """\
name: {en: Three Harbours, ja: 三港}
start_year: 2026
areas:
  file: towns.csv
  code: number
  name: {en: english, ja: japanese}
  endings_ja: [町, 市]
  population:
    total: everyone
    under_15: children
    from_15_to_64: working
    from_65: old
    from_75: oldest
  general_staff: officers
  establishments: firms
  hectares: land
statistics: {file: what.csv, source: an invented census}
neighbours: {file: touching.csv, pair: [one, other]}
map: {file: shapes.json, code: id}
under_charts: {en: an invented census, ja: 架空の調査}
under_maps: {en: invented shapes, ja: 架空の境界}
credits: [an invented census of Three Harbours]
"""
AREAS = """\
number,japanese,english,land,everyone,children,working,old,oldest,officers,firms
90003,南浦町,Minamiura,900,40000,5000,22000,13000,7000,210,1500
90001,東浜市,Higashihama,2100,160000,18000,98000,40000,21000,800,7000
90002,西浜市,Nishihama,1700,100000,12000,61000,26000,13500,520,4100
"""
STATISTICS = """\
column,source_code,label_ja,label_en,unit,year
everyone,X1,住民,residents,persons,2025
land,X2,面積,land,ha,2025
"""
NEIGHBOURS = "one,other\n90001,90002\n90002,90003\n"
PROFILE = """\
name: harbours
extends: document
rows:
  ward_count: {value: 3, source: {title: invented}}
  npo_count: {value: 300, source: {title: invented}}
  npo_income_total: {value: 9000000000, unit: yen per year, source: {title: invented}}
  certified_npo: {value: 12, source: {title: invented}}
  npo_entries_per_year: {value: 14, source: {title: invented}}
  consultations: {value: 480, source: {title: invented}}
  intermediary_count: {value: 4, source: {title: invented}}
  intermediary_with_gov: {value: 2, source: {title: invented}}
  collab_projects: {value: 62, source: {title: invented}}
  m3_kpioc1_joint_current: {value: 3, source: {title: invented}}
  collab_budget: {value: 900000000, unit: yen per year, source: {title: invented}}
wards:
  90002: {department: true, npo_count: 80}
"""
PARAMETERS = {"collaboration.commission_rate": 6.0}
"""A number of the whole place that the borrowed posterior has for another one."""


def write_place(folder: Path) -> Path:
    """Write the folder of the place; its path."""
    folder.mkdir()
    square = [[0, 0], [1, 0], [1, 1], [0, 0]]
    shapes = [
        {
            "type": "Feature",
            "properties": {"id": str(code)},
            "geometry": {"type": "Polygon", "coordinates": [[[x + n, y] for x, y in square]]},
        }
        for n, code in enumerate(CODES)
    ]
    for name, text in (
        ("place.yaml", DESCRIPTION),
        ("towns.csv", AREAS),
        ("what.csv", STATISTICS),
        ("touching.csv", NEIGHBOURS),
        ("shapes.json", json.dumps({"type": "FeatureCollection", "features": shapes})),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def write_profile(path: Path) -> Path:
    """Write the profile for the place; its path."""
    path.write_text(PROFILE, encoding="utf-8")
    return path
