# What clocks show, by zoneinfo.
from datetime import datetime, timezone

UTC = timezone.utc


def first_moment(wall, zone):
    """The first moment at which the clock shows this, or, where it is put forward over it, the moment at which that is done."""
    at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        return int(at.timestamp())
    # In a gap: what the offsets before and behind it make of it lies on both sides of the change.
    ends = sorted(int(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC).timestamp()) for fold in (0, 1))
    before, after = ends
    offset = lambda second: datetime.fromtimestamp(second, zone).utcoffset()
    last = offset(after)
    while after - before > 1:
        middle = (before + after) // 2
        if offset(middle) == last:
            after = middle
        else:
            before = middle
    return after
