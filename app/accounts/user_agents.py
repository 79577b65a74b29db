"""Names the browser and the system of a session, from what the browser says of itself."""

_BROWSERS = (
    ("MicroMessenger/", "微信 WeChat"),
    ("DingTalk", "钉钉 DingTalk"),
    ("Edg", "Edge"),
    ("QQBrowser/", "QQ Browser"),
    ("QIHU 360", "360"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What names a browser, before what it says to be taken for another one."""
_SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str | None) -> str | None:
    """Returns browser and system, such as «Edge · Windows»; None where neither is known."""
    text = user_agent or ""
    names = [next((name for mark, name in known if mark in text), None) for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in names if name is not None) or None
