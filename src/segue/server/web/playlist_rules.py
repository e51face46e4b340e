"""The form in which a playlist by rules is made and changed, and what it would hold."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from segue.errors import InvalidInputError, NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web import playlist_words
from segue.server.web.rendering import app_of, page
from segue.store.smart_playlists import MAX_RULES, MAX_TRACKS, Rule, Rules, Sort, What

N_PREVIEWED = 8
N_EMPTY_ROWS = 3
START = Rules(rules=(Rule(what="loved"), Rule(what="not_played_for", value="30")), sort="shuffled",
              limit=50)  # fmt: skip
_OPT = {"policy": LISTENER}
_Id = Annotated[str, PathParameter(max_length=64)]
_Form = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/playlist-rules", opt=_OPT, include_in_schema=False)
@in_thread
def new_rules_page(request: SegueRequest) -> Template:
    """The form for a new playlist, with two rules to begin with."""
    return _form(request, START, "", "")


@get("/playlist-rules/{playlist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def rules_page(request: SegueRequest, playlist_id: _Id) -> Template:
    """The form with the rules of one of one's own."""
    app, caller = app_of(request), signed_in(request)
    found = app.playlists.get(caller.id, playlist_id).playlist
    rules = app.own.smart_playlists.rules_of(caller.id, playlist_id)
    if rules is None or found.account_id != caller.id:
        raise NotFoundError(f"no rules of a playlist {playlist_id!r}")
    return _form(request, rules, found.name, playlist_id)


@post("/parts/playlist-rules", opt=_OPT, status_code=HTTP_200_OK, include_in_schema=False)
@in_thread
def preview_part(request: SegueRequest, data: _Form) -> Template:
    """What the rules of the form choose now, while it is filled in."""
    return page(request, "parts/rules_preview.html", **_preview(request, rules_of_form(data)))


@post("/playlist-rules", opt=_OPT, include_in_schema=False)
@in_thread
def keep_rules(request: SegueRequest, data: _Form) -> Response[Any]:
    """Make the playlist, or change it when the form names one."""
    smart, caller = app_of(request).own.smart_playlists, signed_in(request)
    rules = rules_of_form(data)
    name, playlist_id = str(data.get("name", "")), str(data.get("playlist_id", ""))[:64]
    try:
        if playlist_id:
            smart.change(caller.id, playlist_id, name, rules)
        else:
            playlist_id = smart.make(caller.id, name, rules).id
    except InvalidInputError as error:
        return _form(request, rules, name, playlist_id, error)
    return Redirect(f"/playlists/{playlist_id}", status_code=HTTP_303_SEE_OTHER)


def rules_of_form(form: Mapping[str, Any]) -> Rules:
    """Rows without a choice are left out; what is no choice of ours too.

    >>> rules_of_form({"what-0": "genre", "value-0": "Dub", "what-1": "", "limit": "x"}).rules
    (Rule(what='genre', value='Dub', until=''),)
    """
    rules: list[Rule] = []
    for row in range(MAX_RULES):
        what = str(form.get(f"what-{row}", ""))
        if what in get_args(What):
            value, until = (
                str(form.get(f"{part}-{row}", "")).strip() for part in ("value", "until")
            )
            rules.append(Rule(what=what, value=value, until=until))  # type: ignore[arg-type]
    sort, limit = str(form.get("sort", "")), str(form.get("limit", ""))
    return Rules(
        rules=tuple(rules),
        sort=sort if sort in get_args(Sort) else "title",  # type: ignore[arg-type]
        limit=int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else 100,
    )


def _form(
    request: SegueRequest,
    rules: Rules,
    name: str,
    playlist_id: str,
    problem: Exception | None = None,
) -> Template:
    rows = [*rules.rules, *[None] * min(N_EMPTY_ROWS, MAX_RULES - len(rules.rules))]
    return page(
        request, "pages/playlist_rules.html", rows=rows, rules=rules, name=name,
        playlist_id=playlist_id, w=playlist_words, max_tracks=MAX_TRACKS,
        problem=playlist_words.problem_words(str(problem)) if problem else "",
        status_code=200 if problem is None else 400,
        **_preview(request, rules),
    )  # fmt: skip


def _preview(request: SegueRequest, rules: Rules) -> dict[str, Any]:
    app, caller = app_of(request), signed_in(request)
    try:
        ids = app.own.smart_playlists.chosen(caller.id, rules)
    except InvalidInputError as error:
        return {"views": [], "n_chosen": 0, "unreadable": playlist_words.problem_words(str(error))}
    views = app.recommend.track_views(caller.id, ids[:N_PREVIEWED])
    return {"views": views, "n_chosen": len(ids), "unreadable": ""}


RULE_HANDLERS: list[Any] = [new_rules_page, rules_page, preview_part, keep_rules]
