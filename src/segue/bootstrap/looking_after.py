"""What those who look after the server use."""

from typing import NamedTuple

from segue.bootstrap.ground import Ground
from segue.services.health import HealthService
from segue.store.library_health import LibraryHealth


class AdminServices(NamedTuple):
    """Each is behind one or two pages under /admin."""

    health: HealthService


def admin_services(ground: Ground) -> AdminServices:
    """These services on one ground."""
    return AdminServices(health=HealthService(LibraryHealth(ground.database), ground.catalog))
