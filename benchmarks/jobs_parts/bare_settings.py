"""django-q2 as it comes: its own ORM broker and its pickles; the same database, number of workers and connections."""

from igsite.settings import DATABASES, SECRET_KEY, WORKERS

__all__ = ["DATABASES", "SECRET_KEY"]

INSTALLED_APPS = ["django.contrib.contenttypes", "django_q"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
Q_CLUSTER = {
    "name": "bare",
    "workers": WORKERS,
    "timeout": 60,
    "retry": 120,
    "save_limit": -1,
    "scheduler": False,
    "orm": "default",
    "log_level": "WARNING",
}
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"django-q": {"level": "ERROR"}}}
