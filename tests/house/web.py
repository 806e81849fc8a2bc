"""A client of the gateway that knows nothing but HTTP."""

from __future__ import annotations

from typing import Any

import requests


class Api:
    """`get("/contacts")` and so on under /v1; answers are `requests.Response`. `key=` is the Idempotency-Key."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def sign_in(self, email: str, password: str) -> Api:
        """Sign in and carry the token from now on."""
        answer = self.post("/sessions", json={"email": email, "password": password})
        if answer.status_code != 201:
            raise AssertionError(f"could not sign in as {email}: {answer.status_code} {answer.text}")
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    def as_nobody(self) -> Api:
        """The same gateway, not signed in."""
        return Api(self.url)

    def as_(self, email: str, password: str) -> Api:
        """The same gateway, as somebody else."""
        return Api(self.url).sign_in(email, password)

    def request(
        self, method: str, path: str, *, key: str | None = None, headers: dict[str, str] | None = None, **more: Any
    ) -> requests.Response:
        """Any method; a path outside /v1 begins with the host."""
        url = path if path.startswith("http") else f"{self.url}{path if path.startswith('/v1') else '/v1' + path}"
        told = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        return self.session.request(method, url, headers=told, timeout=more.pop("timeout", 30), **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return self.request("POST", path, **more)

    def patch(self, path: str, **more: Any) -> requests.Response:
        return self.request("PATCH", path, **more)

    def put(self, path: str, **more: Any) -> requests.Response:
        return self.request("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.request("DELETE", path, **more)
