"""Documents on the web: templates, agreements, the public page to sign one; forms and the answers to them."""

from contracts.contacts import histories
from contracts.documents import agreements, forms, signing, templates
from gateway.routes.table import JSON, get, patch, post, put
from gateway.views import agreements as views

PDF = "application/pdf"

ROUTES = [
    get("/agreement-templates", templates.list_templates),
    post("/agreement-templates", templates.create_template, makes="/agreement-templates/{id}"),
    get("/agreement-templates/<template_id>", templates.get_template),
    patch("/agreement-templates/<template_id>", templates.change_template),
    get("/agreement-templates/<template_id>/history", histories.list_agreement_template_history),
    get("/agreements", agreements.list_agreements),
    post("/agreements", agreements.send_agreement, makes="/agreements/{id}"),
    get("/agreements/<agreement_id>", agreements.get_agreement),
    post("/agreements/<agreement_id>/link", agreements.issue_link),
    post("/agreements/<agreement_id>/recall", agreements.recall_agreement),
    get("/agreements/<agreement_id>/pdf", agreements.get_agreement_pdf, view=views.pdf, produces=(PDF,)),
    get("/public/agreements/<token>", signing.view_agreement, view=views.read, produces=(JSON, "text/html")),
    post("/public/agreements/<token>", signing.sign_agreement),
    post("/public/agreements/<token>/decline", signing.decline_agreement),
    get("/public/agreements/<token>/pdf", signing.get_signed_copy, view=views.pdf, produces=(PDF,)),
    get("/forms", forms.list_forms),
    post("/forms", forms.create_form, makes="/forms/{id}"),
    get("/forms/<form_id>", forms.get_form),
    patch("/forms/<form_id>", forms.change_form),
    get("/forms/<form_id>/versions", forms.list_form_versions),
    get("/forms/<form_id>/history", histories.list_form_history),
    get("/filled-forms", forms.list_filled_forms),
    post("/filled-forms", forms.fill_form, makes="/filled-forms/{id}"),
    get("/filled-forms/<filled_form_id>", forms.get_filled_form),
    put("/filled-forms/<filled_form_id>", forms.put_filled_form),
    patch("/filled-forms/<filled_form_id>", forms.change_filled_form),
    get("/filled-forms/<filled_form_id>/versions", forms.list_filled_form_versions),
]
