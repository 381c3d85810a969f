"""Is this file as we wrote it? If not: where."""

from array import array
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import undefer

from app import db
from app.errors import N_, Refusal
from app.reports.model import Export
from app.reports.read_file import Found, read_file
from app.reports.seal import is_same

MOST_NAMED = 10


class Altered(Refusal):
    say = N_("This file is not as we wrote it. Changed: {where}.")
    status = 422


class RowsMissing(Refusal):
    say = N_("This file is not as we wrote it. {count} rows are missing after row {where}.")
    status = 422


class RowsAdded(Refusal):
    say = N_("This file is not as we wrote it. {count} rows were added after row {where}.")
    status = 422


class NotAsSealed(Refusal):
    say = N_("This file is not as it was sealed, and there is no record of {id} here that would tell where. Ask for the report again.")
    status = 422


def verify_file(path: Path, *, key: bytes) -> dict[str, str]:
    """
    Reads every cell again and seals it again; how the file is laid out or was saved does not matter, what it says does.

    :returns: what the file truly says about itself
    :raises NotOurs: if it is no file of ours, or does not say which
    :raises Altered: naming rows, or parameters
    :raises RowsMissing: …
    :raises RowsAdded: …
    :raises NotAsSealed: if it was changed and we have no record to tell where
    """
    found = read_file(path)
    if is_same(found.digest.seal(found.facts, key), found.seal):
        return found.facts
    with db.reading() as session:
        export = session.get(Export, found.facts["id"], options=[undefer(Export.row_checks)])
    if export is None or export.facts is None or export.row_checks is None:
        raise NotAsSealed(id=found.facts["id"])
    compare_rows(array("I", export.row_checks), found)
    compare_parameters(export.facts | {"seal": str(export.seal)}, found)
    raise NotAsSealed(id=export.id)


def compare_rows(written: Sequence[int], found: Found) -> None:
    """
    By the short checks of our record.

    :raises Altered: …, RowsMissing, RowsAdded: if they differ
    """
    there = found.digest.checks
    if len(written) == len(there):
        changed = [found.place(line) for line, (ours, theirs) in enumerate(zip(written, there, strict=True)) if ours != theirs]
        if changed:
            raise Altered(where=", ".join(changed[:MOST_NAMED]) + (" …" if len(changed) > MOST_NAMED else ""))
        return
    same = next(
        (line for line, (ours, theirs) in enumerate(zip(written, there, strict=False)) if ours != theirs), min(len(written), len(there))
    )
    difference = RowsMissing if len(there) < len(written) else RowsAdded
    raise difference(count=abs(len(there) - len(written)), where=found.place(same - 1))


def compare_parameters(written: dict[str, str], found: Found) -> None:
    """:raises Altered: if the file says something else about itself than our record"""
    says = found.facts | {"seal": found.seal}
    changed = [name for name in written | says if written.get(name) != says.get(name)]
    if changed:
        raise Altered(where=", ".join(changed))
