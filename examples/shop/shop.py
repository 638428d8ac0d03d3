"""A store with a voice: a small shop, its functions over HTTP, and turngate in between.

    python examples/shop/shop.py            the shop's backend, and the gateway before it
    python examples/shop/shop.py --backend  the backend alone, on 127.0.0.1:8001

The backend is what you have already: it knows products, stock and orders, and answers
`POST /functions {id, name, arguments}` with `{content}` or `{error}`. Here it is a FastAPI app with
SQLite. What the model may call stands in `turngate.toml`.
"""

import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

HERE = Path(__file__).parent
HOST, PORT = "127.0.0.1", 8001

PRODUCTS = (
    ("H1", "red hat", 1900, 4),
    ("H2", "blue hat", 2100, 0),
    ("S1", "wool scarf", 2900, 12),
    ("G1", "leather gloves", 4500, 2),
)


class Refused(Exception):
    """The shop cannot do it; the text is for the customer."""


class Shop:
    """Products and orders, in a database of its own."""

    def __init__(self, path: str = ":memory:") -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False)
        with self._database as database:
            database.executescript(
                """
                CREATE TABLE IF NOT EXISTS product (
                    sku TEXT PRIMARY KEY, name TEXT, cents INTEGER, stock INTEGER
                );
                CREATE TABLE IF NOT EXISTS placed (
                    number INTEGER PRIMARY KEY, call TEXT UNIQUE, sku TEXT, quantity INTEGER,
                    state TEXT
                );
                """
            )
            database.executemany("INSERT OR IGNORE INTO product VALUES (?, ?, ?, ?)", PRODUCTS)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def call(self, call_id: str, name: str, arguments: dict[str, Any]) -> object:
        """Run one of the shop's functions.

        Raises:
            Refused: It cannot be done, or there is no such function.

        """
        functions: dict[str, Callable[..., object]] = {
            "search_products": self.search,
            "check_stock": self.stock,
            "order_status": self.status,
            "place_order": partial(self.order, call_id),
        }
        if name not in functions:
            raise Refused(f"The shop has no function {name}.")
        with self._lock:
            return functions[name](**arguments)

    def search(self, query: str) -> list[dict[str, object]]:
        """Find products by words of their name, however the customer puts it."""
        words = {word.strip(".,:;?!").removesuffix("s") for word in query.lower().split()}
        rows = self._database.execute("SELECT sku, name, cents FROM product ORDER BY sku")
        return [
            {"sku": sku, "name": name, "euros": cents / 100}
            for sku, name, cents in rows
            if words & {part.removesuffix("s") for part in name.split()}
        ]

    def stock(self, sku: str) -> dict[str, object]:
        """Tell how many of a product there are."""
        name, _, stock = self._product(sku)
        return {"name": name, "in_stock": stock}

    def order(self, call_id: str, sku: str, quantity: int = 1) -> dict[str, object]:
        """Place an order: once for each call, however often it is asked."""
        known = self._database.execute("SELECT number FROM placed WHERE call = ?", (call_id,))
        if row := known.fetchone():
            return {"order": row[0], "state": "placed"}
        name, cents, stock = self._product(sku)
        if stock < quantity:
            raise Refused(f"There are only {stock} of {name}.")
        with self._database as database:
            database.execute("UPDATE product SET stock = stock - ? WHERE sku = ?", (quantity, sku))
            placed = database.execute(
                "INSERT INTO placed (call, sku, quantity, state) VALUES (?, ?, ?, 'placed')",
                (call_id or None, sku, quantity),
            )
        return {"order": placed.lastrowid, "name": name, "euros": cents * quantity / 100}

    def status(self, order: int) -> dict[str, object]:
        """Tell how an order stands."""
        found = self._database.execute(
            "SELECT name, quantity, state FROM placed JOIN product USING (sku) WHERE number = ?",
            (order,),
        ).fetchone()
        if found is None:
            raise Refused(f"There is no order {order}.")
        name, quantity, state = found
        return {"order": order, "name": name, "quantity": quantity, "state": state}

    def _product(self, sku: str) -> tuple[str, int, int]:
        found = self._database.execute(
            "SELECT name, cents, stock FROM product WHERE sku = ?", (sku,)
        ).fetchone()
        if found is None:
            raise Refused(f"There is no product {sku}.")
        return found


class Asked(BaseModel):
    """What turngate posts for each call."""

    id: str
    name: str
    arguments: dict[str, Any]


def backend(shop: Shop) -> FastAPI:
    """Return the shop's HTTP side: an app that answers one path."""
    app = FastAPI(title="The shop")

    @app.post("/functions")
    def run(asked: Asked) -> dict[str, object]:  # pyright: ignore[reportUnusedFunction] - the app calls it
        try:
            return {"content": shop.call(asked.id, asked.name, asked.arguments)}
        except Refused as refused:
            return {"error": str(refused)}
        except TypeError:
            told = f"{asked.name} does not take these arguments"
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, told) from None

    return app


@contextmanager
def serving(shop: Shop, host: str = HOST, port: int = PORT) -> Generator[str]:
    """Serve a shop beside whatever runs here for as long as the block lasts; yield its URL."""
    # it listens from here on, so that whoever asks before the server runs only waits
    listening = socket.create_server((host, port))
    server = uvicorn.Server(uvicorn.Config(backend(shop), log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{listening.getsockname()[1]}/functions"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def main() -> None:
    """Run the backend, and the gateway unless told otherwise."""
    with serving(Shop()) as url:
        print(f"the shop answers at {url}")
        if "--backend" in sys.argv:
            threading.Event().wait()
        config = str(HERE / "turngate.toml")
        command = (sys.executable, "-m", "turngate", "serve", "--config", config)
        sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print()
