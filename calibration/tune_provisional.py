"""Hand-tuning of the provisional parameters, reproducible: one knob for one documented level.

    python calibration/tune_provisional.py            # print the table, change nothing
    python calibration/tune_provisional.py --write    # iterate and write the values into the YAML

Each knob moves by a damped secant step on the log (or log-odds, or plain) scale towards its level
in the first fiscal year, at 1/100 scale, mean over the seeds below; the seeds differ from those of
the test that holds the result. This is no calibration: it gives one point, no posterior.
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
from pathlib import Path

from sim.evidence import load_profile
from sim.model import BurnIn

SEEDS = range(500, 516)
FOLDER = Path(__file__).parent / "parameters"

# indicator, target (evidence id or number), parameter, scale of the step, slope of the indicator
KNOBS: tuple[tuple[str, str | float, str, str, float], ...] = (
    ("participation_rate", "vol_rate", "participation.external_rate", "log", 0.16),
    ("participation_20s", "vol_rate_20s", "participation.age_20s", "plain", 0.16),
    ("participation_30s", "vol_rate_30s", "participation.age_30s", "plain", 0.16),
    ("regular_share", "vol_continuing_share", "participation.step_up_rate", "log", 0.17),
    ("barrier_time", "reason_no_time", "participation.barrier_time_prevalence", "plain", 1.0),
    ("barrier_how", "reason_dont_know_how", "participation.barrier_how_prevalence", "plain", 1.0),
    (
        "barrier_what",
        "reason_dont_know_what",
        "participation.barrier_what_prevalence",
        "plain",
        1.0,
    ),
    ("stop_load", "stop_responsibility", "participation.quit_load_ratio", "log", 0.25),
    ("volunteer_stock", "=", "reference.volunteer_stock", "plain", 1.0),
    ("workers_mean", "workers_mean", "participation.npo_pool_share", "log", 11.0),
    ("shortage_people_share", "shortage_people_cao", "organisation.people_need", "log", 0.9),
    ("shortage_funds_share", "shortage_money", "organisation.funds_need", "log", 0.5),
    ("leaders_over_60", "rep_over60_share", "succession.successor_over_60", "plain", 0.5),
    ("no_successor_share", "no_successor_share", "succession.prepare_rate", "log", -0.24),
    ("M1-KPIoc-2", "npo_online_services", "organisation.online_adopt_rate", "log", 0.23),
    ("cooperation_share", "npo_regular_cooperation", "organisation.ties_start_rate", "log", 0.23),
    ("M2-KGI-1", "m2_kgi1_survival_current", "succession.dormancy_rate", "log", -0.09),
    ("npos_registered", "npo_count", "succession.entry_factor", "log", 2600.0),
    ("M1-KPIop-1", "collab_projects", "collaboration.proposal_rate", "log", 600.0),
    ("contract_share", "form_contract", "collaboration.commission_rate", "log", 0.24),
    (
        "M1-KPIoc-1",
        "collab_continuation",
        "collaboration.renewal_without_department",
        "logit",
        0.13,
    ),
    ("M1-KGI-1", "m1_kgi1_solve_rate_current", "collaboration.success_base", "logit", 0.2),
    ("M3-KPIoc-1", "m3_kpioc1_joint_current", "collaboration.joint_share", "log", 85.0),
    ("M1-KGI-2", "m1_kgi2_collab_satisf_current", "satisfaction.partner_base", "logit", 0.2),
    ("M2-KGI-2", "m2_kgi2_partner_satisf_current", "satisfaction.partner_end_base", "logit", 0.18),
    (
        "M3-KGI-2",
        "m3_kgi2_resident_satisf_current",
        "satisfaction.resident_intercept",
        "plain",
        0.22,
    ),
)


def measure(parameters: dict[str, float]) -> dict[str, float]:
    """Mean over the seeds of every indicator in the first fiscal year of the baseline."""
    rows: list[dict[str, float]] = []
    for seed in SEEDS:
        model = BurnIn(scale=0.01, seed=seed, years=1, parameters=parameters).branch("baseline")
        model.run()
        row = {i: v for _, _, ward, i, v in model.records if ward == "all" and v is not None}
        projects = model.projects
        row["contract_share"] = float((projects.form[projects.stage == 2] == 0).mean())
        rows.append(row)
    return {k: statistics.fmean(r[k] for r in rows) for k in rows[0] if all(k in r for r in rows)}


def moved(value: float, step: float, scale: str) -> float:
    """The parameter after a step on its scale."""
    if scale == "log":
        return value * math.exp(max(-0.5, min(0.5, step)))
    if scale == "logit":
        odds = value / (1 - value) * math.exp(max(-0.5, min(0.5, step)))
        return odds / (1 + odds)
    return value + max(-0.3, min(0.3, step))


def write(values: dict[str, float]) -> None:
    """Replace the values, and the means of normal priors around them, in the parameter files."""
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        for name, value in values.items():
            entry = re.compile(rf"(?m)^{re.escape(name)}:\n(?:  .*\n)+")
            found = entry.search(text)
            if found:
                block = re.sub(r"  value: .*", f"  value: {value:.4g}", found.group(), count=1)
                block = re.sub(r"normal: {mean: [^,]*,", f"normal: {{mean: {value:.4g},", block)
                text = text[: found.start()] + block + text[found.end() :]
        path.write_text(text, encoding="utf-8")


def main() -> None:
    """Iterate and print; write with --write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--iterations", type=int, default=12)
    options = arguments.parse_args()
    from sim.parameters import load_parameters

    profile = load_profile("document")
    start = load_parameters("document").resolve()
    values = {name: float(start[name]) for _, _, name, _, _ in KNOBS}
    for iteration in range(options.iterations if options.write else 1):
        found = measure(values)
        print(f"\niteration {iteration}")
        for indicator, goal, name, scale, slope in KNOBS:
            value = found[indicator]
            target = value if goal == "=" else profile.value(str(goal))
            print(
                f"{indicator:24s} {value:10.4f} target {target:10.4f}  {name} = {values[name]:.5g}"
            )
            if name == "participation.external_rate":
                # the overall level moves all ages: hold the two bands that have a target
                shift = 0.7 * math.log(target / value) / 0.6
                values["participation.age_20s"] -= shift
                values["participation.age_30s"] -= shift
            if goal == "=":
                values[name] += 0.7 * (value - values[name])
            else:
                values[name] = moved(values[name], 0.7 * (target - value) / slope, scale)
    if options.write:
        write({name: float(f"{v:.4g}") for name, v in values.items()})


if __name__ == "__main__":
    main()
