"""What a sales flow lacks, and what a step keeps of what other services said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from contracts.errors import Conflict, Invalid
from contracts.pipeline.sales import STEPS

BEFORE_SUMMARY = STEPS[: STEPS.index("summary")]
Lacks = list[dict[str, str]]
Steps = Mapping[str, Mapping[str, Any]]
_UNSAVED = {
    "lead_data": "The lead data were not gone through.",
    "questionnaire": "The questionnaire is not filled.",
    "goal_plan": "The goal plan is not filled.",
    "package": "Choose a package, or skip it.",
    "summary": "The summary is not confirmed.",
    "terms": "The terms were not shown.",
}


def lacks_of(steps: Steps, names: Sequence[str] = STEPS) -> Lacks:
    """Name what each of these steps lacks, in their order."""
    lacks: Lacks = []
    for name in names:
        saved = steps.get(name)
        if saved is None:
            lacks.append({"pointer": f"/steps/{name}", "detail": _UNSAVED[name]})
            continue
        lacks += [lack | {"pointer": f"/steps/{name}{lack['pointer']}"} for lack in saved["lacks"]]
    return lacks


def with_step(steps: Steps, name: str, saved: Mapping[str, Any]) -> dict[str, Any]:
    """The steps with this one saved; what was confirmed before that has to be confirmed anew."""
    after = {**steps, name: dict(saved)}
    if name in BEFORE_SUMMARY:
        after.pop("summary", None)
    return after


def lead_data_of(contact: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of the lead data: of which version they were, and whether somebody can be reached by them."""
    reachable = contact.get("emails") or contact.get("phones")
    lacks = [] if reachable else [_lack("/emails", "An e-mail address or a phone number is needed.")]
    return {"contact_version": contact["version"], "lacks": lacks}


def filled_form_id(flow_id: str, kind: str, form_id: str) -> str:
    """Under which id the answers are kept: saved again, they are the same answers."""
    return str(uuid5(UUID(flow_id), f"{kind} {form_id}"))


def form_step_of(filled: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of answers."""
    names = ("form_id", "form_version", "title", "lacks")
    return {"filled_form_id": filled["id"], "answers_version": filled["version"]} | {
        name: filled[name] for name in names
    }


def refuse_other_kind(form: Mapping[str, Any], kind: str) -> None:
    """Refuse a form that is not of the step's kind."""
    if form["kind"] != kind:
        raise Invalid.field("/form_id", f"“{form['title']}” is not a {kind.replace('_', ' ')}.")


NO_PACKAGE: dict[str, Any] = {
    "skipped": True,
    **dict.fromkeys(("package_id", "package_version", "name", "kind", "price", "sign_up_fee", "quantity")),
    "lacks": [],
}


def package_step_of(package: Mapping[str, Any], quantity: int) -> dict[str, Any]:
    """What is kept of a package that is chosen: all that the customer sees of it in the summary."""
    if not package["on_sale"]:
        raise Invalid.field("/package_id", f"“{package['name']}” is not on sale.")
    return {
        "skipped": False,
        "package_id": package["id"],
        "package_version": package["version"],
        **{name: package[name] for name in ("name", "kind", "price", "sign_up_fee")},
        "quantity": quantity,
        "lacks": [],
    }


def package_step_now(step: Mapping[str, Any], package: Mapping[str, Any]) -> dict[str, Any]:
    """The step with what it lacks by now: nobody buys what they were not shown, nor, unchanged, what was refused."""
    lacks = step["lacks"]
    if not package["on_sale"]:
        lacks = [_lack("/package_id", f"“{package['name']}” is not on sale any more.")]
    elif package["version"] != step["package_version"]:
        lacks = [_lack("/package_id", f"“{step['name']}” was changed since it was chosen. Choose it again.")]
    return {**step, "lacks": lacks}


def lacks_of_refusal(errors: Sequence[Mapping[str, str]]) -> Lacks:
    """What the step of the package lacks by the refusal of its order, which has that package for its one item."""
    return [_lack("/package_id", error["detail"]) for error in errors if error["pointer"].startswith("/items/")]


def terms_step_of(agreement: Mapping[str, Any], contact_id: str) -> dict[str, Any]:
    """What is kept of the agreement with the terms, and that it lacks a signature as long as it does."""
    state, title = agreement["state"], agreement["title"]
    if agreement["contact_id"] != contact_id:
        raise Invalid.field("/agreement_id", "This agreement was made out to somebody else.")
    if agreement["kind"] != "terms":
        raise Invalid.field("/agreement_id", f"“{title}” is no terms.")
    lacks = [] if state == "signed" else [_lack("", f"“{title}” is not signed: it is {state}.")]
    return {"agreement_id": agreement["id"], "title": title, "state": state, "lacks": lacks}


def refuse_dead(agreement: Mapping[str, Any]) -> None:
    """Refuse terms that nobody will sign any more."""
    if agreement["state"] in ("declined", "recalled"):
        raise Conflict.field("/agreement_id", f"“{agreement['title']}” was {agreement['state']}.")


def next_step(lacks: Lacks) -> str | None:
    """The first step that lacks something."""
    return lacks[0]["pointer"].split("/")[2] if lacks else None


def as_sent(value: Any) -> Any:
    """What was loaded, in the form in which it is sent on."""
    if isinstance(value, Mapping):
        return {name: as_sent(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_sent(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _lack(pointer: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": detail}
