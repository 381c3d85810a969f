"""From a biller's record to its door, one for each biller in a process."""

import threading

from app.billers.doors.bank import BankDoor
from app.billers.doors.direct import DirectDoor
from app.billers.gateway import Gateway
from app.billers.model import Biller
from app.config import Config

DOORS: dict[str, type[DirectDoor] | type[BankDoor]] = {"direct": DirectDoor, "bank": BankDoor}


class Gateways:
    """:param config: says where billers are that have no address of their own, and how many processes share their places"""

    AT_ONE_BILLER = 16  # calls of ours under way, in all processes (contract.md §6)

    def __init__(self, config: Config) -> None:
        self.url, self.places = config.billers_url, max(1, self.AT_ONE_BILLER // config.web_processes)
        self._made: dict[tuple[str, str, str], Gateway] = {}
        self._lock = threading.Lock()

    def of(self, biller: Biller) -> Gateway:
        url = biller.url or self.url
        with self._lock:
            key = (biller.code, url, biller.secret)
            if key not in self._made:
                door = DOORS[biller.door]
                self._made[key] = door(biller.code, biller.name, biller.phone, url=url, secret=biller.secret, places=self.places)
            return self._made[key]
