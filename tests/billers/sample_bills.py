"""The worked examples of the design's *carriers*, as bills: one or two of each carrier, with every kind of section."""

from datetime import date
from decimal import Decimal

from app.billers.model import Biller
from app.billing.bill import Bill, Line, Section, Subscriber
from app.money import Money, read_amount, total

CARRIERS = {
    "millenicom": ("TR", "TRY", "Millenicom", "444 0 144", "Abone numarası", "5300001042"),
    "azercell": ("AZ", "AZN", "Azercell", "*1111", "Nömrə", "502003015"),
    "masmovil": ("ES", "EUR", "MASMOVIL", "2373", "Número de línea", "600004021"),
    "vodafone-hu": ("HU", "HUF", "Vodafone Magyarország", "1270", "Telefonszám", "700005033"),
}
IBANS = {
    "millenicom": "TR370069900000001234567890",
    "azercell": "AZ94SBOX40060019449990012300",
    "masmovil": "ES7699900019110123456789",
    "vodafone-hu": "HU88999000242999900100000000",
}


def biller(code: str, **rules: object) -> Biller:
    market, _, name, phone, label, example = CARRIERS[code]
    said = {"overdue": "accept"} | rules
    return Biller(
        code=code, market=market, name=name, category="internet", phone=phone, door="direct", secret="s", subscriber_label=label,
        subscriber_pattern="[0-9]{9,10}", subscriber_example=example, **said,
    )  # fmt: skip


def currency_of(code: str) -> str:
    return CARRIERS[code][1]


def money(text: str, currency: str) -> Money:
    """``−4387.10`` too."""
    return -read_amount(text[1:], currency) if text.startswith("-") else read_amount(text, currency)


def subscriber(code: str, *, name: str = "A*** Y*****", advance: str = "0") -> Subscriber:
    currency = currency_of(code)
    return Subscriber(CARRIERS[code][5], name, "active", money("0", currency), money(advance, currency))


def line(
    text: str, amount: Money, days: tuple[date, date] | None = None, quantity: str = "", unit: str = "", price: str = "", rule: str = ""
) -> Line:
    first, last = days or (None, None)
    return Line(text, amount, first, last, Decimal(quantity) if quantity else None, unit, Decimal(price) if price else None, rule)


def section(kind: str, title: str, *lines: Line) -> Section:
    return Section(kind, title, total((one.amount for one in lines), lines[0].amount.currency), lines)


def bill(
    code: str,
    number: str,
    sections: tuple[Section, ...],
    *,
    days: tuple[date, date],
    issued: date,
    due: date,
    charged: date | None = None,
    open: str | None = None,
    past_due: str = "0",
    state: str = "open",
    flags: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Bill:
    currency = currency_of(code)
    amount = total((part.amount for part in sections), currency)
    return Bill(
        ref=number,
        number=number,
        first_day=days[0],
        last_day=days[1],
        issued_on=issued,
        due_on=due,
        charged_on=charged,
        amount=amount,
        open=amount if open is None else money(open, currency),
        past_due=money(past_due, currency),
        state=state,
        version="v1",
        flags=flags,
        sections=sections,
        notes=notes,
        iban=IBANS[code],
        biller_phone=CARRIERS[code][3],
    )


def month(year: int, number: int, last: int, first: int = 1) -> tuple[date, date]:
    return date(year, number, first), date(year, number, last)


def millenicom_june() -> Bill:
    """Carry-over: May unpaid, its late fee, and June: 785.85."""

    def tl(text: str) -> Money:
        return money(text, "TRY")

    june = month(2026, 6, 30)
    return bill(
        "millenicom",
        "M5300001042202606",
        (
            section("monthly", "Aylık ücretler", line("Fiber 100 Mbps", tl("300.00"), june, "1", "month", "300.0000", "full-month")),
            section("tax", "Vergiler", line("KDV %20", tl("60.00")), line("ÖİV %10", tl("30.00"))),
            section(
                "past-due",
                "Geçmiş dönem borcu",
                line("Mayıs 2026 faturası", tl("390.00"), month(2026, 5, 31)),
                line("Gecikme bedeli, 18 gün", tl("5.85"), quantity="18", unit="day"),
            ),
        ),
        days=june,
        issued=date(2026, 7, 1),
        due=date(2026, 7, 26),
        past_due="395.85",
        flags=("standing-order",),
        notes=("Hizmetler: Fiber 100 Mbps",),
    )


def azercell_october() -> Bill:
    """Next bill 21.15 with an advance of 1.60: payable 19.55. Seven SMS inquiries are 0.1652, on the bill 0.17."""

    def azn(text: str) -> Money:
        return money(text, "AZN")

    october = month(2026, 10, 31)
    return bill(
        "azercell",
        "A502003015202610",
        (
            section("monthly", "Aylıq ödənişlər", line("Premium+ 10 GB", azn("18.00"), october, "1", "month", "18.0000")),
            section(
                "usage",
                "İstifadə",
                line("Paketdən kənar danışıq", azn("2.98"), october, "66.2222", "minute", "0.0450"),
                line("650-yə SMS sorğusu", azn("0.17"), october, "7", "sms", "0.0236"),
            ),
        ),
        days=october,
        issued=date(2026, 11, 1),
        due=date(2026, 12, 1),
        open="19.55",
        notes=("ƏDV 18 % daxildir: 17,92 + 3,23",),
    )


def masmovil_minicycle() -> Bill:
    """1–21 May 2025: 19.90, 9.99 and 4.95 for 21 of 31 days are 13.48 + 6.77 + 3.35 = 23.60, and a whole instalment."""

    def eur(text: str) -> Money:
        return money(text, "EUR")

    mini = month(2025, 5, 21)
    return bill(
        "masmovil",
        "E600004021202505",
        (
            section(
                "monthly",
                "Cuotas mensuales",
                line("Fibra 500 Mb", eur("13.48"), mini, "1", "month", "19.9000"),
                line("Móvil 50 GB", eur("6.77"), mini, "1", "month", "9.9900"),
                line("Televisión Agile", eur("3.35"), mini, "1", "month", "4.9500"),
            ),
            section("usage", "Consumos", line("Llamadas internacionales", eur("1.45"), mini, "12", "minute", "0.1210")),
            section("other", "Otros cargos", line("Cuota 7 de 24, teléfono Año Nuevo", eur("12.50"), quantity="1", unit="instalment", price="12.5000")),
        ),
        days=mini,
        issued=date(2025, 5, 22),
        due=date(2025, 6, 4),
        charged=date(2025, 6, 4),
        flags=("near-charge-date",),
        notes=("IVA 21 % incluido: 31,03 + 6,52", "La cuota del terminal se cobra el 4 de junio: nunca dos en el mismo mes."),
    )  # fmt: skip


def vodafone_first() -> Bill:
    """A broken fee and the next full one: net 13,066.67, VAT 3,528.00, rounding 0.33, 16,595 Ft."""
    used, ahead = (date(2026, 6, 12), date(2026, 6, 30)), month(2026, 7, 31)
    free = ft("0")
    return bill(
        "vodafone-hu",
        "V700005033202606",
        (
            section(
                "monthly",
                "Havi díjak",
                line("Go L 10 GB, törtidőszak 19/30", ft("5066.67"), used, "1", "month", "8000.0000"),
                line("Go L 10 GB", ft("8000"), ahead, "1", "month", "8000.0000"),
            ),
            section(
                "included",
                "Az előfizetésben foglalt tételek",
                line("Adatkeret, időarányosan", free, used, "6.3333", "GB"),
                line("Belföldi percek, időarányosan", free, used, "316.6667", "minute"),
            ),
            section("usage", "Forgalmi díjak", line("Hívások a kereten belül", free, used, "102.5", "minute", "31.5000")),
            section("tax", "Adó", line("ÁFA 27%", ft("3528"))),
            section("rounding", "Kerekítés", line("Kerekítés egész forintra", ft("0.33"))),
        ),
        days=used,
        issued=date(2026, 7, 1),
        due=date(2026, 7, 18),
        notes=("A havi díjakat előre, a forgalmi díjakat utólag számlázzuk.",),
    )


def vodafone_change() -> Bill:
    """Plan A credited from 15 August, plan B and an option begin: 21,088 Ft, in cash 21,090."""
    credit, rest, ahead, all_of_it = month(2026, 8, 31, 15), month(2026, 8, 31, 15), month(2026, 9, 30), month(2026, 8, 31)
    return bill(
        "vodafone-hu",
        "V700005033202608",
        (
            section(
                "monthly",
                "Havi díjak",
                line("A csomag jóváírása, 17/31", ft("-4387.10"), credit, "1", "month", "-8000.0000"),
                line("B csomag, 17/31", ft("6032.26"), rest, "1", "month", "11000.0000"),
                line("B csomag", ft("11000"), ahead, "1", "month", "11000.0000"),
                line("Opció, 17/31", ft("822.58"), rest, "1", "month", "1500.0000"),
                line("Opció", ft("1500"), ahead, "1", "month", "1500.0000"),
            ),
            section(
                "usage",
                "Forgalmi díjak",
                line("Hívások a kereten felül", ft("640"), all_of_it, "20.3175", "minute", "31.5000"),
                line("Emelt díjas hívások", ft("1200"), all_of_it, "3", "call", "400.0000"),
            ),
            section("other", "Egyéb díjak", line("SIM-csere", ft("2000"), quantity="1", unit="piece", price="2000.0000"), line("Egyedi megállapodás", ft("-500"))),
            section("discount", "Kedvezmények", line("10% havidíj-kedvezmény a B csomagra", ft("-1703.23"))),
            section("tax", "Adó", line("ÁFA 27%", ft("4483.22"))),
            section("rounding", "Kerekítés", line("Kerekítés egész forintra", ft("0.27"))),
        ),
        days=all_of_it,
        issued=date(2026, 9, 1),
        due=date(2026, 9, 18),
    )  # fmt: skip


def vodafone_credit() -> Bill:
    """Cancelled on 10 September with 11,000 prepaid: −7,333.33 net; a credit balance, not payable."""
    days = month(2026, 9, 30, 11)
    return bill(
        "vodafone-hu",
        "V700005033202609",
        (section("monthly", "Havi díjak", line("B csomag jóváírása, 20/30", ft("-7333.33"), days, "1", "month", "-11000.0000")),),
        days=month(2026, 9, 30),
        issued=date(2026, 10, 1),
        due=date(2026, 10, 18),
        open="0",
        state="credit",
    )


def ft(text: str) -> Money:
    return money(text, "HUF")


def long_bill(lines: int = 100) -> Bill:
    """A talkative line: every call on a line of its own."""
    calls = [
        line(f"Uluslararası görüşme, {hour:02d}:15", money("1.74", "TRY"), (day, day), "4", "minute", "0.4350")
        for day, hour in ((date(2026, 10, 1 + number % 31), number % 24) for number in range(lines))
    ]
    october = month(2026, 10, 31)
    net = 300_00 + lines * 174
    return bill(
        "millenicom",
        "M5300001042202610",
        (
            section("monthly", "Aylık ücretler", line("Fiber 100 Mbps ve sabit telefon", money("300.00", "TRY"), october, "1", "month", "300.0000")),
            section("usage", "Kullanım", *calls),
            section("tax", "Vergiler", line("KDV %20", Money(net // 5, "TRY")), line("ÖİV %10", Money(net // 10, "TRY"))),
        ),
        days=october,
        issued=date(2026, 11, 1),
        due=date(2026, 11, 26),
        notes=("Hizmetler: Fiber 100 Mbps, sabit telefon",),
    )  # fmt: skip


SAMPLES = {
    "millenicom": millenicom_june,
    "azercell": azercell_october,
    "masmovil": masmovil_minicycle,
    "vodafone-hu": vodafone_first,
}
