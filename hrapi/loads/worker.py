"""The worker: takes tasks from the queue in the database, and loads up again that somebody left."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from hrapi.loads.locking import locked_loads
from hrapi.loads.models import Load
from hrapi.loads.running import Outcome
from hrapi.loads.stopping import should_stop, sleep
from hrapi.loads.tasks import run_load

IDLE_SECONDS = 1.0
RETRY_SECONDS = 2.0
MAX_WAIT_SECONDS = 30.0

logger = logging.getLogger(__name__)


def work(*, once: bool = False) -> None:
    """Until somebody asks to stop; `once`: until nothing waits. A database that is gone is waited for."""
    worker_id = get_random_string(32)
    wait = 0.0
    while not should_stop():
        try:
            resume_loads()
            _run_one_task(worker_id)
            is_idle = not DBTaskResult.objects.ready().exists()
        except (DatabaseError, InterfaceError) as error:
            if not wait:
                name = type(error.__cause__ or error).__name__
                logger.warning("The database cannot be used (%s). It is tried again.", name)
            connection.close()
            wait = min(MAX_WAIT_SECONDS, 2 * wait or IDLE_SECONDS)
            sleep(wait)
            continue
        if wait:
            logger.warning("The database can be used again.")
            wait = 0.0
        if is_idle and once:
            return
        if is_idle:
            sleep(IDLE_SECONDS)


def _run_one_task(worker_id: str) -> None:
    Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id=worker_id,
        excluded_queue_names=[],
    ).run()


def resume_loads() -> None:
    """Puts every load back into the queue that has not ended, that nobody works on and that does not wait there.

    All but those of drop folders, whose files only `take_drops` has.

    The library leaves the task of a worker that was killed `running` for ever, and the task of an interrupted load
    has ended.
    """
    sent = Load.objects.filter(state__in=Load.UNENDED, date=None)
    unended = set(sent.values_list("pk", flat=True))
    if not unended:
        return
    tasks = DBTaskResult.objects.filter(task_path=run_load.module_path)
    is_soon = Q(
        return_value=Outcome.INTERRUPTED.value,
        finished_at__gt=timezone.now() - timedelta(seconds=RETRY_SECONDS),
    )
    waiting = tasks.filter(Q(status=TaskResultStatus.READY) | is_soon)
    queued = {sent["args"][0] for sent in waiting.values_list("args_kwargs", flat=True)}
    for load_id in sorted(unended - queued - locked_loads()):
        with transaction.atomic():
            left = tasks.filter(status=TaskResultStatus.RUNNING, args_kwargs__args=[load_id])
            left.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
            run_load.enqueue(load_id)
