"""Imports on the web: files, previews, what became of each row, undoing, and remembered mappings."""

from contracts.contacts import histories, import_mappings, import_previews, import_results, importing
from gateway.routes.table import MULTIPART, delete, get, patch, post
from gateway.views import imports

ROUTES = [
    get("/imports", importing.list_imports),
    post("/imports", imports.UPLOAD, status=202, view=imports.upload, accepts=(MULTIPART,)),
    get("/imports/<import_id>", importing.get_import),
    patch("/imports/<import_id>", import_previews.correct_import),
    get("/imports/<import_id>/preview", import_previews.preview_import),
    post("/imports/<import_id>/start", import_previews.start_previewed_import, status=202, view=imports.begin),
    post("/imports/<import_id>/undo", import_results.undo_import, status=202, view=imports.begin),
    get("/imports/<import_id>/rows", import_results.list_import_rows),
    get("/imports/<import_id>/companies", import_results.list_import_companies),
    get("/imports/<import_id>/rejected-rows", import_results.list_rejects),
    get("/imports/<import_id>/rejects", import_results.sheet_of_rejects, view=imports.rejects, produces=("text/csv",)),
    get("/import-mappings", import_mappings.list_import_mappings),
    get("/import-mappings/<import_mapping_id>", import_mappings.get_import_mapping),
    patch("/import-mappings/<import_mapping_id>", import_mappings.change_import_mapping),
    delete("/import-mappings/<import_mapping_id>", import_mappings.forget_import_mapping),
    get("/import-mappings/<import_mapping_id>/history", histories.list_import_mapping_history),
]
