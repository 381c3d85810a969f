"""CSV as Excel in the asker's country opens it (screens.md, C14)."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.reports.catalogue import Asker
from app.reports.csv import without_apostrophe
from tests.people import ScriptedBiller, Shop, yes
from tests.reports.conftest import written
from tests.reports.readers import by_libreoffice, csv_rows, needs_libreoffice
from tests.reports.test_workbook import DANGEROUS, shown


def test_semicolons_a_bom_and_the_decimal_comma(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """Turkish: `;`, UTF-8 with BOM, 1234,50; texts in quotes, numbers without"""
    payment = shop.pays(millenicom, millenicom.bill("1234.50"))

    path, made = written(tmp_path, "payments", replace(accountant, language="tr"), format="csv")

    text = path.read_bytes()
    assert text.startswith(b'\xef\xbb\xbf"')
    line = text.decode("utf-8-sig").splitlines()[1]
    assert f';"{payment.reference}";"1000001042";"Kızılay İletişim";' in line
    assert ';1234,50;0,00;0,00;"TRY";' in line
    assert made.rows == 1


def test_english_has_a_decimal_point_and_times_are_local(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    payment = shop.pays(millenicom, millenicom.bill("1234.50"))

    path, _ = written(tmp_path, "payments", accountant, format="csv")

    header, row = csv_rows(path)
    cells = dict(zip(header, row, strict=True))
    assert cells["Amount"] == "1234.50"
    assert cells["Asked at"] == payment.asked_at.astimezone(accountant.market.zone).strftime("%Y-%m-%d %H:%M:%S")


def test_the_last_lines_say_what_the_file_is(shop: Shop, accountant: Asker, tmp_path: Path) -> None:
    """Id, parameters, row count, sum and seal, as on the parameter sheet"""
    path, made = written(tmp_path, "journal", accountant, format="csv")

    last = [line for line in path.read_text("utf-8-sig").splitlines() if line.startswith("#")]
    assert last == [*(f'#{name};"{fact}"' for name, fact in made.facts.items()), f'#seal;"{made.seal}"']
    assert '#rows;"1"' in last
    assert '#sum:6:TRY;"5000.00 TRY"' in last


def test_a_dangerous_text_gets_an_apostrophe_and_a_negative_amount_does_not(
    shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path
) -> None:
    """C14"""
    millenicom.answers = [yes(text) for text in DANGEROUS]
    for _ in DANGEROUS:
        shop.pays(millenicom, millenicom.bill("1.00"))

    path, _ = written(tmp_path, "payments", accountant, format="csv")
    balances, _ = written(tmp_path, "trial-balance", accountant, format="csv")

    texts = [row[14] for row in csv_rows(path)[1:]]
    assert not [text for text in texts if text.lstrip(" \u00a0\u3000")[:1] in "=+-@＝＋－＠#" and text]
    assert sorted(map(without_apostrophe, texts)) == sorted(map(shown, DANGEROUS))
    assert ["bank:TR330006100519786457841326", "0.00", "0.00", "5000.00", "-5000.00", "TRY"] in csv_rows(balances)


@needs_libreoffice
def test_libreoffice_finds_no_formula(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """C14"""
    millenicom.answers = [yes(text) for text in DANGEROUS]
    for _ in DANGEROUS:
        shop.pays(millenicom, millenicom.bill("1.00"))

    path, _ = written(tmp_path, "payments", accountant, format="csv")

    assert "table:formula" not in by_libreoffice(path, to="fods").read_text()


@pytest.mark.parametrize("text", ["'=1", "'", "''=1", "=1", "-5", "a'b", "", "'a", "#x", " =1"])
def test_an_apostrophe_can_be_taken_away_again(
    text: str, shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path
) -> None:
    millenicom.answers = [yes(text)]
    shop.pays(millenicom, millenicom.bill("1.00"))

    path, _ = written(tmp_path, "payments", accountant, format="csv")

    assert without_apostrophe(csv_rows(path)[1][14]) == text
