#!/bin/busybox sh
# The guest's first process: takes a job from the host, runs its program, and stops the machine when that has ended.
#
# Three virtio-serial ports lead to the host: `stdout` and `stderr` carry the program's output, `control` carries lines.
#   guest to host: "ready", "running", "exit CODE"
#   host to guest: two lines of base64, the set-up and the program, both scripts; then names of signals for the program.
# End of file on `control` means that the host's side is gone: the machine stops at once.

here=/run/sdn-vm
mkdir -p "$here/bin"
"$here/busybox" --install -s "$here/bin"
export PATH=$here/bin

stop() {
  echo "sdn-vm: cannot $1" >/dev/console
  reboot -f
}
attempt() {
  step=$1
  shift
  problem=$("$@" 2>&1) || stop "$step: $problem"
}
# For the set-up: a folder of the host that the guest may change, at its own path. TAG, FOLDER
share() {
  mkdir -p "$2"
  attempt "mount $2" mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose "$1" "$2"
}
# For the set-up: loads modules by the distribution's own modprobe(8).
load() {
  attempt "load the modules $*" /sbin/modprobe -a "$@"
}

mkdir -p /dev/pts /dev/shm /dev/net
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
# Opening it loads the module.
[ -e /dev/net/tun ] || mknod -m 0666 /dev/net/tun c 10 200
ifconfig lo up

# The driver finds its ports in the background.
until [ -e "$here/control" ] && [ -e "$here/stdout" ] && [ -e "$here/stderr" ]; do
  for port in /sys/class/virtio-ports/*; do
    read -r name <"$port/name" && ln -sf "/dev/${port##*/}" "$here/$name"
  done 2>/dev/null
  usleep 10000
done
exec 3<>"$here/control"
echo ready >&3
# A port reads as empty until the driver has heard that the host's side is open.
until read -r setup <&3 && [ -n "$setup" ]; do usleep 10000; done
read -r program <&3
echo "$setup" | base64 -d >"$here/setup.sh"
echo "$program" | base64 -d >"$here/program.sh"
. "$here/setup.sh"

{
  while read -r signal <&3; do kill "-$signal" "$(cat "$here/pid")"; done
  echo b >/proc/sysrq-trigger
} &
# Pipes, so that the program may open /dev/stdout again, which a port forbids.
mkfifo "$here/out" "$here/err"
cat <"$here/out" >"$here/stdout" 3>&- &
cats=$!
cat <"$here/err" >"$here/stderr" 3>&- &
cats="$cats $!"

# In the foreground, because a shell gives its background jobs SIGINT ignored.
sh "$here/program.sh" </dev/null >"$here/out" 2>"$here/err"
code=$?
# What the program left running may hold the pipes open: it is not waited for.
{ sleep 2; kill $cats; } 2>/dev/null 3>&- &
wait $cats
echo "exit $code" >&3
reboot -f
