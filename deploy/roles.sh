#!/bin/sh
# The postgres image runs this on an empty volume; the passwords are the ones in the environment file's addresses.
set -eu
psql -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" \
  -v owner_password="$(cat /run/secrets/gise-owner)" -v app_password="$(cat /run/secrets/gise)" -f /roles.sql
