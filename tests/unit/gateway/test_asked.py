"""Path, query and body become one flat request, or are refused."""

import json

import pytest
from werkzeug.exceptions import UnsupportedMediaType

from contracts.errors import Invalid, Stale
from contracts.language import Boolean, Id, PageRequest, Rpc, Schema, Text, fields
from gateway.asked import asked_by, expected_version, idempotency_key, json_object, refuse_unreadable
from gateway.errors import Malformed
from gateway.routes.table import get, patch, post


class AskedForTests(PageRequest):
    contact_id = Id(required=True)
    overdue = Boolean()
    tags = fields.List(fields.Integer())
    text = Text()
    user_agent = fields.String(metadata={"filled_by": "gateway"})
    sold_by = fields.String(metadata={"filled_by": "service"})


class NotFilled(Schema):
    contact_id = Id()
    text = Text()


RPC = Rpc("contacts", "test", needs="contacts.read", takes=AskedForTests)
PLAIN = Rpc("contacts", "test", needs="contacts.read", takes=NotFilled)


def test_path_query_and_body_become_one_flat_request(gateway):
    with gateway.test_request_context("/?limit=5&overdue=true&tags=1&tags=2", headers={"User-Agent": "me"}):
        assert asked_by(get("/x", RPC), {"contact_id": "c"}) == {
            "contact_id": "c", "limit": 5, "overdue": True, "tags": [1, 2], "user_agent": "me",
        }  # fmt: skip


def test_what_is_no_number_is_left_for_the_service_to_refuse(gateway):
    with gateway.test_request_context("/?limit=lots&overdue=yes"):
        asked = asked_by(get("/x", RPC), {})
        assert (asked["limit"], asked["overdue"]) == ("lots", "yes")


@pytest.mark.requirement("G06")
def test_a_parameter_left_empty_is_left_out_and_an_unknown_one_is_still_there_to_refuse(gateway):
    with gateway.test_request_context("/?limit=&cursor=&tags=&text=&what="):
        assert asked_by(get("/x", RPC), {"contact_id": "c"}) == {"contact_id": "c", "what": "", "user_agent": ""}


@pytest.mark.parametrize(
    ("query", "body", "why"),
    [
        ("text=a&text=b", {}, "twice in the query"),
        ("text=a", {"text": "b"}, "in the query and the body"),
        ("", {"contact_id": "other"}, "in the path and the body"),
        ("contact_id=other", {}, "in the path and the query"),
    ],
)
def test_a_name_given_twice_is_refused(gateway, query, body, why):
    with (
        gateway.test_request_context(f"/?{query}", method="POST", json=body),
        pytest.raises(Invalid) as refusal,
    ):
        asked_by(post("/x", PLAIN), {"contact_id": "c"})
    assert refusal.value.errors[0]["pointer"] in ("/text", "/contact_id"), why


@pytest.mark.parametrize("forged", ["user_agent", "sold_by"])
def test_what_only_the_gateway_or_a_service_may_say_is_refused_from_others(gateway, forged):
    with gateway.test_request_context(f"/?{forged}=me"), pytest.raises(Invalid):
        asked_by(get("/x", RPC), {})


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"{", "no JSON"),
        (b"[]", "no object"),
        (b'"text"', "no object"),
        (b'{"a": NaN}', "NaN is no JSON"),
        (b'{"a": 1e999}', "infinite"),
        (b'{"a": 1, "a": 2}', "a name twice"),
        (b'{"a": {"b": 1, "b": 2}}', "a name twice, deeper"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deeply"),
        (b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested beyond Python's stack"),
        (b'{"a": ' + b"9" * 5000 + b"}", "more digits than Python reads"),
    ],
)
@pytest.mark.requirement("G06")
def test_a_body_that_is_no_decent_json_object_is_malformed(raw, why):
    with pytest.raises(Malformed):
        json_object(raw)


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "a\\udfffb"])
def test_characters_that_no_service_could_keep_are_refused_with_their_place(text):
    with pytest.raises(Invalid) as refusal:
        json_object(b'{"emails": [{"value": "%s"}]}' % text.encode())
    assert refusal.value.errors[0]["pointer"] == "/emails/0/value"


def test_a_pair_of_surrogates_is_one_good_character():
    assert json_object(b'{"a": "\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


def test_another_media_type_is_refused_and_no_body_at_all_is_none(gateway):
    with (
        gateway.test_request_context("/", method="POST", data="x", content_type="text/plain"),
        pytest.raises(UnsupportedMediaType),
    ):
        asked_by(post("/x", PLAIN), {})
    with gateway.test_request_context("/", method="POST"):
        assert asked_by(post("/x", PLAIN), {}) == {}


def test_a_patch_may_be_a_merge_patch(gateway):
    sent = {"data": json.dumps({"text": None}), "content_type": "application/merge-patch+json"}
    with gateway.test_request_context("/", method="PATCH", **sent):
        assert asked_by(patch("/x", PLAIN), {}) == {"text": None}


@pytest.mark.requirement("G06")
@pytest.mark.parametrize(
    "told",
    [
        {"QUERY_STRING": "text=%FF%FEabc"},
        {"QUERY_STRING": "%ED%A0%80=a"},
        {"QUERY_STRING": "text=\xff"},
        {"PATH_INFO": "/tags/\xc3"},
    ],
    ids=str,
)
def test_an_address_that_is_not_utf_8_is_malformed(gateway, told):
    with gateway.test_request_context(environ_overrides=told), pytest.raises(Malformed):
        refuse_unreadable({})


@pytest.mark.parametrize(
    "address", ["/?text=%C3%A9", "/%C3%A9?text=%EF%BF%BD", "/?text=50%25+off&q=%", "/?text=100%zz"]
)
def test_an_address_that_is_utf_8_is_read(gateway, address):
    with gateway.test_request_context(address):
        refuse_unreadable({})


@pytest.mark.parametrize(("header", "version"), [('"3"', 3), (None, None), ("*", None), (' "12" ', 12)])
def test_if_match_names_a_version(gateway, header, version):
    with gateway.test_request_context(headers={"If-Match": header} if header else {}):
        assert expected_version() == version


@pytest.mark.parametrize(
    ("header", "refusal"),
    [('"abc"', Stale), ('W/"3"', Stale), ('"1", "2"', Stale), ("3", Malformed), ('"', Malformed), ("", Malformed)],
)
def test_an_if_match_that_cannot_match_is_stale_and_one_out_of_form_is_malformed(gateway, header, refusal):
    with gateway.test_request_context(headers={"If-Match": header}), pytest.raises(refusal):
        expected_version()


@pytest.mark.parametrize(("header", "key"), [("abc", "abc"), ('"a b"', "a b"), ("x" * 255, "x" * 255)])
def test_an_idempotency_key_may_wear_quotes(gateway, header, key):
    with gateway.test_request_context(headers={"Idempotency-Key": header}):
        assert idempotency_key(post("/x", PLAIN)) == key


@pytest.mark.parametrize("header", ["", "x" * 256, "é", " "])
def test_an_idempotency_key_out_of_form_is_malformed(gateway, header):
    with gateway.test_request_context(headers={"Idempotency-Key": header}), pytest.raises(Malformed):
        idempotency_key(post("/x", PLAIN))
