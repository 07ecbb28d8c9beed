"""The ASGI entry point: pages and the websocket in one process (the embedded default)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igsite.settings")
os.environ.setdefault("IGSITE_ROLE", "web")
_pages = get_asgi_application()  # loads the apps: the imports below need them

from channels.routing import ProtocolTypeRouter  # noqa: E402

from igsite.live_socket import application as _sockets  # noqa: E402
from igsite.upload_limit import LimitedBodies  # noqa: E402

application = ProtocolTypeRouter({"http": LimitedBodies(_pages), "websocket": _sockets})
