"""All pages under /admin."""

from typing import Any

from segue.server.web.admin_jobs import ADMIN_JOB_HANDLERS
from segue.server.web.admin_library import ADMIN_LIBRARY_HANDLERS

ADMIN_HANDLERS: list[Any] = [*ADMIN_LIBRARY_HANDLERS, *ADMIN_JOB_HANDLERS]
