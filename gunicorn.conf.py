"""How the web server runs, in development and in production: `gunicorn hrapi.wsgi`. Flags override it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
from pathlib import Path
from typing import Any

from hrapi.web_server.directories import directory_in_use, remove_abandoned
from hrapi.web_server.limits import MAX_LINE_BYTES

wsgi_app = "hrapi.wsgi:application"
bind = "127.0.0.1:8000"
workers = multiprocessing.cpu_count()
# Threads, so that one which waits for the database does not keep the others waiting; and a worker that gives
# them no request before it is there.
worker_class = "hrapi.web_server.worker.Worker"
threads = 4
# Files go the way of all answers, where it is watched that their readers are not too slow.
sendfile = False
# Imported once, before there are workers: one that is killed is replaced within a second instead of five.
# Nothing opens a connection at import, so that the workers share none.
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 5
# Filters of OData are long.
limit_request_line = MAX_LINE_BYTES
# gunicorn would believe whoever asks from this machine, or by a socket of it, what the address of the service is.
# Which proxy is believed what, the settings decide (NUM_PROXIES).
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# One more door that nobody needs.
control_socket_disable = True
# Its warnings quote requests that cannot be read, and with them names.
loglevel = "error"
# Addresses hold what people search for; names of employees among them.
accesslog = None

# Where the workers keep their counters, so that whichever is asked tells those of all (hrapi/metrics.py).
# Set before the application is imported, and once: a reload keeps the directory.
METRICS, OURS = "PROMETHEUS_MULTIPROC_DIR", "hrapi-counters-"
if METRICS not in os.environ:
    remove_abandoned(prefix=OURS)
    os.environ[METRICS] = str(directory_in_use(prefix=OURS))


def on_exit(server: Any) -> None:
    """The next start counts from 0, as Prometheus expects it. A directory that somebody else made is theirs."""
    if Path(os.environ[METRICS]).name.startswith(OURS):
        shutil.rmtree(os.environ[METRICS], ignore_errors=True)


def post_worker_init(worker: object) -> None:
    """The collector looks rarely, and never at what was made at start, which lives for ever.

    A batch makes thousands of objects, none of them in cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
