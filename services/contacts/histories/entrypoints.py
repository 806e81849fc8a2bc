"""The doors of the histories."""

from chassis.entrypoints import Room, serves
from contracts.billing.packages import get_package
from contracts.billing.promo_codes import get_promo_code
from contracts.billing.taxes import get_tax_rate
from contracts.contacts import histories
from contracts.documents.forms import get_form
from contracts.documents.templates import get_template
from contracts.notifications.templates import get_message_template
from contracts.pipeline.assignment import get_assignment_rule
from contracts.pipeline.rules import get_stage_rule
from contracts.pipeline.stages import get_stage
from services.contacts.fields.queries import get_custom_field
from services.contacts.groups.queries import get_group
from services.contacts.histories.queries import history_beyond, history_of, history_of_the
from services.contacts.importing.queries.imports import get_import_mapping
from services.contacts.segments.queries.reading import get_segment
from services.contacts.sessions.queries import get_series, get_session
from services.contacts.settings.queries import get_location
from services.contacts.tags.queries import get_tag
from services.contacts.team.queries import get_api_key, get_team_member


class Histories(Room):
    list_settings_history = serves(histories.list_settings_history, history_of_the("settings"))
    list_location_history = serves(histories.list_location_history, history_of("location", get_location))
    list_custom_field_history = serves(
        histories.list_custom_field_history, history_of("custom_field", get_custom_field)
    )
    list_tag_history = serves(histories.list_tag_history, history_of("tag", get_tag))
    list_group_history = serves(histories.list_group_history, history_of("group", get_group))
    list_segment_history = serves(histories.list_segment_history, history_of("segment", get_segment))
    list_team_member_history = serves(histories.list_team_member_history, history_of("team_member", get_team_member))
    list_api_key_history = serves(histories.list_api_key_history, history_of("api_key", get_api_key))
    list_session_history = serves(histories.list_session_history, history_of("session", get_session))
    list_session_series_history = serves(
        histories.list_session_series_history, history_of("session_series", get_series)
    )
    list_import_mapping_history = serves(
        histories.list_import_mapping_history, history_of("import_mapping", get_import_mapping)
    )

    list_package_history = serves(histories.list_package_history, history_beyond("package", get_package))
    list_tax_rate_history = serves(histories.list_tax_rate_history, history_beyond("tax_rate", get_tax_rate))
    list_promo_code_history = serves(histories.list_promo_code_history, history_beyond("promo_code", get_promo_code))
    list_stage_history = serves(histories.list_stage_history, history_beyond("stage", get_stage))
    list_stage_rule_history = serves(histories.list_stage_rule_history, history_beyond("stage_rule", get_stage_rule))
    list_assignment_rule_history = serves(
        histories.list_assignment_rule_history, history_beyond("assignment_rule", get_assignment_rule)
    )
    list_reward_rule_history = serves(histories.list_reward_rule_history, history_of_the("reward_rule"))
    list_form_history = serves(histories.list_form_history, history_beyond("form", get_form))
    list_agreement_template_history = serves(
        histories.list_agreement_template_history, history_beyond("agreement_template", get_template)
    )
    list_message_template_history = serves(
        histories.list_message_template_history, history_beyond("message_template", get_message_template)
    )
