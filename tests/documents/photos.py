"""A paper that was printed, signed, and photographed on a table with a telephone: askew, in perspective, shadowed, blurred, noisy."""

import random
from io import BytesIO
from itertools import pairwise

import pikepdf
from PIL import Image, ImageDraw, ImageFilter

from app.documents.clean_room import DRAWN_PPI, DrawingDesk

DPI = 100
TABLE, INK = (120, 90, 60), (25, 35, 130)


def photographed(pdf: bytes, *, angle: int, seed: int = 1, blur: float = 1.0, kind: str = "JPEG", quality: int = 40) -> bytes:
    """:param angle: degrees by which the paper lies askew"""
    chance = random.Random(seed)
    paper = scribbled(printed(pdf), chance)
    table = Image.new("RGB", (paper.width * 13 // 10, paper.height * 13 // 10), TABLE)
    table.paste(paper, ((table.width - paper.width) // 2, (table.height - paper.height) // 2))
    table = table.rotate(angle, expand=True, fillcolor=TABLE, resample=Image.Resampling.BICUBIC)
    table = in_perspective(table, chance)
    table = table.filter(ImageFilter.GaussianBlur(blur))
    table = Image.blend(table, Image.effect_noise(table.size, 40).convert("RGB"), 0.12)
    photo = BytesIO()
    table.save(photo, kind, quality=quality)
    return photo.getvalue()


def printed(pdf: bytes) -> Image.Image:
    whole = pikepdf.open(BytesIO(pdf))
    page = DrawingDesk.of(whole).draw(whole.pages[0], 1).convert("RGB")
    return page.resize((page.width * DPI // DRAWN_PPI, page.height * DPI // DRAWN_PPI), Image.Resampling.LANCZOS)


def scribbled(paper: Image.Image, chance: random.Random) -> Image.Image:
    """Signatures, ticks, and a stroke that runs over the code itself."""
    drawing = ImageDraw.Draw(paper)
    for _ in range(6):
        points = [(chance.uniform(0, paper.width), chance.uniform(paper.height * 0.25, paper.height))]
        for _ in range(25):
            x, y = points[-1]
            points.append((x + chance.uniform(-30, 40), y + chance.uniform(-25, 25)))
        for start, end in pairwise(points):
            drawing.line((start, end), fill=INK, width=3)
    drawing.line((paper.width * 0.7, paper.height * 0.05, paper.width * 0.95, paper.height * 0.075), fill=INK, width=2)
    return paper


def in_perspective(picture: Image.Image, chance: random.Random) -> Image.Image:
    width, height = picture.size
    left, top, right, bottom = (chance.uniform(0, 0.06) for _ in range(4))
    corners = (left * width, top * height, 0, (1 - bottom) * height, (1 - right) * width, height, width, 0)
    picture = picture.transform(picture.size, Image.Transform.QUAD, corners, resample=Image.Resampling.BICUBIC)
    light = Image.linear_gradient("L").resize(picture.size).point([80 + value * 175 // 255 for value in range(256)])
    return Image.composite(picture, Image.new("RGB", picture.size), light)
