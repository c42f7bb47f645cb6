"""A log like that of a web shop, written line by line: busy hours come and go, and at last payments time out."""

import math
import random
from collections.abc import Iterator

_SERVICES = ["checkout", "search", "cart", "login", "catalog", "payment", "shipping", "reviews"]
_USERS = ["anna", "bogdan", "chidi", "dana", "emre", "fatima", "guo", "hana", "ines", "jamal"]
_METHODS = ["GET"] * 7 + ["POST"] * 2 + ["PUT"]
_STATUS = ["200"] * 40 + ["304"] * 6 + ["404"] * 3 + ["500"]
_ITEMS = 90
_ABOUT_ITEMS = {"search", "cart", "catalog", "reviews"}
_LINES_PER_SECOND = 60.0
_WAVE_SECONDS = 260.0
#: From which part of the time on payments time out, and what is logged then, once in so many lines.
_INCIDENT_FROM, _INCIDENT_EVERY = 0.86, 5


def lines(seconds: float, seed: int = 17) -> Iterator[tuple[float, str]]:
    """Yield lines, each with the second when it is written.

    Args:
        seconds: for how long lines are written.
        seed: what chance begins with.
    """
    chance = random.Random(seed)
    time = 0.0
    while time < seconds:
        wave = 1 + 0.45 * math.sin(2 * math.pi * time / _WAVE_SECONDS) + 0.15 * math.sin(time / 17)
        time += chance.expovariate(_LINES_PER_SECOND * wave)
        if time > _INCIDENT_FROM * seconds and chance.randrange(_INCIDENT_EVERY) == 0:
            yield time, f"ERROR payment timeout bank-gateway-{chance.randrange(2)} retry"
        elif chance.random() < 0.012:
            yield time, f"WARN {chance.choice(_SERVICES)} timeout retry"
        else:
            service = chance.choices(_SERVICES, weights=range(len(_SERVICES), 0, -1))[0]
            user = chance.choices(_USERS, weights=range(len(_USERS), 0, -1))[0]
            item = f" item-{min(int(chance.paretovariate(0.7)), _ITEMS)}" if service in _ABOUT_ITEMS else ""
            yield time, f"INFO {service} {chance.choice(_METHODS)} {chance.choice(_STATUS)} {user}{item}"
