"""How like two pictures are: structural similarity (SSIM) of their light."""

from __future__ import annotations

from typing import Any

import PIL.Image
from PIL import ImageMath
from PIL.Image import Resampling

WINDOW = 7  # px; no divisor of the blocks of JPEG and WebP, so their edges count
_LIGHT = (0.01 * 255) ** 2  # what keeps the quotients stable (Source: Wang et al., Image quality assessment, 2004)
_CONTRAST = (0.03 * 255) ** 2

Pixels = PIL.Image.Image


def reference(original: Pixels, size: tuple[int, int]) -> Pixels:
    """Return what all are compared with: the original at this size, without any shortcut."""
    return original.convert("RGB").resize(size, Resampling.LANCZOS)


def likeness(one: Pixels, other: Pixels) -> float:
    """Return the mean SSIM of two pictures of one size, 1.0 for equal ones, over windows side by side."""
    if one.size != other.size:
        raise ValueError(f"sizes differ: {one.size} and {other.size}")
    x, y = one.convert("L").convert("F"), other.convert("L").convert("F")
    means = {
        "x": _mean(x),
        "y": _mean(y),
        "xx": _mean(_product(x, x)),
        "yy": _mean(_product(y, y)),
        "xy": _mean(_product(x, y)),
    }
    values = ImageMath.lambda_eval(_similarity, **means)
    return float(values.resize((1, 1), Resampling.BOX).getpixel((0, 0)))


def _mean(values: Pixels) -> Pixels:
    return values.reduce(WINDOW)


def _product(x: Pixels, y: Pixels) -> Pixels:
    product: Pixels = ImageMath.lambda_eval(lambda given: given["x"] * given["y"], x=x, y=y)
    return product


def _similarity(given: dict[str, Any]) -> Any:
    """Return SSIM of each window from the means of both pictures in it, and of their products."""
    x, y = given["x"], given["y"]
    variances = given["xx"] - x * x + given["yy"] - y * y
    covariance = given["xy"] - x * y
    alike = (2 * x * y + _LIGHT) * (2 * covariance + _CONTRAST)
    return alike / ((x * x + y * y + _LIGHT) * (variances + _CONTRAST))
