"""What is asked: one frozen record per row of a table, and the `Problem` that holds them all.

Field names are the column names of the instance tables. Units throughout: money in million USD, quantities in
whole units of an item, durations in weeks, mass in tonnes, dates as `datetime.date`. `None` means "blank" (unknown,
never, no limit: what it means for the column is said beside it). Records carry raw data only; everything derived
(slots, lateness, routes, weights) is a function elsewhere, so that the checker can derive it a second time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

Delivery = Literal["each", "complete"]
Event = Literal["produced", "dispatched", "arrived", "paid", "approved"]
Periods = tuple[tuple[int, int], ...]
"""`((how many, weeks each), …)`, in order."""
Mode = Literal["weighted", "lexicographic"]
TERMS = ("needs_delay", "orders_delay", "readiness_shortfall", "plan_change")
"""The objective's terms, in the order of `problem.md`."""
SCORES = ("defence_level", "defence_trend", "ukraine_support", "strategic_role", "economic_contribution")
"""The five scores behind a priority weight."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is made, held and sent. `unit_price_usd_m` in million USD a unit, `tonnes` a unit."""

    item: str
    name: str
    category: str
    unit: str
    unit_price_usd_m: float
    tonnes: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A production line."""

    line: str
    name: str


@dataclass(frozen=True, slots=True)
class LineRate:
    """From `from_date` on the line turns out `slots_per_week` (a step function, 0 before its first row)."""

    line: str
    from_date: dt.date
    slots_per_week: float


@dataclass(frozen=True, slots=True)
class LineItem:
    """The line can make the item, each unit taking `slots_per_unit` slots of one period."""

    line: str
    item: str
    slots_per_unit: int


@dataclass(frozen=True, slots=True)
class Component:
    """A part shared by items; what is not used accumulates."""

    component: str
    on_hand: int


@dataclass(frozen=True, slots=True)
class ComponentRate:
    """From `from_date` on, `units_per_week` arrive (a step function, 0 before its first row)."""

    component: str
    from_date: dt.date
    units_per_week: float


@dataclass(frozen=True, slots=True)
class ItemComponent:
    """A unit of the item takes `units_per_unit` of the component."""

    item: str
    component: str
    units_per_unit: int


@dataclass(frozen=True, slots=True)
class Stock:
    """Units in the pool before the horizon, and the level it should keep."""

    item: str
    on_hand: int
    readiness_floor: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """Units already under way to the pool."""

    item: str
    date: dt.date
    quantity: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """A customer or donor and what it contributes; a blank input scores `missing_score`."""

    recipient: str
    name: str
    defence_pct_gdp: float | None = None
    defence_pct_gdp_prior: float | None = None
    ukraine_military_pct_gdp: float | None = None
    strategic_role: float | None = None
    economic_contribution: float | None = None
    gdp_usd_bn: float | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An ally's order. `complete`: counts when its last unit arrives; `each`: every unit counts by itself."""

    order: str
    case: str
    recipient: str
    item: str
    quantity: int
    due_date: dt.date
    placed_on: dt.date
    earliest_date: dt.date | None = None
    delivery: Delivery = "each"
    firm_by: dt.date | None = None
    weight_multiplier: float = 1.0


@dataclass(frozen=True, slots=True)
class Approval:
    """A sales case under review; `review_weeks` is effort. A case not listed is approved."""

    case: str
    submitted_on: dt.date
    review_weeks: float


@dataclass(frozen=True, slots=True)
class Need:
    """A validated need of Ukraine; `urgency` 1 (highest) … 5; `expires_on` None = never."""

    need: str
    item: str
    quantity: int
    urgency: int
    needed_by: dt.date
    expires_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Substitute:
    """`units_per_unit` units of `substitute` serve one unit of a need for `item`."""

    item: str
    substitute: str
    units_per_unit: int


@dataclass(frozen=True, slots=True)
class Package:
    """A bundle of needs whose content is fixed. `release_on` is given for a funded one only."""

    package: str
    status: Literal["funded", "proposed"]
    release_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class PackageContent:
    """Units of the need that the package holds."""

    package: str
    need: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Pledge:
    """Donor money. `expires_on` None = never; `earmark` None = any category."""

    pledge: str
    donor: str
    amount_usd_m: float
    available_on: dt.date
    expires_on: dt.date | None = None
    earmark: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Inventory an ally gives, whole or not at all, against a replacement from the pool by a promised date."""

    offer: str
    donor: str
    item: str
    quantity: int
    available_on: dt.date
    site: str | None
    replacement_item: str
    replacement_quantity: int
    replacement_within_weeks: int
    status: Literal["open", "accepted"] = "open"


@dataclass(frozen=True, slots=True)
class Site:
    """A place that lanes join (invented in all our instances)."""

    site: str
    name: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A way from site to site; `tonnes_per_week` None = no limit."""

    lane: str
    from_site: str
    to_site: str
    weeks: int
    tonnes_per_week: float | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """A dispatch of the plan before: `quantity` units of `item` for the order, need or offer `demand`."""

    demand: str
    item: str
    date: dt.date
    quantity: int


@dataclass(frozen=True, slots=True)
class Actual:
    """What happened since the plan before; no model knows it (see `optimizer.rolling`).

    `entity`: the line that produced, the order, need or offer (its replacement) that units were dispatched for, the
    pledge that paid, the case that was approved; None for what arrived. `origin`: an offer, or None for the pool.
    `quantity`: units, million USD for `paid`, 1 or 0 for `approved`; 0 says that it did not happen.
    """

    event: Event
    entity: str | None
    item: str | None
    origin: str | None
    package: str | None
    date: dt.date
    quantity: float


@dataclass(frozen=True, slots=True)
class WeightsPolicy:
    """How contributions become priority weights (`problem.md`, "Priority weights")."""

    minimum: float
    maximum: float
    ukraine: float
    urgency: tuple[float, ...]
    defence_target_pct_gdp: float
    trend_reference_pct_gdp: float
    support_reference_pct_gdp: float
    missing_score: float
    shares: dict[str, float]


@dataclass(frozen=True, slots=True)
class PackagesPolicy:
    """What a new package may look like; `max_releases_per_period` None = no limit."""

    target_usd_m: float
    tolerance: float
    max_new: int
    max_donors: int
    min_contribution_usd_m: float
    contract_weeks: int
    max_releases_per_period: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """Where goods for Ukraine start and end, and how many routes are looked at."""

    pool_site: str
    destination_site: str
    routes_per_origin: int
    max_lanes_per_route: int


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """Reviewers' capacity (weeks of effort a week) and the fast track for qualified partners."""

    review_weeks_per_week: float
    processing_weeks: int
    fast_track_pct_gdp: float
    fast_track_factor: float


@dataclass(frozen=True, slots=True)
class ReadinessPolicy:
    """What a missing unit of the readiness floor costs, in weighted weeks a week."""

    weight: float


@dataclass(frozen=True, slots=True)
class StabilityPolicy:
    """What moving a committed dispatch costs, in weeks; frozen weeks cost more."""

    frozen_weeks: int
    frozen_cost_weeks: float
    change_cost_weeks: float


@dataclass(frozen=True, slots=True)
class ObjectivePolicy:
    """`weighted`: the sum of the terms; `lexicographic`: `stages` in order, each held within `stage_tolerance`."""

    mode: Mode = "weighted"
    stages: tuple[str, ...] = TERMS
    stage_tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A whole instance, judged and frozen. Tables keep the order of the files.

    `periods` is `((how many, weeks each), …)`; a policy that is None switches its feature off, as an empty table does.
    `actuals`, `as_of` and `depth` are for planning on from a plan before, and no model knows them: `as_of` is the day
    on which the quantities stand (None: `start`), `depth` the calendar that is kept up week by week (None: `periods`).
    """

    name: str
    start: dt.date
    periods: Periods
    after_horizon_weeks: int
    items: tuple[Item, ...]
    recipients: tuple[Recipient, ...] = ()
    lines: tuple[Line, ...] = ()
    line_rates: tuple[LineRate, ...] = ()
    line_items: tuple[LineItem, ...] = ()
    components: tuple[Component, ...] = ()
    component_rates: tuple[ComponentRate, ...] = ()
    item_components: tuple[ItemComponent, ...] = ()
    stocks: tuple[Stock, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    orders: tuple[Order, ...] = ()
    approvals: tuple[Approval, ...] = ()
    needs: tuple[Need, ...] = ()
    substitutes: tuple[Substitute, ...] = ()
    packages: tuple[Package, ...] = ()
    package_contents: tuple[PackageContent, ...] = ()
    pledges: tuple[Pledge, ...] = ()
    offers: tuple[Offer, ...] = ()
    sites: tuple[Site, ...] = ()
    lanes: tuple[Lane, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    actuals: tuple[Actual, ...] = ()
    weights: WeightsPolicy | None = None
    package_policy: PackagesPolicy | None = None
    delivery: DeliveryPolicy | None = None
    approval: ApprovalPolicy | None = None
    readiness: ReadinessPolicy | None = None
    stability: StabilityPolicy | None = None
    objective: ObjectivePolicy = field(default_factory=ObjectivePolicy)
    as_of: dt.date | None = None
    depth: Periods | None = None
