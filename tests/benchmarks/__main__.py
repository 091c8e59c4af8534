"""`make bench`: the speed of the service as ratios, all taken in one run on this machine.

The limit is the same rows by one COPY into the same table; the peer is DRF's own
`ModelSerializer(many=True)` with `save()`. What is compared is measured in turn, so that a machine that gets
slower or faster meanwhile does not change a ratio; medians are printed.
`make scale` prints how far one PostgreSQL goes instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile

_DATA_DIR = tempfile.mkdtemp(prefix="hrapi-bench-")
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)
os.environ |= {
    "HRAPI_DATA_DIR": _DATA_DIR,
    "DJANGO_SETTINGS_MODULE": "hrapi.settings",
    "SECRET_KEY": "bench",
    "WRITES_PER_MINUTE": "1000000",
    "REPORTS_PER_MINUTE": "1000000",
}
os.environ.pop("DATABASE_URL", None)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.benchmarks import backups, batches, files, reports, spark  # noqa: E402
from tests.benchmarks.measuring import Row, print_machine, print_table  # noqa: E402
from tests.benchmarks.scale import print_scale  # noqa: E402


def main() -> int:
    call_command("migrate", verbosity=0)
    print_machine()
    if sys.argv[1:] == ["scale"]:
        print_scale()
        return 0
    rows: list[Row] = [
        *batches.measure(),
        *files.measure(),
        *batches.measure_growth(),
        *backups.measure(),
        *reports.measure(),
        *spark.measure(),
    ]
    print_table(rows)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
