"""The doors of the sales flow."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears, serves, ticks
from contracts.documents import agreements
from contracts.pipeline import sales
from services.pipeline.sales import actions, queries, submitting


class Sales(Room):
    begin_sales_flow = serves(sales.begin_sales_flow, actions.begin_sales_flow)
    get_sales_flow = serves(sales.get_sales_flow, queries.get_sales_flow)
    list_sales_flows = serves(sales.list_sales_flows, queries.list_sales_flows)
    save_lead_data = serves(sales.save_lead_data, actions.save_lead_data)
    save_questionnaire = serves(sales.save_questionnaire, actions.save_questionnaire)
    save_goal_plan = serves(sales.save_goal_plan, actions.save_goal_plan)
    save_package = serves(sales.save_package, actions.save_package)
    confirm_summary = serves(sales.confirm_summary, actions.confirm_summary)
    save_terms = serves(sales.save_terms, actions.save_terms)
    submit_sales_flow = serves(sales.submit_sales_flow, submitting.submit_sales_flow)
    abandon_sales_flow = serves(sales.abandon_sales_flow, actions.abandon_sales_flow)
    place_order_of_sales_flow = does(submitting.ORDER, submitting.note_order, asks=submitting.ask_for_order)
    resume_orders_of_sales_flows = ticks(60, submitting.resume_orders)
    note_signature_of_sales_flow = hears([agreements.agreement_signed], submitting.note_signature)
