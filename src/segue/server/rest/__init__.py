"""REST API, version 1: `/v1`, described by OpenAPI 3.1 at `/docs`."""

from segue.server.rest.about_me import ABOUT_ME_HANDLERS
from segue.server.rest.catalogues import CATALOGUE_HANDLERS
from segue.server.rest.events import EVENT_HANDLERS
from segue.server.rest.imports import IMPORT_HANDLERS
from segue.server.rest.invitations import INVITATION_HANDLERS
from segue.server.rest.jobs import JOB_HANDLERS
from segue.server.rest.library import LIBRARY_HANDLERS
from segue.server.rest.maps import MAP_HANDLERS
from segue.server.rest.media import MEDIA_HANDLERS
from segue.server.rest.own_data import OWN_DATA_HANDLERS
from segue.server.rest.own_words import OWN_WORDS_HANDLERS
from segue.server.rest.playlists import PLAYLIST_HANDLERS
from segue.server.rest.quiz import QUIZ_HANDLERS
from segue.server.rest.radio import RADIO_HANDLERS
from segue.server.rest.recommendations import RECOMMENDATION_HANDLERS
from segue.server.rest.session import SESSION_HANDLERS
from segue.server.rest.time_zone import TIME_ZONE_HANDLERS
from segue.server.rest.together import TOGETHER_HANDLERS
from segue.server.rest.users import USER_HANDLERS

REST_HANDLERS = [
    *SESSION_HANDLERS,
    *OWN_WORDS_HANDLERS,
    *OWN_DATA_HANDLERS,
    *ABOUT_ME_HANDLERS,
    *TIME_ZONE_HANDLERS,
    *LIBRARY_HANDLERS,
    *MEDIA_HANDLERS,
    *EVENT_HANDLERS,
    *RECOMMENDATION_HANDLERS,
    *RADIO_HANDLERS,
    *QUIZ_HANDLERS,
    *TOGETHER_HANDLERS,
    *MAP_HANDLERS,
    *IMPORT_HANDLERS,
    *PLAYLIST_HANDLERS,
    *JOB_HANDLERS,
    *CATALOGUE_HANDLERS,
    *USER_HANDLERS,
    *INVITATION_HANDLERS,
]

__all__ = ["REST_HANDLERS"]
