"""Around a contact, on the web: companies, and what was agreed to."""

from contracts.contacts import companies, consent
from gateway.routes.table import delete, get, patch, post

ROUTES = [
    get("/contacts/<contact_id>/companies", companies.list_companies_of_person),
    post("/contacts/<contact_id>/companies", companies.add_company_of_person, makes="/affiliations/{id}"),
    get("/contacts/<company_id>/people", companies.list_people_of_company),
    post("/contacts/<company_id>/people", companies.add_person_of_company, makes="/affiliations/{id}"),
    get("/affiliations/<affiliation_id>", companies.get_affiliation),
    patch("/affiliations/<affiliation_id>", companies.change_affiliation),
    delete("/affiliations/<affiliation_id>", companies.remove_affiliation),
    get("/contacts/<contact_id>/preferences", consent.get_preferences),
    patch("/contacts/<contact_id>/preferences", consent.change_preferences),
    get("/contacts/<contact_id>/may-send", consent.may_send),
    get("/contacts/<contact_id>/consents", consent.list_consents),
]
