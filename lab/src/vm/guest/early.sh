#!/bin/busybox sh
# First program of the initramfs: loads the modules in /modules, in the order of their names, and makes the root.
#
# The root is three layers, from below: the host's file system, the VM's packages, and a tmpfs that takes what the
# guest writes. The first two are 9p and read-only at the host's side too.
#
# Everything that goes wrong is told in one line, "sdn-vm: cannot STEP", and then the machine stops.

/bin/busybox mkdir -p /bin /dev /proc /sys /layers
/bin/busybox --install -s /bin
export PATH=/bin

stop() {
  echo "sdn-vm: cannot $1" >/dev/console
  reboot -f
}
attempt() {
  step=$1
  shift
  problem=$("$@" 2>&1) || stop "$step: $problem"
}
# Mounts a share of the host: TAG, FOLDER, further options.
share() {
  mkdir -p "$2"
  attempt "mount the share $1 at $2" mount -t 9p -o "trans=virtio,version=9p2000.L,msize=1048576,cache=loose,$3" "$1" "$2"
}

mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for module in /modules/*; do
  attempt "load the module ${module#/modules/*-}" insmod "$module"
done

share host /layers/host ro
lower=/layers/host
if grep -qs packages /sys/bus/virtio/drivers/9pnet_virtio/*/mount_tag; then
  share packages /layers/packages ro
  lower=/layers/packages:$lower
fi
mkdir /layers/written /joined
mount -t tmpfs -o mode=0755 tmpfs /layers/written
mkdir /layers/written/upper /layers/written/work
attempt "join the layers of the root" mount -t overlay -o "lowerdir=$lower,upperdir=/layers/written/upper,workdir=/layers/written/work" overlay /joined

cd /joined
mount -t tmpfs -o mode=0755 tmpfs run
mkdir -p run/lock run/netns run/sdn-vm
cp /bin/busybox /init.sh run/sdn-vm/
for fs in dev proc sys; do mount --move "/$fs" "$fs"; done
exec switch_root . /run/sdn-vm/busybox sh /run/sdn-vm/init.sh
