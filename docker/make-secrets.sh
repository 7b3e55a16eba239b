#!/bin/sh
# Makes the secrets that the profiles vllm and tgi are given as files. What is there already stays as it is.
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
# A file that a container mounts keeps its owner and mode, and the users inside have other numbers: so each file is
# readable by all, in a folder that lets nobody in.
umask 022

if [ ! -s "$folder/postgres_password" ]; then
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "$folder/postgres_password"
fi
if [ ! -s "$folder/database_url" ]; then
    printf 'postgresql+psycopg://curbside:%s@postgres:5432/curbside' "$(cat "$folder/postgres_password")" > "$folder/database_url"
fi
chmod 444 "$folder/postgres_password" "$folder/database_url"
