import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateKey, publicKeyOf } from "../keys/key.ts";
import { findWireguardGo } from "../peers/wireguard-go.netns.ts";
import { provideVswitch, trueFlows } from "../wiring/openshift/vswitch.netns.ts";
import { end, Place } from "./node.netns.ts";

/** The port of each node at which the original's Service, of type NodePort, leads to its tunnel pod. */
const NODE_PORT = 31_555;

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
/** `ethtool -K eth0 tx off` (ETHTOOL_STXCSUM, SIOCETHTOOL): Open vSwitch's userspace datapath completes no checksum. */
const CHECKSUMS = 'socket(S, 2, 2, 0); $v = pack("LL", 0x17, 0); $r = pack("a16 P8 x16", "eth0", $v); ioctl(S, 0x8946, $r) or die "eth0: $!"';

interface SdnSpec {
  readonly cluster: string;
  readonly name: string;
  readonly nodeIP: string;
  /** Second byte of its cluster's pod prefix, 10.<n>.0.0/14. */
  readonly n: number;
  readonly work: string;
}

/**
 * A node on OpenShift SDN with the true flows, a pod, and the place of the original project of 2018: an SDN pod with
 * the WireGuard device `sdn-tunnel` in its own namespace, reached by a Service, and two flows of cookie 0 (its tunnel.sh).
 */
export class SdnNode {
  readonly spec: SdnSpec;
  readonly key = generateKey();
  readonly host: Place;
  readonly pod: Place;
  readonly tunnelPod: Place;
  daemon: ChildProcess | undefined;
  wireguard: ChildProcess | undefined;
  #original: ChildProcess | undefined;

  private constructor(spec: SdnSpec, host: Place, pod: Place, tunnelPod: Place) {
    this.spec = spec;
    this.host = host;
    this.pod = pod;
    this.tunnelPod = tunnelPod;
  }

  static async open(spec: SdnSpec): Promise<SdnNode> {
    const node = new SdnNode(spec, await Place.open(), await Place.open(), await Place.open());
    await node.#build();
    return node;
  }

  get podAddress(): string {
    return `10.${this.spec.n}.0.5`;
  }

  get publicKey(): string {
    return publicKeyOf(this.key);
  }

  /** The original's own configuration, as its playbook writes it into a ConfigMap. */
  originalConfig(other: SdnNode): string {
    const peer = `[Peer]\nPublicKey = ${other.publicKey}\nAllowedIPs = 10.${other.spec.n}.0.0/23\nEndpoint = ${other.spec.nodeIP}:${NODE_PORT}\nPersistentKeepalive = 25\n`;
    return `[Interface]\nListenPort = 5555 \nPrivateKey = ${this.key.base64}\n\n${peer}`;
  }

  /** Starts the tunnel pod. */
  startOriginal(other: SdnNode): void {
    const { n, name, work } = this.spec;
    const config = `${work}/${name}.config`;
    writeFileSync(config, this.originalConfig(other), { mode: 0o600 });
    this.#original = this.tunnelPod.start([findWireguardGo(), "-f", "sdn-tunnel"], `${work}/original-${name}.log`);
    this.tunnelPod.run("for i in $(seq 200); do [ -e /var/run/wireguard/sdn-tunnel.sock ] && break; sleep 0.02; done");
    this.tunnelPod.run(`wg setconf sdn-tunnel ${config} && ip link set up dev sdn-tunnel && ip route add 10.${other.spec.n}.0.0/14 dev sdn-tunnel`);
    for (const flow of this.#flows(other)) this.host.run(`ovs-ofctl add-flow br0 "${flow}" --protocols=OpenFlow13`);
    this.host.run("nft -f -", `table ip kube-proxy { chain pre { type nat hook prerouting priority dstnat; udp dport ${NODE_PORT} dnat to 10.${n}.0.6:5555; }\n}\n`);
    this.#forgetFlows();
  }

  /** Ends the tunnel pod. Its clean-up removes no flow: ovs-ofctl(8) refuses `actions` in del-flows. */
  async stopOriginal(other: SdnNode): Promise<void> {
    for (const flow of this.#flows(other)) this.host.run(`ovs-ofctl del-flows br0 "${flow}" --protocols=OpenFlow13 || true`);
    this.host.run("nft delete table ip kube-proxy");
    this.#forgetFlows();
    await end(this.#original, "SIGKILL");
    this.tunnelPod.run("rm -f /var/run/wireguard/sdn-tunnel.sock");
  }

  startWireguard(): void {
    this.wireguard = this.host.start([findWireguardGo(), "-f", "sdn-wg-a"], `${this.spec.work}/wireguard-${this.spec.name}.log`);
  }

  /** Runs what an operator types on the node, where `oc` is what `functions` say. */
  type(lines: string, functions: string): ChildProcess {
    const { name, work } = this.spec;
    const daemon = `'${process.execPath}' --conditions=source '${main}'`;
    const typed = lines.trimEnd().split("\n").map((line, i, { length }) =>
      // In place of the shell, so that signals reach it.
      line.startsWith("sdn-tunneld ") ? `${i === length - 1 ? "exec " : ""}${line.replace("sdn-tunneld", daemon)} --state-dir /var/lib/sdn-tunnel --run-dir ${work}/run-${name}` : line,
    );
    const here = typed.join("\n").replaceAll("/var/lib/sdn-tunnel", `${work}/state-${name}`).replaceAll("/etc/sdn-tunnel", work);
    return this.host.start(["sh", "-ec", `${functions}\n${here}`], `${work}/tunneld-${name}.log`);
  }

  #flows(other: SdnNode): string[] {
    const [near, far] = [this, other].map(({ spec }) => `10.${spec.n}.0.0/14`);
    const start = "table=0,priority=300,ip";
    return [`${start},nw_src=${near},nw_dst=${far},actions=mod_dl_dst:${macOf(this.spec.n, 6)},output:4`, `${start},in_port=4,nw_src=${far},nw_dst=${near},action=goto_table:30`];
  }

  /** As kube-proxy does when a Service over UDP gets an endpoint or loses it. */
  #forgetFlows(): void {
    this.host.run(`conntrack -D -p udp --orig-dst ${this.spec.nodeIP} --dport ${NODE_PORT} 2>&1 || true`);
  }

  async #build(): Promise<void> {
    const { n, nodeIP, work, name } = this.spec;
    const { path, schema } = await provideVswitch();
    process.env["PATH"] = path;
    this.host.run(`mkdir -p /run/openvswitch && ovsdb-tool create /run/openvswitch/conf.db ${schema}`);
    this.host.start(["ovsdb-server", "/run/openvswitch/conf.db", "--remote=punix:/run/openvswitch/db.sock", "-vconsole:off"], `${work}/ovsdb-${name}.log`);
    this.host.run("for i in $(seq 200); do [ -e /run/openvswitch/db.sock ] && break; sleep 0.02; done");
    this.host.run("ovs-vsctl --no-wait init -- set Open_vSwitch . other_config:n-handler-threads=1 other_config:n-revalidator-threads=1");
    this.host.start(["ovs-vswitchd", "-vconsole:off"], `${work}/vswitchd-${name}.log`);
    for (const [i, pod] of [this.pod, this.tunnelPod].entries()) this.#attach(pod, i + 5, `va1p${i + 1}`);
    const ports = ["vxlan0 type=vxlan options:remote_ip=flow options:key=flow", "tun0 type=internal", "va1p1", "va1p2"].map((port, i) => {
      const [device, ...options] = port.split(" ");
      return `-- add-port br0 ${device} -- set interface ${device} ${options.join(" ")} ofport_request=${i + 1}`;
    });
    this.host.run(`ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev fail_mode=secure protocols=OpenFlow13 ${ports.join(" ")}`);
    // The namespace of the tunnel pod has no NetworkPolicy.
    const flows = `${trueFlows("networkpolicy")}table=80, priority=50,reg1=0x3ea actions=output:NXM_NX_REG2[]\n`;
    const own = flows.replaceAll("10.128.", `10.${n}.`).replaceAll("0a:80:", `0a:${n.toString(16)}:`).replaceAll("192.0.2.11", nodeIP);
    this.host.run("ovs-ofctl -O OpenFlow13 --names replace-flows br0 -", own);
    this.host.run(`ip link set tun0 up mtu 1450 && ip addr add 10.${n}.0.1/23 dev tun0 && ip route add 10.${n}.0.0/14 dev tun0 && sysctl -qw net.ipv4.ip_forward=1`);
    const masquerade = `ip saddr 10.${n}.0.0/14 ip daddr != 10.${n}.0.0/14 masquerade`; // OPENSHIFT-MASQUERADE
    this.host.run("nft -f -", `table ip sdn { chain post { type nat hook postrouting priority srcnat; ${masquerade}; }\n}\n`);
  }

  #attach(pod: Place, last: number, port: string): void {
    const { n } = this.spec;
    this.host.run(`ip link add ${port} type veth peer name eth0 address ${macOf(n, last)} netns ${pod.pid} && ip link set ${port} up`);
    pod.run(`ip link set eth0 up mtu 1450 && ip addr add 10.${n}.0.${last}/23 dev eth0 && ip route add 10.${n}.0.0/14 dev eth0 && ip route add default via 10.${n}.0.1`);
    pod.run("perl - && sysctl -qw net.ipv4.ip_forward=1", CHECKSUMS);
  }
}

/** As the SDN makes it of a pod's address. */
const macOf = (n: number, last: number): string => `0a:58:0a:${n.toString(16)}:00:0${last}`;
