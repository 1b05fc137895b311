"""What may somebody put into a name, a message or an incident's text, hoping that it takes effect?"""

from __future__ import annotations

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": '"><img src=x onerror=alert(1)>',
    "svg": "<svg/onload=alert(1)>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "javascript link": "[click](javascript:alert(1))",
    "javascript": "javascript:alert(document.cookie)",
    "data": "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "placeholder": "{{ settings.secret_key }} ${SIGNALBOX_SECRET_KEY} {0.__class__} %(name)s {% raw %}",
    "markdown": "# big **bold** `code` ```\nblock\n``` ![x](http://evil.example/x.png) ||spoiler||",
    "mention": "@everyone @here <!channel> <@U012AB3CD> <https://evil.example|your bank>",
    "header": "Api\r\nBcc: victim@example.com\r\n\r\nbody",
    "bare newline": "Api\nBcc: victim@example.com",
    "bare return": "Api\rBcc: victim@example.com",
    "unicode newline": "Api\u2028Bcc: victim@example.com\u2029\x85x",
    "control": "a\x00b\x07c\x1b[31mred\x7f",
    "bidi": "\u202egnp.exe \u2066inner\u2069 \u200fmark",
    "hidden": "a\u200bb\ufeffc\U000e0041\U000e0042d\u00ade",
    "encoded word": "=?utf-8?q?Bcc:=20victim=40example.com?=",
    "dot": ".\r\n.\r\nMAIL FROM:<evil@example.com>",
    "long": "x" * 5_000,
    "surrogate": "a\ud800b",
    "style": "</style><style>*{display:none}</style>",
    "attribute": "' style='position:fixed' x='",
}

FORBIDDEN_CONTROLS = frozenset(
    [chr(number) for number in [*range(0x20), *range(0x7F, 0xA0)] if number != 0x0A]
    + ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f"]
    + ["\u2028", "\u2029", "\ufeff", "\ud800"]
)
