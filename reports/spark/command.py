"""What `python -m reports.spark` and the management command `spark_reports` share."""

from __future__ import annotations

import logging
import re
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError

from reports.spark.session import check_java, session

DESCRIPTION = (
    "Computes quarterly hires, departments above the mean, and hires by department, job and day with Apache"
    " Spark, over the newest export of departments, jobs and employees (export_parquet), and writes them as"
    " Parquet files in the same layout. Prints where. Exit codes: 0 all are there, 1 not."
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PLACE",
        required=True,
        help="Where the exports are: a directory that all workers share, or s3://bucket/prefix.",
    )
    parser.add_argument(
        "--master",
        type=_master,
        metavar="URL",
        help="The cluster: spark://host:7077, yarn, local[*] (default: what spark-submit says, else local[*]).",
    )
    parser.add_argument(
        "--to",
        metavar="PLACE",
        required=True,
        help="Where the reports go: a place like that of --from.",
    )


def _master(text: str) -> str:
    if re.match(r"local(\[.+\])?$|(spark|k8s)://.|yarn$", text):
        return text
    raise ArgumentTypeError(f"send spark://host:port, k8s://…, yarn or local[*], not {text[:80]!r}")


def run(source: str, master: str | None, to: str) -> None:
    """Makes all reports. Their directories go to stdout, progress to stderr. Raises SparkReportsError."""
    check_java()
    sys.stderr.write("Starting Spark ...\n")
    with session(master) as spark:
        # Spark's own answer to Ctrl-C is a question to its Java amid another one, and tracebacks.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        logging.disable()
        # Where Spark is not installed, that has been said by now.
        from reports.spark.making import make_reports

        for directory in make_reports(spark, source, to):
            sys.stdout.write(f"{directory}\n")
