"""The service from another machine: sends files, fetches datasets. Knows its API and nothing else of it.

`python -m hrapi.client` on the command line, `Client` in Python. Nothing below this package imports Django.
"""

from __future__ import annotations

from hrapi.client.client import Client
from hrapi.client.errors import ClientError

__all__ = ["Client", "ClientError"]
