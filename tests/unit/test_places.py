"""Places: the bundled one, and an invented one of three areas that only its data make possible."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from other_place import CODES, PARAMETERS, write_place, write_profile

from sim.base.errors import ContentError, UsageError
from sim.figures.credits import credits
from sim.figures.evidence import load_profile
from sim.model.model import CollaborationModel
from sim.places.load import DEFAULT_PLACE, load_place, place_names, start_year
from sim.places.place import Place
from sim.places.tables import area_statistics, outlines
from sim.scenario.reader import load_scenario


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_place(tmp_path_factory.mktemp("places") / "harbours")


@pytest.fixture(scope="module")
def harbours(folder: Path) -> Place:
    return load_place(folder)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_profile(tmp_path_factory.mktemp("profiles") / "harbours.yaml"))


# ---- a bundled place


@pytest.mark.parametrize("id", place_names())
def test_every_bundled_place_is_whole(id: str) -> None:
    place = load_place(id)
    assert place is load_place(id)
    assert place is load_place(place)
    names = place.codes_by_name()
    assert set(names.values()) == set(place.code)
    numbers = place.numbers
    for values in (numbers.pop_15plus, numbers.general_staff, numbers.establishments):
        assert values.shape == (len(place.code),)
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
    assert (numbers.pop_15_64 + numbers.pop_65_74 + numbers.pop_75plus == numbers.pop_15plus).all()
    assert (numbers.pop_15plus < numbers.pop_total).all()
    assert [f["properties"]["code"] for f in outlines(place)["features"]] == list(place.code)
    assert all(len(one.values) == len(place.code) for one in area_statistics(place))
    assert all(set(one.label) == {"en", "ja"} for one in area_statistics(place))
    assert set(credits(place)) >= set(place.credits)


def test_the_default_place_is_the_one_that_is_not_named() -> None:
    assert load_place() is load_place(DEFAULT_PLACE)
    assert start_year() == 2024
    assert load_place().name == {"en": "Tokyo's 23 wards", "ja": "東京23区"}


def test_an_unknown_place_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=f"unknown place 'tokio23' .did you mean '{DEFAULT_PLACE}'"
    ):
        load_place("tokio23")
    with pytest.raises(UsageError, match=r"no place, it has no place\.yaml"):
        load_place(tmp_path)


def test_the_wards_are_those_of_the_census() -> None:
    document = load_profile()
    place = load_place()
    wards = place.numbers
    assert place.code == tuple(range(13101, 13124))
    assert place.area_names["en"][3] == "Shinjuku"
    assert place.area_names["ja"][3] == "新宿区"
    assert int(wards.pop_total.sum()) == document.value("ward_population_total") == 9_733_276
    assert int(wards.pop_15plus.sum()) == document.value("population_15plus") == 8_638_445
    bands = wards.pop_15_64 + wards.pop_65_74 + wards.pop_75plus
    assert (bands == wards.pop_15plus).all()
    assert int(wards.general_staff.sum()) == document.value("ward_staff_total") == 56_108
    # Chiyoda by hand: 66,680 residents, of whom 66,345 of known age.
    assert wards.pop_15_64[0] in (46_751, 46_752)
    assert abs(float(wards.pop_75plus[0]) - 5_677 * 66_680 / 66_345) < 1
    assert len(place.neighbours) == 56
    assert {code for pair in place.neighbours for code in pair} == set(place.code)
    with place.table.open(encoding="utf-8") as f:
        movers = sum(int(row["inmigrants_2024"]) for row in csv.DictReader(f))
    assert document.value("resident_move_rate") == pytest.approx(movers / 9_733_276, abs=0.0005)


def test_credits() -> None:
    lines = credits()
    assert any("SSDSE-A-2026（統計センター）を加工して作成" in line for line in lines)
    assert any(
        "国土数値情報（行政区域データ）」（国土交通省）を加工して作成" in line for line in lines
    )
    assert any("ファクトチェックは行われていません" in line for line in lines)


def test_a_users_profile_with_wards_and_a_changed_file(tmp_path: Path) -> None:
    def write(text: str) -> Path:
        (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "own.yaml"

    text = (
        "name: own\nextends: document\nwards:\n"
        "  13104: {department: true, evaluates: true, uses_evaluation: false, npo_count: 700}\n"
        "  13112: {department: false, digital_collaboration: true, digital_support: true}\n"
    )
    path = write(text)
    own = load_profile(path)
    assert own.ward_features[13104] == {
        "department": True,
        "evaluates": True,
        "uses_evaluation": False,
        "npo_count": 700,
    }
    assert set(own.ward_features) == {13104, 13112}
    assert load_profile(path) is own
    write(text.replace("700", "701"))
    os.utime(path, ns=(1, 1))
    assert load_profile(path).ward_features[13104]["npo_count"] == 701
    # All 23 wards must add up to the number of NPO corporations.
    all_wards = "".join(f"  {code}: {{npo_count: 300}}\n" for code in range(13101, 13124))
    head = "name: own\nextends: document\n"
    with pytest.raises(ContentError, match="adds up to 6900 in 23 wards"):
        load_profile(write(head + "wards:\n" + all_wards))
    fits = head + "rows:\n  npo_count: {value: 6900, source: {title: Own count}}\nwards:\n"
    assert load_profile(write(fits + all_wards)).value("npo_count") == 6900


# ---- another place


def test_another_place_is_read_from_its_folder(harbours: Place) -> None:
    assert harbours.id == "harbours"
    assert harbours.code == CODES  # in order, whatever the order of the rows
    assert harbours.area_names["en"] == ("Higashihama", "Nishihama", "Minamiura")
    assert harbours.example() == "[90002, Nishihama]"
    # 156,000 of 160,000 are of known age
    by_hand = round(138_000 * 160_000 / 156_000)
    assert abs(int(harbours.numbers.pop_15plus[0]) - by_hand) <= 1
    assert harbours.numbers.hectares.tolist() == [2100, 1700, 900]
    assert harbours.neighbours == ((90001, 90002), (90002, 90003))
    assert [f["properties"]["code"] for f in outlines(harbours)["features"]] == list(CODES)
    land = area_statistics(harbours)[1]
    assert (land.label["en"], land.unit, land.year, land.values) == (
        "land",
        "ha",
        2025,
        (2100, 1700, 900),
    )


def test_areas_go_by_code_and_by_names_with_and_without_their_ending(harbours: Place) -> None:
    names = harbours.codes_by_name()
    for name in ("90001", "higashihama", "東浜市", "東浜"):
        assert names[name] == 90001
    assert names["南浦"] == 90003
    assert harbours.short("町") == "町"


def test_nothing_of_the_default_place_is_in_the_credits_of_another(harbours: Place) -> None:
    lines = credits(harbours)
    assert lines[0] == "an invented census of Three Harbours"
    assert not set(load_place().credits) & set(lines)
    assert set(lines[1:]) < set(credits())  # those of the figures


def test_a_model_of_another_place_runs(harbours: Place, profile: str) -> None:
    model = CollaborationModel(
        "all_measures",
        scale=0.01,
        years=1,
        profile=profile,
        parameters=PARAMETERS,
        by="ward",
        place=harbours,
    )
    offices = [a for a in model.agents if hasattr(a, "minutes_capacity")]
    assert [(a.code, a.name_ja) for a in offices] == list(
        zip(CODES, harbours.area_names["ja"], strict=True)
    )
    model.run(collect=False)
    assert {year for year, *_ in model.records} == {2026}
    by_ward = {ward: v for _, _, ward, id, v in model.records if id == "participation_rate"}
    assert set(by_ward) == {"all", *map(str, CODES)}
    assert all(v is not None and 0.1 < v < 0.6 for v in by_ward.values())
    values = {id: v for _, _, ward, id, v in model.records if ward == "all"}
    assert len(values) > 40
    projects, npos = values["M1-KPIop-1"], values["npos_registered"]
    assert projects is not None
    assert npos is not None
    assert 40 < projects < 90  # of the profile's 62
    assert 270 < npos < 340  # of its 300
    world = model.world
    assert world.fiscal_year == 2027  # the year after the last month
    present = world.npos.founded < -72
    assert np.bincount(world.npos.ward[present]).tolist()[1] == 80  # as the profile says of it
    assert world.residents.n == round(int(harbours.numbers.pop_15plus.sum()) * 0.01)
    assert model.world.wards.department[1] == 1  # as the profile says of it


def test_months_and_wards_of_a_scenario_are_those_of_the_place(
    harbours: Place, profile: str, tmp_path: Path
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        'id: own\nname: {en: own}\nwards: [東浜, 90003]\ninitiatives:\n  "1.1": {start: 2026-10}\n',
        encoding="utf-8",
    )
    scenario = load_scenario(file, 1, harbours)
    assert scenario.wards == (90001, 90003)
    assert scenario.initiatives["1.1"].start == 6
    assert scenario.to_dict(start_year=2026)["initiatives"]["1.1"]["start"] == "2026-10"
    with pytest.raises(ContentError, match="2026-10 is outside the horizon 2024-04 to 2025-03"):
        load_scenario(file.write_text(file.read_text().replace("東浜, 90003", "13101")) and file, 1)
    model = CollaborationModel(
        scenario, scale=0.001, years=1, profile=profile, parameters=PARAMETERS, by="month",
        burn_in_months=12, place=harbours,
    )  # fmt: skip
    model.run(collect=False)
    months = [month for _, month, *_ in model.records if month]
    assert (months[0], months[-1]) == ("2026-04", "2027-03")
    assert [i.in_wards.tolist() for i in model.initiatives] == [[True, False, True]]


def test_a_profile_must_be_about_as_many_wards(harbours: Place, profile: str) -> None:
    said = "ward_count: 23 wards, where the place harbours has 3: use a profile that sets this row"
    with pytest.raises(ContentError, match=said):
        load_profile("document", harbours)
    with pytest.raises(ContentError, match="unknown key '90002'"):
        load_profile(profile)  # the wards that it speaks of are not those of the default place
    own = load_profile(profile, harbours)
    assert own.value("wards_with_department_count") == 1  # 47.8 % of 3
    assert own.ward_features == {90002: {"department": True, "npo_count": 80}}


def test_more_areas_than_agents_can_tell_apart_are_refused(folder: Path, tmp_path: Path) -> None:
    many = write_place(tmp_path / "many")
    rows = (many / "towns.csv").read_text(encoding="utf-8").splitlines()
    areas = [rows[0], *(rows[1].replace("90003", str(20000 + n)) for n in range(200))]
    (many / "towns.csv").write_text("\n".join(areas) + "\n", encoding="utf-8")
    (many / "touching.csv").write_text("one,other\n", encoding="utf-8")
    own = tmp_path / "many.yaml"
    own.write_text(
        "name: many\nextends: document\nrows:\n"
        "  ward_count: {value: 200, source: {title: invented}}\n",
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match="place many: 200 areas, where agents can stand in 127"):
        CollaborationModel(scale=0.001, years=1, profile=str(own), place=many)


Change = Callable[[Path], None]


def put(file: str, old: str, new: str) -> Change:
    """Another text in a file of the place."""

    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("place.yaml", "start_year: 2026\n", ""), "place.yaml:1: the file: missing start_year"),
        (put("place.yaml", "2026", "soon"), "place.yaml:2: start_year: 'soon' is no year"),
        (put("place.yaml", "total: everyone", "total: evryone"), "did you mean 'everyone'"),
        (put("place.yaml", "hectares: land", "acres: land"), "areas: unknown key 'acres'"),
        (put("place.yaml", "file: towns.csv", "file: cities.csv"), "file not found: cities.csv"),
        (put("place.yaml", "[an invented", "[[], an invented"), "expected a list of texts"),
        (put("towns.csv", "90001", "90003"), "area 90003 stands in two rows"),
        (put("towns.csv", "40000", "40,000"), "towns.csv:2: "),
        (put("towns.csv", ",22000,", ",92000,"), "towns.csv:2: area 90003: its age bands"),
        (put("towns.csv", ",7000,210", ",17000,210"), "towns.csv:2: area 90003: its age bands"),
        (put("touching.csv", "90003", "90004"), "touching.csv:3: '90002, 90004': no two codes"),
    ],
)
def test_a_place_that_is_not_whole_is_refused(tmp_path: Path, change: Change, said: str) -> None:
    folder = write_place(tmp_path / "broken")
    change(folder)
    with pytest.raises(ContentError) as caught:
        load_place(folder)
    assert said in str(caught.value)


def test_outlines_and_statistics_must_fit_the_areas(tmp_path: Path) -> None:
    folder = write_place(tmp_path / "broken")
    put("shapes.json", '"90003"', '"90009"')(folder)
    put("what.csv", "land,X2", "lnd,X2")(folder)
    with pytest.raises(ContentError, match=r"outlines of \[90001, 90002, 90009\]"):
        outlines(load_place(folder))
    with pytest.raises(ContentError, match=r"what\.csv:3: column or value missing: 'lnd'"):
        area_statistics(load_place(folder))
