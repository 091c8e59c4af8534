from __future__ import annotations

import sys
from argparse import ArgumentParser

from reports.spark.command import DESCRIPTION, add_arguments, run
from reports.spark.errors import SparkReportsError


def main() -> int:
    parser = ArgumentParser(prog="spark_reports", description=DESCRIPTION)
    add_arguments(parser)
    try:
        run(**vars(parser.parse_args()))
    except SparkReportsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
