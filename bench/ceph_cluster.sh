#!/usr/bin/env bash
# A single-machine Ceph cluster with radosgw on loopback, as a peer for measurements: 1 mon, 1 mgr, 1 OSD (bluestore on
# a file), replicas 1, user test/testtest. usage: bench/ceph_cluster.sh up|down DIR [PORTBASE]
set -euo pipefail
action=${1:?up or down} dir=${2:?directory} base=${3:-16800}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
conf=$dir/ceph.conf keyring=$dir/keyring

if [ "$action" = down ]; then
  for pidfile in "$dir"/run/*.pid; do
    [ -e "$pidfile" ] && kill "$(cat "$pidfile")" 2>/dev/null || true
  done
  sleep 2
  for pidfile in "$dir"/run/*.pid; do
    [ -e "$pidfile" ] && kill -9 "$(cat "$pidfile")" 2>/dev/null || true
  done
  exit 0
fi

mkdir -p "$dir"/{run,log,mon.a,mgr.x,osd.0}
fsid=$(cat /proc/sys/kernel/random/uuid)
cat >"$conf" <<C
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$base/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv4 = true
ms bind msgr1 = false
ms bind port min = $((base + 1))
ms bind port max = $((base + 80))
auth allow insecure global id reclaim = false
keyring = $keyring
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.pid
log file = $dir/log/\$name.log
run dir = $dir/run
crash dir = $dir/crash
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
[mon]
mon data = $dir/mon.\$id
[mgr]
mgr initial modules =
mgr data = $dir/mgr.\$id
[osd]
osd data = $dir/osd.\$id
osd objectstore = bluestore
bluestore block size = 8589934592
bluestore block create = true
[client.rgw.x]
rgw frontends = beast endpoint=127.0.0.1:$((base + 90)) tcp_nodelay=1
rgw thread pool size = 64
C
export CEPH_CONF=$conf
ceph_() { timeout 30 ceph -c "$conf" -k "$keyring" "$@"; }

ceph-authtool -C "$keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
ceph-authtool "$keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' \
  >/dev/null
ceph-authtool "$keyring" --gen-key -n mgr.x --cap mon 'allow profile mgr' --cap osd 'allow *' >/dev/null
ceph-authtool "$keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' \
  --cap osd 'allow *' >/dev/null
ceph-authtool "$keyring" --gen-key -n client.rgw.x --cap mon 'allow rw' --cap osd 'allow rwx' >/dev/null
monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$base]" --enable-all-features "$dir/monmap" \
  >/dev/null
ceph-mon -i a --mkfs --monmap "$dir/monmap" --keyring "$keyring"
cp "$keyring" "$dir/mon.a/keyring"
ceph-mon -i a
for _ in $(seq 60); do ceph_ mon stat >/dev/null 2>&1 && break; sleep 0.3; done
ceph-mgr -i x

uuid=$(cat /proc/sys/kernel/random/uuid)
ceph_ osd new "$uuid" 0 >/dev/null
ceph_ osd crush add osd.0 1 root=default >/dev/null
printf '[osd.0]\n\tkey = %s\n' "$(ceph-authtool -p -n osd.0 "$keyring")" >"$dir/osd.0/keyring"
ceph-osd -i 0 --mkfs --osd-uuid "$uuid" >"$dir/log/mkfs" 2>&1
ceph-osd -i 0
for _ in $(seq 100); do ceph_ osd stat 2>/dev/null | grep -q '1 up' && break; sleep 0.3; done

radosgw -n client.rgw.x
for _ in $(seq 300); do curl -s -o /dev/null "http://127.0.0.1:$((base + 90))/" && break; sleep 0.2; done
radosgw-admin -k "$keyring" user create --uid=test --display-name=test --access-key=test --secret-key=testtest \
  >"$dir/log/user"
curl -s -o /dev/null "http://127.0.0.1:$((base + 90))/"
