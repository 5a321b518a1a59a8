"""The ledger of promises: what is promised when, and what becomes of it; made = kept + broken + open + lapsed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from models.plan import Dispatch, Plan
from optimizer.rolling.history import Elapsed
from optimizer.rolling.promises import Made, Promise, of_a_plan, of_the_instance, settled, units_from_pool
from tests.builders import as_replacement, day, small_plan, small_problem, to_need, to_order, with_row

PROBLEM = small_problem()


def week(number: int, *rows: Dispatch) -> Elapsed:
    return Elapsed(day(number), day(number + 1), Plan(dispatches=rows))


def one(made: Made, *elapsed: Elapsed, now: int, **more: object) -> Promise:
    (found,) = settled(PROBLEM, [made], elapsed, day(now), **more)  # type: ignore[arg-type]
    return found


FIRM = Made("firm_date", "O-firm", "missile", 1, day(0), day(3))
GIFT = Made("replacement", "V-open", "missile", 2, day(0), day(10))


def test_what_the_instance_promises() -> None:
    accepted = with_row(PROBLEM, "offers", "V-open", status="accepted")
    assert list(of_the_instance(PROBLEM)) == [FIRM]
    assert list(of_the_instance(accepted)) == [FIRM, GIFT]


def test_an_offer_that_a_plan_accepts_is_a_promise_once() -> None:
    made = list(of_a_plan(PROBLEM, None, small_plan(), Counter()))
    assert GIFT in made
    accepted = with_row(PROBLEM, "offers", "V-open", status="accepted")
    assert GIFT not in list(of_a_plan(accepted, None, small_plan(), Counter()))


def test_the_content_of_a_package_is_promised_by_the_day_of_the_plan() -> None:
    """P-proposed holds one missile; P-funded's two come first: the third missile from the pool arrives in week 1."""
    (content,) = [row for row in of_a_plan(PROBLEM, None, small_plan(), Counter()) if row.kind == "package_content"]
    assert content == Made("package_content", "N-missile", "missile", 1, day(0), day(1), "P-proposed", 3)
    later = [row for row in of_a_plan(PROBLEM, None, small_plan(), Counter({"N-missile": 4})) if row.package]
    assert [row.target for row in later] == [7]


def test_dispatches_that_enter_the_frozen_weeks_are_promises() -> None:
    carried = Plan(dispatches=(to_order("O-each", "missile", 2, 1), to_order("O-each", "missile", 1, 2)))
    made = [row for row in of_a_plan(PROBLEM, carried, carried, Counter()) if row.kind == "frozen"]
    assert made == [Made("frozen", "O-each", "missile", 2, day(0), day(1))]


def test_kept_broken_and_open() -> None:
    sent = week(2, to_order("O-firm", "missile", 1, 0))
    assert one(FIRM, sent, now=3).status == "kept"
    assert one(FIRM, now=3).status == "open"  # the day itself is still to come
    assert one(FIRM, now=4) == Promise(FIRM, "broken", 1)
    assert one(FIRM, week(4, to_order("O-firm", "missile", 1, 0)), now=5) == Promise(FIRM, "broken", 1)


def test_a_promise_given_up_is_broken_before_its_day() -> None:
    assert one(FIRM, now=1, given_up={("firm_date", "O-firm")}) == Promise(FIRM, "broken", 1)
    kept = one(FIRM, week(0, to_order("O-firm", "missile", 1, 0)), now=1, given_up={("firm_date", "O-firm")})
    assert kept.status == "kept"


def test_a_withdrawn_offer_needs_no_replacement() -> None:
    assert one(GIFT, now=11).status == "broken"
    assert one(GIFT, now=11, withdrawn={"V-open"}).status == "lapsed"
    part = one(GIFT, week(1, as_replacement("V-open", "missile", 1, 0)), now=11)
    assert part == Promise(GIFT, "broken", 1)


def test_package_content_counts_what_arrived_and_in_units_of_the_need() -> None:
    made = Made("package_content", "N-missile", "missile", 2, day(0), day(3), "P", 2)
    road = ("sea", "road")  # a week
    # two old missiles serve one; gifts do not count
    assert one(made, week(2, to_need("N-missile", "old_missile", 4, (0, 1), road)), now=4).status == "kept"
    assert one(made, week(3, to_need("N-missile", "old_missile", 4, (0, 1), road)), now=4) == Promise(made, "broken", 2)
    assert one(made, week(2, to_need("N-missile", "missile", 2, (0, 1), ("rail",), origin="V")), now=4).missing == 2
    assert one(made, week(1, to_need("N-missile", "missile", 1, (0, 0), ("air",))), now=4).missing == 1


def test_a_frozen_dispatch_counts_on_its_day_only_and_once() -> None:
    made = Made("frozen", "O-each", "missile", 2, day(0), day(1))
    more = replace(made, units=3, made_on=day(1))
    sent = week(1, to_order("O-each", "missile", 2, 0))
    assert one(made, sent, now=2).status == "kept"
    (found,) = settled(PROBLEM, [made, more, made], [sent], day(2))
    assert found == Promise(replace(more, made_on=day(0)), "broken", 1)
    assert one(made, week(2, to_order("O-each", "missile", 2, 0)), now=3).missing == 2


def test_units_from_the_pool_are_units_of_the_need() -> None:
    gift = to_need("N-missile", "old_missile", 4, (0, 0), ("rail",), origin="V-open")
    rows = week(0, to_need("N-missile", "old_missile", 4, (0, 0), ("air",)), gift)
    assert units_from_pool(PROBLEM, [rows, rows]) == Counter({"N-missile": 4})
