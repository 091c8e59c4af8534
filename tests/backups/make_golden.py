"""`python -m tests.backups.make_golden VERSION`: a small backup of today, for the tests of all later versions.

Run it when a table's schema gets a new version, and commit what it writes. What it wrote before is never changed.
The hashes of its manifest belong into hrapi/backups/past_schemas.py.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def main(version: str) -> None:
    data_dir = tempfile.mkdtemp(prefix="hrapi-golden-")
    atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
    os.environ |= {
        "HRAPI_DATA_DIR": data_dir,
        "DJANGO_SETTINGS_MODULE": "hrapi.settings",
        "SECRET_KEY": "golden",
        "DATABASE_URL": "",
    }
    import django

    django.setup()
    from django.core.management import call_command

    from tests.backups.running import backup, everything, store_rows

    call_command("migrate", verbosity=0)
    store_rows(further=20)
    target = GOLDEN / version
    target.mkdir(parents=True)
    backup("--to", target)
    rows = json.dumps(everything(), indent=1)
    (target / "rows.json").write_text(rows + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
