"""A server that answers as a service behind a proxy might: rightly, but for what a test breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

ROWS = [{"id": 1, "job": "Clerk"}, {"id": 2, "job": "Cook"}]
METADATA = (
    '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="Job"/></Schema>'
    "</edmx:DataServices></edmx:Edmx>"
)

Reply = tuple[int, dict[str, Any], str]
"""Status, headers (one with several values is sent as often) and body."""


def as_json(body: Any, **headers: Any) -> Reply:
    return 200, {"Content-Type": "application/json"} | headers, json.dumps(body)


def odata(body: Any) -> Reply:
    return as_json(body, **{"OData-Version": "4.0"})


class FakeService:
    """`replies` by path and query are what is answered to a login; `closed` is answered without one."""

    def __init__(self, address: str) -> None:
        columns = [
            {"name": "id", "type": "integer", "nullable": False},
            {"name": "job", "type": "text", "nullable": False},
        ]
        jobs = f"{address}/api/v1/datasets/jobs/"
        root = f"{address}/odata/v4/"
        self.address = address
        self.logins: list[str] = []
        self.closed: Reply = (401, {"WWW-Authenticate": 'Basic realm="x"'}, "")
        self.replies: dict[str, Reply] = {
            "/api/v1/datasets/": as_json([{"name": "jobs", "columns": columns, "url": jobs}]),
            "/api/v1/datasets/jobs/?format=json": as_json(ROWS),
            "/api/v1/datasets/jobs/?format=csv": (
                200,
                {"Content-Type": "text/csv; charset=utf-8"},
                "id,job\n1,Clerk\n2,Cook\n",
            ),
            "/odata/v4/": odata(
                {"@odata.context": f"{root}$metadata", "value": [{"name": "Jobs", "url": "Jobs"}]}
            ),
            "/odata/v4/$metadata": (
                200,
                {"Content-Type": "application/xml", "OData-Version": "4.0"},
                METADATA,
            ),
            "/odata/v4/Jobs": odata(
                {"value": ROWS[:1], "@odata.nextLink": f"{root}Jobs?$skiptoken=x"}
            ),
            "/odata/v4/Jobs?$skiptoken=x": odata({"value": ROWS[1:]}),
        }


@contextmanager
def fake_service() -> Iterator[FakeService]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            login = self.headers.get("Authorization", "")
            status, headers, body = service.closed
            if login:
                service.logins.append(login)
                status, headers, body = service.replies.get(self.path, (404, {}, ""))
            self.send_response(status)
            for name, values in headers.items():
                for value in values if isinstance(values, list) else [values]:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = FakeService(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
