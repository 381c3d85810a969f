"""``./gise bench [name]``: measure, print ratios, write them to ``bench/results/``."""

import importlib
import sys

BENCHES = {
    "pay": "a payment over HTTP beside the bare work, pgbench and the hold+settle script",
    "bank": "100,000 bookings imported, matched and credited beside the bare floors",
    "audit": "a long audit trail sealed and proven, an altered line named",
    "files": "a 50 MB bank file of each kind: seconds and memory",
    "fuzz": "hostile bank files for --seconds each",
    "transfers": "a thousand transfers in two minutes while bills are paid: is each with its agent within a minute?",
    "sign_in": "does the time of an answer tell whether a number is registered?",
    "crashes": "sixty kills while answers get lost: does everything still agree?",
}


def main(arguments: list[str]) -> int:
    names = arguments[:1] or list(BENCHES)
    if names[0] not in BENCHES:
        print(f"gise: There is no benchmark '{names[0]}'. There are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names:
        importlib.import_module(f"bench.{name}").main(arguments[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
