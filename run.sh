#!/usr/bin/env bash
# Builds Token Plane and starts it on loopback. See ./run.sh --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<TEXT
usage: ./run.sh [--port N] [--nfs-port N] [--redis-port N] [--admin-port N] [--data DIR] [--background]

Installs what is missing (packages.txt), builds the release preset, makes a data directory and credentials
if there are none, and starts the server on 127.0.0.1. Ctrl-C stops it cleanly.

  --port N         S3 port (default 9000; 0 picks a free one)
  --nfs-port N     NFS port (default 2049; 0 picks a free one; off: no NFS)
  --redis-port N   Redis port of the token cache (default 6379, or a free one if that is taken; 0 picks a free one;
                   off: no Redis)
  --admin-port N   admin port: /metrics, /healthz, /readyz (default 9001; 0 picks a free one)
  --data DIR       data directory (default \$TOKENPLANE_DATA, or ./data)
  --background     return once the server is ready; its log is DIR/server.log
TEXT
}

port=9000 nfs_port=2049 redis_port= admin_port=9001 data=${TOKENPLANE_DATA:-./data} background=0
while [ $# -gt 0 ]; do
  case $1 in
    --port | --nfs-port | --redis-port | --admin-port | --data)
      [ $# -ge 2 ] || { echo "run.sh: $1 needs a value" >&2; exit 2; }
      case $1 in
        --port) port=$2 ;;
        --nfs-port) nfs_port=$2 ;;
        --redis-port) redis_port=$2 ;;
        --admin-port) admin_port=$2 ;;
        --data) data=$2 ;;
      esac
      shift 2
      ;;
    --background) background=1; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "run.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
done

tools/install_packages.sh build
. tools/build_env.sh
[ -x build/release/tokenplane ] || echo "Building (the first time takes some minutes)..."
build_preset release tokenplane

mkdir -p "$data"
credentials=$data/credentials.env
if [ ! -s "$credentials" ]; then
  random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
  (
    umask 077
    {
      echo "TOKENPLANE_ACCESS_KEY=TP$(random 9 | tr a-f A-F)"
      echo "TOKENPLANE_SECRET_KEY=$(random 20)"
    } >"$credentials.new"
  )
  mv "$credentials.new" "$credentials"
fi
# Read, not sourced: a data directory is not a place to run code from.
value_of() { sed -n "s/^$1=//p" "$credentials" | head -n 1; }
TOKENPLANE_ACCESS_KEY=$(value_of TOKENPLANE_ACCESS_KEY)
TOKENPLANE_SECRET_KEY=$(value_of TOKENPLANE_SECRET_KEY)
if [ -z "$TOKENPLANE_ACCESS_KEY" ] || [ -z "$TOKENPLANE_SECRET_KEY" ]; then
  echo "run.sh: $credentials lacks TOKENPLANE_ACCESS_KEY or TOKENPLANE_SECRET_KEY;" >&2
  echo "run.sh: mend it, or remove it to get new ones" >&2
  exit 1
fi
export TOKENPLANE_ACCESS_KEY TOKENPLANE_SECRET_KEY

serve=(build/release/tokenplane serve --data "$data" --listen 127.0.0.1 --s3-port "$port" --admin-port "$admin_port")
if [ "$nfs_port" = off ]; then
  serve+=(--no-nfs)
else
  serve+=(--nfs-port "$nfs_port")
fi
if [ "$redis_port" = off ]; then
  serve+=(--no-redis)
else
  # On loopback, and a cache: whoever is on this machine may use the volume "cache" without a password.
  serve+=(--redis-anonymous cache)
  [ -z "$redis_port" ] || serve+=(--redis-port "$redis_port")
fi
if [ $background = 1 ]; then
  setsid nohup "${serve[@]}" >>"$data/server.log" 2>&1 </dev/null &
else
  "${serve[@]}" &
fi
server=$!

# The signal reaches the server once, and this script leaves with the server's own exit status.
stop() { kill -TERM "$server" 2>/dev/null || true; }
trap stop INT TERM

# The server writes server.json once it listens: its process id and the ports it got.
endpoint() { sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^\",}]*\).*/\1/p" "$data/server.json" 2>/dev/null | head -n 1; }
ready() {
  [ "$(endpoint pid)" = "$server" ] || return 1
  local address host
  address=$(endpoint admin)
  address=${address#http*://}
  host=${address%:*}
  exec 3<>"/dev/tcp/$host/${address##*:}" || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$address" >&3
  local status
  read -r -t 5 _ status _ <&3 || status=
  exec 3>&-
  [ "$status" = 200 ]
}

until ready 2>/dev/null; do
  if ! kill -0 "$server" 2>/dev/null; then
    status=0
    wait "$server" || status=$?
    [ $background = 1 ] && tail -n 5 "$data/server.log" >&2
    echo "run.sh: the server did not start (exit status $status)" >&2
    exit 1
  fi
  sleep 0.05
done

s3=$(endpoint s3)
admin=$(endpoint admin)
nfs=$(endpoint nfs)
redis=$(endpoint redis)
cat <<TEXT

Token Plane is ready.
  S3      $s3
  NFS     ${nfs:-off}
  Redis   ${redis:-off}
  admin   $admin   (/metrics /healthz /readyz)
  data    $data
  keys    $credentials

Try, in another shell:
  export AWS_ACCESS_KEY_ID=$TOKENPLANE_ACCESS_KEY AWS_DEFAULT_REGION=us-east-1
  export AWS_SECRET_ACCESS_KEY=$TOKENPLANE_SECRET_KEY

  aws --endpoint-url $s3 s3 mb s3://demo
  aws --endpoint-url $s3 s3 cp README.md s3://demo/
  aws --endpoint-url $s3 s3 ls s3://demo/

TEXT
if [ -n "$nfs" ]; then
  cat <<TEXT
  mount -t nfs -o vers=4.2,port=${nfs##*:} ${nfs%:*}:/demo /mnt

TEXT
fi

if [ -n "$redis" ]; then
  cat <<TEXT
  redis-cli -p ${redis##*:} set a b

TEXT
fi

if [ $background = 1 ]; then
  trap - INT TERM
  echo "Running in the background, process $server; stop it with: kill $server"
  exit 0
fi
echo "Ctrl-C stops the server."
# A signal ends `wait` early; the server is gone only when its process id is.
while :; do
  status=0
  wait "$server" || status=$?
  kill -0 "$server" 2>/dev/null || exit $status
done
