from __future__ import annotations

import tempfile

from django.conf import settings
from django.db import connection


def test_the_tests_run_on_a_server_of_their_own(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        [directory] = cursor.fetchone()

    assert directory.startswith(f"{tempfile.gettempdir()}/hrapi-tests-")
    assert str(settings.DATA_DIR) in directory
