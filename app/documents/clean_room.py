"""
The program that opens what strangers upload; only :mod:`app.documents.clean_scan` starts it.

It reads one line of JSON and a file, and writes one line of JSON and a new file made of pixels alone: no metadata, no
scripts, no attachments, no bytes of the original. The line also names our own codes that were seen on the pages. It may
use 300 MB and compute for 5 s; beyond that it dies, which its caller takes for an answer. Whoever takes it over finds
walls: see :mod:`app.documents.walls`.
"""

import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pillow_heif
import typst
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from app.documents.paper_code import is_ours
from app.documents.walls import stand_behind_walls

MEMORY_BYTES, COMPUTING_SECONDS = 300 * 1024 * 1024, 5
WRITTEN_BYTES = 64 * 1024 * 1024  # what comes out lies in the memory of whoever waits for it
MOST_PIXELS, MOST_PAGES = 40_000_000, 10
LONGEST_SIDE = 2400  # pixels: A4 at 200 dots an inch
DRAWN_PPI = 150  # of PDF pages that have to be drawn
QUALITY = 82
FONT = Path(__file__).resolve().parent.parent.parent / "forms_templates" / "fonts" / "NotoSans-Bold.ttf"
# Where Python and its packages are, of which some are loaded late, and what these load.
LIBRARIES = (*(Path(place).resolve() for place in (sys.prefix, sys.base_prefix)), Path("/lib"), Path("/lib64"), Path("/etc/ld.so.cache"))

Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and has a sentence

SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"%PDF-": "PDF"}
# An iPhone's photo: a box of the kind "ftyp" whose brand says HEVC.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")
MOST_HEIC_PIXELS = 25_000_000  # its decoder holds the whole picture twice
LOOK_AGAIN_BELOW = 3000  # pixels: small pictures are enlarged to find a code
LOOK_AGAIN_UNTIL_SECONDS = 2  # of computing: the rest is for making the pages anew
# A page made of these alone, with one picture put on it, is that picture.
PLACING = {"q", "Q", "cm", "Do", "gs", "ri", "re", "W", "W*", "n"}
TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


QR = zxingcpp.barcode_formats_from_str("QRCode")


class Refused(Exception):
    """With the one word that :mod:`app.documents.clean_scan` has a sentence for."""


def main() -> None:
    stay_small()
    stand_behind_walls(readable=[FONT, *LIBRARIES])
    watermark = json.loads(sys.stdin.buffer.readline())["watermark"]
    content = sys.stdin.buffer.read()
    try:
        answer, clean = make_anew(content, watermark)
    except Refused as refusal:
        answer, clean = {"refused": str(refusal)}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + clean)


def stay_small() -> None:
    for limit, most in (
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_CPU, COMPUTING_SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),  # a dump would hold the picture
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (most, most))


def make_anew(content: bytes, watermark: str) -> tuple[dict[str, object], bytes]:
    """:raises Refused: … anything else that is raised means that the file cannot be read"""
    kind = kind_of(content)
    new = BytesIO()
    match kind:
        case None:
            raise Refused("wrong-kind")
        case "PDF":
            pages = list(pictures_of_pdf(content))
            if all(is_blank(page) for page in pages):
                raise Refused("nothing-to-see")
            codes = list(dict.fromkeys(code for page in pages for code in codes_on(page)))
            stamped = [stamp(page, watermark) for page in pages]
            stamped[0].save(new, "PDF", save_all=True, append_images=stamped[1:], resolution=200, quality=QUALITY)
            return {"media_type": "application/pdf", "pages": len(pages), "codes": codes}, new.getvalue()
        case _:
            picture = shrink(open_picture(content, kind))
            codes = codes_on(picture)
            stamp(picture, watermark).save(new, "JPEG", quality=QUALITY, optimize=True)
            return {"media_type": "image/jpeg", "pages": 1, "codes": codes}, new.getvalue()


def kind_of(content: bytes) -> str | None:
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return "HEIF"
    return next((kind for signature, kind in SIGNATURES.items() if content.startswith(signature)), None)


def open_picture(content: bytes, kind: str) -> Image.Image:
    if kind != "HEIF":
        return Image.open(BytesIO(content), formats=[kind])
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.options.THUMBNAILS = False
    pillow_heif.register_heif_opener()
    image = Image.open(BytesIO(content), formats=[kind])
    if image.width * image.height > MOST_HEIC_PIXELS:
        raise Refused("too-many-pixels")
    return image


def codes_on(picture: Image.Image) -> list[str]:
    """
    Ours alone: an identity card has codes too, and what they say is not to leave this room.

    What is not read at first is looked at softened, enlarged and turned (docs/decisions/0023-codes-on-paper.md).
    """
    grey = ImageOps.autocontrast(picture.convert("L"))
    looks: tuple[Callable[[], Image.Image], ...] = (
        lambda: grey,
        lambda: grey.filter(ImageFilter.GaussianBlur(1)),
        lambda: grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC) if max(grey.size) < LOOK_AGAIN_BELOW else grey,
        lambda: grey.rotate(20, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=128),
    )
    for number, look in enumerate(looks):
        if number and time.process_time() > LOOK_AGAIN_UNTIL_SECONDS:
            break
        found = zxingcpp.read_barcodes(look(), formats=QR, try_invert=False)
        if codes := [code.text for code in found if is_ours(code.text)]:
            return codes
    return []


def shrink(image: Image.Image) -> Image.Image:
    """Upright, on white, no longer than needed, and a new image: nothing that came with the old one comes along."""
    if image.width * image.height > MOST_PIXELS:  # known before anything is decoded
        raise Refused("too-many-pixels")
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")
    elif image.mode == "1":
        image = image.convert("L")
    image = smaller(image)
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # 16 bits a pixel, which Pillow would cut off instead of scaling
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    new = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        new.paste(image, mask=image)
    else:
        new.paste(image.convert("RGB"))
    return new


def smaller(image: Image.Image) -> Image.Image:
    """With transparency Pillow makes a second copy of the whole picture; channel by channel needs a quarter of that."""
    if image.mode not in ("RGBA", "LA"):
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
        return image
    merged = Image.merge(image.mode, [smaller(image.getchannel(channel)) for channel in image.getbands()])
    merged.info = image.info
    return merged


def stamp(picture: Image.Image, watermark: str) -> Image.Image:
    """The words run across the whole picture, light on dark and dark on light, and do not hide what they cross."""
    size = max(10, max(picture.size) // 60)
    for colour, strength, halo in (("white", 90, max(1, size // 10)), ("black", 80, 0)):
        picture.paste(colour, mask=words_across(picture.size, watermark, size=size, strength=strength, halo=halo))
    return picture


@cache
def words_across(whole: tuple[int, int], words: str, *, size: int, strength: int, halo: int) -> Image.Image:
    """:param strength: of 255, how much of the colour covers the picture"""
    font = ImageFont.truetype(FONT, size)
    side = int(math.hypot(*whole)) + 2 * size
    step = int(font.getlength(words)) + 4 * size
    mask = Image.new("L", (side, side))
    drawing = ImageDraw.Draw(mask)
    for row, top in enumerate(range(0, side, 7 * size)):
        for left in range(-(row % 2) * step // 2, side, step):
            drawing.text((left, top), words, fill=strength, font=font, stroke_width=halo)
    mask = mask.rotate(30, resample=Image.Resampling.BILINEAR)
    left, top = (side - whole[0]) // 2, (side - whole[1]) // 2
    return mask.crop((left, top, left + whole[0], top + whole[1]))


def is_blank(picture: Image.Image) -> bool:
    low, high = picture.convert("L").getextrema()
    return bool(low == high)


def pictures_of_pdf(content: bytes) -> Iterator[Image.Image]:
    """Each page as a picture: the one it consists of, as scanners make them, or else drawn."""
    try:
        pdf = pikepdf.open(BytesIO(content))
    except pikepdf.PasswordError as error:
        raise Refused("locked") from error
    if len(pdf.pages) > MOST_PAGES:
        raise Refused("too-many-pages")
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image" and area(thing) > MOST_PIXELS:
            raise Refused("too-many-pixels")
    pdf.generate_appearance_streams()
    pdf.flatten_annotations("screen")  # what was typed into a form or signed on a screen is part of the page
    desk: DrawingDesk | None = None
    for number, page in enumerate(pdf.pages, start=1):
        picture = only_picture(page)
        if picture is None:
            desk = desk or DrawingDesk.of(pdf)
            picture = desk.draw(page, number)
        yield shrink(picture)


def area(image: pikepdf.Stream) -> int:
    return int(image.get("/Width", 0)) * int(image.get("/Height", 0))


def only_picture(page: pikepdf.Page) -> Image.Image | None:
    """``None`` if there is anything else on the page, or if the picture is of a kind that has to be drawn."""
    name = None
    for instruction in pikepdf.parse_content_stream(page):
        operator, operands = str(instruction.operator), instruction.operands
        if operator not in PLACING or (operator == "Do" and name is not None):
            return None
        if operator == "Do":
            name = str(operands[0])
        if operator == "cm" and not is_upright([Decimal(str(number)) for number in operands]):
            return None
    image = page.get_images(recursive=False).get(name) if name else None
    if not isinstance(image, pikepdf.Stream) or "/SMask" in image or "/Mask" in image:
        return None
    try:
        picture = pikepdf.PdfImage(image).as_pil_image()
    except (pikepdf.UnsupportedImageTypeError, NotImplementedError):
        return None
    turn = page.rotation % 360
    return picture.transpose(TURNS[turn]) if turn in TURNS else picture


def is_upright(matrix: list[Decimal]) -> bool:
    a, b, c, d, _, _ = matrix
    return b == 0 and c == 0 and a > 0 and d > 0


@dataclass(frozen=True)
class DrawingDesk:
    """
    Draws pages with Typst, which takes PDF pages for pictures.

    :ivar file: of the PDF, in memory: a scan never lies on a disk unsealed
    """

    compiler: typst.Compiler
    file: int

    @classmethod
    def of(cls, pdf: pikepdf.Pdf) -> "DrawingDesk":
        file = os.memfd_create("scan")
        with os.fdopen(os.dup(file), "wb") as whole:
            pdf.save(whole)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)
        return cls(typst.Compiler(root="/", font_paths=fonts, ignore_system_fonts=True), file)

    def draw(self, page: pikepdf.Page, number: int) -> Image.Image:
        left, bottom, right, top = (Decimal(str(side)) for side in page.cropbox)
        width, height = abs(right - left) or Decimal(1), abs(top - bottom) or Decimal(1)
        if page.rotation % 180:
            width, height = height, width
        scale = 297 / max(width, height)
        source = (
            f"#set page(width: {width * scale:.2f}mm, height: {height * scale:.2f}mm, margin: 0pt)\n"
            f'#image("/proc/self/fd/{self.file}", format: "pdf", page: {number}, width: 100%, height: 100%, fit: "contain")'
        )
        drawn = self.compiler.compile(source.encode(), format="png", ppi=DRAWN_PPI)
        assert isinstance(drawn, bytes)
        return Image.open(BytesIO(drawn), formats=["PNG"])
