"""The rules of the house (docs/decisions and the design's *house*): if a rule is not checked here, it is a wish."""

import ast
import hashlib
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.people import permissions

HOME = Path(__file__).resolve().parent.parent
MODULES = sorted((HOME / "app").rglob("*.py"))
WEB_ROOMS = ("views.py", "forms.py")


def in_app(file: Path) -> str:
    return file.relative_to(HOME / "app").as_posix()


def calls(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node.lineno


@pytest.mark.parametrize("file", MODULES, ids=in_app)
def test_only_the_clock_reads_the_time(file: Path) -> None:
    """The clock is told: now is an argument."""
    if in_app(file) == "clock.py":
        return
    source = file.read_text()
    assert not re.search(r"\b(datetime|date)\.(now|today|utcnow)\(", source), in_app(file)
    assert not re.search(r"\btime\.time\(", source), in_app(file)


@pytest.mark.parametrize("file", MODULES, ids=in_app)
def test_only_db_commits(file: Path) -> None:
    """Doors open transactions, verbs never commit."""
    if in_app(file) != "db.py":
        assert not [line for name, line in calls(file) if name == "commit"], in_app(file)


@pytest.mark.parametrize("file", MODULES, ids=in_app)
def test_no_float(file: Path) -> None:
    """Money is whole minor units; nothing else needs a float."""
    assert not [line for name, line in calls(file) if name in ("float", "DecimalField", "FloatField")], in_app(file)


@pytest.mark.parametrize("file", MODULES, ids=in_app)
def test_flask_only_at_the_windows(file: Path) -> None:
    name = in_app(file)
    allowed = name == "__init__.py" or name.startswith(("web/", "api/", "cli/")) or file.name.endswith(WEB_ROOMS) or name == "home/menu.py"
    imports = [
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    webs = [module for module in imports if module.split(".")[0] in ("flask", "wtforms", "flask_wtf", "flask_login", "flask_smorest")]
    assert allowed or not webs, f"{name}: {webs}"


def test_a_package_says_what_it_is_in_one_sentence() -> None:
    for file in MODULES:
        if file.name == "__init__.py" and in_app(file) != "__init__.py":
            tree = ast.parse(file.read_text())
            assert len(tree.body) == 1, in_app(file)
            assert ast.get_docstring(tree), in_app(file)


def test_every_module_says_what_it_is() -> None:
    assert [in_app(file) for file in MODULES if not ast.get_docstring(ast.parse(file.read_text()))] == []


def test_every_permission_is_used() -> None:
    named = {value for name, value in vars(permissions).items() if name.isupper() and isinstance(value, str)}
    granted = set().union(*permissions.ROLES.values())
    assert named == granted
    sources = "\n".join(file.read_text() for file in MODULES if in_app(file) != "people/permissions.py")
    unused = [
        name
        for name, value in vars(permissions).items()
        if name.isupper() and isinstance(value, str) and not re.search(rf"\b{name}\b", sources)
    ]
    assert unused == []


def test_migrations_are_numbered_linear_and_say_why() -> None:
    files = sorted((HOME / "migrations" / "versions").glob("*.py"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    for number, file in enumerate(files, start=1):
        source = file.read_text()
        assert f'revision = "{number:04d}"' in source
        assert (f'down_revision = "{number - 1:04d}"' if number > 1 else "down_revision = None") in source
        assert "Why" in (ast.get_docstring(ast.parse(source)) or ""), file.name
        assert not re.search(r"^(from|import) app\b", source, re.MULTILINE), file.name


def test_every_asset_is_local_and_matches_its_hash() -> None:
    vendor = HOME / "app" / "static" / "vendor"
    lock = json.loads((vendor / "lock.json").read_text())
    assert {file.name for file in vendor.iterdir()} == {*lock, "lock.json"}
    for name, facts in lock.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == facts["sha256"], name
    for template in (HOME / "app").rglob("*.html"):
        assert not re.search(r"""(src|href)=["'](https?:)?//""", template.read_text()), template


def test_nothing_runnable_lies_in_app() -> None:
    """``app/collections`` would shadow the standard library."""
    assert [in_app(file) for file in MODULES if '__name__ == "__main__"' in file.read_text()] == []


def test_every_refusal_is_a_sentence() -> None:
    from app.errors import Refusal

    for file in MODULES:
        importlib.import_module("app." + in_app(file)[:-3].replace("/", ".").removesuffix(".__init__")) if in_app(
            file
        ) != "__init__.py" else None
    waiting, seen = list(Refusal.__subclasses__()), set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        seen.add(kind)
        assert kind.say.endswith((".", "…", "?", "{why}", "{reason}")), kind  # the last two are sentences themselves
    assert len(seen) > 20
