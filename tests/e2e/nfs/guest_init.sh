#!/bin/bash
# First process of the guest: mounts the export, runs the command in it, leaves the exit status, powers off. The kernel
# hands over GUEST, the folder shared with the host, whose file `settings` says the rest. See guest.py.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
cd "$GUEST"  # it may lie below what is mounted over now
mount -t tmpfs tmpfs /run
mkdir -p /run/guest /run/rpcbind /run/lock
mount --no-canonicalize --bind . /run/guest
cd /
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/shm
for folder in /dev/shm /tmp /mnt; do mount -t tmpfs tmpfs "$folder"; done
mkdir /mnt/nfs
. /run/guest/settings
busybox hostname "$host_name"  # NFSv4 clients are told apart by it
ip link set lo up
ip address add "$address" dev vec0
ip link set vec0 up
for module in $modules; do busybox insmod "$module" 2>/dev/null; done

status=98
for attempt in 1 2 3; do
  timeout 60 mount -t nfs -o "$options" "$server:$export" /mnt/nfs && status=0 && break
  busybox sleep 1
done
if [ $status = 0 ]; then
  grep ' /mnt/nfs ' /proc/mounts
  cd /mnt/nfs && bash /run/guest/command
  status=$?
  cd /
  timeout 60 umount /mnt/nfs || { echo "the mount could not be taken down"; umount -l /mnt/nfs; status=97; }
fi
dmesg 2>/dev/null | grep -E 'NFS: |nfs: |RPC: |lockd: |BUG:|Call Trace|hung task' |
  grep -vE 'Regist|Installing|FS-Cache' >/run/guest/kernel.log
echo "$status" >/run/guest/status
busybox sync
busybox poweroff -f
