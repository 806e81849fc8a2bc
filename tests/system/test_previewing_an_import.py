"""A file is looked at, corrected, imported and taken back, by HTTP alone."""

import contextlib
import http.client
import select
import time
import uuid
from urllib.parse import urlsplit

import pytest

from tests.builders.waiting import eventually

MIB = 1024 * 1024


def state_of(api, path, *wanted):
    return eventually(lambda: (told := api.get(path).json())["state"] in wanted and told, seconds=30)


@pytest.mark.requirement("C19", "G06")
def test_the_whole_way_of_a_file(api):
    word = uuid.uuid4().hex[:10]
    content = f"Wer;Wo\nZoë;zoe.{word}@example.org\n".encode("cp1252")
    sent = api.post("/imports", files={"file": ("liste.csv", content)}, data={"preview": "true", "header_row": "1"})
    assert sent.status_code == 202, sent.text
    path = f"/imports/{sent.json()['id']}"
    assert sent.headers["Location"] == f"/v1/jobs/{sent.json()['job_id']}"
    assert state_of(api, path, "ready")["unmapped"] == ["Wer"]
    before = api.get(path)
    corrected = api.patch(path, json={"mapping": {"Wer": "first_name"}}, headers={"If-Match": before.headers["ETag"]})
    assert corrected.status_code == 200, corrected.text
    assert api.patch(path, json={}, headers={"If-Match": before.headers["ETag"]}).status_code == 412
    assert state_of(api, path, "ready")["unmapped"] == []
    preview = api.get(f"{path}/preview").json()
    assert preview["rows"][0]["contact"]["first_name"] == "Zoë"
    started = api.post(f"{path}/start")
    assert started.status_code == 202
    assert state_of(api, path, "done", "failed")["progress"]["created"] == 1
    [row] = api.get(f"{path}/rows?outcome=created").json()["items"]
    assert row["line"] == 2
    undo = api.post(f"{path}/undo")
    assert (undo.status_code, undo.headers["Location"]) == (202, f"/v1/jobs/{undo.json()['job_id']}")
    assert state_of(api, path, "undone")
    assert api.get(f"/contacts/{row['contact_id']}").json()["standing"] == "archived"
    assert api.get("/imports?limit=1").json()["items"][0]["id"] == sent.json()["id"]
    assert api.post(f"/imports/{uuid.uuid4()}/undo").status_code == 404


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 x", b"\x00\x01\x02" * 5000, b"\x7fELF" + b"\x00" * 99],
    ids=["empty", "pdf", "rubbish", "program"],
)
def test_what_is_no_table_is_turned_away_at_the_door(api, content):
    answer = api.post("/imports", files={"file": ("people.csv", content)})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/file"


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"encoding": "klingon"}, "/encoding"),
        ({"region": "XX"}, "/region"),
        ({"header_row": "x"}, "/header_row"),
        ({"header_row": "0"}, "/header_row"),
        ({"preview": "perhaps"}, "/preview"),
        ({"mapping": '{"Email": "shoe"}'}, "/mapping/Email"),
        ({"delimiter": "§"}, "/delimiter"),
        ({"date_order": "year_first"}, "/date_order"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_where_it_stands(api, form, pointer):
    answer = api.post("/imports", files={"file": ("people.csv", b"Email\n")}, data=form)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


@pytest.mark.requirement("C19")
def test_two_gigabytes_are_refused_before_they_are_sent(api):
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=20)
    started = time.monotonic()
    connection.putrequest("POST", "/v1/imports")
    connection.putheader("Authorization", api.session.headers["Authorization"])
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(2 * 1024**3))
    connection.endheaders(b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\nEmail\n')
    answer = connection.getresponse()
    assert (answer.status, time.monotonic() - started < 10) == (413, True), answer.read()
    connection.close()


@pytest.mark.requirement("C19")
def test_a_file_of_unsaid_size_is_cut_off_when_as_much_as_is_allowed_has_come(api):
    piece = b"%x\r\n" % MIB + b"ada@example.org\n" * (MIB // 16) + b"\r\n"
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\nEmail\n'
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=60)
    connection.putrequest("POST", "/v1/imports")
    connection.putheader("Authorization", api.session.headers["Authorization"])
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders(b"%x\r\n" % len(head) + head + b"\r\n")
    sent, told = 0, b""
    with contextlib.suppress(ConnectionError):  # whoever has said no need not listen any longer
        while sent < 2048 and not told:
            connection.sock.sendall(piece)
            sent += 1
            told = connection.sock.recv(12) if select.select([connection.sock], [], [], 0)[0] else b""
    connection.close()
    assert told in (b"HTTP/1.1 413", b""), told
    assert 60 < sent < 256, sent
    assert api.get("/imports?limit=1").status_code == 200
