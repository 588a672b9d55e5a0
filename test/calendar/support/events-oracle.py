# When the events of an iCalendar file are, by zoneinfo and dateutil, which know nothing of kplay. Reads a case a line as JSON from
# standard input:
#   {"zone": "Europe/Berlin", "events": [["UID:a", "DTSTART;TZID=Europe/Berlin:20261025T023000", …], …], "probes": [["UTC", 1793145600]]}
# and writes for each what it refuses, or all [start, end] in seconds since 1970, merged; and the offsets of the zone's clock at the
# probes. All rules end within a year, and all times are multiples of five minutes.
import json
import re
import sys
from collections import namedtuple
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clock import UTC, first_moment
from dateutil.rrule import rrulestr

STEP = timedelta(minutes=5)
DAY = timedelta(days=1)
# A time as it is written: what a clock shows, and of which zone.
Time = namedtuple("Time", "wall zone")


class Refused(Exception):
    pass


def times(params, value, reader):
    zone = next((param[5:] for param in params if param.startswith("TZID=")), reader)
    for text in value.split(","):
        digits = [int(part) for part in re.findall(r"\d\d", text[2:])]
        wall = datetime(2000 + digits[0], *digits[1:])
        yield Time(wall, "UTC" if text.endswith("Z") else zone)


def named(time):
    """The moment that RFC 5545, 3.3.5, means: zoneinfo's reading of fold=0 is the same."""
    return time.wall.replace(tzinfo=ZoneInfo(time.zone), fold=0).astimezone(UTC)


def begin(time):
    return datetime.fromtimestamp(first_moment(time.wall, ZoneInfo(time.zone)), UTC)


def shown(moment, zone):
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def first_shown(moment, wall, zone):
    """The first moment from this one on at which the clock shows this time, or a later one: by looking at the clock again and again."""
    while shown(moment, zone) < wall:
        moment += STEP
    return moment


def is_same(one, other):
    return one.wall == other.wall if one.zone == other.zone else named(one) == named(other)


def duration(text):
    days, hours, minutes = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", text).groups(0)
    return timedelta(days=int(days), hours=int(hours), minutes=int(minutes))


class Event:
    def __init__(self, lines, reader):
        self.lines = {}
        for line in lines:
            head, value = line.split(":", 1)
            name, *params = head.split(";")
            self.lines.setdefault(name, []).append((params, value))
        read = lambda name: [time for line in self.lines.get(name, []) for time in times(*line, reader)]
        (self.start,) = read("DTSTART")
        self.is_day = "VALUE=DATE" in self.lines["DTSTART"][0][0]
        self.is_floating = self.is_day or (self.lines["DTSTART"][0][0] == [] and not self.lines["DTSTART"][0][1].endswith("Z"))
        self.added, self.excluded = read("RDATE"), read("EXDATE")
        (self.replaced,) = read("RECURRENCE-ID") or [None]
        self.end = None
        self.length = DAY
        if "DURATION" in self.lines:
            self.length = duration(self.lines["DURATION"][0][1])
        elif "DTEND" in self.lines:
            self.read_end(*read("DTEND"))
        self.ruled = list(self.by_rule())

    def read_end(self, end):
        if end.zone == self.start.zone:
            self.length = end.wall - self.start.wall
            if self.length <= timedelta(0):
                raise Refused("before")
            return
        self.end = begin(end)
        self.length = shown(self.end, self.start.zone) - self.start.wall
        if self.length <= timedelta(0):
            if self.end <= begin(self.start):
                raise Refused("before")
            if "RRULE" in self.lines or "RDATE" in self.lines:
                raise Refused("no length")

    def by_rule(self):
        if "RRULE" not in self.lines:
            return
        rule = self.lines["RRULE"][0][1]
        until = re.search(r";UNTIL=(\w+)", rule)
        rule = re.sub(r";UNTIL=\w+", "", rule)
        found = 0
        for wall in rrulestr(rule, dtstart=self.start.wall):
            time = Time(wall, self.start.zone)
            if until:
                (last,) = times([], until[1], self.start.zone)
                if (wall > last.wall) if self.is_floating and not until[1].endswith("Z") else named(time) > named(last):
                    break
            found += 1
            yield time
        if found == 0:
            raise Refused("no day")

    def openings(self, taken):
        for index, time in enumerate([self.start, *self.added, *self.ruled]):
            # The first by the rule is the start again.
            if index > 0 and time == self.start and self.end:
                continue
            if any(is_same(time, out) for out in [*self.excluded, *taken]):
                continue
            start = begin(time)
            wall = time.wall if time.zone == self.start.zone else shown(start, self.start.zone)
            exact = self.end if index == 0 else None
            end = exact or first_shown(start, wall + self.length, self.start.zone)
            if start < end:
                yield [int(start.timestamp()), int(end.timestamp())]


def openings(case):
    events = [Event(lines, case["zone"]) for lines in case["events"]]
    whole, *others = events
    for other in others:
        if not any(is_same(time, other.replaced) for time in [whole.start, *whole.added, *whole.ruled]):
            raise Refused("no occurrence")
    found = [*whole.openings([other.replaced for other in others])]
    for other in others:
        found += other.openings([])
    merged = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def answer(case):
    offsets = [datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset().total_seconds() for zone, at in case["probes"]]
    try:
        return {"openings": openings(case), "offsets": offsets}
    except Refused as why:
        return {"refused": str(why), "offsets": offsets}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
