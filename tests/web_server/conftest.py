from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.installed import service, token
from tests.web_server.served import EMPLOYEES, SECONDS, Served


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with service(employees=EMPLOYEES) as installed:
        installed.environment |= {"SLOW_CLIENT_SECONDS": str(SECONDS), "MAX_BODY_BYTES": "1000000"}
        with installed.serving() as port:
            yield Served(installed, port, token(installed))
