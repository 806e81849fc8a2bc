"""The doors of sharing."""

from chassis.entrypoints import Room, does, hears, serves, ticks
from contracts.billing import sharing
from contracts.contacts.relations import relation_removed
from services.billing.own import serves_own
from services.billing.sharing import actions, queries, reactions


class Sharing(Room):
    add_subscription_member = serves(sharing.add_subscription_member, actions.add_subscription_member)
    remove_subscription_member = serves(sharing.remove_subscription_member, actions.remove_subscription_member)
    get_subscription_member = serves(sharing.get_subscription_member, queries.get_subscription_member)
    list_subscription_members = serves(sharing.list_subscription_members, queries.list_subscription_members)
    list_shared_memberships = serves_own(sharing.list_shared_memberships, queries.list_shared_memberships)
    look_at_relation = hears([relation_removed], reactions.look_at_relation)
    look_again = does(actions.LOOK_AGAIN, reactions.keep_or_free, asks=reactions.ask_whether_related)
    resume_looking_at_seats = ticks(300, reactions.resume_looking)
