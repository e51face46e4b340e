"""What a listener says of themselves, read and replaced by them alone."""

from typing import Annotated, Any

from litestar import get, put
from litestar.params import JSONBody
from msgspec import Meta, Struct

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import FROM_ZERO, app_of, texts
from segue.server.threads import in_thread
from segue.services.own_words import MAX_BIO_CHARS, MAX_TEXT_CHARS, MAX_TEXTS
from segue.store.own_words import OwnWords
from segue.text.own_words import MAX_AGE

Texts = Annotated[
    list[Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]], texts(MAX_TEXTS, MAX_TEXT_CHARS)
]


class OwnWordsPut(Struct, frozen=True, forbid_unknown_fields=True):
    """All of it; what is left out is forgotten. A start for a listener who has played little."""

    emotions: Texts = []
    tags: Texts = []
    bio: Annotated[str, Meta(max_length=MAX_BIO_CHARS)] = ""
    age: Annotated[int, Meta(ge=0, le=MAX_AGE, extra_json_schema=FROM_ZERO)] | None = None


@get("/v1/me/profile", opt={"policy": LISTENER}, sync_to_thread=False,
     tags=["account"], summary="What I say of myself")  # fmt: skip
def my_words(request: SegueRequest) -> OwnWords:
    """Feelings, tags, free text and age, as they were said."""
    return app_of(request).own_words.of(signed_in(request).id)


@put("/v1/me/profile", opt={"policy": LISTENER},
     tags=["account"], summary="Say something of myself")  # fmt: skip
@in_thread
def say(request: SegueRequest, data: JSONBody[OwnWordsPut]) -> OwnWords:
    """Replace it; the next list of a listener without taste follows it."""
    said = OwnWords(
        emotions=tuple(data.emotions), tags=tuple(data.tags), bio=data.bio, age=data.age
    )
    return app_of(request).own_words.say(signed_in(request).id, said)


OWN_WORDS_HANDLERS: list[Any] = [my_words, say]
