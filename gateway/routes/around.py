"""Around a contact, on the web: companies, relations, emergencies, consent, referrals, doubles, photos."""

from contracts.contacts import companies, consent, duplicates, emergency, photos, referrals, relations, signups
from gateway.routes.table import MULTIPART, Route, delete, get, patch, post
from gateway.views import photos as views

ROUTES = [
    post("/contacts/likely-duplicates", duplicates.find_likely_duplicates),
    get("/contacts/<contact_id>/likely-duplicates", duplicates.list_likely_duplicates),
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
    get("/contacts/<contact_id>/photo", photos.get_photo),
    Route("PUT", "/contacts/<contact_id>/photo", views.UPLOAD, 202, view=views.upload, accepts=(MULTIPART,)),
    delete("/contacts/<contact_id>/photo", photos.remove_photo),
    get("/public/photos/<token>", photos.view_photo, view=views.show, produces=("image/jpeg",)),
    get("/contacts/<contact_id>/referral-code", referrals.get_referral_code),
    post("/contacts/<contact_id>/referral-code", referrals.make_referral_code),
    get("/contacts/<contact_id>/referrals", referrals.list_referrals),
    get("/contacts/<contact_id>/buddy-passes", referrals.list_buddy_passes),
    post("/contacts/<contact_id>/buddy-passes", referrals.make_buddy_pass, makes="/buddy-passes/{id}"),
    get("/buddy-passes/<buddy_pass_id>", referrals.get_buddy_pass),
    patch("/buddy-passes/<buddy_pass_id>", referrals.change_buddy_pass),
    get("/public/referrals/<code>", referrals.view_referral),
    get("/public/buddy-passes/<code>", referrals.view_buddy_pass),
    post("/public/signups", signups.sign_up, status=202),
]
