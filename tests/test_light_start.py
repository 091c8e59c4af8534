"""What only some requests need is not imported when the server starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.installation import PROJECT

HEAVY = ["matplotlib", "numpy", "plotly", "PIL", "pandas", "pyspark"]
START = (
    "import json, sys\n"
    "import hrapi.wsgi, hrapi.urls\n"
    "print(json.dumps([name.split('.')[0] for name in sys.modules]))"
)


def test_no_library_that_draws_is_imported_with_the_server() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "hrapi.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    imported = set(json.loads(done.stdout))
    assert {"django", "reports", "hrapi"} <= imported
    assert imported.isdisjoint(HEAVY)
