"""The services that messages may go to: each was read for what it touches. Pure: parent and sender both use it.

Allowed is what speaks HTTP by the library ``requests``, or SMTP by ``smtplib``, and nothing else. Left out is whatever
starts programs, talks to the desktop, to a bus or to raw sockets, keeps state on disk, or signs in with each message.
"""

from __future__ import annotations

from typing import Final

#: Scheme of an address → module and class below ``apprise.plugins``. What is not here is not even imported.
PLUGINS: Final[dict[str, tuple[str, str]]] = {
    "bark": ("bark", "NotifyBark"),
    "barks": ("bark", "NotifyBark"),
    "dingtalk": ("dingtalk", "NotifyDingTalk"),
    "discord": ("discord", "NotifyDiscord"),
    "feishu": ("feishu", "NotifyFeishu"),
    "form": ("custom_form", "NotifyForm"),
    "forms": ("custom_form", "NotifyForm"),
    "gchat": ("google_chat", "NotifyGoogleChat"),
    "gotify": ("gotify", "NotifyGotify"),
    "gotifys": ("gotify", "NotifyGotify"),
    "hassio": ("home_assistant", "NotifyHomeAssistant"),
    "hassios": ("home_assistant", "NotifyHomeAssistant"),
    "ifttt": ("ifttt", "NotifyIFTTT"),
    "join": ("join", "NotifyJoin"),
    "json": ("custom_json", "NotifyJSON"),
    "jsons": ("custom_json", "NotifyJSON"),
    "lark": ("lark", "NotifyLark"),
    "line": ("line", "NotifyLine"),
    "mailgun": ("mailgun", "NotifyMailgun"),
    "mailto": ("email", "NotifyEmail"),
    "mailtos": ("email", "NotifyEmail"),
    "mmost": ("mattermost", "NotifyMattermost"),
    "mmosts": ("mattermost", "NotifyMattermost"),
    "msgbird": ("messagebird", "NotifyMessageBird"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "ntfys": ("ntfy", "NotifyNtfy"),
    "opsgenie": ("opsgenie", "NotifyOpsgenie"),
    "pagerduty": ("pagerduty", "NotifyPagerDuty"),
    "pbul": ("pushbullet", "NotifyPushBullet"),
    "postmark": ("postmark", "NotifyPostmark"),
    "pover": ("pushover", "NotifyPushover"),
    "prowl": ("prowl", "NotifyProwl"),
    "pushy": ("pushy", "NotifyPushy"),
    "rocket": ("rocketchat", "NotifyRocketChat"),
    "rockets": ("rocketchat", "NotifyRocketChat"),
    "sendgrid": ("sendgrid", "NotifySendGrid"),
    "signal": ("signal_api", "NotifySignalAPI"),
    "signals": ("signal_api", "NotifySignalAPI"),
    "slack": ("slack", "NotifySlack"),
    "tgram": ("telegram", "NotifyTelegram"),
    "twilio": ("twilio", "NotifyTwilio"),
    "vonage": ("vonage", "NotifyVonage"),
    "workflow": ("workflows", "NotifyWorkflows"),
    "workflows": ("workflows", "NotifyWorkflows"),
    "wxteams": ("webexteams", "NotifyWebexTeams"),
    "xml": ("custom_xml", "NotifyXML"),
    "xmls": ("custom_xml", "NotifyXML"),
    "zulip": ("zulip", "NotifyZulip"),
}


def scheme_of(address: str) -> str:
    """The scheme of an address in small letters; empty when it has none."""
    scheme, found, _rest = address.partition("://")
    return scheme.strip().lower() if found else ""
