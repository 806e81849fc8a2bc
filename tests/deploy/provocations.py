"""What each trouble leaves in the metrics, as promtool writes series: a value every half a minute.

By alert: the labels that it fires with, when it does, and the series.
"""

from __future__ import annotations

BILLING = {"service": "billing"}


def buckets(name: str, labels: str, *, below: dict[str, str], all_of_them: str) -> dict[str, str]:
    """The buckets of a histogram: how many came to lie below each bound."""
    return {
        f'{name}_bucket{{{labels},le="{bound}"}}': values for bound, values in {**below, "+Inf": all_of_them}.items()
    }


PROVOKED: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    "RapportHttpErrors": ({}, "12m", {
        'rapport_http_request_seconds_count{method="GET",route="/v1/contacts",status="200"}': "0+95x80",
        'rapport_http_request_seconds_count{method="GET",route="/v1/contacts",status="503"}': "0+5x80",
    }),
    "RapportHttpSlow": ({}, "18m", buckets(
        "rapport_http_request_seconds", 'method="GET",route="/v1/contacts",status="200"',
        below={"1": "0+97x80", "2.5": "0+100x80"}, all_of_them="0+100x80",
    )),
    "RapportRpcErrors": (BILLING, "12m", {
        'rapport_rpc_seconds_count{service="billing",method="pay",outcome="ok"}': "0+95x80",
        'rapport_rpc_seconds_count{service="billing",method="pay",outcome="Broken"}': "0+5x80",
    }),
    "RapportServiceSilent": ({"asked": "billing"}, "8m", {
        'rapport_rpc_asked_seconds_count{service="gateway",asked="billing",outcome="ok"}': "0+50x40",
        'rapport_rpc_asked_seconds_count{service="gateway",asked="billing",outcome="timeout"}': "0+2x40",
        'rapport_rpc_asked_seconds_count{service="pipeline",asked="billing",outcome="shut"}': "0+2x40",
    }),
    "RapportWorkersBusy": (BILLING, "8m", {
        'rapport_rpc_workers_busy{service="billing",instance="a"}': "16x40",
        'rapport_rpc_workers_busy{service="billing",instance="b"}': "15x40",
        'rapport_rpc_workers{service="billing",instance="a"}': "16x40",
        'rapport_rpc_workers{service="billing",instance="b"}': "16x40",
    }),
    "RapportOutboxOld": (BILLING, "6m", {
        'rapport_outbox_oldest_seconds{service="billing",instance="a"}': "0+30x40",
        'rapport_outbox_oldest_seconds{service="billing",instance="b"}': "0+30x40",
    }),
    "RapportOutboxGrows": (BILLING, "30m", {'rapport_outbox_events{service="billing",instance="a"}': "0+100x130"}),
    "RapportRelayWithoutLeader": (BILLING, "3m", {
        'rapport_relay_leading{service="billing",instance="a"}': "1 1 0x20",
        'rapport_relay_leading{service="billing",instance="b"}': "0x20",
    }),
    "RapportEventsParked": (BILLING, "3m", {'rapport_parked_messages{service="billing"}': "0 0 1x20"}),
    "RapportEventsFailing": (BILLING | {"listener": "remember_contact"}, "12m", {
        'rapport_events_failed_total{service="billing",listener="remember_contact",then="retried"}': "0+1x60",
    }),
    "RapportEventsLate": (BILLING | {"listener": "remember_contact"}, "18m", buckets(
        "rapport_event_age_seconds", 'service="billing",listener="remember_contact"',
        below={"15": "0+1x80", "60": "0+2x80", "300": "0+10x80"}, all_of_them="0+10x80",
    )),
    "RapportQueueStuck": (BILLING | {"queue": "billing.remember_contact"}, "18m", {
        'rapport_queue_messages{service="billing",queue="billing.remember_contact"}': "500x80",
        'rapport_queue_messages{service="billing",queue="billing.retry.600s"}': "500x80",
        'rapport_queue_messages{service="billing",queue="billing.parked"}': "500x80",
    }),
    "RapportJobsStuck": (BILLING, "18m", {'rapport_jobs_oldest_due_seconds{service="billing"}': "0+30x80"}),
    "RapportJobsFailing": (BILLING | {"kind": "import"}, "8m", {
        'rapport_job_steps_total{service="billing",kind="import",outcome="failed"}': "0 1 2 3 4 5x40",
    }),
    "RapportErrandsFailing": (BILLING | {"door": "settle_charges"}, "22m", {
        'rapport_errand_seconds_count{service="billing",door="settle_charges",outcome="ok"}': "0+2x100",
        'rapport_errand_seconds_count{service="billing",door="settle_charges",outcome="failed"}': "0+1x100",
    }),
    "RapportTimerLate": (BILLING | {"timer": "renew"}, "12m", {
        'rapport_timer_last_run_timestamp_seconds{service="billing",timer="renew"}': "0x60",
        'rapport_timer_interval_seconds{service="billing",timer="renew"}': "60x60",
    }),
    "RapportDatabaseGone": (BILLING, "3m", {
        'rapport_database_up{service="billing",instance="a"}': "1x20",
        'rapport_database_up{service="billing",instance="b"}': "1 0x20",
    }),
    "RapportPoolExhausted": (BILLING, "9m", buckets(
        "rapport_database_pool_wait_seconds", 'service="billing"',
        below={"0.5": "0+8x40", "1": "0+9x40", "5": "0+10x40"}, all_of_them="0+10x40",
    )),
    "RapportProcessDown": ({"job": "rapport-billing", "instance": "a"}, "3m", {
        'up{job="rapport-billing",instance="a"}': "1 0x20",
        'up{job="somebody else",instance="b"}': "0x20",
    }),
    "RapportBrokerDisconnected": (BILLING | {"role": "events"}, "3m", {
        'rapport_broker_connected{service="billing",role="events",instance="a"}': "1 0x20",
        'rapport_broker_connected{service="billing",role="rpc",instance="a"}': "1x20",
    }),
    "RapportHubLag": (BILLING, "12m", buckets(
        "rapport_hub_lag_seconds", 'service="billing"',
        below={"0.5": "0+95x60", "1": "0+100x60"}, all_of_them="0+100x60",
    )),
}  # fmt: skip

SLOWLY_PROVOKED = {
    "RapportBackupOld": ({"job": "rapport-billing"}, "39h", {
        'cnpg_collector_last_available_backup_timestamp{job="rapport-billing"}': "0x40",
    }),
}  # fmt: skip
"""With a value an hour."""

CALM: dict[str, str] = {
    'rapport_http_request_seconds_count{method="GET",route="/v1/contacts",status="200"}': "0+1000x200",
    'rapport_http_request_seconds_count{method="GET",route="/v1/contacts",status="503"}': "0+1x200",
    **buckets("rapport_http_request_seconds", 'method="GET",route="/v1/contacts",status="200"',
              below={"0.1": "0+1000x200", "1": "0+1000x200"}, all_of_them="0+1001x200"),
    **buckets("rapport_http_request_seconds", 'method="GET",route="/v1/events",status="200"',
              below={"1": "0x200"}, all_of_them="0+100x200"),
    'rapport_rpc_seconds_count{service="billing",method="pay",outcome="ok"}': "0+100x200",
    'rapport_rpc_seconds_count{service="billing",method="pay",outcome="Conflict"}': "0+50x200",
    'rapport_rpc_seconds_count{service="billing",method="pay",outcome="Broken"}': "0+1x200",
    'rapport_rpc_asked_seconds_count{service="gateway",asked="billing",outcome="ok"}': "0+100x200",
    'rapport_rpc_asked_seconds_count{service="gateway",asked="billing",outcome="refused"}': "0+50x200",
    'rapport_rpc_asked_seconds_count{service="gateway",asked="billing",outcome="timeout"}': "0+1x200",
    'rapport_rpc_workers_busy{service="billing",instance="a"}': "3x200",
    'rapport_rpc_workers{service="billing",instance="a"}': "16x200",
    'rapport_outbox_events{service="billing",instance="a"}': "3x200",
    'rapport_outbox_oldest_seconds{service="billing",instance="a"}': "0.2x200",
    'rapport_relay_leading{service="billing",instance="a"}': "1x200",
    'rapport_relay_leading{service="billing",instance="b"}': "0x200",
    'rapport_parked_messages{service="billing"}': "0x200",
    'rapport_events_applied_total{service="billing",listener="remember_contact"}': "0+100x200",
    'rapport_events_failed_total{service="billing",listener="remember_contact",then="retried"}': "0+1x200",
    **buckets("rapport_event_age_seconds", 'service="billing",listener="remember_contact"',
              below={"0.1": "0+100x200", "60": "0+100x200"}, all_of_them="0+100x200"),
    'rapport_queue_messages{service="billing",queue="billing.remember_contact"}': "500-2x200",
    'rapport_queue_messages{service="billing",queue="billing.retry.600s"}': "500x200",
    'rapport_jobs_oldest_due_seconds{service="billing"}': "1x200",
    'rapport_job_steps_total{service="billing",kind="import",outcome="ok"}': "0+10x200",
    'rapport_job_steps_total{service="billing",kind="import",outcome="failed"}': "1x200",
    'rapport_errand_seconds_count{service="billing",door="settle_charges",outcome="ok"}': "0+20x200",
    'rapport_errand_seconds_count{service="billing",door="settle_charges",outcome="failed"}': "0+1x200",
    'rapport_timer_last_run_timestamp_seconds{service="billing",timer="renew"}': "0+30x200",
    'rapport_timer_interval_seconds{service="billing",timer="renew"}': "60x200",
    'rapport_database_up{service="billing",instance="a"}': "1x200",
    **buckets("rapport_database_pool_wait_seconds", 'service="billing"',
              below={"0.01": "0+100x200", "0.5": "0+100x200"}, all_of_them="0+100x200"),
    'cnpg_collector_last_available_backup_timestamp{job="rapport-billing"}': "0x200",
    'up{job="rapport-billing",instance="a"}': "1x200",
    'rapport_broker_connected{service="billing",role="events",instance="a"}': "1x200",
    **buckets("rapport_hub_lag_seconds", 'service="billing"',
              below={"0.01": "0+100x200", "0.5": "0+100x200"}, all_of_them="0+100x200"),
}  # fmt: skip
"""A house that is well: some requests refused, some events retried, a queue that gets shorter."""
