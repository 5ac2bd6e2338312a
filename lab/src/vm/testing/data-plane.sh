# Run in the guest: every data plane that the host's kernel may lack, and the exit code 7.
set -e
uname -r
echo "a word on standard error" >&2
ip link add wg-test type wireguard
wg set wg-test listen-port 5555
echo "wireguard: $(wg show wg-test listen-port)"
ipvsadm -A -t 192.0.2.1:80 -s rr
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2:8080 -m
ipvsadm -A -t '[2001:db8::1]:80' -s wlc
ipvsadm -Sn
nft add table inet test
nft add chain inet test nat '{ type nat hook prerouting priority -110; }'
nft add rule inet test nat ip daddr 192.0.2.1 dnat ip to ip daddr
echo "nft: $(nft list ruleset | grep -c dnat)"
ip link add br-test type bridge
ip link add veth-test type veth peer name veth-peer
ip link set veth-test master br-test
modprobe br_netfilter
sysctl net.bridge.bridge-nf-call-iptables
exec 9<>/dev/net/tun
mkdir -p /run/openvswitch
ovsdb-tool create /tmp/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server --remote=punix:/run/openvswitch/db.sock --detach --pidfile --no-chdir /tmp/conf.db
ovs-vsctl --no-wait init
ovs-vswitchd --detach --pidfile --no-chdir unix:/run/openvswitch/db.sock 2>/dev/null
ovs-vsctl --timeout=30 add-br br0
ovs-dpctl show | head -1
touch /usr/written-by-the-guest "$WRITABLE/written"
ls /usr/written-by-the-guest
exit 7
