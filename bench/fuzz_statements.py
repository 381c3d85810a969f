"""
Hostile bank files for one reader, guided by coverage (atheris): nothing but its own refusal, no second of silence, no
quarter of a gigabyte. ``./gise bench fuzz --seconds 60`` runs each reader in turn.

    python -m bench.fuzz_statements mt940 --seconds 180
"""

import gzip
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import atheris

with atheris.instrument_imports(include=["app.bank.statement", "app.bank.incoming.read_event"]):
    from app.bank.incoming.read_event import read_event
    from app.bank.statement.archive import members_of
    from app.bank.statement.camt import read_camt
    from app.bank.statement.encoding import plain
    from app.bank.statement.mt940 import read_mt940
    from app.bank.statement.read import of_table, read_statements
    from app.bank.statement.statement import Unreadable

SAMPLES = Path(__file__).parent.parent / "tests" / "bank" / "samples"
ACCOUNT = "TR330006100519786457841326"
READERS: dict[str, Callable[[bytes], object]] = {
    "mt940": lambda raw: read_mt940(plain(raw)),
    "camt": read_camt,
    "csv": lambda raw: of_table(raw, ACCOUNT),
    "archive": lambda raw: [read_statements(member.raw) for member in members_of(raw, "a") if not member.why],
    "workbook": lambda raw: read_statements(raw, account=ACCOUNT),
    "event": read_event,
    "any": read_statements,
}
SEEDS = {
    "mt940": ("odd.sta",),
    "camt": ("batch.xml", "notice.xml"),
    "csv": ("two_columns.csv", "only_balances.csv", "letters.csv"),
    "archive": (),
    "workbook": ("two_columns.xls", "newest_first.xls", "no_account.xlsx"),
    "event": (),
    "any": ("odd.sta", "batch.xml", "two_columns.csv"),
}
INTRADAY = b":20:X\r\n:25:TR330006100519786457841326\r\n:34F:TRY0,\r\n:61:2611021102C1,00NTRF//F1\r\n:86:kira\r\n:90C:1TRY1,00\r\n-\r\n"
EVENT = (
    b'{"account": "TR330006100519786457841326", "opening": "1.00", "closing": "2.00", "bookings": [{"side": "credit", "amount": "1.00", '
    b'"currency": "TRY", "day": "2026-11-02", "booked_at": "2026-11-02T10:00:00+03:00", "reversal": false, "text": "kira"}]}'
)
SECONDS_EACH, MEGABYTES = 1, 256


def main(name: str, seconds: int, corpus: Path) -> None:
    read = READERS[name]

    def attempt(raw: bytes) -> None:
        try:
            read(raw)
        except Unreadable:
            return

    corpus.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS[name]:
        (corpus / seed).write_bytes((SAMPLES / seed).read_bytes())
    if name == "mt940":
        (corpus / "day.942").write_bytes(INTRADAY)
    if name == "event":
        (corpus / "day.json").write_bytes(EVENT)
    if name == "archive":
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for seed in SEEDS["any"]:
                archive.writestr(f"days/{seed}", (SAMPLES / seed).read_bytes())
        (corpus / "days.zip").write_bytes(packed.getvalue())
        (corpus / "day.gz").write_bytes(gzip.compress((SAMPLES / "odd.sta").read_bytes()))
    limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={2 * MEGABYTES}", f"-timeout={10 * SECONDS_EACH}", "-max_len=20000"]
    artifacts = f"-artifact_prefix={corpus.parent}/found-{name}-"
    atheris.Setup([sys.argv[0], str(corpus), *limits, artifacts, "-verbosity=0", "-print_final_stats=1"], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[3]), Path(sys.argv[4]))
