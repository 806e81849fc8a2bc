-- A role and a database for each service; nobody else reaches it. Run again, it changes nothing but the passwords.
\set ON_ERROR_STOP on
\getenv contacts CONTACTS_PASSWORD
\getenv pipeline PIPELINE_PASSWORD
\getenv billing BILLING_PASSWORD
\getenv documents DOCUMENTS_PASSWORD
\getenv notifications NOTIFICATIONS_PASSWORD

CREATE TEMPORARY TABLE wanted (service name, password text);
INSERT INTO wanted VALUES ('contacts', :'contacts'), ('pipeline', :'pipeline'), ('billing', :'billing'),
    ('documents', :'documents'), ('notifications', :'notifications');

SELECT format('CREATE ROLE %I', service) FROM wanted WHERE service NOT IN (SELECT rolname FROM pg_roles) \gexec
SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L', service, password) FROM wanted \gexec
SELECT format('CREATE DATABASE %I OWNER %I', 'rapport_' || service, service) FROM wanted
    WHERE 'rapport_' || service NOT IN (SELECT datname FROM pg_database) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname) FROM pg_database WHERE datallowconn \gexec
