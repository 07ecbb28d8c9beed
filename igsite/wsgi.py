"""The WSGI entry point: plain pages in production, without websockets."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igsite.settings")
os.environ.setdefault("IGSITE_ROLE", "web")
application = get_wsgi_application()
