"""The doors of the imports."""

from chassis.entrypoints import Room, does, serves, ticks
from contracts.contacts import import_mappings, import_previews, import_results, importing
from services.contacts.importing.actions import keeping_files, previewing, remembering, starting, stepping, undoing
from services.contacts.importing.queries import imports, results


class Importing(Room):
    start_import = serves(importing.start_import, starting.start_import)
    correct_import = serves(import_previews.correct_import, starting.correct_import)
    start_previewed_import = serves(import_previews.start_previewed_import, starting.start_previewed_import)
    undo_import = serves(import_results.undo_import, undoing.undo_import)
    list_imports = serves(importing.list_imports, imports.list_imports)
    get_import = serves(importing.get_import, imports.get_import)
    preview_import = serves(import_previews.preview_import, imports.preview_import)
    list_import_rows = serves(import_results.list_import_rows, results.list_import_rows)
    list_import_companies = serves(import_results.list_import_companies, results.list_import_companies)
    list_rejects = serves(import_results.list_rejects, results.list_rejects)
    sheet_of_rejects = serves(import_results.sheet_of_rejects, results.sheet_of_rejects)
    list_import_mappings = serves(import_mappings.list_import_mappings, imports.list_import_mappings)
    get_import_mapping = serves(import_mappings.get_import_mapping, imports.get_import_mapping)
    change_import_mapping = serves(import_mappings.change_import_mapping, remembering.change_import_mapping)
    forget_import_mapping = serves(import_mappings.forget_import_mapping, remembering.forget_import_mapping)
    preview_rows = does("import_preview", previewing.preview_rows)
    import_next_rows = does("import", stepping.import_next_rows)
    undo_next_rows = does("import_undo", undoing.undo_next_rows)
    forget_files = ticks(keeping_files.EVERY_SECONDS, keeping_files.forget_files)
