"""The doors of forms."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.documents import forms
from services.documents.forms import actions, queries


class Forms(Room):
    create_form = serves(forms.create_form, actions.create_form)
    change_form = serves(forms.change_form, actions.change_form)
    get_form = serves(forms.get_form, queries.get_form)
    list_forms = serves(forms.list_forms, queries.list_forms)
    list_form_versions = serves(forms.list_form_versions, queries.list_form_versions)
    fill_form = serves(forms.fill_form, actions.fill_form)
    put_filled_form = serves(forms.put_filled_form, actions.put_filled_form)
    change_filled_form = serves(forms.change_filled_form, actions.change_filled_form)
    get_filled_form = serves(forms.get_filled_form, queries.get_filled_form)
    list_filled_forms = serves(forms.list_filled_forms, queries.list_filled_forms)
    list_filled_form_versions = serves(forms.list_filled_form_versions, queries.list_filled_form_versions)
