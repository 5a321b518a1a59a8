"""The size classes."""

from __future__ import annotations

from dataclasses import dataclass, replace

Periods = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SizeClass:
    """Counts of an instance. `output_usd_bn` is about what all lines turn out in the horizon, billion USD."""

    name: str
    summary: str
    items: int
    lines: int
    components: int
    recipients: int
    orders: int
    complete: int
    needs: int
    new_packages: int
    funded_packages: int
    proposed_packages: int
    pledges: int
    offers: int
    accepted_offers: int
    corridors: int
    periods: Periods
    output_usd_bn: float
    package_usd_m: float = 500.0

    @property
    def weeks(self) -> int:
        """Length of the horizon, weeks."""
        return sum(count * weeks for count, weeks in self.periods)

    @property
    def packages(self) -> int:
        """Packages of every kind."""
        return self.new_packages + self.funded_packages + self.proposed_packages


WEEKLY = SizeClass(
    name="weekly",
    summary="one Monday: 25 items, 150 orders, 60 needs, 65 weeks",
    items=25,
    lines=20,
    components=3,
    recipients=35,
    orders=150,
    complete=45,
    needs=60,
    new_packages=12,
    funded_packages=2,
    proposed_packages=3,
    pledges=60,
    offers=8,
    accepted_offers=2,
    corridors=2,
    periods=((65, 1),),
    output_usd_bn=50.0,
)
_BOOK = SizeClass(
    name="book",
    summary="the whole order book: 300 items, 16,000 orders, 5,000 needs, five years in 130 periods",
    items=300,
    lines=250,
    components=40,
    recipients=190,
    orders=16_000,
    complete=4_800,
    needs=5_000,
    new_packages=60,
    funded_packages=5,
    proposed_packages=5,
    pledges=200,
    offers=60,
    accepted_offers=15,
    corridors=3,
    periods=((52, 1), (52, 2), (26, 4)),
    output_usd_bn=700.0,
)
_TOY = SizeClass(
    name="toy",
    summary="seconds to solve: 4 items, 10 orders, 5 needs, 16 weeks",
    items=4,
    lines=3,
    components=1,
    recipients=6,
    orders=10,
    complete=3,
    needs=5,
    new_packages=2,
    funded_packages=1,
    proposed_packages=1,
    pledges=6,
    offers=2,
    accepted_offers=1,
    corridors=2,
    periods=((16, 1),),
    output_usd_bn=1.8,
    package_usd_m=100.0,
)


def scaled(size: SizeClass, factor: float) -> SizeClass:
    """Every count, and with them the output, times the factor; at least one of each. The horizon stays.

    Raises `ValueError` for a factor that is not a number above 0 up to 1,000.
    """
    if not 0 < factor <= 1000:
        raise ValueError("the factor must be a number above 0, at most 1000")
    if factor == 1:
        return size

    def times(count: int) -> int:
        return max(1, round(count * factor))

    lines = times(size.lines)
    return replace(
        size,
        items=max(lines, times(size.items)),
        lines=lines,
        components=times(size.components),
        recipients=max(3, times(size.recipients)),
        orders=times(size.orders),
        complete=min(times(size.complete), times(size.orders)),
        needs=times(size.needs),
        new_packages=times(size.new_packages),
        funded_packages=times(size.funded_packages),
        proposed_packages=times(size.proposed_packages),
        pledges=times(size.pledges),
        offers=times(size.offers),
        accepted_offers=min(times(size.accepted_offers), times(size.offers)),
        output_usd_bn=size.output_usd_bn * factor,
    )


_ALLIANCE = replace(
    scaled(WEEKLY, 10), name="alliance", summary="ten times weekly: 250 items, 1,500 orders, 600 needs, 65 weeks"
)
_BOOK_WEEKLY = replace(_BOOK, name="book-weekly", summary="the order book in 260 weekly periods", periods=((260, 1),))
CLASSES: dict[str, SizeClass] = {size.name: size for size in (_TOY, WEEKLY, _ALLIANCE, _BOOK, _BOOK_WEEKLY)}
"""Every class by name, from small to large."""
