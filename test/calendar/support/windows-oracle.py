# When windows are open, by zoneinfo and dateutil, which know nothing of kplay. Reads a case a line as JSON from standard input:
#   {"zone": "Europe/Berlin", "moment": 1764547200, "length": 180, "rule": "FREQ=…", "start": "2026-01-13T01:00"}
# and writes for each [start, end] in seconds since 1970 of the first opening that ends after the moment, or null, with the
# offsets of the clock at both: databases of zones that are not of one age may disagree about these.
import json
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clock import first_moment
from dateutil.rrule import rrulestr

HORIZON = timedelta(days=390)


def first_opening(case):
    zone = ZoneInfo(case["zone"])
    moment = case["moment"]
    begin = datetime.fromisoformat(case["start"])
    length = timedelta(minutes=case["length"])
    rule = rrulestr(case["rule"], dtstart=begin)
    here = datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
    found = None
    # Nothing of a window lies further behind its beginning than its length and a change of clocks.
    for wall in rule.xafter(here - length - timedelta(days=3), inc=True):
        if wall > here + HORIZON:
            break
        start, end = first_moment(wall, zone), first_moment(wall + length, zone)
        if start >= end:
            continue
        if found and start <= found[1]:
            found[1] = max(found[1], end)
        elif found and found[1] > moment:
            break
        else:
            found = [start, end]
    if not found or found[1] <= moment:
        return None
    return found + [datetime.fromtimestamp(at, zone).utcoffset().total_seconds() for at in found]


for line in sys.stdin:
    print(json.dumps(first_opening(json.loads(line))))
