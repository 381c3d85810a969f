"""Three programs that open a workbook: openpyxl, calamine and LibreOffice."""

import csv
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed here")


def by_openpyxl(path: Path, sheet: int = 0) -> list[list[Any]]:
    """Values as stored; a formula is its result as the file gives it."""
    return [list(row) for row in openpyxl.load_workbook(path, data_only=True).worksheets[sheet].iter_rows(values_only=True)]


def by_calamine(path: Path, sheet: int = 0) -> list[list[Any]]:
    """Nothing is ``None`` here, as in openpyxl."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(sheet).to_python(skip_empty_area=False)
    return [[None if value == "" else value for value in row] for row in rows]


def by_libreoffice(path: Path, *, to: str) -> Path:
    """The file as LibreOffice saves it again, in another format or the same."""
    folder = path.parent / f"saved-{path.stem}-{to}"
    home = f"-env:UserInstallation=file://{path.parent}/libreoffice"
    command = ["soffice", home, "--headless", "--convert-to", to, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return next(folder.iterdir())


def csv_rows(path: Path) -> list[list[str]]:
    """Rows and header, without the last lines that begin with ``#``."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.reader(file, delimiter=";", strict=True) if not row[0].startswith("#")]
