-- Once, as a superuser. The owner makes the schema; the product signs in as gise, which may do what gise_app may:
-- it can neither change nor delete a posting.
--   psql -v owner_password=… -v app_password=… -f roles.sql
CREATE ROLE gise_app NOLOGIN;
CREATE ROLE gise_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE gise LOGIN PASSWORD :'app_password' IN ROLE gise_app;
CREATE DATABASE gise OWNER gise_owner;
