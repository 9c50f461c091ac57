"""The markup of a picture in one of the theme's roles, or of the box that stands for it."""

from __future__ import annotations

from markupsafe import Markup, escape

from generator.base.imaging import Role
from generator.theme.parts import PictureView, Sized


def picture_markup(
    view: PictureView | None, role: Role, *, alt: str | None = None, lazy: bool = True, hue: int = 0
) -> Markup:
    """Return `<picture>` with every format and width, or a box of the declared shape where there is no file.

    Args:
        alt: instead of the picture's own; "" for a decorative picture.
        lazy: False for the one picture that a reader sees first.
        hue: 0..11, the palette colour of the box.
    """
    if view is None:
        return Markup()
    alt = view.alt if alt is None else alt
    if not view.roles:
        return _box(*_declared_shape(view, role), alt, hue)
    sized = view.roles.get(role.name) or max(view.roles.values(), key=lambda other: other.width)
    image = _image(sized, alt, lazy)
    return Markup(f"<picture>{_sources(sized)}{image}</picture>") if sized.sources else image  # noqa: S704


def _image(sized: Sized, alt: str, lazy: bool) -> Markup:
    srcset = f' srcset="{escape(sized.srcset)}" sizes="{escape(sized.sizes)}"' if sized.srcset else ""
    loading = 'loading="lazy" decoding="async"' if lazy else 'fetchpriority="high"'
    return Markup(  # noqa: S704 (every text in it is escaped)
        f'<img src="{escape(sized.url)}"{srcset} width="{sized.width}" height="{sized.height}"'
        f' alt="{escape(alt)}" {loading}>'
    )


def _sources(sized: Sized) -> str:
    return "".join(
        f'<source type="{escape(one.type)}" srcset="{escape(one.srcset)}" sizes="{escape(sized.sizes)}">'
        for one in sized.sources
    )


def _declared_shape(view: PictureView, role: Role) -> tuple[int, int]:
    """Return width and height in px as the picture would have stood: cropped to the role's aspect if it has one."""
    width = min(view.width, role.widths[-1]) or role.widths[-1]
    if role.aspect:
        return width, max(round(width / role.aspect), 1)
    return width, max(round(width * view.height / view.width), 1) if view.width and view.height else width


def _box(width: int, height: int, alt: str, hue: int) -> Markup:
    name = f'role="img" aria-label="{escape(alt)}"' if alt else 'aria-hidden="true"'
    return Markup(  # noqa: S704 (numbers, and an escaped text)
        f'<svg class="box hue-{hue}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" {name}></svg>'
    )
