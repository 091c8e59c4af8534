"""Taking files to be loaded. They are kept in the database, whichever machine takes them or loads them."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.transactions import in_transaction, lock_number
from hrapi.loads.models import Load, LoadPart
from hrapi.loads.orders import LoadOrder
from hrapi.loads.tasks import run_load
from hrapi.tables import Table

PART_BYTES = 1024 * 1024


def request_load(order: LoadOrder, user: User) -> tuple[Load, bool]:
    """The load of the file, and whether it is a new one: with its file and its task in one transaction.

    The first load of the same file into the same table is the answer to later ones, unless the order says
    `force`. A dry run is never an answer, nor is a load that failed, was undone, or stored nothing
    because it is atomic. Raises ProblemError when as many of the user wait as there may be.
    """
    return in_transaction(partial(_request, order, user))


def _request(order: LoadOrder, user: User) -> tuple[Load, bool]:
    if not (order.force or order.dry_run):
        first = earlier_load(order.table, order.file.sha256)
        if first is not None:
            return first, False
    _refuse_too_many(user)
    load = Load.objects.create(
        table=order.table.name,
        file_name=order.file.name,
        bytes=order.file.bytes,
        sha256=order.file.sha256,
        format=order.options.format,
        delimiter=order.options.delimiter or "",
        encoding=order.options.encoding,
        header=order.options.header,
        mode=order.mode,
        dry_run=order.dry_run,
        user=user,
    )
    _keep_file(load, order)
    run_load.enqueue(load.pk)
    return load, True


def _refuse_too_many(user: User) -> None:
    _wait_for(f"loads of {user.pk}")
    waiting = Load.objects.filter(user_id=user.pk, state=Load.State.WAITING).count()
    if waiting >= settings.WAITING_LOADS_PER_USER:
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"{waiting:,} files of this user wait to be loaded. Send this one when one of them has begun.",
        )


def earlier_load(table: Table, sha256: str) -> Load | None:
    """The first load that is the answer to this content: here, and until the transaction ends."""
    _wait_for(f"load {table.name} {sha256}")
    return find_earlier_load(table, sha256)


def find_earlier_load(table: Table, sha256: str) -> Load | None:
    """The same at this moment, for who stores nothing."""
    earlier = Load.objects.filter(table=table.name, sha256=sha256, dry_run=False).exclude(
        Q(state=Load.State.FAILED)
        | Q(batch__undone_by__isnull=False)
        | Q(batch__not_attempted__gt=0)
    )
    return earlier.select_related("batch").order_by("id").first()


def _wait_for(what: str) -> None:
    """Until no other transaction has it."""
    number = lock_number(what)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _keep_file(load: Load, order: LoadOrder) -> None:
    order.file.content.seek(0)
    number = 0
    while data := order.file.content.read(PART_BYTES):
        LoadPart.objects.create(load=load, number=number, data=data)
        number += 1
