"""Cover pictures: found beside the music or inside it, and re-encoded before anyone is shown one.

A picture is a stranger's file too: its pixels are counted before they are decoded, and what leaves
here is a fresh JPEG without metadata.
"""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from segue.errors import MediaError
from segue.scanner.bounded import BoundedFile
from segue.scanner.formats import pick_folder_image

if TYPE_CHECKING:
    from PIL.Image import Image

COVER_SIZES_PX = (64, 160, 320, 640, 1200)
PICTURE_LIMIT_BYTES = 20 * 2**20
PIXEL_LIMIT = 40_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_QUALITY = 85
_BEHIND_ALPHA = (255, 255, 255)


def find_folder_image(folder: Path) -> Path | None:
    """The cover image of a folder, or None; see :func:`segue.scanner.formats.pick_folder_image`."""
    try:
        name = pick_folder_image(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return None
    return folder / name if name else None


def embedded_image(path: Path) -> bytes | None:
    """Bytes of the picture inside an audio file, front cover first; None when there is none.

    Raises:
        MediaError: the file cannot be read, or the picture is larger than 20 MiB.
    """
    from tinytag import TinyTag

    try:
        with path.open("rb") as fh:
            view = cast("BinaryIO", BoundedFile(fh, path.stat().st_size))
            image = TinyTag.get(str(path), view, duration=False, image=True).images.any
    except Exception as error:  # a damaged file may break the parser in any way
        raise MediaError(f"the picture inside {path.name} cannot be read") from error
    if image is None or not image.data:
        return None
    _check_bytes(image.data)
    return image.data


def render_cover(data: bytes, size_px: int) -> bytes:
    """A JPEG that fits into a square of ``size_px``; a smaller picture is not blown up.

    Args:
        data: a JPEG, PNG, WebP, GIF or BMP of at most 20 MiB and 40 million pixels.
        size_px: one of :data:`COVER_SIZES_PX`.

    Raises:
        MediaError: the size is not allowed or the picture cannot be used; the message says why.
    """
    if size_px not in COVER_SIZES_PX:
        raise MediaError(f"cover size {size_px} is not one of {COVER_SIZES_PX}")
    picture = _decode(data, size_px)
    picture.thumbnail((size_px, size_px))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=size_px > 320)
    return out.getvalue()


def dominant_colours(data: bytes, n: int = 4) -> tuple[str, ...]:
    """The colours that cover most of a picture, most frequent first, as ``#rrggbb``.

    Median cut (Heckbert 1982) over a thumbnail of 64 pixels.

    Raises:
        MediaError: the picture cannot be used.
    """
    picture = _decode(data, 64)
    picture.thumbnail((64, 64))
    reduced: Any = picture.quantize(n)
    palette: list[int] = reduced.getpalette()
    counted: list[tuple[int, int]] = sorted(reduced.getcolors(), reverse=True)
    colours = [tuple(palette[3 * index : 3 * index + 3]) for _, index in counted]
    return tuple(dict.fromkeys("#{:02x}{:02x}{:02x}".format(*colour) for colour in colours))


def _check_bytes(data: bytes) -> None:
    if len(data) > PICTURE_LIMIT_BYTES:
        raise MediaError(f"the picture has {len(data)} bytes; at most {PICTURE_LIMIT_BYTES}")


def _decode(data: bytes, size_px: int) -> "Image":
    """An upright RGB picture of at least ``size_px`` where the original is that large."""
    from PIL import Image, ImageOps

    _check_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # we count the pixels ourselves
            picture: Any = Image.open(io.BytesIO(data), formats=_FORMATS)
        width, height = picture.size
        if width * height > PIXEL_LIMIT:
            raise MediaError(f"the picture has {width} x {height} pixels; at most {PIXEL_LIMIT:,}")
        picture.draft("RGB", (size_px, size_px))  # lets JPEG decode at a fraction of its size
        picture.load()
        return _as_rgb(ImageOps.exif_transpose(picture))
    except MediaError:
        raise
    except Exception as error:  # Pillow raises a dozen types for a damaged picture
        raise MediaError(f"the picture cannot be decoded ({type(error).__name__})") from error


def _as_rgb(picture: Any) -> "Image":
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, _BEHIND_ALPHA)
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    # A fresh image carries neither EXIF nor profiles nor comments into the output.
    plain = Image.new("RGB", picture.size)
    plain.paste(picture.convert("RGB"))
    return plain
