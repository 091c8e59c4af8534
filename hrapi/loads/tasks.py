from __future__ import annotations

from django_tasks import task

from hrapi.loads import running


@task()
def run_load(load_id: int) -> str:
    """Never raises: the traceback of an error would be stored, and could hold people's names."""
    return running.run_load(load_id).value
