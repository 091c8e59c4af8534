"""A large file costs no memory, neither where it arrives nor where it is loaded."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.faults.installed import token
from tests.installation import installation

MEGABYTE = 1024 * 1024
FILE_BYTES = 60 * MEGABYTE
MAX_GROWTH = 30 * MEGABYTE

HEAD = (
    b'--XX\r\nContent-Disposition: form-data; name="table"\r\n\r\ndepartments\r\n'
    b'--XX\r\nContent-Disposition: form-data; name="file"; filename="d.csv"\r\n\r\n'
)
END = b"\r\n--XX--\r\n"
# Blank lines cost the least time.
ROWS = (b" " * 1_000 + b"\n") * 1_000 + b"1,Sales\n" * 100


def peak(pid: int) -> int:
    """The most memory that the process ever had, in bytes; 0 of one that has ended."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def web_worker(port: int) -> int:
    """The worker is the younger one of the two processes of gunicorn."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                told = (directory / "cmdline").read_bytes()
            except OSError:
                continue
            if b"gunicorn" in told and f"127.0.0.1:{port}".encode() in told:
                found.append(int(directory.name))
    return max(found)


def post_large_file(port: int, authorization: str) -> Any:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    client.putrequest("POST", "/api/v1/loads/")
    client.putheader("Authorization", authorization)
    client.putheader("Content-Type", "multipart/form-data; boundary=XX")
    pieces = FILE_BYTES // len(ROWS)
    client.putheader("Content-Length", str(len(HEAD) + pieces * len(ROWS) + len(END)))
    client.putheader("Idempotency-Key", "k-1")
    client.endheaders(HEAD)
    for _ in range(pieces):
        client.send(ROWS)
    client.send(END)
    response = client.getresponse()
    body = json.loads(response.read())
    client.close()
    assert response.status == 202, body
    return body


def test_memory_stays_flat() -> None:
    with installation() as installed:
        installed.hold()
        assert installed.manage("migrate", "--verbosity=0").code == 0
        authorization = f"Token {token(installed)}"
        with installed.serving() as port:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            client.request("GET", "/api/v1/loads/", headers={"Authorization": authorization})
            assert client.getresponse().status == 200
            client.close()
            before = peak(web_worker(port))
            post_large_file(port, authorization)
            after = peak(web_worker(port))
        worker = installed.start("run_worker", "--once", stdout=subprocess.DEVNULL)
        loading = 0
        while worker.poll() is None:
            loading = max(loading, peak(worker.pid))
            time.sleep(0.05)
        _, errors = worker.communicate()
        [(state, received)] = installed.query(
            "SELECT l.state, b.received FROM loads l JOIN batches b ON b.id = l.batch_id"
        )

    assert after - before < MAX_GROWTH
    assert 0 < loading < 150 * MEGABYTE
    assert (worker.returncode, errors, state) == (0, b"", "finished")
    assert received == FILE_BYTES // len(ROWS) * 100
