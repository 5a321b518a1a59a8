"""For every column of numbers or dates on the page: what it should hold, from the files alone.

`CHECKS[table][column]` takes the files and the name of the row (the code, or the first cell) and gives the number or
date, None where the cell is blank. A new column of numbers needs an entry here, or `test_page_numbers.py` fails.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from models.problem import SCORES
from optimizer.reporting.names import SCORE_TITLES
from tests.reporting.from_files import Files, Served

Check = Callable[[Files, str], Any]


def _of(kind: str, value: Callable[[Files, Served], Any]) -> Check:
    return lambda files, name: value(files, files.served[kind, name])


def _share(files: Files, delay: float) -> float:
    total = files.summary["objective"]
    return delay / total if total else 0.0


def _place(kind: str) -> Check:
    def place(files: Files, name: str) -> int:
        own = files.served[kind, name]
        return 1 + sum(one.leaves < own.leaves for one in files.served.values() if one.item == own.item)

    return place


def _outcome(kind: str) -> dict[str, Check]:
    return {
        "units": _of(kind, lambda _, one: one.quantity),
        "on time": _of(kind, lambda _, one: one.on_time),
        "delivered": _of(kind, lambda _, one: one.delivered),
        "last arrival": _of(kind, lambda _, one: one.last),
        "weeks late": _of(kind, lambda _, one: one.weeks),
        "missing": _of(kind, lambda _, one: one.missing),
        "share of delay": _of(kind, lambda files, one: _share(files, one.delay)),
        "place in queue": _place(kind),
    }


def _row(table: str, key: str) -> Callable[[Files, str], Any]:
    return lambda files, name: next(row for row in getattr(files.problem, table) if getattr(row, key) == name)


_need, _order, _offer = _row("needs", "need"), _row("orders", "order"), _row("offers", "offer")
_pledge, _lane, _case = _row("pledges", "pledge"), _row("lanes", "lane"), _row("approvals", "case")


def _ally(files: Files, name: str) -> list[Served]:
    return [one for one in files.served.values() if one.kind == "order" and one.owner == name]


def _worth(files: Files, name: str, units: Callable[[Served], float]) -> float | None:
    asked = sum(one.quantity * one.worth for one in _ally(files, name))
    if not _ally(files, name):
        return None
    return sum(units(one) * one.worth for one in _ally(files, name)) / asked if asked else 0.0


def _due(files: Files, one: Served) -> bool:
    """What is missing counts as missing if it is due before the end; a replacement is a promise, whenever it is due."""
    return one.kind == "replacement" or one.due < files.days[-1]


def _item(files: Files, name: str, *kinds: str) -> list[Served]:
    return [one for one in files.served.values() if one.item == name and (not kinds or one.kind in kinds)]


def _mean(found: list[Served]) -> float:
    asked = sum(one.quantity for one in found)
    return sum(one.quantity * one.weeks for one in found) / asked if asked else 0.0


def _stock(files: Files, name: str) -> list[int]:
    return [int(row["quantity"]) for row in files.csv["stock"] if row["item"] == name]


def _floor(files: Files, name: str) -> int:
    return next(int(row["readiness_floor"]) for row in files.csv["stock"] if row["item"] == name)


def _below(files: Files, name: str) -> float:
    held = zip(_stock(files, name), files.days, files.days[1:], strict=False)
    return sum((after - day).days / 7 for units, day, after in held if units < _floor(files, name))


def _used(files: Files, name: str) -> int:
    return sum(int(row["slots_used"]) for row in files.csv["production"] if row["line"] == name)


def _donated(files: Files, name: str) -> float:
    return sum(pledge.amount_usd_m for pledge in files.problem.pledges if pledge.donor == name)


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _package(files: Files, name: str) -> dict[str, str]:
    return next(row for row in files.csv["packages"] if row["package"] == name)


def _added(score: str) -> Check:
    """The part that a score adds: of what lifts the weight above the least one, in proportion to share × score."""

    def added(files: Files, name: str) -> float | None:
        policy = files.problem.weights
        if policy is None:
            return None
        row = next(row for row in files.csv["weights"] if row["recipient"] == name)
        parts = {one: policy.shares[one] * float(row[one]) for one in SCORES}
        total = sum(parts.values())
        return (float(row["weight"]) - policy.minimum) * parts[score] / total if total > 0 else 0.0

    return added


def _fullest(files: Files, name: str) -> float | None:
    limit = _lane(files, name).tonnes_per_week
    if limit is None:
        return None
    shares = [0.0]
    for day, after in zip(files.days, files.days[1:], strict=False):
        room = limit * (after - day).days / 7
        load = files.load.get((name, day), 0.0)
        shares.append(load / room if room else float(load > 0))
    return max(shares)


def _effort(files: Files, name: str) -> float:
    policy, owner = files.problem.approval, {order.case: order.recipient for order in files.problem.orders}
    assert policy is not None
    gdp = {row.recipient: row.defence_pct_gdp for row in files.problem.recipients}.get(owner.get(name, ""))
    fast = gdp is not None and gdp >= policy.fast_track_pct_gdp
    return _case(files, name).review_weeks * (policy.fast_track_factor if fast else 1.0)


def _dispatch_from(files: Files, name: str) -> dt.date | None:
    policy, day = files.problem.approval, _approved(files, name)
    assert policy is not None
    if day is None:
        return None
    from_day = day + dt.timedelta(weeks=policy.processing_weeks)
    return max(start for start in files.days if start <= from_day) if from_day < files.days[-1] else None


def _approved(files: Files, name: str) -> dt.date | None:
    return next(_date(row["approved_on"]) for row in files.csv["approvals"] if row["case"] == name)


CHECKS: dict[str, dict[str, Check]] = {
    "needs": {
        "urgency": lambda files, name: _need(files, name).urgency,
        "needed by": lambda files, name: _need(files, name).needed_by,
        **_outcome("need"),
    },
    "orders": {
        "due": lambda files, name: _order(files, name).due_date,
        "weight": lambda f, name: f.weight[_order(f, name).recipient] * _order(f, name).weight_multiplier,
        **_outcome("order"),
    },
    "offers": {
        "units": lambda files, name: _offer(files, name).quantity,
        "available": lambda files, name: _offer(files, name).available_on,
        "accepted": lambda files, name: int(name in files.accepted),
        "replacements": lambda files, name: _offer(files, name).replacement_quantity,
        "promised by": lambda f, name: (
            _offer(f, name).available_on + dt.timedelta(weeks=_offer(f, name).replacement_within_weeks)
        ),
        "last replaced": lambda f, name: f.served["replacement", name].last if name in f.accepted else None,
        "replaced in time": lambda f, name: (
            int(f.served["replacement", name].on_time >= _offer(f, name).replacement_quantity)
            if name in f.accepted
            else None
        ),
    },
    "allies": {
        "priority weight": lambda files, name: files.weight[name],
        "orders": lambda files, name: len(_ally(files, name)),
        "ordered": lambda files, name: sum(one.quantity * one.worth for one in _ally(files, name)),
        "in time": lambda files, name: _worth(files, name, lambda one: one.on_time),
        "late": lambda files, name: _worth(files, name, lambda one: one.delivered - one.on_time),
        "missing": lambda files, name: _worth(files, name, lambda one: one.missing * _due(files, one)),
        "weeks late": lambda files, name: _worth(files, name, lambda one: one.quantity * one.weeks),
        "share of delay": lambda files, name: _share(files, sum(one.delay for one in _ally(files, name))),
        "pays": lambda files, name: files.paid(donor=name) or None,
        "gives": lambda f, name: sum(v.donor == name for v in f.problem.offers if v.offer in f.accepted) or None,
    },
    "weights": {
        "weight": lambda files, name: files.weight[name],
        **{SCORE_TITLES[score]: _added(score) for score in SCORES},
    },
    "packages": {
        "released": lambda files, name: _date(_package(files, name)["release_date"]),
        "value": lambda files, name: float(_package(files, name)["value_usd_m"]),
        "paid": lambda f, name: None if _package(f, name)["status"] == "funded" else f.paid(package=name),
    },
    "donors": {
        "pledged": _donated,
        "paid": lambda files, name: files.paid(donor=name),
        "left": lambda files, name: _donated(files, name) - files.paid(donor=name),
        "spent": lambda f, name: f.paid(donor=name) / _donated(f, name) if _donated(f, name) else 0.0,
    },
    "items": {
        "for Ukraine": lambda files, name: sum(one.quantity for one in _item(files, name, "need")),
        "for allies": lambda files, name: sum(one.quantity for one in _item(files, name, "order")),
        "replacements": lambda files, name: sum(one.quantity for one in _item(files, name, "replacement")),
        "delivered": lambda files, name: sum(one.delivered for one in _item(files, name)),
        "on time": lambda files, name: sum(one.on_time for one in _item(files, name)),
        "missing": lambda files, name: sum(one.missing * _due(files, one) for one in _item(files, name)),
        "weeks late": lambda files, name: _mean(_item(files, name)),
        "share of delay": lambda files, name: _share(files, sum(one.delay for one in _item(files, name))),
    },
    "lines": {
        "slots": lambda files, name: files.slots[name],
        "used": _used,
        "idle": lambda files, name: files.slots[name] - _used(files, name),
        "load": lambda f, name: _used(f, name) / f.slots[name] if f.slots[name] else 0.0,
    },
    "stock": {
        "readiness floor": _floor,
        "lowest": lambda files, name: min(_stock(files, name)),
        "at the end": lambda files, name: _stock(files, name)[-1],
        "weeks below floor": _below,
    },
    "pledges": {
        "available": lambda files, name: _pledge(files, name).available_on,
        "expires": lambda files, name: _pledge(files, name).expires_on,
        "pledged": lambda files, name: _pledge(files, name).amount_usd_m,
        "paid": lambda files, name: files.paid(pledge=name),
        "left": lambda files, name: _pledge(files, name).amount_usd_m - files.paid(pledge=name),
        "spent": lambda f, name: (
            f.paid(pledge=name) / _pledge(f, name).amount_usd_m if _pledge(f, name).amount_usd_m else 0.0
        ),
    },
    "approvals": {
        "submitted": lambda files, name: _case(files, name).submitted_on,
        "review effort": _effort,
        "approved": _approved,
        "dispatch from": _dispatch_from,
    },
    "lanes": {
        "weeks": lambda files, name: _lane(files, name).weeks,
        "tonnes": lambda files, name: sum(load for (lane, _), load in files.load.items() if lane == name),
        "fullest": _fullest,
    },
}
