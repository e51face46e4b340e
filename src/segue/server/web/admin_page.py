"""What all pages under /admin share."""

from typing import Any

from litestar.response import Template

from segue.server.auth import SegueRequest, signed_in
from segue.server.web import admin_words
from segue.server.web.rendering import app_of, page
from segue.server.web.you_words import moment_words


def admin_page(
    request: SegueRequest, template: str, /, *, status_code: int = 200, **context: Any
) -> Template:
    """One of these pages: its words as ``w``, and ``moment``, which tells a Unix time (s) as one
    says it here.
    """
    local = app_of(request).own.statistics.local_of(signed_in(request).id)

    def moment(at: float) -> str:
        return moment_words(local(at))

    return page(request, template, status_code=status_code, w=admin_words, moment=moment, **context)
