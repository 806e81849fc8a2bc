"""The doors of the reports."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.pipeline import reports
from services.pipeline.reports import queries


class Reports(Room):
    report_conversion = serves(reports.report_conversion, queries.report_conversion)
    report_time_in_stage = serves(reports.report_time_in_stage, queries.report_time_in_stage)
    report_outcomes = serves(reports.report_outcomes, queries.report_outcomes)
    forecast = serves(reports.forecast, queries.forecast)
