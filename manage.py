#!/usr/bin/env python
"""Django's command line for this project."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from hrapi.logs import log_context


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hrapi.settings")
    try:
        with log_context(command=" ".join(sys.argv[1:2])):
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {str(error).strip().partition(chr(10))[0]}")


if __name__ == "__main__":
    main()
