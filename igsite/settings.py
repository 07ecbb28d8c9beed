"""The site's settings: one file, fed by a typed environment. ``docs/settings.md`` lists every variable.

``IGSITE_MODE`` is ``demo`` (the default: embedded Postgres, the simulator, loopback only), ``test`` (the same, for the
tests) or ``production`` (the real Instagram, secrets from the environment, https).
``IGSITE_ROLE`` is ``web``, ``worker`` or ``command``: it decides how database connections are kept
(``docs/operations.md``).
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from igsite import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env.choice("IGSITE_MODE", "demo", {"demo", "test", "production"})
ROLE = env.choice("IGSITE_ROLE", "command", {"web", "worker", "command"})
PRODUCTION = MODE == "production"
STATE_DIR = Path(env.text("IGSITE_STATE_DIR", str(BASE_DIR / ".var")))

DEBUG = False
SECRET_KEY = (
    env.required("SECRET_KEY", "Run `manage.py generate_env` to make one.")
    if PRODUCTION
    else env.kept_secret("SECRET_KEY", STATE_DIR / "secret_key")
)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# What links in messages begin with; empty: they carry none.
SITE_URL = env.text("IGSITE_URL", CSRF_TRUSTED_ORIGINS[0] if CSRF_TRUSTED_ORIGINS else "").rstrip("/")

# --- Applications and the request's way through them -------------------------------------------------------------
INSTALLED_APPS = [
    "igsite",
    "igsite.jobs",
    "accounts",
    "scans",
    "monitoring",
    "automation",
    "igsite.admin_config.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_htmx",
    "django_q",
    "import_export",
]
MIDDLEWARE = [
    "igsite.live_recent.PageBegun",
    "django.middleware.security.SecurityMiddleware",
    "igsite.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "igsite.compression.CompressText",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "igsite.languages.SpokenLanguage",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "igsite.htmx.HtmxResponses",
    "accounts.workspaces.WorkspaceMiddleware",
    "igsite.problem_pages.ProblemPages",
]
ROOT_URLCONF = "igsite.urls"
ASGI_APPLICATION = "igsite.asgi.application"
WSGI_APPLICATION = "igsite.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "igsite.shell.context",
                "accounts.views_vault.context",
                "monitoring.alert_bell.context",
            ],
            "builtins": ["django.templatetags.static", "django.templatetags.i18n", "igsite.templatetags.ui"],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WORKSPACE_MODEL = "accounts.Workspace"
LIVE_ACCESS = "accounts.workspaces.live_workspace"
WATCHDOG = "igsite.jobs.watchdog.cluster_is_stuck"
# What the doctor looks at in each workspace.
DOCTOR_OF_WORKSPACES = {
    "logins": "accounts.check_ups.logins",
    "sources": "accounts.check_ups.sources",
    "proxies": "accounts.check_ups.proxies",
    "notifications": "monitoring.channel_check_ups.channels",
}
LAST_HEARD = "igsite.jobs.canary.last_heard"
MASTER_KEY = "accounts.master_key.master_key"
VAULT_REPORT = "accounts.vault_report.report"
NEW_MASTER_KEY = "accounts.master_key.new_key_text"
# Public knowledge, and only made in demo mode, which listens on loopback.
DEMO_EMAIL, DEMO_PASSWORD = "demo@igsite.example", "demo-igsite-2026"
FILL_DEMO = env.flag("IGSITE_FILL_DEMO", default=True)
API_BEARER = "accounts.tokens.bearer"

# --- Database: connections by role --------------------------------------------------------------------------------
# Without DATABASE_URL the embedded server is used; igsite.embedded says where its socket is.
DATABASE_URL = env.text("DATABASE_URL")
if DATABASE_URL:
    _database: dict[str, Any] = dict(dj_database_url.parse(DATABASE_URL))
else:
    from igsite.embedded import database_settings

    _database = database_settings(STATE_DIR)
_options: dict[str, Any] = dict(_database.get("OPTIONS", {}))
# Generic plans are ruinous for searches (docs/storage.md): every statement is planned for its own values.
_options["prepare_threshold"] = None
if ROLE == "web":
    # No page needs seconds; what would run away ends here. The longest statement is the merge of an uploaded export.
    _options["options"] = f"{_options.get('options', '')} -c statement_timeout=30s".strip()
    _options["pool"] = {"min_size": 2, "max_size": 10, "timeout": 10}
    _database |= {"CONN_MAX_AGE": 0}
else:
    _database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES = {"default": _database | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": _options}}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "igsite_cache",
    },
}

# --- People who sign in -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
ACCOUNT_ADAPTER = "accounts.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "optional"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.sign_in.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "igsite"
MFA_ALLOW_UNVERIFIED_EMAIL = not PRODUCTION
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
USERSESSIONS_TRACK_ACTIVITY = True
OPEN_SIGN_UP = env.flag("IGSITE_OPEN_SIGN_UP", default=not PRODUCTION)

# --- Browser security ---------------------------------------------------------------------------------------------
SECURE_COOKIES = PRODUCTION
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "igsite-session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "igsite-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "igsite.shell.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = None  # igsite.headers sets it, on what a browser makes a page of
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 63072000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.flag("IGSITE_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "script-src-attr": [NONE],
        "style-src": [SELF],
        "style-src-attr": [NONE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}

# --- Files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# WhiteNoise streams by synchronous iterators, which Django reads whole under ASGI: right for files of some kilobytes.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "igsite.static_files.NodeModulesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": STATE_DIR / "files"}},
    # The tests collect nothing.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "igsite.static_files.HashedStorage",
    },
}
NODE_MODULES = BASE_DIR / "node_modules"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
# Profile pictures that are kept; what was shown longest ago goes first.
PICTURE_CACHE_BYTES = env.number("IGSITE_PICTURE_CACHE_MB", 512, low=1, high=100_000) * 2**20
FILE_UPLOAD_HANDLERS = [
    "igsite.upload_limit.LimitedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
LARGE_UPLOADS = r"/accounts/[0-9a-f-]+/import/|/api/v1/imports/of/[0-9a-f-]+"
EXPORT_UPLOAD_MAX_BYTES = env.number("IGSITE_EXPORT_UPLOAD_MB", 512, low=1, high=10_000) * 2**20

# --- Language, time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]  # each in its own words
LANGUAGE_COOKIE_NAME = "igsite-language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- E-mail ---------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if PRODUCTION else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "igsite@localhost")

# --- Live updates and work ------------------------------------------------------------------------------------------
CHANNEL_LAYERS = {"default": {"BACKEND": "igsite.live.PostgresLayer"}}
WORKERS = env.number("IGSITE_WORKERS", 2, low=1, high=64)
Q_CLUSTER = {
    "name": "igsite",
    "workers": WORKERS,
    "bulk": 1,
    "queue_limit": WORKERS,
    "save_limit": -1,
    "timeout": 300,
    "retry": 360,
    "max_attempts": 1,
    "recycle": 500,
    "max_rss": 400_000,
    "scheduler": False,
    "orm": "default",
    "broker_class": "igsite.jobs.broker.NotifyBroker",
    "ack_failures": True,
}

# --- Instagram ------------------------------------------------------------------------------------------------------
# None: the real Instagram. Demo and tests: a server on this machine that speaks its contract.
SIMULATOR_PORT = env.number("IGSITE_SIMULATOR_PORT", 8099, low=1, high=65535)
INSTAGRAM_BASE_URL: str | None = (
    None if PRODUCTION else env.loopback_url("IGSITE_INSTAGRAM_URL", f"http://127.0.0.1:{SIMULATOR_PORT}")
)
# An account that surely exists: shown before "not found" is believed of another one.
INSTAGRAM_CANONICAL_ACCOUNT = env.text("IGSITE_CANONICAL_ACCOUNT", "instagram" if PRODUCTION else "megastar.official")
# Whoever rents another actor of Apify names it here; the others are the gateway's.
APIFY_ACTORS = env.pairs(
    "IGSITE_APIFY_ACTORS", {"profiles", "followers", "following", "posts", "comments"}, r"[\w.-]{1,64}[/~][\w.-]{1,100}"
)
# Real accounts are read slowly. Against a server on this machine the pauses may be shortened and the budgets widened.
PACE_SCALE = 1.0 if PRODUCTION else env.number("IGSITE_PACE_PERCENT", 5, low=0, high=100) / 100
# Measurements: raw rows for so many months, one an hour for so many more; one a day stays for good.
METRICS_RAW_MONTHS = env.number("IGSITE_METRICS_RAW_MONTHS", 3, low=1, high=1_200)
METRICS_HOURLY_MONTHS = env.number("IGSITE_METRICS_HOURLY_MONTHS", 24, low=1, high=1_200)
# Alerts, and what became of each by each channel. Not under a week: what is sent late must still find its alert.
ALERTS_DAYS = env.number("IGSITE_ALERTS_DAYS", 365, low=7, high=36_500)
DELIVERIES_DAYS = env.number("IGSITE_DELIVERIES_DAYS", 90, low=7, high=36_500)
MASTER_KEY_FILE = Path(env.text("IGSITE_MASTER_KEY_FILE", str(STATE_DIR / "master_key")))

# --- Log: one line an event, redacted ---------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "igsite.secrets.RedactingFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["console"], "level": env.text("IGSITE_LOG_LEVEL", "INFO")},
    "loggers": {
        "django-q": {"level": "WARNING"},
        "instagrapi": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
    },
}
