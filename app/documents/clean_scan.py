"""
Make a scan anew from what somebody uploaded: only its picture survives, with a watermark drawn into it (C-08, C11).

The file is opened by :mod:`app.documents.clean_room`, a program of its own without environment, keys or database and
with little memory and time: whatever it does to its reader, it does there.
"""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from app.documents.paper_code import is_ours
from app.errors import N_, Invalid, TryAgain

log = structlog.get_logger()

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_BYTES = 10 * 1024 * 1024
LONGEST_SECONDS = 15  # of waiting; the program itself may compute for 5 s
PLACES = 2  # at once in this process: a flood of uploads takes bounded memory
WAIT_FOR_PLACE_SECONDS = 10
MOST_CODES = 20
_places = threading.BoundedSemaphore(PLACES)

# Its own allocator settings: one arena, so that little memory is enough on machines with many cores.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "RAYON_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, repr=False)
class CleanScan:
    """
    :ivar content: JPEG, or a PDF that holds nothing but pictures
    :ivar codes: our own that were read on its pages, each once: :func:`app.documents.paper_code.references_in` says whose they are
    """

    content: bytes
    media_type: str
    pages: int
    codes: tuple[str, ...] = ()


class UnsuitableScan(Invalid):
    """An :class:`Invalid` field whose sentence stands for itself."""

    def __init__(self, field: str) -> None:
        super().__init__(**{field: self.say})

    known_as = "invalid"


class EmptyFile(UnsuitableScan):
    say = N_("The uploaded file is empty. Choose the photo or PDF again.")


class TooManyBytes(UnsuitableScan):
    say = N_("The uploaded file is larger than 10 MB. Take the photo with a lower resolution and upload it again.")


class WrongKind(UnsuitableScan):
    say = N_("The uploaded file is neither a JPEG, PNG or HEIC picture nor a PDF. Take a photo of the paper and upload that.")


class TooManyPixels(UnsuitableScan):
    say = N_("The picture has more than 40 megapixels (25 as HEIC). Take it with a lower resolution and upload it again.")


class TooManyPages(UnsuitableScan):
    say = N_("The PDF has more than 10 pages. Upload only the pages that are needed.")


class Locked(UnsuitableScan):
    say = N_("The PDF is protected by a password. Save it without one, or take a photo of the paper.")


class NothingToSee(UnsuitableScan):
    say = N_("Nothing can be seen on the pages of the PDF. Take a photo of the paper instead.")


class Unreadable(UnsuitableScan):
    say = N_("The uploaded file is damaged or too complicated to be read. Take a photo of the paper and upload it as JPEG.")


# What the clean room says, and the sentence for it.
REFUSALS: dict[str, type[UnsuitableScan]] = {
    "wrong-kind": WrongKind,
    "too-many-pixels": TooManyPixels,
    "too-many-pages": TooManyPages,
    "locked": Locked,
    "nothing-to-see": NothingToSee,
}


def clean_scan(content: bytes, *, field: str, watermark: str) -> CleanScan:
    """
    No transaction may be open meanwhile: it takes up to some seconds. The name that the file came with is of no interest.

    :param field: of the form, named in a refusal
    :param watermark: purpose and date, in the words of whoever will look at it
    :raises UnsuitableScan: one of the above, each with what to do about it
    :raises TryAgain: if too many others are uploading
    """
    if not content:
        raise EmptyFile(field)
    if len(content) > LARGEST_BYTES:
        raise TooManyBytes(field)
    answer, clean = run_clean_room(content, watermark)
    if "refused" in answer:
        raise REFUSALS.get(str(answer["refused"]), Unreadable)(field)
    return CleanScan(clean, str(answer["media_type"]), int(str(answer["pages"])), ours(answer.get("codes")))


def ours(codes: object) -> tuple[str, ...]:
    """The room is not trusted: whatever took it over may name a code, but nothing that is none."""
    return tuple(code for code in codes if isinstance(code, str) and is_ours(code))[:MOST_CODES] if isinstance(codes, list) else ()


def run_clean_room(content: bytes, watermark: str) -> tuple[dict[str, object], bytes]:
    """One line of JSON and the bytes go in, one line of JSON and the bytes come out."""
    head = json.dumps({"watermark": watermark}).encode()
    if not _places.acquire(timeout=WAIT_FOR_PLACE_SECONDS):
        raise TryAgain
    try:
        with os.fdopen(os.memfd_create("clean"), "rb+") as made, os.fdopen(os.memfd_create("words"), "rb+") as words:
            exit_code = work(head + b"\n" + content, made, words)
            made.seek(0), words.seek(0)
            answer, _, clean = made.read().partition(b"\n")
            last_words = words.read().decode(errors="replace").strip().splitlines()[-1:]
    except subprocess.TimeoutExpired:
        log.warning("scan.unreadable", bytes=len(content), detail="timeout")
        return {"refused": "unreadable"}, b""
    finally:
        _places.release()
    if exit_code != 0:  # it ran out of memory or time, or a decoder gave up
        log.warning("scan.unreadable", bytes=len(content), exit=exit_code, detail="".join(last_words)[:200])
        return {"refused": "unreadable"}, b""
    return json.loads(answer), clean


def work(handed_in: bytes, made: BinaryIO, words: BinaryIO) -> int:
    """Not through pipes: the room can fill its files only as far as it may write, and a pipe for ever. :returns: its exit code"""
    return subprocess.run(
        [sys.executable, "-c", "from app.documents.clean_room import main; main()"],
        input=handed_in,
        stdout=made,
        stderr=words,
        cwd=ROOT,
        env=ENVIRONMENT,
        timeout=LONGEST_SECONDS,
        check=False,
    ).returncode
