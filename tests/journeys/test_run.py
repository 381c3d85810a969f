"""``./gise run`` (contract.md §1): opens a counter that pays a bill, heals what dies, refuses a second one, stops cleanly."""

import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from launch.installation import HOME
from tests.journeys.running import Gise, environment, run_command, running_gise

pytestmark = pytest.mark.xdist_group("gise-run")

KIZILAY, MODA = "05320001042", "05330002077"
BALANCES = {
    KIZILAY: ("1000001042", 25_000_00, "TRY"),
    MODA: ("1000002077", 300_00, "TRY"),
    "+994502003015": ("2000003015", 1_500_00, "AZN"),
    "+34600004021": ("3000004021", 2_000_00, "EUR"),
    "+36200005033": ("4000005033", 500_000_00, "HUF"),
}


def test_a_newcomer_s_first_minute(tmp_path: Path) -> None:
    """
    Demo balances as promised, a bill paid, everything killed and healed twice, a second run refused, a clean end,
    and all of it there again at the next start, at the told time.
    """
    data = tmp_path / "var"
    with running_gise(data) as gise:
        for phone, (agent, balance, currency) in BALANCES.items():
            told = gise.till(phone).call("GET", "/balance").data
            assert (told["agent"], told["balance"], told["currency"]) == (agent, balance, currency)
        paid = pay_one_bill(gise, 12_345)
        for _ in range(2):
            kill_everything(gise)
        assert gise.till(KIZILAY).call("GET", f"/payments/{paid}").data["state"] == "paid"
        assert gise.till(KIZILAY).call("GET", "/balance").data["balance"] == 25_000_00 - 12_345
        refused = subprocess.run(run_command(data), cwd=HOME, env=environment(), capture_output=True, text=True, timeout=60, check=False)
        assert refused.returncode == 1
        assert "already running on this data folder" in refused.stderr
        checked = gise.flask("book", "check")
        assert checked.stdout == "The book is right.\n", checked.stderr
        pids = [gise.pid(name) for name in gise.names]
        gise.process.terminate()
        assert gise.process.wait(timeout=60) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_the_clock_starts_where_it_is_told(tmp_path: Path) -> None:
    """``--at``: of product and sandbox"""
    at = datetime(2031, 5, 22, 16, 58, tzinfo=UTC)
    with running_gise(tmp_path / "var", "--at", at.isoformat()) as gise:
        till = gise.till(KIZILAY)
        payment = till.call("GET", f"/payments/{pay_one_bill(gise, 5_000)}").data
        assert at < datetime.fromisoformat(payment["asked_at"]) < at + timedelta(minutes=10)
        effect = next(effect for effect in gise.control.effects("millenicom") if effect["reference"] == payment["reference"])
        assert at < datetime.fromisoformat(effect["at"]) < at + timedelta(minutes=10)


def pay_one_bill(gise: Gise, amount: int) -> str:
    till, subscriber = gise.till(KIZILAY), gise.control.plain_subscriber("millenicom")
    ref = gise.control.bill("millenicom", subscriber, amount)
    bill = next(bill for bill in till.look_up("millenicom", subscriber) if bill["ref"] == ref)
    answer = till.pay("millenicom", subscriber, bill, key=ref)
    assert answer.status == 201, answer
    return str(answer.data["reference"])


def kill_everything(gise: Gise) -> None:
    dead = {name: gise.kill(name) for name in gise.names}
    deadline = time.monotonic() + 30
    while any(gise.pid(name) == pid for name, pid in dead.items()):
        assert time.monotonic() < deadline, dead
        time.sleep(0.1)
    gise.wait_until_ready()
