-- Once, as a superuser. The owner makes the schema; the product signs in as gise, which may do what gise_app may:
-- it can neither change nor delete a posting.
CREATE ROLE gise_app NOLOGIN;
CREATE ROLE gise_owner LOGIN;
CREATE ROLE gise LOGIN IN ROLE gise_app;
CREATE DATABASE gise OWNER gise_owner;
\password gise_owner
\password gise
