"""Loads in the browser: a form to send a file, how far it is, what became of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hrapi.loads.models import Load
from tests.factories import DepartmentFactory
from tests.loads.sending import LOADS, loaded, send_file, work_off
from tests.pages import Page

HTML = {"Accept": "text/html"}


def page_of(client: Any, address: str = LOADS) -> Page:
    return Page(client.get(address, headers=HTML))


def refreshes(page: Page) -> list[str]:
    return re.findall(r'<meta http-equiv="refresh" content="([^"]*)">', page.html)


def test_the_list_has_a_form_that_sends_a_file(api: Any) -> None:
    form = page_of(api).form("load-file")

    assert form.attributes["action"] == LOADS
    assert (form.attributes["method"], form.attributes["enctype"]) == (
        "POST",
        "multipart/form-data",
    )
    assert form.files == ["file"]
    names = {"table", "mode", "format", "encoding", "delimiter", "header"}
    assert set(form.fields) == {"csrfmiddlewaretoken", *names}
    as_it_is = {name: form.fields[name] for name in names}
    assert as_it_is["table"] == "departments"

    answer = send_file(api, headers=HTML, **as_it_is)
    load = Load.objects.get()
    page = Page(answer)

    assert answer.status_code == 202
    assert "departments.csv" in page.text
    assert refreshes(page) == [f"2; url={LOADS}{load.pk}/"]
    assert not page.inline_scripts


def test_the_page_of_a_load_shows_its_progress_and_looks_again_until_it_has_ended(api: Any) -> None:
    send_file(api, b"1,Sales\n2,\n" * 50)
    address = f"{LOADS}{Load.objects.get().pk}/"

    waiting = page_of(api, address)
    Load.objects.update(state="running", bytes_read=220)
    running = page_of(api, address)
    work_off()
    finished = page_of(api, address)

    assert '<progress max="100" value="0"' in waiting.html
    assert "It waits for a worker." in waiting.text
    assert '<progress max="100" value="40"' in running.html
    assert "40 % of 550" in running.text
    assert refreshes(waiting) == refreshes(running) == [f"2; url={address}"]
    assert '<progress max="100" value="100"' in finished.html
    assert refreshes(finished) == []
    batch = Load.objects.get().batch_id
    assert {
        f"/batches/{batch}/",
        f"/rejected-rows/?table=departments&batch={batch}",
        f"/api/v1/batches/{batch}/rejected-rows.csv",
        LOADS,
    } <= set(finished.links)
    assert finished.tables[0][1][1:6] == [
        "2",
        "2",
        "department",
        "required",
        "This field is required.",
    ]
    assert not (waiting.inline_scripts)
    assert not (running.inline_scripts)
    assert not (finished.inline_scripts)


def test_a_dry_run_a_failed_load_and_one_whose_batch_is_gone_have_pages(api: Any) -> None:
    dry, failed = loaded(api, dry_run="true")["id"], loaded(api, b"1,\xe9\n")["id"]
    gone = loaded(api, b"1,Sales\n")["id"]
    Load.objects.filter(pk=gone).update(batch=999)

    assert "Dry run: nothing was kept" in page_of(api, f"{LOADS}{dry}/").text
    page = page_of(api, f"{LOADS}{failed}/")
    assert "It could not be loaded" in page.text
    assert "undecodable" in page.text
    assert "<progress" not in page.html
    assert "departments.csv" in page_of(api, f"{LOADS}{gone}/").text


def test_of_many_rejected_rows_the_page_says_how_many_are_not_shown(api: Any) -> None:
    load = loaded(api, b"".join(b"%d,\n" % number for number in range(1, 151)))

    page = page_of(api, f"{LOADS}{load['id']}/")

    assert "The first 100 of 150 rejected rows are shown." in page.text


def test_the_same_file_again_says_so(api: Any) -> None:
    send_file(api)

    assert "This file was sent before" in Page(send_file(api, headers=HTML)).text


def test_the_list_shows_each_load_with_a_link(api: Any) -> None:
    DepartmentFactory(id=7)
    first = loaded(api)["id"]
    second = loaded(api, b"", name="<script>alert(1)</script>.csv")["id"]

    page = page_of(api)

    [header, one, two] = page.tables[0]
    assert header == [
        "Load", "State", "File", "Table", "Received", "Inserted", "Rejected", "Sent",
    ]  # fmt: skip
    assert one[:-1] == [
        str(first), "finished", "departments.csv", "departments", "3", "2", "1",
    ]  # fmt: skip
    assert two[:-1] == [
        str(second), "failed:empty_batch", "script>.csv", "departments", "0", "0", "0",
    ]  # fmt: skip
    assert {f"{LOADS}{first}/", f"{LOADS}{second}/"} <= set(page.links)
    assert not page.inline_scripts


@pytest.mark.parametrize("fields", [{"mode": "all"}, {"table": "cats"}])
def test_a_refusal_is_a_page_with_the_form(api: Any, fields: dict[str, str]) -> None:
    answer = send_file(api, headers=HTML, **fields)  # type: ignore[arg-type]

    page = Page(answer)
    assert answer.status_code == 400
    assert "is not known. Choose one of" in page.text
    assert page.form("load-file").files == ["file"]
