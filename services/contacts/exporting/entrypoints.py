"""The doors of the exports."""

from chassis.entrypoints import Room, does, serves, ticks
from contracts.contacts import exporting
from services.contacts.exporting import queries
from services.contacts.exporting.actions import starting, writing


class Exporting(Room):
    start_export = serves(exporting.start_export, starting.start_export)
    get_export = serves(exporting.get_export, queries.get_export)
    list_exports = serves(exporting.list_exports, queries.list_exports)
    get_export_file = serves(exporting.get_export_file, queries.get_export_file)
    list_export_columns = serves(exporting.list_export_columns, queries.list_export_columns)
    export_next_rows = does("export", writing.export_next_rows)
    forget_old_exports = ticks(3600, writing.forget_old_exports)
