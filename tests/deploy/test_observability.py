"""Dashboard, alerts and runbooks speak of metrics that there are, and each alert is seen firing, and seen silent."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY

import gateway.access_log  # noqa: F401
from local import CHECKOUT
from tests.deploy.prometheus import promtool
from tests.deploy.provocations import CALM, PROVOKED, SLOWLY_PROVOKED
from tests.deploy.rendering import PRODUCTION, of_kind

FOLDER = CHECKOUT / "deploy" / "observability"
RULES = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["spec"]
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
RUNBOOKS = (CHECKOUT / "docs" / "runbooks.md").read_text()
OF_OTHERS = {
    "up", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
    "cnpg_collector_last_available_backup_timestamp",
}  # fmt: skip
"""Of Prometheus, of its client library, and of CloudNativePG."""
LIMIT = r"(>=|==|>) (3 \* max.*|[0-9.]+( \* [0-9]+)?)(?=\s|$)"
"""What an alert compares with: a number, or three times an interval."""
pytestmark = pytest.mark.requirement("O03")


def ours() -> set[str]:
    """Every metric of the house, by the name that it is looked for by."""
    return {
        name for name in REGISTRY._names_to_collectors if name.startswith("rapport_") and not name.endswith("_created")
    }


def base(name: str) -> str:
    """The metric that a series of a histogram belongs to."""
    return re.sub(r"_(bucket|count|sum)$", "", name) if name in ours() else name


def names_in(expression: str) -> set[str]:
    """The metrics in a PromQL expression, which must parse."""
    promql_parser.parse(_without_variables(expression))
    return set(re.findall(r"\b((?:rapport|process|cnpg)_[a-z_]+|up)\b(?=[\[{)\s/]|$)", expression))


def _without_variables(expression: str) -> str:
    return expression.replace("$__rate_interval", "5m").replace("$service", ".*")


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[str]:
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])


def test_every_metric_that_is_looked_at_exists() -> None:
    asked = [*expressions(), *(rule["expr"] for rule in ALERTS.values())]
    looked_at = set().union(*map(names_in, asked))
    assert looked_at - ours() - OF_OTHERS == set()


def test_every_metric_of_the_house_is_on_the_dashboard() -> None:
    shown = {base(name) for expression in expressions() for name in names_in(expression)}
    told = {base(name) for name in ours() if (name + "_total") not in ours()}
    assert told - shown == set()


def test_names_keep_to_the_conventions() -> None:
    for collector in set(REGISTRY._collector_to_names):
        name, kind = getattr(collector, "_name", ""), getattr(collector, "_type", "")
        if name.startswith("rapport_"):
            assert not name.endswith(("_total", "_ms")), name
            assert kind != "histogram" or name.endswith(("_seconds", "_bytes")), name
            assert not {"id", "request_id", "contact_id"} & set(collector._labelnames), name


def test_the_dashboard_can_be_imported() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert [row["title"] for row in DASHBOARD["panels"] if row["type"] == "row"] == [
        "Requests", "RPCs", "Events and outbox", "Jobs, errands, timers", "Database", "Processes",
    ]  # fmt: skip
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert all(target["legendFormat"] for target in panel["targets"])


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    sections = re.findall(r"^## (\w+)$", RUNBOOKS, re.M)
    assert sections == list(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["labels"].keys() == {"severity"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "runbook_url"}
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks.md#{name.lower()}"
    for section in RUNBOOKS.split("\n## ")[1:]:
        assert "\n- Look: " in section
        assert "\n- Do: " in section


def test_the_rules_are_rules(tmp_path: Path) -> None:
    _run_promtool(tmp_path, "check", "rules", _plain(tmp_path))


def test_the_cluster_is_given_the_same_rules() -> None:
    (rule,) = of_kind(PRODUCTION, "PrometheusRule")
    assert rule["spec"] == RULES
    assert rule["metadata"]["namespace"] == "rapport"


@pytest.mark.parametrize(
    ("provoked", "interval"), [(PROVOKED, "30s"), (SLOWLY_PROVOKED, "1h")], ids=["within minutes", "within days"]
)
def test_each_alert_is_seen_firing(provoked, interval: str, tmp_path: Path) -> None:
    """By Prometheus' own `promtool`, on the series that such a trouble leaves."""
    _test_rules(tmp_path, interval, [_firing(name, interval, *found) for name, found in provoked.items()])


def test_there_is_no_alert_that_was_not_provoked() -> None:
    assert PROVOKED.keys() | SLOWLY_PROVOKED.keys() == ALERTS.keys()


def test_none_is_seen_firing_in_a_house_that_is_well(tmp_path: Path) -> None:
    _plain(tmp_path)
    assert _heard_in_the_calm(tmp_path) == set()


def test_each_looks_at_something_in_a_house_that_is_well(tmp_path: Path) -> None:
    """Without its limit each is heard there: where a rule finds nothing to look at, its silence would say nothing."""
    written = yaml.safe_load((tmp_path / _plain(tmp_path)).read_text())
    for rule in (rule for group in written["groups"] for rule in group["rules"]):
        rule["expr"] = re.sub(LIMIT, ">= -1e15", " ".join(rule["expr"].split()))
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(written))
    assert ALERTS.keys() - _heard_in_the_calm(tmp_path) == set()


def _heard_in_the_calm(folder: Path) -> set[str]:
    """The alerts that the rules of that folder give in a house that is well, after longer than any of them waits."""
    silent = [_expected(name, "90m", []) for name in ALERTS]
    tests = [{"interval": "30s", "input_series": _series(CALM), "alert_rule_test": silent}]
    told = {"rule_files": ["rules.yaml"], "evaluation_interval": "30s", "tests": tests}
    (folder / "test.yaml").write_text(yaml.safe_dump(told))
    done = _promtool(folder, "test", "rules", "test.yaml")
    heard = set(re.findall(r"alertname: (\w+)", done.stdout + done.stderr))
    assert bool(heard) == bool(done.returncode), done.stdout + done.stderr
    return heard


def _test_rules(folder: Path, interval: str, tests: list[dict[str, Any]]) -> None:
    told = {"rule_files": [_plain(folder)], "evaluation_interval": interval, "tests": tests}
    (folder / "test.yaml").write_text(yaml.safe_dump(told))
    _run_promtool(folder, "test", "rules", "test.yaml")


def _plain(folder: Path) -> str:
    """The rules as Prometheus reads them without the operator, by the command of the runbooks."""
    (command,) = re.findall(r"^    (python3 -c .+) > rules.yaml$", RUNBOOKS, re.M)
    told = subprocess.run(shlex.split(command), cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    (folder / "rules.yaml").write_text(told)
    return "rules.yaml"


def _promtool(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([promtool(), *arguments], cwd=folder, capture_output=True, text=True, check=False)


def _run_promtool(folder: Path, *arguments: str) -> None:
    done = _promtool(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def _firing(name: str, interval: str, labels: dict[str, str], at: str, series: dict[str, str]) -> dict[str, Any]:
    summary = re.sub(r"{{ \$labels\.(\w+) }}", lambda found: labels[found[1]], ALERTS[name]["annotations"]["summary"])
    fires = {
        "exp_labels": labels | ALERTS[name]["labels"],
        "exp_annotations": ALERTS[name]["annotations"] | {"summary": summary},
    }
    expected = [_expected(name, at, [fires])]
    return {"interval": interval, "input_series": _series(series), "alert_rule_test": expected}


def _series(series: dict[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": values} for name, values in series.items()]


def _expected(name: str, at: str, alerts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"alertname": name, "eval_time": at, "exp_alerts": alerts}
