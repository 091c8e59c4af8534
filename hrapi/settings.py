"""All settings, read from the environment or from `.env`. docs/operations.md explains each variable."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from hrapi.api.problems import ProblemCode
from hrapi.ingestion.codes import RowCode
from hrapi.secret_key import generated_secret_key
from hrapi.variables import choice, listed, number, switch, variable

BASE_DIR = Path(__file__).resolve().parent.parent

environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

# A relative path is one of the project's root, wherever a command is called from.
DATA_DIR = BASE_DIR / (variable("HRAPI_DATA_DIR") or ".data")
DATABASE_URL = variable("DATABASE_URL")
DEBUG = switch("DEBUG")

SECRET_KEY = variable("SECRET_KEY")
if not SECRET_KEY:
    if DATABASE_URL:
        raise ImproperlyConfigured(
            "Set SECRET_KEY: it is required with DATABASE_URL. To make one: "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    SECRET_KEY = generated_secret_key(DATA_DIR)

ALLOWED_HOSTS = listed("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "hrapi.api.admin_apps.GuardedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_prometheus",
    "departments",
    "jobs",
    "employees",
    "reports",
    "reports.visualizations",
    "hrapi.ingestion",
    "hrapi.versions",
    "hrapi.backups",
    "hrapi.schedule",
    "django_crontab",
    "django_tasks",
    "django_tasks_db",
    "hrapi.loads",
    "hrapi.drops",
    "hrapi.api",
    "hrapi.audit",
    "hrapi.privacy",
    "hrapi.pages",
    "hrapi.quickstart",
    "oauth2_provider",
    "hrapi.oauth",
]

MIDDLEWARE = [
    "hrapi.api.request_log.RequestLogMiddleware",
    "hrapi.audit.middleware.AuditMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    # Before all that can answer by itself, or fail.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hrapi.api.middleware.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hrapi.api.compression.CompressionMiddleware",
    "reports.odata.middleware.ODataMiddleware",
    "hrapi.api.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hrapi.api.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "hrapi.api.middleware.ThrottledLoginMiddleware",
    "hrapi.metrics.RequestMetricsMiddleware",
]

ROOT_URLCONF = "hrapi.urls"
WSGI_APPLICATION = "hrapi.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def database() -> dict[str, Any]:
    """The PostgreSQL that DATABASE_URL names, else the private one in the data directory."""
    if not DATABASE_URL:
        return {
            "ENGINE": "hrapi.embedded_postgres",
            "NAME": "hrapi",
            "OPTIONS": {"data_dir": DATA_DIR},
        }
    if not DATABASE_URL.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL: postgresql://user:password@host:5432/name"
        )
    try:
        return dict(environ.Env.db_url_config(DATABASE_URL))
    except ValueError:
        # Its text quotes what stands where the port should: with a slash in the password, a part of that.
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: its port is no number. In a user name or password, write"
            " / as %2F, : as %3A, @ as %40, # as %23, ? as %3F and % as %25."
        ) from None


DATABASES = {"default": database() | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}}

# Where backups are kept.
BACKUP_PLACE = variable("BACKUP_PLACE") or str(DATA_DIR / "backups")
if "://" not in BACKUP_PLACE and not BACKUP_PLACE.startswith("s3:"):
    BACKUP_PLACE = str(BASE_DIR / BACKUP_PLACE)
# Where exports to Parquet are kept; none are made by schedule without it.
EXPORT_PLACE = variable("EXPORT_PLACE")
if EXPORT_PLACE and "://" not in EXPORT_PLACE and not EXPORT_PLACE.startswith("s3:"):
    EXPORT_PLACE = str(BASE_DIR / EXPORT_PLACE)
S3_ENDPOINT_URL = variable("S3_ENDPOINT_URL")

# Where files are dropped that `take_drops` takes each minute.
DROPS_DIRECTORY = variable("DROPS_DIRECTORY")
if DROPS_DIRECTORY:
    DROPS_DIRECTORY = str(BASE_DIR / DROPS_DIRECTORY)

# What `crontab add` hands to cron: minute, hour, day of the month, month and day of the week, then a command.
_RUN = "hrapi.schedule.jobs.run_command"
_BY_CRON = ["--trigger", "cron"]
CRONJOBS = [
    ("0 0 * * 6", _RUN, ["backup", *_BY_CRON]),
    ("30 3 * * *", _RUN, ["purge"]),
    ("0 4 * * *", _RUN, ["verify_backup", "latest", "--deep", *_BY_CRON]),
    (
        "0 5 * * 6",
        _RUN,
        [
            "prune_backups",
            "--keep-daily=7",
            "--keep-weekly=5",
            "--keep-monthly=12",
            "--yes",
            *_BY_CRON,
        ],
    ),
]
if EXPORT_PLACE:
    CRONJOBS += [
        ("0 2 * * 0", _RUN, ["export_parquet"]),
        ("0 2 * * 1-6", _RUN, ["export_parquet", "--since", "last"]),
    ]
if DROPS_DIRECTORY:
    CRONJOBS.append(("* * * * *", "hrapi.schedule.jobs.run_often", ["take_drops", DROPS_DIRECTORY]))
# Two installations of one user keep their lines apart.
CRONTAB_COMMENT = f"hrapi in {BASE_DIR}".replace("%", r"\%")
CRONTAB_DJANGO_MANAGE_PATH = str(BASE_DIR / "manage.py")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [
    {"NAME": f"hrapi.api.passwords.{name}"}
    for name in ("LooksLikeNoToken", "TokensEndWithThePassword")
]
AUTHENTICATION_BACKENDS = ["hrapi.api.backends.ServiceBackend"]
LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
# Files are served from the packages that bring them: nothing is to be collected.
WHITENOISE_USE_FINDERS = True
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "reports.pages.plotly.PlotlyFinder",
]
# Its address has its version in it.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/plotly/"

# HTTPS=1: browsers reach the service by https alone, through a proxy that ends TLS.
HTTPS = switch("HTTPS")
# How many proxies of ours stand before the service. What X-Forwarded-For says beyond them is not believed.
NUM_PROXIES = number("NUM_PROXIES", default=0, maximum=10)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = number("HSTS_SECONDS", default=30 * 24 * 3600, maximum=2**31) if HTTPS else 0
# Whoever watches the machine asks it itself, past the proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
if NUM_PROXIES:
    # Without a proxy that sets it, any client could claim it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Whether all hosts of the domain are https, and known to browsers as such, is not this service's to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

PORT = number("PORT", default=8000, maximum=65_535)
MAX_BODY_BYTES = number("MAX_BODY_BYTES", default=5 * 1024 * 1024, maximum=2**31)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
MAX_LOAD_BYTES = number("MAX_LOAD_BYTES", default=100 * 1024 * 1024, maximum=2**40)
# For how long a client may send or take next to nothing before its connection is closed.
SLOW_CLIENT_SECONDS = number("SLOW_CLIENT_SECONDS", default=10, maximum=3600)
# For how long a request may wait for what another transaction holds.
LOCK_WAIT_SECONDS = number("LOCK_WAIT_SECONDS", default=10, maximum=3600)

# The queue of what is done outside of requests: tables in the database, worked off by `run_worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# For how long a request that is sent again with its Idempotency-Key is answered as the first time.
IDEMPOTENCY_HOURS = number("IDEMPOTENCY_HOURS", default=24, maximum=24 * 365)

# For how long after its end what was sent of a rejected row is kept.
REJECTED_ROW_DAYS = number("REJECTED_ROW_DAYS", default=90, maximum=36_500)

# Whether rows that were rejected for a missing reference are taken in when what they refer to arrives.
REPLAY_REJECTED_ROWS = switch("REPLAY_REJECTED_ROWS", default=True)

# Logins that may fail before further ones are refused, and for how long, from the first that failed.
LOGIN_FAILURES_PER_ACCOUNT = number("LOGIN_FAILURES_PER_ACCOUNT", default=10, maximum=10**6)
LOGIN_FAILURES_PER_ADDRESS = number("LOGIN_FAILURES_PER_ADDRESS", default=50, maximum=10**6)
LOGIN_FAILURE_MINUTES = number("LOGIN_FAILURE_MINUTES", default=15, maximum=24 * 60)

# What one user may ask for in a minute: requests that change something; reports and lists as CSV.
WRITES_PER_MINUTE = number("WRITES_PER_MINUTE", default=6000, maximum=10**9)
REPORTS_PER_MINUTE = number("REPORTS_PER_MINUTE", default=120, maximum=10**9)

# What one user may have at a time: tokens that have not ended; files that wait to be loaded.
TOKENS_PER_USER = number("TOKENS_PER_USER", default=100, maximum=10**6)
WAITING_LOADS_PER_USER = number("WAITING_LOADS_PER_USER", default=100, maximum=10**6)

# Whether programs may get access tokens by OAuth 2.0, with the client credentials grant and no other.
OAUTH = switch("OAUTH")
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth.Client"
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_BACKEND_CLASS": "hrapi.oauth.provider.FormBackend",
    "OAUTH2_VALIDATOR_CLASS": "hrapi.oauth.provider.EvenValidator",
    "SCOPES_BACKEND_CLASS": "hrapi.oauth.provider.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
} | {
    # What RFC 9700 asks for. TOKEN_STORAGE: of a token only the hash is kept.
    f"COMPLIANT_BCP_RFC9700_{gate}": True
    for gate in (
        "ACCESS_TOKEN_TRANSPORT",
        "AUTHZ_RESPONSE_ISS",
        "IMPLICIT_GRANT",
        "PASSWORD_GRANT",
        "PKCE_METHOD",
        "TOKEN_STORAGE",
    )
}

CSRF_FAILURE_VIEW = "hrapi.api.handlers.csrf_failure"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "hrapi.api.authentication.BasicAuthentication",
        "hrapi.api.authentication.TokenAuthentication",
        "hrapi.api.authentication.SessionAuthentication",
        *(["hrapi.oauth.authentication.BearerAuthentication"] if OAUTH else []),
    ],
    "DEFAULT_PERMISSION_CLASSES": ["hrapi.api.permissions.ModelPermissions"],
    "DEFAULT_THROTTLE_CLASSES": ["hrapi.api.throttling.UserThrottle"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "hrapi.api.renderers.BrowsableRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "hrapi.api.negotiation.LenientNegotiation",
    "DEFAULT_PAGINATION_CLASS": "hrapi.api.pagination.IdCursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["hrapi.api.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "hrapi.api.openapi.ServiceSchema",
    "EXCEPTION_HANDLER": "hrapi.api.handlers.problem_of_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

REST_KNOX = {
    "TOKEN_TTL": timedelta(days=90),
    "AUTO_REFRESH": False,
    "EXPIRY_DATETIME_FORMAT": None,
}

PROMETHEUS_EXPORT_MIGRATIONS = False

SPECTACULAR_SETTINGS = {
    "TITLE": "Hiring data",
    "DESCRIPTION": (
        "Take in, keep and report a company's departments, jobs and hired employees.\n\n"
        "Everything needs a login and the permission for it. Whatever goes wrong is answered as"
        " `application/problem+json` with a `code` that never changes. Besides the answers listed, any"
        " address may answer 405 `method_not_allowed`, 429 `throttled` or 500 `internal_error`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "RowCode": list(RowCode),
        "ProblemCode": list(ProblemCode),
        "BatchMode": "hrapi.ingestion.models.Batch.Mode",
        "BatchSource": "hrapi.ingestion.models.Batch.Source",
        "RejectedRowStatus": "hrapi.ingestion.models.RejectedRow.Status",
        "LoadState": "hrapi.loads.models.Load.State",
        "AuditAction": "hrapi.audit.models.AuditEvent.Action",
    },
    "TAGS": [
        {"name": name}
        for name in (
            "departments",
            "jobs",
            "employees",
            "batches",
            "rejected rows",
            "loads",
            "reports",
            "datasets",
            "visualizations",
            "access",
        )
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"addresses": {"()": "hrapi.logs.AddressFilter"}},
    "formatters": {
        "plain": {
            "()": "hrapi.logs.NamelessFormatter",
            "format": "{asctime} {levelname} {name}{context}: {message}",
            "style": "{",
        },
        "json": {"()": "hrapi.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": choice("LOG_FORMAT", among=("plain", "json")),
            "filters": ["addresses"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # What a client did wrong is in the answer, and a refused batch in the database.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # A line for each request.
        "hrapi.api.request_log": {"level": "INFO" if switch("LOG_REQUESTS") else "WARNING"},
        # A line for each audit event, for the store that a company keeps its logs in.
        "hrapi.audit": {"level": "INFO" if variable("LOG_FORMAT") == "json" else "WARNING"},
        # The web server's own: a worker that ended, an answer that broke off.
        "gunicorn.error": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
