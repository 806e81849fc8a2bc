"""The doors of the imports."""

from chassis.entrypoints import Room, does, serves
from contracts.contacts import importing
from services.contacts.importing.actions import starting, stepping
from services.contacts.importing.queries import results


class Importing(Room):
    start_import = serves(importing.start_import, starting.start_import)
    get_import = serves(importing.get_import, results.get_import)
    list_rejects = serves(importing.list_rejects, results.list_rejects)
    sheet_of_rejects = serves(importing.sheet_of_rejects, results.sheet_of_rejects)
    import_next_rows = does("import", stepping.import_next_rows)
