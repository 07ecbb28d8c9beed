"""Settings of a signed-in session, made up, for tests against raw servers."""

from __future__ import annotations

from typing import Any

OWN_PK = 4242
TOKEN = "c4n4ry-session-token-aaaaaaaaaaaa"


def signed_in() -> dict[str, Any]:
    """What a login would have left."""
    session = f"{OWN_PK}%3A{TOKEN}%3A1"
    return {
        "cookies": {"sessionid": session, "ds_user_id": str(OWN_PK), "csrftoken": "abc"},
        "authorization_data": {"ds_user_id": str(OWN_PK), "sessionid": session},
        "uuids": {
            "phone_id": "57d64c41-a916-3fa5-bd7a-3796c1dab122",
            "uuid": "8aa373c6-f316-44d7-b49e-d74563f4a8f3",
            "client_session_id": "6c296d0a-3534-4dce-b5aa-a6a6ab017443",
            "advertising_id": "8dc88b76-dfbc-44dc-abbc-31a6f1d54b04",
            "android_device_id": "android-e021b636049dc0e9",
            "request_id": "72d0f808-b5cd-40e2-910b-01ae7ae60a5b",
            "tray_session_id": "bc44ef1d-c083-4ecd-b369-6f4a9a1bf077",
        },
    }
