"""All pages under /admin, and the one that an invitation leads to."""

from typing import Any

from segue.server.web.admin_jobs import ADMIN_JOB_HANDLERS
from segue.server.web.admin_library import ADMIN_LIBRARY_HANDLERS
from segue.server.web.admin_listeners import ADMIN_LISTENER_HANDLERS
from segue.server.web.admin_measures import ADMIN_MEASURE_HANDLERS
from segue.server.web.admin_models import ADMIN_MODEL_HANDLERS
from segue.server.web.admin_server import ADMIN_SERVER_HANDLERS
from segue.server.web.join import JOIN_HANDLERS

ADMIN_HANDLERS: list[Any] = [
    *ADMIN_LIBRARY_HANDLERS,
    *ADMIN_JOB_HANDLERS,
    *ADMIN_LISTENER_HANDLERS,
    *ADMIN_MODEL_HANDLERS,
    *ADMIN_MEASURE_HANDLERS,
    *ADMIN_SERVER_HANDLERS,
    *JOIN_HANDLERS,
]
