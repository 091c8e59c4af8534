#!/usr/bin/env python
"""Django's command line for this project."""

from __future__ import annotations

import errno
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from hrapi.logs import log_context

_OF_OUTPUT = (errno.EPIPE, errno.ENOSPC, errno.EIO)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hrapi.settings")
    try:
        try:
            with log_context(command=" ".join(sys.argv[1:2])):
                execute_from_command_line(sys.argv)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {str(error).strip().partition(chr(10))[0]}")
    except OSError as error:
        if error.errno not in _OF_OUTPUT or error.filename is not None:
            raise
        # A full disk, or a reader that has gone: Python would try once more at its end, and exit with 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        ended = error.__context__
        if isinstance(ended, SystemExit) and ended.code == 1:
            # The command has said itself what is wrong.
            raise ended from None
        sys.exit(f"It was not done, or done and not printed: {error}")


if __name__ == "__main__":
    main()
