"""Everything that is published is found, once."""

from contracts.catalogue import all_events, all_rpcs


def test_the_catalogue_knows_every_service():
    assert {rpc.service for rpc in all_rpcs()} == {"contacts", "pipeline", "billing", "documents", "notifications"}
    assert {event.service for event in all_events()} <= {rpc.service for rpc in all_rpcs()}


def test_an_rpc_of_every_service_is_found_in_its_table():
    assert len([rpc for rpc in all_rpcs() if rpc.name == "get_job"]) == 5


def test_nothing_is_published_twice():
    assert len({(event.service, event.type) for event in all_events()}) == len(all_events())
    assert len({str(rpc) for rpc in all_rpcs()}) == len(all_rpcs())


def test_types_are_things_and_what_happened_to_them():
    assert all(event.type.count(".") == 1 and event.type.islower() for event in all_events())
