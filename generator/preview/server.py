"""The server: the site as it is now and preview's own addresses, as an ASGI application."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from generator.preview.access import Door, is_foreign, is_loopback, is_own_page
from generator.preview.current import Current
from generator.preview.editor import NoEditor, open_in_editor
from generator.preview.host import Host, Served
from generator.preview.hub import Hub
from generator.preview.media import is_page, media_type
from generator.preview.reply import Reply, reply
from generator.preview.tabs import Desk, Message, Recent, Tab, look, state

T = TypeVar("T")
PING = 10.0  # s after which a stream without news says that it lives
_SCRIPT = Path(__file__).parent / "client" / "preview.js"
_LONGEST_ORDER = 10_000  # bytes of a wish to open a file
logger = logging.getLogger(__name__)


class Wishes(NamedTuple):
    """How the site is to be served."""

    host: str = "127.0.0.1"
    port: int = 8000
    open_browser: bool = False
    follow: bool = False
    editor: tuple[str, ...] = ()  # the arguments that open a file, with {file}, {line}, {column}
    names: tuple[str, ...] = ()  # of this machine, for browsers of others


def make_app(current: Current, hub: Hub, wishes: Wishes) -> ASGIApp:
    """Return the application that serves a site; `hub` is told of each refresh."""
    server = _Server(Desk(current, Host(current), Recent(), wishes.follow), hub, wishes.editor)
    app = Starlette(
        routes=[
            Route("/_broadsheet/preview.js", server.script),
            Route("/_broadsheet/events", server.events),
            Route("/_broadsheet/state.json", server.state),
            Route("/_broadsheet/open", server.open, methods=["POST"]),
            Route("/{path:path}", server.page, methods=["GET"]),
        ],
        exception_handlers={Exception: _mistake},
    )
    return _Guard(app, Door(wishes.host, wishes.names))


class _Guard:
    """Answers only those who ask for a name of ours."""

    def __init__(self, app: ASGIApp, door: Door):
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            request = Request(scope)
            host = request.headers.get("host", "")
            if not self._door.admits(host):
                app = PlainTextResponse(
                    f"This preview does not answer to the name {host!r}. Open it as http://localhost or by its "
                    "address; --host NAME makes it answer to a name of this machine.\n",
                    403,
                )
            elif scope["path"].startswith("/_broadsheet/") and is_foreign(request.headers):
                app = PlainTextResponse("Only pages of the preview itself may ask for this.\n", 403)
        await app(scope, receive, send)


class _Server:
    def __init__(self, desk: Desk, hub: Hub, editor: tuple[str, ...]):
        self._desk = desk
        self._hub = hub
        self._editor = editor

    async def page(self, request: Request) -> Response:
        """Answer what a host of the site would, with the script of preview in its pages."""
        found = await apart(self._answer, request)
        return Response(found.body, found.status, found.headers)

    def _answer(self, request: Request) -> Reply:
        path = request.scope["raw_path"].decode("latin-1")
        answer = self._desk.host.answer(path, request.scope["query_string"].decode("latin-1"))
        if isinstance(answer, Served) and is_page(answer.output):
            self._desk.recent.put(answer.page.digest, answer.page.data)
        return reply(answer, request.headers)

    async def script(self, _: Request) -> Response:
        """Answer the script of preview."""
        return Response(_SCRIPT.read_bytes(), headers={"Cache-Control": "no-cache"}, media_type=media_type(".js"))

    async def state(self, _: Request) -> Response:
        """Answer the site's problems and badges."""
        return JSONResponse(await apart(state, self._desk), headers={"Cache-Control": "no-store"})

    async def events(self, request: Request) -> Response:
        """Answer a stream of what a tab is to do."""
        asked = request.query_params
        path, _, query = asked.get("path", "/").partition("?")
        tab = Tab(path, query, asked.get("digest", ""), asked.get("saved"))
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(self._stream(tab), headers=headers, media_type="text/event-stream")

    async def _stream(self, tab: Tab) -> AsyncIterator[str]:
        with self._hub.waiting() as refreshed:
            yield ": preview\n\n"
            while not self._hub.closed:
                refreshed.clear()
                tab, messages = await apart(look, self._desk, tab)
                for message in messages:
                    yield _frame(message)
                with suppress(TimeoutError):
                    await asyncio.wait_for(refreshed.wait(), PING)
                    continue
                yield ": still here\n\n"

    async def open(self, request: Request) -> Response:
        """Open a file of the site in the editor: for a page of ours in a browser of this machine alone."""
        client = request.client.host if request.client else ""
        if not is_loopback(client) or not is_own_page(request.headers):
            return _refusal(403, "Only a page of the preview on this machine may open files.")
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _refusal(415, "A wish to open a file is JSON.")
        wish = _wish(await _body(request))
        if wish is None:
            return _refusal(400, 'Write it as {"path": "content/news/x.md", "line": 1, "column": 1}.')
        file = await apart(self._desk.current.source, wish.path)
        if file is None:
            return _refusal(404, f"{wish.path} is no file of this site.")
        try:
            await apart(open_in_editor, self._editor, file, wish.line, wish.column)
        except NoEditor as error:
            return _refusal(501, str(error))
        return Response(status_code=204)


class _Wish(NamedTuple):
    path: str
    line: int
    column: int


def _wish(body: bytes) -> _Wish | None:
    """Return what is to be opened, None where that is not said as it should be."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("path"), str) or "\0" in said["path"]:
        return None
    line, column = said.get("line", 1), said.get("column", 1)
    if not all(type(number) is int and 0 <= number < 10_000_000 for number in (line, column)):
        return None
    return _Wish(said["path"], line, column)


async def _body(request: Request) -> bytes:
    """Return the body of a request as far as a good one can go."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_ORDER:
            return b""
    return body


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)


def _frame(message: Message) -> str:
    """Return a message as the event stream has it: JSON holds no line end."""
    return f"event: {message.event}\ndata: {json.dumps(message.data, ensure_ascii=True)}\n\n"


async def _mistake(request: Request, error: Exception) -> Response:
    logger.error("%s could not be answered", request.scope["path"], exc_info=error)
    return PlainTextResponse("This is a mistake in Broadsheet, not in your site. The terminal says more.\n", 500)


async def apart(function: Callable[..., T], *arguments: Any) -> T:
    """Return a function's answer from a thread of its own, which the end of the program does not wait for.

    A picture takes seconds to make; the threads of a pool would be waited for.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():  # who asked has gone
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = function(*arguments)
        except Exception as raised:
            error = raised
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(settle, result, error)

    Thread(target=run, name="broadsheet answer", daemon=True).start()
    return await answer
