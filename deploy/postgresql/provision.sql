-- Makes the database and the roles of one service. Run by a superuser, as often as you like:
--
--   psql --dbname=postgres --set=service=ledger --file=deploy/postgresql/provision.sql
--
-- Passwords come from the environment, and are left as they are where it has none:
--   SMEDERIJ_OWNER_PASSWORD, SMEDERIJ_APP_PASSWORD, SMEDERIJ_READ_PASSWORD
-- The database has the service's name unless --set=database=… says otherwise.
--
--   <service>_owner   owns the schema; runs migrations and nothing else
--   <service>_app     what the service runs as; may do what the migrations grant it
--   <service>_read    for people and reports; read-only
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;

\if :{?database}
\else
  \set database :service
\endif
\set owner :service '_owner'
\set app :service '_app'
\set read :service '_read'

SELECT format('CREATE ROLE %I LOGIN', role)
  FROM unnest(ARRAY[:'owner', :'app', :'read']) AS role
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

\getenv owner_password SMEDERIJ_OWNER_PASSWORD
\if :{?owner_password}
  ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\getenv app_password SMEDERIJ_APP_PASSWORD
\if :{?app_password}
  ALTER ROLE :"app" PASSWORD :'app_password';
\endif
\getenv read_password SMEDERIJ_READ_PASSWORD
\if :{?read_password}
  ALTER ROLE :"read" PASSWORD :'read_password';
\endif

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C'' TEMPLATE template0',
              :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"owner", :"app", :"read";

-- Every statement of ours names its schema; a search path would only let somebody else's object
-- slip in front of it.
ALTER ROLE :"owner" SET search_path = pg_catalog, pg_temp;
ALTER ROLE :"app" SET search_path = pg_catalog, pg_temp;
ALTER ROLE :"read" SET search_path = pg_catalog, pg_temp;
-- Backstops behind the deadlines that the service itself sets for every transaction.
ALTER ROLE :"app" SET statement_timeout = '60s';
ALTER ROLE :"app" SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE :"app" SET client_connection_check_interval = '1s';
ALTER ROLE :"app" SET jit = off;
ALTER ROLE :"read" SET statement_timeout = '60s';
ALTER ROLE :"read" SET default_transaction_read_only = on;

\connect :"database"
SET client_min_messages = warning;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS :"service" AUTHORIZATION :"owner";
GRANT USAGE ON SCHEMA :"service" TO :"app", :"read";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
