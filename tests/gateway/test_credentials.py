"""Client keys: every style in which one may come, and ten thousand that are none."""

import base64
import random
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

import pytest

from gateway.ports import connected, port
from gateway.stand import AGENT_PATH, UPGRADE
from turngate.gateway.config import Config
from turngate.gateway.guard import Guard, echoed
from turngate.gateway.head import Head, head

KEYS = ("tg-9f2c41d07be84a6f", "tg-1b7e03c95ad2486e", "another.Key_0123456789~")
GUARD = Guard(Config(client_keys=KEYS))

QUERIES = ("access_token", "token", "api-key")

Fields = list[tuple[str, str]]


def asked(fields: Fields, query: str = "") -> Head:
    encoded = [(name.encode(), value.encode("utf-8")) for name, value in fields]
    return head("GET", f"{AGENT_PATH}?{query}", encoded, is_secure=False)


_HEADERS: list[Fields] = [
    *([("Authorization", f"{scheme} {KEYS[0]}")] for scheme in ("Token", "token", "TOKEN")),
    *([("Authorization", f"{scheme} {KEYS[1]}")] for scheme in ("Bearer", "bearer", "BEARER")),
    *([(name, f"Token {KEYS[2]}")] for name in ("authorization", "AUTHORIZATION")),
    [("Authorization", f"Bearer    {KEYS[0]}")],
    *([("Sec-WebSocket-Protocol", f"{word}, {KEYS[1]}")] for word in ("token", "bearer", "Bearer")),
    [("api-key", KEYS[0])],
    [("Api-Key", KEYS[2])],
    [("Authorization", "Basic a proxy's own"), ("api-key", KEYS[0])],
    [("api-key", KEYS[0]), ("Sec-WebSocket-Protocol", "realtime")],
    [("sec-websocket-protocol", f"token,{KEYS[1]}")],
    [("Sec-WebSocket-Protocol", "token"), ("Sec-WebSocket-Protocol", KEYS[1])],
    [("Sec-WebSocket-Protocol", f"x-deepgram-session-id, 12, token, {KEYS[0]}")],
    [("Sec-WebSocket-Protocol", f"realtime, openai-insecure-api-key.{KEYS[2]}, openai-beta.x")],
    [("Authorization", "Basic a proxy's own"), ("Sec-WebSocket-Protocol", f"token, {KEYS[0]}")],
]  # fmt: skip
RIGHT: list[tuple[Fields, str]] = [
    *((fields, "") for fields in _HEADERS),
    *((([], f"{name}={quote(key)}")) for name in QUERIES for key in KEYS),
    ([], f"model=x&access_token={KEYS[0]}&y=1"),
]


@pytest.mark.parametrize("fields, query", RIGHT)
def test_key_is_taken_in_every_style(fields: Fields, query: str) -> None:
    assert GUARD.refusal(asked(fields, query)) is None


@pytest.mark.parametrize("fields, query", RIGHT)
def test_key_is_never_echoed(fields: Fields, query: str) -> None:
    chosen = echoed(asked(fields, query))
    assert chosen is None or chosen.lower() in {"token", "bearer", "realtime"}


def forged(chance: random.Random) -> str:
    """Return what is like a key, and none."""
    key, other = chance.sample(KEYS, 2)
    place = chance.randrange(len(key))
    cut = chance.randrange(1, len(key))
    letter = chance.choice("abcdef0123456789ABCXYZ-_.~")
    made = chance.choice(
        (
            key[:place] + letter + key[place + 1 :],
            key[:place] + key[place + 1 :],
            key[:place] + letter + key[place:],
            key[:cut],
            key[cut:],
            key + letter,
            letter + key,
            key + key,
            key[:cut] + other[cut:],
            other[:cut] + key,
            key[::-1],
            key.swapcase(),
            f'"{key}"',
            f"{key},{other}",
            f"{key} {other}",
            f"{key[:cut]} {key[cut:]}",
            f"{key}\u00a0",
            key.replace("-", "\u2010"),
            "".join(chr(ord(each) + 0xFEE0) for each in key),
            base64.b64encode(key.encode()).decode(),
            key.encode().hex(),
            quote(quote(key, safe=""), safe="").replace("-", "%2D"),
            "".join(chance.choices("tg-0123456789abcdef", k=len(key))),
            f"{key}\0",
            "*",
            "null",
            "None",
            "' or '1'='1",
            "",
        )
    )
    return letter if made in KEYS else made


def presented(chance: random.Random) -> tuple[Fields, str]:
    """Return a request with a forged key in a right place, or a right key in a wrong one."""
    wrong, right = forged(chance), chance.choice(KEYS)
    scheme = chance.choice(("Token", "Bearer", "token", "bearer"))
    word = wrong.replace(",", ".").strip(" \t\u00a0") or "x"
    return chance.choice(
        (
            ([("Authorization", f"{scheme} {wrong}")], ""),
            ([("Authorization", wrong)], ""),
            ([("Sec-WebSocket-Protocol", f"{scheme}, {word}x")], ""),
            ([("Sec-WebSocket-Protocol", f"openai-insecure-api-key.{word}x")], ""),
            ([], f"access_token={quote(wrong)}"),
            ([], f"token={quote(wrong)}"),
            ([], f"api-key={quote(wrong)}"),
            ([("api-key", wrong)], ""),
            # a right one where it does not belong
            ([("Authorization", right)], ""),
            ([("Authorization", f"Basic {right}")], ""),
            ([("Authorization", f"{scheme}{right}")], ""),
            ([("Authorization", f"{scheme}\t{right}")], ""),
            ([("Authorization", f"{scheme},{right}")], ""),
            ([("X-Authorization", f"{scheme} {right}")], ""),
            ([("Proxy-Authorization", f"{scheme} {right}")], ""),
            ([("Cookie", f"token={right}")], ""),
            ([("api-key", f"{scheme} {right}")], ""),
            ([("api_key", right)], ""),
            ([("x-api-key", right)], ""),
            ([("Sec-WebSocket-Protocol", right)], ""),
            ([("Sec-WebSocket-Protocol", f"{right}, {scheme}")], ""),
            ([("Sec-WebSocket-Protocol", f"{scheme}, x, {right}")], ""),
            ([("Sec-WebSocket-Protocol", f"{scheme}; {right}")], ""),
            ([("Sec-WebSocket-Protocol", f"Openai-Insecure-Api-Key.{right}")], ""),
            ([], f"key={right}"),
            ([], f"Access_Token={right}"),
            ([], f"access_token%3D{right}"),
            ([], f"x=access_token={right}"),
            ([], right),
            # a wrong one is not made good by a right one in a weaker place
            ([("Authorization", scheme)], f"access_token={right}"),
            ([("Authorization", f"{scheme} {word}x")], f"access_token={right}"),
            ([("Authorization", f"{scheme} {word}x"), ("Authorization", f"{scheme} {right}")], ""),
            ([("Authorization", f"{scheme} {right}"), ("Authorization", f"{scheme} {right}")], ""),
            ([("Sec-WebSocket-Protocol", f"{scheme}, {word}x")], f"token={right}"),
            ([], f"access_token={quote(word)}x&access_token={right}"),
            ([], f"access_token={quote(word)}x&token={right}"),
            ([("Authorization", f"{scheme} {word}x"), ("api-key", right)], ""),
            ([("api-key", f"{word}x"), ("Sec-WebSocket-Protocol", f"{scheme}, {right}")], ""),
            ([("api-key", f"{word}x")], f"access_token={right}"),
            ([("api-key", f"{word}x"), ("api-key", right)], ""),
            ([("api-key", right), ("api-key", right)], ""),
        )
    )


def attempts(number: int, seed: int) -> Iterator[tuple[Fields, str]]:
    chance = random.Random(seed)
    return (presented(chance) for _ in range(number))


def test_none_of_ten_thousand_others_is_taken() -> None:
    for fields, query in attempts(10_000, seed=1):
        refusal = GUARD.refusal(asked(fields, query))
        assert refusal is not None, (fields, query)
        assert refusal.status is HTTPStatus.UNAUTHORIZED


async def test_none_of_some_hundred_opens_a_connection() -> None:
    async with port(client_keys=KEYS) as opened:
        for fields, query in attempts(300, seed=2):
            lines = [f"GET {AGENT_PATH}?{query} HTTP/1.1", "Host: localhost"]
            lines += [f"{name}: {value}" for name, value in [*UPGRADE.items(), *fields]]
            async with connected(opened) as (reader, writer):
                writer.write("\r\n".join([*lines, "", ""]).encode())
                told = await reader.read()
            assert told[9:12] in {b"400", b"401"}, (fields, query)
            assert not any(key.encode() in told for key in KEYS)
        assert opened.server.served == 0
