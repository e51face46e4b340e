"""Pictures of all kinds become small clean JPEGs, or an error that says why."""

import io

import pytest
from PIL import Image

from segue.errors import MediaError
from segue.scanner import covers
from support import audio_files as af


def encoded(picture, format="PNG", **kwargs):  # noqa: A002 - Pillow's own name
    out = io.BytesIO()
    picture.save(out, format, **kwargs)
    return out.getvalue()


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "P", "L", "LA", "1"])
def test_every_mode_becomes_rgb_within_the_square(mode):
    picture = Image.new("RGB", (400, 200), "#c03020").convert(mode)
    data = (
        encoded(picture, "TIFF" if mode == "CMYK" else "PNG")
        if mode != "CMYK"
        else encoded(picture, "JPEG")
    )
    result = opened(covers.render_cover(data, 160))
    assert (result.format, result.mode, result.size) == ("JPEG", "RGB", (160, 80))


def test_transparent_parts_become_white():
    result = opened(covers.render_cover(encoded(Image.new("RGBA", (64, 64), (255, 0, 0, 0))), 64))
    assert min(result.getpixel((30, 30))) > 250


def test_a_turned_photograph_is_upright_and_its_metadata_is_gone():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010E] = "secret place"
    data = encoded(Image.new("RGB", (400, 200), "blue"), "JPEG", exif=exif, comment=b"secret")
    rendered = covers.render_cover(data, 320)
    assert opened(rendered).size == (160, 320)
    assert b"secret" not in rendered
    assert not opened(rendered).getexif()


def test_a_small_picture_is_not_blown_up():
    assert opened(covers.render_cover(encoded(Image.new("RGB", (50, 40))), 1200)).size == (50, 40)


def test_only_fixed_sizes_are_allowed():
    with pytest.raises(MediaError, match="100"):
        covers.render_cover(encoded(Image.new("RGB", (5, 5))), 100)


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_picture_is_an_error(data):
    with pytest.raises(MediaError):
        covers.render_cover(data, 64)


def test_a_truncated_picture_is_an_error():
    data = encoded(Image.effect_noise((300, 300), 50), "JPEG")
    with pytest.raises(MediaError):
        covers.render_cover(data[: len(data) // 2], 64)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    with pytest.raises(MediaError, match="10000 x 10000"):
        covers.render_cover(encoded(Image.new("1", (10_000, 10_000))), 64)


def test_too_many_bytes_are_refused(monkeypatch):
    monkeypatch.setattr(covers, "PICTURE_LIMIT_BYTES", 10)
    with pytest.raises(MediaError, match="at most 10"):
        covers.render_cover(bytes(11), 64)


def test_the_colour_of_the_larger_part_comes_first():
    picture = Image.new("RGB", (100, 100), "#ff0000")
    picture.paste("#0000ff", (0, 0, 30, 100))
    assert covers.dominant_colours(encoded(picture))[0] == "#ff0000"
    assert "#0000ff" in covers.dominant_colours(encoded(picture))


def test_the_picture_inside_a_file_comes_back_byte_for_byte(tmp_path):
    picture = encoded(Image.new("RGB", (9, 9), "red"))
    path = tmp_path / "a.flac"
    path.write_bytes(af.flac(("TITLE", "x"), picture=picture))
    assert covers.embedded_image(path) == picture
    path.write_bytes(af.flac(("TITLE", "x")))
    assert covers.embedded_image(path) is None
    path.write_bytes(b"no music")
    with pytest.raises(MediaError):
        covers.embedded_image(path)


def test_the_folder_image_is_chosen_by_name_and_not_by_order(tmp_path):
    for name in ("front.jpg", "FOLDER.jpeg", "Cover.webp", "other.jpg"):
        (tmp_path / name).write_bytes(b"x")
    assert covers.find_folder_image(tmp_path) == tmp_path / "Cover.webp"
    assert covers.find_folder_image(tmp_path / "none") is None
