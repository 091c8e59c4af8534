"""Charts come back from a backup, links to them do not."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reports.visualizations.models import Dashboard, Share, Visualization
from reports.visualizations.services import delete_visualization
from reports.visualizations.sharing import make_share, revoke
from tests.backups.running import backup, run
from tests.charts import HIRES

pytestmark = pytest.mark.usefixtures("db", "place")


@pytest.fixture
def boss(db: Any) -> User:
    return User.objects.create_superuser("boss", password="a long password")


def chart(owner: User, title: str) -> Visualization:
    return Visualization.objects.create(title=title, specification=HIRES, owner=owner)


def status(token: str) -> int:
    return Client().get(f"/shared/{token}/data.csv").status_code


def restore(name: str) -> None:
    finished = run("restore", "--from", name, "--no-input")
    assert finished.code == 0, finished.errors


def test_a_link_that_was_revoked_stays_revoked(boss: User) -> None:
    share, token = make_share(boss, chart(boss, "Hires"))
    name = backup()
    revoke(share)

    restore(name)

    assert Visualization.objects.get().owner == boss
    assert status(token) == 404


def test_a_chart_that_was_deleted_comes_back_without_its_links(boss: User) -> None:
    saved = chart(boss, "Hires")
    Dashboard.objects.create(title="Hiring", owner=boss, charts=[saved.pk])
    _, token = make_share(boss, saved)
    pk = saved.pk
    name = backup()
    delete_visualization(boss, saved)

    restore(name)

    assert Visualization.objects.get().pk == pk
    assert Dashboard.objects.get().charts == [pk]
    assert Share.objects.count() == 0
    assert status(token) == 404


def test_links_to_charts_that_a_restore_takes_away_keep_it_from_nothing(boss: User) -> None:
    kept = make_share(boss, chart(boss, "Hires"))[1]
    first = backup()
    later = make_share(boss, chart(boss, "Later"))[1]
    second = backup()
    assert (status(kept), status(later)) == (200, 200)

    restore(first)
    assert (status(kept), status(later)) == (200, 404)

    restore(second)
    assert (status(kept), status(later)) == (200, 200)
