"""Values of one more in order and in words."""

from __future__ import annotations

from dataclasses import replace

from optimizer.explaining.values import KINDS, UNITS, Gain, MarginalValue, MarginalValues, Resource, in_order, in_words
from tests.builders import START

SLOT = MarginalValue(
    "slot", "L-PAC3", 0, START, UNITS["slot"], 4100.0, "resolved", 4100.0, 4100.0, None,
    (Gain("O-1", "order", "POL", 43.0, 4300.0), Gain("N-1", "need", "", -2.0, -200.0)),
)  # fmt: skip


def test_a_slot_in_words() -> None:
    assert in_words(SLOT) == (
        "One more slot of L-PAC3 in the period from 5 January 2026 brings forward 41 unit-weeks, most for O-1 of POL, "
        "while N-1 gives way by 2: worth 4,100 weighted million-dollar-weeks (whole units, exact)."
    )


def test_how_it_was_found_is_always_said() -> None:
    assert "decisions of the plan held" in in_words(replace(SLOT, how="fixed_lp"))
    late = replace(SLOT, timed_out=True, low=0.0, high=5000.0)
    assert "time ended, proven between 0 and 5,000" in in_words(late)
    nothing = replace(SLOT, value=0.0, low=0.0, high=0.0, gains=())
    assert in_words(nothing).endswith("changes nothing (whole units, exact).")


def test_stock_a_plan_before_and_an_exchange() -> None:
    stock = replace(SLOT, kind="floor", period=None, date=None, gains=(Gain("PAC3", "stock", "", 0.0, 10.0),))
    assert "eases the readiness floor, most for the stock of PAC3" in in_words(stock)
    kept = replace(SLOT, gains=(Gain("O-1", "order", "POL", 0.0, 30.0),))
    assert "keeps more of the plan before" in in_words(kept)
    swapped = replace(SLOT, gains=(Gain("O-1", "order", "POL", 1.0, 40.0), Gain("O-2", "order", "DEU", -3.0, -10.0)))
    assert "lets dearer units go first" in in_words(swapped)


def test_every_kind_has_its_words() -> None:
    for kind in KINDS:
        assert in_words(replace(SLOT, kind=kind)).startswith("One ")


def test_text_of_a_user_is_taken_as_it_is() -> None:
    assert "slot of {0} <script> in" in in_words(replace(SLOT, entity="{0} <script>"))


def test_the_dearest_first_within_its_kind() -> None:
    cheap, lane = replace(SLOT, value=1.0, period=3), replace(SLOT, kind="lane", value=1e9)
    values = MarginalValues(in_order([lane, cheap, SLOT]))
    assert values.values == (SLOT, cheap, lane)
    assert values.of("slot") == (SLOT, cheap)
    assert values.of("lane", "nobody") == ()
    assert values.slots() == {"L-PAC3": {0: 4100.0, 3: 1.0}}
    assert SLOT.resource == Resource("slot", "L-PAC3", 0)
    assert SLOT.weeks == 41.0
