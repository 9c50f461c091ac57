"""Draw the pictures and logos of the sample content, always the same: `python docs/sample-pictures.py [name …]`."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from sample_pictures import earth, logos, machines, matter, plate, thought, universe

CONTENT = Path(__file__).resolve().parent.parent / "content"
LARGEST = 106_000
SHEETS = (universe, matter, earth, thought, machines)  # importing them registers their drawings


def main(wanted: list[str]) -> None:
    for name, draw in plate.DRAWINGS.items():
        if not wanted or name in wanted:
            save(draw(), CONTENT / "images" / name)
    if not wanted:
        for name, logo in logos.draw_all():
            logo.quantize(48).save(CONTENT / "assets" / "logos" / name, optimize=True)


def save(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gif":
        image.quantize(48, dither=Image.Dither.NONE).save(path, optimize=True)
    elif path.suffix == ".png":
        few = image.mode == "RGB" and image.getcolors(256)
        image = image.quantize(len(few), dither=Image.Dither.NONE) if few else image
        image.save(path, optimize=True)
    else:
        path.write_bytes(jpeg(image))


def jpeg(image: Image.Image) -> bytes:
    """Return JPEG data of at most `LARGEST` bytes: by less quality first, then by fewer pixels."""
    extra = {}
    if image.height > image.width:  # as a phone writes it: lying on its side, with a made-up place
        image, extra = image.transpose(Image.Transpose.ROTATE_90), {"exif": phone_exif()}
    while True:
        for quality in (82, 78, 74):
            image.save(file := BytesIO(), "JPEG", quality=quality, optimize=True, progressive=True, **extra)
            if file.tell() <= LARGEST:
                return file.getvalue()
        image = image.resize((image.width * 7 // 8, image.height * 7 // 8), Image.Resampling.LANCZOS)


def phone_exif() -> Image.Exif:
    """Return EXIF 2.3 data: orientation 6 (turn right to view) and a place in the middle of the Atlantic."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (12.0, 34.0, 56.0), 3: "W", 4: (34.0, 56.0, 12.0)})
    return exif


if __name__ == "__main__":
    main(sys.argv[1:])
