"""The rows of a disturbance file, one model of pydantic a kind: which keys there are, and what may stand there."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from optimizer.reading.column import MAX_MONEY, MAX_QUANTITY, MAX_WEEKS
from optimizer.scenarios.disturbance_values import (
    ALL,
    After,
    Day,
    Names,
    Probability,
    Share,
    Spell,
    Weeks,
    range_of,
    wrong,
)
from optimizer.scenarios.disturbances import (
    KINDS,
    Chance,
    Chosen,
    ComponentShortages,
    Disturbances,
    LatePledges,
    LateRamps,
    LineSlips,
    LongerReviews,
    Range,
    UrgentNeeds,
    WithdrawnOffers,
)


class Row(BaseModel):
    """A row of a kind: a name, and whom it means, by one key."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)
    choices: ClassVar[tuple[str, ...]] = ()
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Keys besides `choices` of which just one is given."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$", max_length=60)]

    @property
    def chosen(self) -> Chosen:
        """Whom the row means."""
        by = next(key for key in self.choices if getattr(self, key) is not None)
        names = getattr(self, by)
        return Chosen() if ALL in names else Chosen(by, names)


class Often(Row):
    """What may happen again and again, or once at some week."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("per_week", "per_horizon"),)
    per_week: Probability | None = None
    per_horizon: Probability | None = None
    first: Day | None = None
    last: Day | None = None

    @property
    def chance(self) -> Chance:
        """How often."""
        return Chance(self.per_week, self.per_horizon, self.first, self.last)


class LineSlipsRow(Often):
    """Lines that turn out less."""

    choices = ("lines", "items", "categories")
    lines: Names = None
    items: Names = None
    categories: Names = None
    loss: Share
    weeks: Spell
    known_after_weeks: After = Range(1, 1)

    def record(self) -> LineSlips:
        """The row as a plain record."""
        return LineSlips(self.name, self.chosen, self.chance, self.loss, self.weeks, self.known_after_weeks)


class ComponentShortagesRow(Often):
    """Components that come in more slowly, or not at all."""

    choices = ("components", "items", "categories")
    components: Names = None
    items: Names = None
    categories: Names = None
    loss: Share = Range(1, 1)
    weeks: Spell
    known_after_weeks: After = Range(1, 1)

    def record(self) -> ComponentShortages:
        """The row as a plain record."""
        return ComponentShortages(self.name, self.chosen, self.chance, self.loss, self.weeks, self.known_after_weeks)


class LateRampsRow(Row):
    """Steps to a higher rate that come late."""

    choices = ("lines", "items", "categories")
    lines: Names = None
    items: Names = None
    categories: Names = None
    probability: Probability
    weeks: Annotated[Range, BeforeValidator(range_of(1, MAX_WEEKS, whole=True))]
    known_after_weeks: After = Range(1, 1)

    def record(self) -> LateRamps:
        """The row as a plain record."""
        return LateRamps(self.name, self.chosen, self.probability, self.weeks, self.known_after_weeks)


class UrgentNeedsRow(Often):
    """Needs that appear."""

    choices = ("items", "categories")
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("per_week", "per_horizon"), ("quantity", "value_usd_m"))
    items: Names = None
    categories: Names = None
    quantity: Annotated[Range, BeforeValidator(range_of(1, MAX_QUANTITY, whole=True))] | None = None
    value_usd_m: Annotated[Range, BeforeValidator(range_of(0, MAX_MONEY))] | None = None
    urgency: Annotated[Range, BeforeValidator(range_of(1, 5, whole=True))] = Range(1, 1)
    due_weeks: Weeks
    expires_weeks: Weeks | None = None

    def record(self) -> UrgentNeeds:
        """The row as a plain record."""
        return UrgentNeeds(
            *(self.name, self.chosen, self.chance, self.quantity, self.value_usd_m),
            *(self.urgency, self.due_weeks, self.expires_weeks),
        )


class LatePledgesRow(Row):
    """Pledges that come late, or in part."""

    choices = ("pledges", "donors")
    pledges: Names = None
    donors: Names = None
    probability: Probability
    weeks: Weeks = Range(0, 0)
    share: Share = Range(1, 1)
    known_ahead_weeks: Weeks = Range(0, 0)

    def record(self) -> LatePledges:
        """The row as a plain record."""
        return LatePledges(self.name, self.chosen, self.probability, self.weeks, self.share, self.known_ahead_weeks)


class WithdrawnOffersRow(Row):
    """Open offers that are taken back."""

    choices = ("offers", "donors", "items", "categories")
    offers: Names = None
    donors: Names = None
    items: Names = None
    categories: Names = None
    probability: Probability

    def record(self) -> WithdrawnOffers:
        """The row as a plain record."""
        return WithdrawnOffers(self.name, self.chosen, self.probability)


class LongerReviewsRow(Row):
    """Reviews that take more effort."""

    choices = ("cases", "recipients")
    cases: Names = None
    recipients: Names = None
    probability: Probability
    more: Annotated[Range, BeforeValidator(range_of(0, 100))]
    known_after_weeks: After = Range(1, 1)

    def record(self) -> LongerReviews:
        """The row as a plain record."""
        return LongerReviews(self.name, self.chosen, self.probability, self.more, self.known_after_weeks)


def _unique(rows: list[Any]) -> list[Any]:
    """Rows of one kind have names of their own: the draws hang on them."""
    seen: set[str] = set()
    for row in rows:
        if row.name in seen:
            raise wrong("duplicate_key", f"Two rows are called {row.name}.", "a name of its own for every row")
        seen.add(row.name)
    return rows


class File(BaseModel):
    """The keys of a disturbance file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    about: str = ""
    line_slips: Annotated[list[LineSlipsRow], AfterValidator(_unique)] = []
    late_ramps: Annotated[list[LateRampsRow], AfterValidator(_unique)] = []
    component_shortages: Annotated[list[ComponentShortagesRow], AfterValidator(_unique)] = []
    urgent_needs: Annotated[list[UrgentNeedsRow], AfterValidator(_unique)] = []
    late_pledges: Annotated[list[LatePledgesRow], AfterValidator(_unique)] = []
    withdrawn_offers: Annotated[list[WithdrawnOffersRow], AfterValidator(_unique)] = []
    longer_reviews: Annotated[list[LongerReviewsRow], AfterValidator(_unique)] = []

    def record(self) -> Disturbances:
        """What the file says, as plain records."""
        rows = {kind: tuple(row.record() for row in getattr(self, kind)) for kind in KINDS}
        return Disturbances(self.name, self.about, **rows)


ROWS: dict[str, type[Row]] = {
    "line_slips": LineSlipsRow,
    "late_ramps": LateRampsRow,
    "component_shortages": ComponentShortagesRow,
    "urgent_needs": UrgentNeedsRow,
    "late_pledges": LatePledgesRow,
    "withdrawn_offers": WithdrawnOffersRow,
    "longer_reviews": LongerReviewsRow,
}
KEYS: dict[str, tuple[str, ...]] = {kind: tuple(row.model_fields) for kind, row in ROWS.items()}
"""The keys that a row of every kind may have."""
