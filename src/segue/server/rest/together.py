"""With others: blends that are fair to each, and listeners like you. Nobody is in without a yes."""

from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import Identifier, ListLength, app_of, texts
from segue.server.threads import in_thread
from segue.services.views import LikeMinded, ListView
from segue.store.blends import MAX_MEMBERS, Blend

_OPT = {"policy": LISTENER}


class NewBlend(Struct, frozen=True, forbid_unknown_fields=True):
    """A blend's name, and the account names of those to ask."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    invite: Annotated[list[Annotated[str, Meta(max_length=64)]],
                      texts(MAX_MEMBERS - 1, 64, min_length=1)]  # fmt: skip


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether listeners of like taste may see your name and the tracks that you both like."""

    on: bool


class LikeMindedAnswer(Struct, frozen=True):
    """Whether it is on, and who is near; nobody while it is off."""

    on: bool
    listeners: list[LikeMinded]


@get("/v1/blends", opt=_OPT, tags=["together"], summary="Your blends")
@in_thread
def blends(request: SegueRequest) -> list[Blend]:
    """Blends that you are in or asked to, the newest first."""
    return app_of(request).blends.of(signed_in(request).id)


@post("/v1/blends", opt=_OPT, status_code=HTTP_201_CREATED, tags=["together"],
      summary="Make a blend")  # fmt: skip
@in_thread
def make_blend(request: SegueRequest, data: JSONBody[NewBlend]) -> Blend:
    """Ask others to a common list; their taste counts once they accept."""
    return app_of(request).blends.create(signed_in(request).id, data.name, data.invite)


@post("/v1/blends/{blend_id:str}/accept", opt=_OPT, status_code=HTTP_200_OK, tags=["together"],
      summary="Accept an invitation")  # fmt: skip
@in_thread
def accept_blend(request: SegueRequest, blend_id: Identifier) -> Blend:
    """Join; the others will see which tracks are for you, not why."""
    return app_of(request).blends.accept(signed_in(request).id, blend_id)


@delete("/v1/blends/{blend_id:str}", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
        tags=["together"], summary="Decline or leave a blend")  # fmt: skip
@in_thread
def leave_blend(request: SegueRequest, blend_id: Identifier) -> None:
    """Your taste counts no longer; a blend that you made ends."""
    app_of(request).blends.leave(signed_in(request).id, blend_id)


@get("/v1/blends/{blend_id:str}/recommendations", opt=_OPT, tags=["together"],
     summary="The list of a blend")  # fmt: skip
@in_thread
def blend_list(request: SegueRequest, blend_id: Identifier, n: ListLength = 50) -> ListView:
    """One list, fair to each who accepted; every track says for whom it is."""
    return app_of(request).blends.list(signed_in(request).id, blend_id, n)


@get("/v1/like-minded", opt=_OPT, tags=["together"], summary="Listeners like you")
@in_thread
def like_minded(request: SegueRequest, n: ListLength = 20) -> LikeMindedAnswer:
    """Nearest listeners who allow it too; the station `like_minded` plays what they like."""
    app, caller = app_of(request), signed_in(request)
    if not app.like_minded.is_on(caller.id):
        return LikeMindedAnswer(on=False, listeners=[])
    asked = app.recommend.asked(caller.id)
    near = app.like_minded.listeners(caller.id, asked.serving, asked.profile, n)
    return LikeMindedAnswer(on=True, listeners=near)


@put("/v1/like-minded", opt=_OPT, status_code=HTTP_200_OK, tags=["together"],
     summary="Allow listeners like you")  # fmt: skip
@in_thread
def choose_like_minded(request: SegueRequest, data: JSONBody[Choice]) -> Choice:
    """Off until you say so; off again at once."""
    return Choice(on=app_of(request).like_minded.set(signed_in(request).id, on=data.on))


TOGETHER_HANDLERS: list[Any] = [
    blends, make_blend, accept_blend, leave_blend, blend_list, like_minded, choose_like_minded,
]  # fmt: skip
