"""Limits on guessing: after some tries an address waits, longer each time; all together too."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

FREE = 5
"""Tries of one address without a wait: people mistype."""
LONGEST_WAIT = 900.0
ALL_PER_MINUTE = 60
"""Tries of all addresses: a class of thirty may come at once, and mistype once each."""
_ADDRESSES = 2000
_MINUTE = 60.0


class Attempts:
    """Tries to log in that have not succeeded.

    A try counts when it begins, so that many at once don't slip past the limit.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=ALL_PER_MINUTE)

    def begin(self, address: str) -> int:
        """Count a try and return 0, or return the whole seconds to wait before another counts."""
        now, place = self._clock(), _place(address)
        count, last = self._failed.get(place, (0, now))
        if now - last > LONGEST_WAIT:
            count = 0
        own = last + _pause(count) - now
        together = self._all[0] + _MINUTE - now if len(self._all) == ALL_PER_MINUTE else 0.0
        if max(own, together) > 0:
            return math.ceil(max(own, together))
        self._failed[place] = (count + 1, now)
        self._failed.move_to_end(place)
        while len(self._failed) > _ADDRESSES:
            self._failed.popitem(last=False)
        self._all.append(now)
        return 0

    def succeeded(self, address: str) -> None:
        """Forget the tries of an address."""
        self._failed.pop(_place(address), None)


def _pause(count: int) -> float:
    """Return the seconds between one try and the next: 1, 2, 4 and so on after the free ones."""
    return 0.0 if count < FREE else min(2.0 ** min(count - FREE, 20), LONGEST_WAIT)


def _place(address: str) -> str:
    """Return whom an address stands for: one machine has a whole /64 of IPv6 to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
