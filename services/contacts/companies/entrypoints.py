"""The doors of companies and their people."""

from chassis.entrypoints import Room, serves
from contracts.contacts import companies
from services.contacts.companies import actions, queries


class Companies(Room):
    add_company_of_person = serves(companies.add_company_of_person, actions.add_company_of_person)
    add_person_of_company = serves(companies.add_person_of_company, actions.add_person_of_company)
    change_affiliation = serves(companies.change_affiliation, actions.change_affiliation)
    remove_affiliation = serves(companies.remove_affiliation, actions.remove_affiliation)
    get_affiliation = serves(companies.get_affiliation, queries.get_affiliation)
    list_companies_of_person = serves(companies.list_companies_of_person, queries.list_companies_of_person)
    list_people_of_company = serves(companies.list_people_of_company, queries.list_people_of_company)
