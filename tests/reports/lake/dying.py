"""An export whose process is killed before its step number N: `python -m tests.reports.lake.dying N ARGUMENT …`.

Steps are what reaches the disk or the server of S3. With 0 it lives, and prints how many there were.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from typing import Any

import botocore.client
import django
from django.core.management import call_command

steps = 0


def counted(work: Callable[..., Any], last: int) -> Callable[..., Any]:
    def step(*arguments: Any, **options: Any) -> Any:
        global steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*arguments, **options)

    return step


def main(last: int, *arguments: str) -> None:
    django.setup()
    from reports.lake import directory_lake

    for module, name in (
        (os, "fsync"), (os, "rename"), (os, "unlink"), (os, "mkdir"), (shutil, "rmtree"),
        (directory_lake, "put_in_place"), (botocore.client.BaseClient, "_make_api_call"),
    ):  # fmt: skip
        setattr(module, name, counted(getattr(module, name), last))
    call_command("export_parquet", *arguments, stdout=sys.stderr)
    sys.stdout.write(str(steps))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
