"""The dashboard over HTTP, for this machine alone."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from xnas.dashboard.answers import Answer, Dashboard
from xnas.errors import UsageError

ADDRESS = "127.0.0.1"

MOST_BYTES_OF_HEADERS = 16_384


class _Handler(RequestHandler):
    """Hands every request on; what is heavy to answer does not keep others waiting."""

    SUPPORTED_METHODS = (*RequestHandler.SUPPORTED_METHODS, "TRACE", "CONNECT")

    def initialize(self, dashboard: Dashboard, threads: ThreadPoolExecutor) -> None:
        self._dashboard = dashboard
        self._threads = threads

    async def prepare(self) -> None:
        """Answer, whatever the method is."""
        request: HTTPServerRequest = self.request
        query = {
            name: values[-1].decode(errors="replace")
            for name, values in request.query_arguments.items()
        }
        ask = partial(
            self._dashboard.answer,
            str(request.method),
            request.headers.get("Host"),
            request.path,
            query,
        )
        loop = asyncio.get_running_loop()
        answer: Answer = await loop.run_in_executor(self._threads, ask)
        self.clear_header("Server")
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.finish(b"" if request.method == "HEAD" else answer.body)


def make_token() -> str:
    """Draw a token that nobody guesses, of letters, digits, - and _."""
    return secrets.token_urlsafe(24)


async def serve(results: Path, port: int, token: str) -> None:
    """Answer requests until cancelled.

    Args:
        results: the folder of results.
        port: on 127.0.0.1; 0 for any that is free.
        token: first part of every path.

    Raises:
        UsageError: the port is taken.
    """
    try:
        sockets = bind_sockets(port, ADDRESS, reuse_port=False)
    except OSError as error:
        raise UsageError(
            f"--port: {port} cannot be served at ({error.strerror}), expected a free "
            "port above 1023; without --port one is found"
        ) from error
    # One thread: what was read is read by one request at a time.
    with ThreadPoolExecutor(1, "dashboard") as threads:
        options = {"dashboard": Dashboard(results, token), "threads": threads}
        application = Application(
            [(r".*", _Handler, options)], compress_response=True, log_function=_quiet
        )
        server = HTTPServer(
            application, max_header_size=MOST_BYTES_OF_HEADERS, max_body_size=0
        )
        server.add_sockets(sockets)
        found = sockets[0].getsockname()[1]
        print(f"http://{ADDRESS}:{found}/{token}/", flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            server.stop()


def _quiet(handler: RequestHandler) -> None:
    """Log no requests: their paths hold the token."""
