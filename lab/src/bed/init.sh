#!/bin/bash
# The bed's first process: PID 1 of its own pid namespace, so that everything in the bed dies with it.
#
# usage: init.sh PROGRAM [ARG...]
#
# Descriptor 3 is a pipe from the launcher: first one line with the pid of this process as the launcher sees it,
# then nothing until the launcher is gone. End of file ends the bed, however the launcher died.
# Adopted orphans are reaped by bash's own wait.
set -eu

read -r SDN_BED_PID <&3
export SDN_BED_PID

mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/lock /run/netns
[ "$(readlink -f /var/run)" = /run ] || mount --bind /run /var/run
# Where resolv.conf is a link into /run (systemd-resolved), its target has to exist to be bound over.
resolv=$(readlink -m /etc/resolv.conf)
[ -e "$resolv" ] || { mkdir -p "$(dirname "$resolv")"; : >"$resolv"; }
ip link set lo up

"$@" <&0 3<&- &
main=$!
{ cat <&3 >/dev/null; } &
watcher=$!
trap 'kill -TERM "$main"' TERM
trap : INT HUP

while :; do
  wait -n "$main" "$watcher" || :
  kill -0 "$watcher" 2>/dev/null || exit 137
  kill -0 "$main" 2>/dev/null || { code=0; wait "$main" || code=$?; exit "$code"; }
done
