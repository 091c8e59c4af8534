"""What the environment and a file `.env` make of the settings."""

from __future__ import annotations

import os
import runpy
import secrets
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

from hrapi.secret_key import generated_secret_key
from tests.installation import installation
from tests.readme import ROOT

POSTGRESQL = "postgresql://hr:p%40ss@db.example.com:5433/people?sslmode=require"

Reader = Callable[..., dict[str, Any]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's root with the settings and nothing else in it."""
    (tmp_path / "hrapi").mkdir()
    shutil.copy(ROOT / "hrapi" / "settings.py", tmp_path / "hrapi")
    return tmp_path


@pytest.fixture
def read_settings(project: Path) -> Reader:
    """`read_settings(DEBUG="1")`: the settings when the environment has these variables and no others."""

    def read(**environment: str) -> dict[str, Any]:
        with mock.patch.dict(os.environ, environment, clear=True):
            return runpy.run_path(str(project / "hrapi" / "settings.py"))

    return read


def test_without_any_variable_the_defaults_hold(read_settings: Reader, project: Path) -> None:
    settings = read_settings()

    assert settings["DATA_DIR"] == project / ".data"
    assert settings["DATABASES"]["default"] == {
        "ENGINE": "hrapi.embedded_postgres",
        "NAME": "hrapi",
        "OPTIONS": {"data_dir": project / ".data"},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    names = ("DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "PORT", "MAX_BODY_BYTES")
    assert [settings[name] for name in names] == [
        False,
        ["localhost", "127.0.0.1", "[::1]"],
        [],
        8000,
        5_242_880,
    ]
    assert settings["SECRET_KEY"] == (project / ".data" / "secret_key").read_text()


def test_variables_override_the_defaults(read_settings: Reader, tmp_path: Path) -> None:
    settings = read_settings(
        HRAPI_DATA_DIR=str(tmp_path / "elsewhere"),
        SECRET_KEY="mine",
        ALLOWED_HOSTS="hr.example.com,10.0.0.7",
        CSRF_TRUSTED_ORIGINS="https://hr.example.com",
        PORT="8080",
        MAX_BODY_BYTES="1000",
    )

    assert settings["DATA_DIR"] == tmp_path / "elsewhere"
    assert settings["DATABASES"]["default"]["OPTIONS"] == {"data_dir": tmp_path / "elsewhere"}
    assert settings["SECRET_KEY"] == "mine"
    assert not (tmp_path / "elsewhere").exists()
    assert settings["ALLOWED_HOSTS"] == ["hr.example.com", "10.0.0.7"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://hr.example.com"]
    assert settings["PORT"] == 8080
    assert settings["MAX_BODY_BYTES"] == 1000
    assert settings["DATA_UPLOAD_MAX_MEMORY_SIZE"] == 1000


def test_a_file_env_is_read_and_the_environment_wins(read_settings: Reader, project: Path) -> None:
    (project / ".env").write_text("SECRET_KEY=of-the-file\nPORT=8001\n# PORT=8002\n")

    settings = read_settings(PORT="8003")

    assert settings["SECRET_KEY"] == "of-the-file"
    assert settings["PORT"] == 8003


@pytest.mark.parametrize("value", ["", " ", "0", "0 "])
def test_debug_is_off_unless_it_is_1(read_settings: Reader, value: str) -> None:
    assert read_settings(SECRET_KEY="x", DEBUG=value)["DEBUG"] is False


def test_debug_is_on_when_it_is_1(read_settings: Reader) -> None:
    assert read_settings(SECRET_KEY="x", DEBUG="1")["DEBUG"] is True


def test_a_relative_directory_is_one_of_the_project_wherever_a_command_is_called_from(
    read_settings: Reader, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")

    settings = read_settings(SECRET_KEY="x", HRAPI_DATA_DIR="here/data", BACKUP_PLACE="there")

    assert settings["DATA_DIR"] == project / "here" / "data"
    assert settings["BACKUP_PLACE"] == str(project / "there")


def test_a_drop_folder_makes_a_job_of_each_minute(read_settings: Reader, project: Path) -> None:
    assert len(read_settings(SECRET_KEY="x")["CRONJOBS"]) == 4

    settings = read_settings(SECRET_KEY="x", DROPS_DIRECTORY="drops")

    folder = str(project / "drops")
    assert settings["DROPS_DIRECTORY"] == folder
    assert settings["CRONJOBS"][4:] == [
        ("* * * * *", "hrapi.schedule.jobs.run_often", ["take_drops", folder])
    ]


def test_backups_in_s3(read_settings: Reader) -> None:
    assert read_settings(SECRET_KEY="x", BACKUP_PLACE="s3://b/p")["BACKUP_PLACE"] == "s3://b/p"


def test_exports_are_scheduled_where_they_have_a_place(
    read_settings: Reader, project: Path
) -> None:
    settings = read_settings(SECRET_KEY="x", EXPORT_PLACE="lake")

    assert settings["EXPORT_PLACE"] == str(project / "lake")
    jobs = [(job[0], job[2]) for job in settings["CRONJOBS"] if job[2][0] == "export_parquet"]
    assert jobs == [
        ("0 2 * * 0", ["export_parquet"]),
        ("0 2 * * 1-6", ["export_parquet", "--since", "last"]),
    ]
    assert read_settings(SECRET_KEY="x", EXPORT_PLACE="s3://b/p")["EXPORT_PLACE"] == "s3://b/p"
    unset = read_settings(SECRET_KEY="x")
    assert not [job for job in unset["CRONJOBS"] if job[2][0] == "export_parquet"]


def test_empty_variables_are_like_missing_ones(read_settings: Reader, project: Path) -> None:
    names = ("DATABASE_URL", "HRAPI_DATA_DIR", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS")
    names += ("CSRF_TRUSTED_ORIGINS", "MAX_BODY_BYTES", "PORT")
    expected = read_settings()

    settings = read_settings(**dict.fromkeys(names, ""))

    kept = ("DATA_DIR", "DATABASES", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS")
    kept += ("CSRF_TRUSTED_ORIGINS", "MAX_BODY_BYTES", "PORT")
    assert {name: settings[name] for name in kept} == {name: expected[name] for name in kept}


def test_spaces_around_the_names_of_hosts_do_not_matter(read_settings: Reader) -> None:
    settings = read_settings(
        SECRET_KEY="x",
        ALLOWED_HOSTS="a.example, b.example",
        CSRF_TRUSTED_ORIGINS=" https://a.example , https://b.example ",
    )

    assert settings["ALLOWED_HOSTS"] == ["a.example", "b.example"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("key", ["$ecret-with-a-dollar", "a$b", "#1", "%41", "'quoted'", "a b"])
def test_a_secret_key_is_taken_as_it_is(read_settings: Reader, key: str, project: Path) -> None:
    assert read_settings(SECRET_KEY=key)["SECRET_KEY"] == key
    assert not (project / ".data").exists()


def test_database_url_names_the_database(read_settings: Reader, project: Path) -> None:
    settings = read_settings(DATABASE_URL=POSTGRESQL, SECRET_KEY="x")

    assert settings["DATABASES"]["default"] == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "people",
        "USER": "hr",
        "PASSWORD": "p@ss",
        "HOST": "db.example.com",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require"},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    assert not (project / ".data").exists()


def test_database_url_asks_for_a_secret_key(read_settings: Reader, project: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        read_settings(DATABASE_URL=POSTGRESQL)

    assert str(raised.value) == (
        "Set SECRET_KEY: it is required with DATABASE_URL. To make one: "
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
    assert not (project / ".data").exists()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://hr:secret@db.example.com/people",
        "sqlite:///people.sqlite3",
        "sqlite://:memory:",
        "oracle://hr:secret@db.example.com:1521/people",
        "redis://db.example.com/0",
        "people",
        "db.example.com/people",
    ],
)
def test_a_database_that_is_no_postgresql_is_refused(read_settings: Reader, url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        read_settings(DATABASE_URL=url, SECRET_KEY="x")

    assert str(raised.value) == (
        "DATABASE_URL must name a PostgreSQL: postgresql://user:password@host:5432/name"
    )


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:S3cr-pw/more@127.0.0.1/hr",
        "postgresql://ann:S3cr-pw@127.0.0.1:99999/hr",
        "postgresql://ann:S3cr-pw@127.0.0.1:port/hr",
        "postgresql://[::1/hr",
    ],
)
def test_a_database_url_that_cannot_be_read_is_said_without_its_password(
    read_settings: Reader, url: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        read_settings(DATABASE_URL=url, SECRET_KEY="x")

    assert str(raised.value).startswith("DATABASE_URL cannot be read: its port is no number.")
    assert "S3cr" not in str(raised.value)
    assert raised.value.__cause__ is None


def https_of(settings: dict[str, Any]) -> list[Any]:
    names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    return [*(settings[name] for name in names), settings["SECURE_HSTS_SECONDS"]]


def test_https_is_off_unless_it_is_1(read_settings: Reader) -> None:
    assert https_of(read_settings(SECRET_KEY="x")) == [False, False, False, 0]
    assert https_of(read_settings(SECRET_KEY="x", HTTPS="0")) == [False, False, False, 0]
    assert https_of(read_settings(SECRET_KEY="x", HTTPS="1")) == [True, True, True, 2_592_000]
    assert https_of(read_settings(SECRET_KEY="x", HTTPS="1", HSTS_SECONDS="60"))[-1] == 60


@pytest.mark.parametrize(
    "name", ["DEBUG", "HTTPS", "OAUTH", "REPLAY_REJECTED_ROWS", "LOG_REQUESTS"]
)
@pytest.mark.parametrize("text", ["yes", "true", "on", "2", "01", "1 1", "１"])
def test_a_switch_is_1_or_0(read_settings: Reader, name: str, text: str) -> None:
    for allowed in ("1", "0", ""):
        read_settings(SECRET_KEY="x", **{name: allowed})

    with pytest.raises(ImproperlyConfigured) as raised:
        read_settings(SECRET_KEY="x", **{name: text})
    assert str(raised.value) == f"{name} must be 1 (on) or 0 (off), not {text!r}."


def test_a_proxy_is_believed_only_when_there_is_one(read_settings: Reader) -> None:
    header = "SECURE_PROXY_SSL_HEADER"

    assert header not in read_settings(SECRET_KEY="x", HTTPS="1")
    behind = read_settings(SECRET_KEY="x", HTTPS="1", NUM_PROXIES="1")
    assert behind[header] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_the_log_is_plain_unless_it_is_to_be_json(read_settings: Reader) -> None:
    def form(**environment: str) -> str:
        logging = read_settings(SECRET_KEY="x", **environment)["LOGGING"]
        formatter: str = logging["handlers"]["console"]["formatter"]
        return formatter

    assert [form(), form(LOG_FORMAT="plain"), form(LOG_FORMAT="json")] == ["plain", "plain", "json"]
    with pytest.raises(ImproperlyConfigured) as raised:
        form(LOG_FORMAT="xml")
    assert str(raised.value) == "LOG_FORMAT must be one of plain, json, not 'xml'."


def test_the_generated_key_is_long_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key = generated_secret_key(tmp_path / "data")

    path = tmp_path / "data" / "secret_key"
    assert path.read_text() == key
    assert len(key) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert [found.name for found in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_the_generated_key_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        generated_secret_key(tmp_path / "data")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_the_generated_key_is_kept(tmp_path: Path) -> None:
    key = generated_secret_key(tmp_path)

    assert generated_secret_key(tmp_path) == key
    assert generated_secret_key(tmp_path / "other") != key


def test_whoever_is_first_with_a_key_gives_it_to_the_others(tmp_path: Path) -> None:
    def slowly(length: int) -> str:
        (tmp_path / "secret_key").write_text("of-the-other-process")
        return "ours"

    with mock.patch.object(secrets, "token_urlsafe", slowly):
        key = generated_secret_key(tmp_path)

    assert key == "of-the-other-process"
    assert [found.name for found in tmp_path.iterdir()] == ["secret_key"]


def test_a_draft_that_a_killed_process_of_the_same_id_has_left_is_no_obstacle(
    tmp_path: Path,
) -> None:
    # In a container every start may have the same process id.
    (tmp_path / f".secret_key.{os.getpid()}").write_text("half")

    key = generated_secret_key(tmp_path)

    assert len(key) >= 50
    assert generated_secret_key(tmp_path) == key


def test_processes_that_start_at_once_get_the_same_key() -> None:
    with installation() as installed:
        program = [sys.executable, "-c", "from hrapi import settings; print(settings.SECRET_KEY)"]
        processes = [
            subprocess.Popen(
                program, cwd=ROOT, env=installed.environment, stdout=subprocess.PIPE, text=True
            )
            for _ in range(6)
        ]
        keys = {process.communicate(timeout=60)[0] for process in processes}

        assert keys == {(installed.data_dir / "secret_key").read_text() + "\n"}
        assert [path.name for path in installed.data_dir.iterdir()] == ["secret_key"]
