"""How the web server runs, in development and in production: `gunicorn hrapi.wsgi`. Flags override it."""

from __future__ import annotations

import gc
import multiprocessing

wsgi_app = "hrapi.wsgi:application"
bind = "127.0.0.1:8000"
workers = multiprocessing.cpu_count()
# Threads, so that a slow client holds one of them and not a whole worker.
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 30
keepalive = 5
# One more door that nobody needs.
control_socket_disable = True
# Its warnings quote requests that cannot be read, and with them names.
loglevel = "error"
# Addresses hold what people search for; names of employees among them.
accesslog = None


def post_worker_init(worker: object) -> None:
    """The collector looks rarely, and never at what was made at start, which lives for ever.

    A batch makes thousands of objects, none of them in cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
