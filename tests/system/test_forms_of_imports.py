"""The form that uploads a file: what stands beside the file is understood, or refused at its field."""

import pytest

from tests.builders.waiting import eventually

LONE = "\\ud800"


@pytest.fixture
def upload(api):
    def send(**form):
        return api.post("/imports", files={"file": ("people.csv", b"Email,Notes\n", "text/csv")}, data=form)

    return send


@pytest.mark.requirement("G06", "C19")
@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"mapping": f'{{"{LONE}": "email"}}'}, "/mapping"),
        ({"mapping": f'{{"Email": "{LONE}"}}'}, "/mapping/Email"),
        ({"mapping": '{"Email": "\\u0000"}'}, "/mapping/Email"),
        ({"match_on": f'["{LONE}"]'}, "/match_on/0"),
    ],
)
def test_half_characters_and_nul_are_refused_where_they_stand(upload, form, pointer):
    answer = upload(**form)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.requirement("C19")
def test_fields_left_empty_are_left_out_as_a_browser_sends_them(api, upload):
    answer = upload(mapping="", match_on="", mode="")
    assert answer.status_code == 202, answer.text
    told = api.get(f"/imports/{answer.json()['id']}").json()
    assert (told["mode"], told["match_on"]) == ("both", ["external_id", "membership_number", "email"])


@pytest.mark.requirement("C19")
def test_a_column_mapped_to_null_is_not_read(api, upload):
    answer = upload(mapping='{"Notes": null}')
    assert answer.status_code == 202, answer.text
    path = f"/imports/{answer.json()['id']}"
    eventually(lambda: api.get(path).json()["state"] == "done")
    assert api.get(path).json()["columns"] == {"Email": "email", "Notes": None}
