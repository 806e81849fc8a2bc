"""Sessions, bookings and credits on the web, for the team and for outside schedulers.

`/sessions` is where one signs in, so that what can be booked stands at `/scheduled-sessions`.
"""

from contracts.contacts import bookings, credits, histories, history, schedulers, sessions
from gateway.routes.table import delete, get, patch, post, put

ROUTES = [
    get("/scheduled-sessions", sessions.list_sessions),
    post("/scheduled-sessions", sessions.create_session, makes="/scheduled-sessions/{id}"),
    get("/scheduled-sessions/<session_id>", sessions.get_session),
    patch("/scheduled-sessions/<session_id>", sessions.change_session),
    post("/scheduled-sessions/<session_id>/cancel", sessions.cancel_session),
    get("/scheduled-sessions/<session_id>/history", histories.list_session_history),
    get("/scheduled-sessions/<session_id>/bookings", bookings.list_roster),
    post("/scheduled-sessions/<session_id>/group-bookings", bookings.book_group, status=201),
    get("/session-series", sessions.list_series),
    post("/session-series", sessions.create_series, makes="/session-series/{id}"),
    get("/session-series/<series_id>", sessions.get_series),
    patch("/session-series/<series_id>", sessions.change_series),
    get("/session-series/<series_id>/history", histories.list_session_series_history),
    get("/bookings", bookings.list_bookings),
    post("/bookings", bookings.book, makes="/bookings/{id}"),
    get("/bookings/<booking_id>", bookings.get_booking),
    post("/bookings/<booking_id>/reschedule", bookings.reschedule_booking),
    post("/bookings/<booking_id>/rebook", bookings.rebook, makes="/bookings/{id}"),
    post("/bookings/<booking_id>/cancel", bookings.cancel_booking),
    post("/bookings/<booking_id>/check-in", bookings.check_in),
    delete("/bookings/<booking_id>/check-in", bookings.undo_check_in, status=200),
    post("/bookings/<booking_id>/missed", bookings.mark_missed),
    get("/contacts/<contact_id>/bookings", bookings.list_contact_bookings),
    get("/contacts/<contact_id>/credits", credits.list_credits),
    get("/credit-packs/<pack_id>", credits.get_credit_pack),
    get("/contacts/<contact_id>/credit-entries", credits.list_credit_entries),
    get("/contacts/<contact_id>/courses", history.list_courses),
    get("/contacts/<contact_id>/service-history", history.get_service_history),
    put("/schedulers/<system>/sessions/<path:external_id>", schedulers.put_session),
    put("/schedulers/<system>/bookings/<path:external_id>", schedulers.put_booking),
    post("/schedulers/<system>/batch", schedulers.write_batch),
]
