"""A file that is sent twice under one key, because the first answer was lost, is imported once."""

import uuid
from pathlib import Path

import pytest


@pytest.mark.requirement("C19", "G06")
def test_one_key_and_the_same_file_is_one_import(api):
    key, word = uuid.uuid4().hex, uuid.uuid4().hex[:10]
    file = f"First name,Email\nAda,{word}@example.org\n"

    def send(text):
        return api.post("/imports", files={"file": ("people.csv", text, "text/csv")}, data={"mode": "create"}, key=key)

    first, again = send(file), send(file)
    assert (first.status_code, again.status_code) == (202, 202), again.text
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"] == f"/v1/jobs/{first.json()['id']}"
    assert send(file.replace("Ada", "Eve")).status_code == 422


def test_the_digest_is_not_for_the_client_to_say(api):
    answer = api.post("/imports", files={"file": ("p.csv", b"Email\n")}, data={"file_digest": "x"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/file_digest"


@pytest.mark.requirement("C19", "G06")
def test_what_is_sent_again_under_its_key_leaves_no_second_copy(api, house):
    kept = Path(house.env["RAPPORT_STORAGE"]) / "imports"
    key, word = uuid.uuid4().hex, uuid.uuid4().hex[:10]

    def copies():
        return sum(word.encode() in path.read_bytes() for path in kept.glob("*/*"))

    for _ in range(3):
        answer = api.post("/imports", files={"file": ("p.csv", f"First name,Email\n{word},\n")}, key=key)
        assert answer.status_code == 202, answer.text
        assert "file_key" not in answer.json()
    assert copies() == 1
