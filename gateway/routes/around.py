"""Around a contact, on the web: companies, and relations, whom to call, and what was agreed to."""

from contracts.contacts import companies, consent, emergency, relations
from gateway.routes.table import delete, get, patch, post

ROUTES = [
    get("/contacts/<contact_id>/companies", companies.list_companies_of_person),
    post("/contacts/<contact_id>/companies", companies.add_company_of_person, makes="/affiliations/{id}"),
    get("/contacts/<company_id>/people", companies.list_people_of_company),
    post("/contacts/<company_id>/people", companies.add_person_of_company, makes="/affiliations/{id}"),
    get("/affiliations/<affiliation_id>", companies.get_affiliation),
    patch("/affiliations/<affiliation_id>", companies.change_affiliation),
    delete("/affiliations/<affiliation_id>", companies.remove_affiliation),
    get("/contacts/<contact_id>/relations", relations.list_relations),
    post("/contacts/<contact_id>/relations", relations.add_relation, makes="/contacts/{contact_id}/relations/{id}"),
    get("/contacts/<contact_id>/relations/<relation_id>", relations.get_relation),
    patch("/contacts/<contact_id>/relations/<relation_id>", relations.change_relation),
    delete("/contacts/<contact_id>/relations/<relation_id>", relations.remove_relation),
    get("/contacts/<contact_id>/emergency-contacts", emergency.list_emergency_contacts),
    post(
        "/contacts/<contact_id>/emergency-contacts", emergency.add_emergency_contact, makes="/emergency-contacts/{id}"
    ),
    get("/emergency-contacts/<emergency_contact_id>", emergency.get_emergency_contact),
    patch("/emergency-contacts/<emergency_contact_id>", emergency.change_emergency_contact),
    delete("/emergency-contacts/<emergency_contact_id>", emergency.remove_emergency_contact),
    get("/contacts/<contact_id>/preferences", consent.get_preferences),
    patch("/contacts/<contact_id>/preferences", consent.change_preferences),
    get("/contacts/<contact_id>/may-send", consent.may_send),
    get("/contacts/<contact_id>/consents", consent.list_consents),
]
