import { NEIGHBOUR_DISCOVERY } from "../captures/capture.ts";
import { Lab } from "../lab.ts";
import { OUTSIDE } from "../topology/addresses.ts";

// Goes through a lab without any daemon of the product and prints what it saw; lab.test.ts judges it.
const started = performance.now();
const lab = await Lab.up();
const upMs = performance.now() - started;
const [east, west] = [lab.cluster("east"), lab.cluster("west")];
const [client, node] = [east.pod("client"), east.node(1)];
const url = (address: string, port = 8080) => `http://${address.includes(":") ? `[${address}]` : address}:${port}/`;
const near = east.pod("httpd-1").plan.addresses;
const other = east.pod("httpd-2").plan.addresses;
const remote = west.pod("httpd-2").plan.addresses;
const quick = { timeoutMs: 1000 };
const serviceOf = (name: string, version: "v4" | "v6") => east.serviceIP(name, version, "local");
const podPrefixes = lab.clusters.flatMap(({ plan }) => [plan.podCIDRs.v4, plan.podCIDRs.v6]).map((prefix) => `net ${prefix}`).join(" or ");

await east.upstream.exec(["ip", "route", "add", east.node(2).plan.subnets.v4, "via", east.node(2).plan.nodeIPs.v4]);
await east.upstream.exec(["ip", "route", "add", east.node(2).plan.subnets.v6, "via", east.node(2).plan.nodeIPs.v6]);

const capture = await lab.capture();
const inside = {
  sameNode4: await client.curl(url(near.v4)),
  sameNode6: await client.curl(url(near.v6)),
  otherNode4: await client.curl(url(other.v4)),
  otherNode6: await client.curl(url(other.v6)),
  udp4: await client.udp(other.v4, 8080),
  udp6: await client.udp(other.v6, 8080),
  closedPort: await client.curl(url(other.v4, 81)),
  nodeToPod: await node.curl(url(near.v4)),
  boundToNodeIp4: await node.curl(url(other.v4), { interface: node.plan.nodeIPs.v4 }),
  boundToNodeIp6: await node.curl(url(other.v6), { interface: node.plan.nodeIPs.v6 }),
  foreign4: await east.upstream.curl(url(other.v4)),
  foreign6: await east.upstream.curl(url(other.v6)),
  service4: await client.curl(url(serviceOf("httpd", "v4"))),
  service6: await client.curl(url(serviceOf("httpd", "v6"))),
  serviceUdp4: await client.udp(serviceOf("httpd", "v4"), 8080),
  serviceUdp6: await client.udp(serviceOf("httpd", "v6"), 8080),
  onlyIpv6: await client.curl(url(serviceOf("httpd6", "v6"))),
  hostNetwork4: await client.curl(url(serviceOf("httpd-host", "v4"))),
  hostNetwork6: await client.curl(url(serviceOf("httpd-host", "v6"))),
  hostNetworkUdp: await client.udp(serviceOf("httpd-host", "v4"), 8080),
  nodeToService: await node.curl(url(serviceOf("httpd", "v4"))),
};
const seenInside = await capture.stop(`not (${podPrefixes})`);

const balanced = await Promise.all(Array.from({ length: 16 }, () => client.curl(url(serviceOf("httpd", "v4")))));
const twin = await lab.capture();
const between = { remote4: await client.curl(url(remote.v4), quick), remote6: await client.curl(url(remote.v6), quick) };
const seenBetween = await twin.stop(NEIGHBOUR_DISCOVERY);

const outward = {
  outside4: await client.curl(url(OUTSIDE.host.v4)),
  outside6: await client.curl(url(OUTSIDE.host.v6)),
  dnsUdp: await client.dig("www.outside.example", "A", { server: east.plan.upstream.v4 }),
  dnsTcp: await client.dig("www.outside.example", "AAAA", { server: east.plan.upstream.v6, tcp: true }),
  dnsOwn: await east.pod("dns").dig("www.outside.example", "A"),
  dnsDenied: await client.dig("www.elsewhere.example", "A", { server: east.plan.upstream.v4 }),
};
const queries = east.upstream.queries();

const grown = await east.addPod({ name: "httpd-3", namespace: "test-sdn-tunnel", node: 1, program: "httpd" });
await east.setEndpoints("httpd", ["httpd-3"]);
const third = await east.addNode();
const leg = await lab.addLeg(third);
const changed = {
  onlyThird: await client.curl(url(serviceOf("httpd", "v4"))),
  newNode: await third.curl(url(grown.plan.addresses.v6)),
  leg: await third.curl(url(leg.plan.host.v4)),
};
await east.node(2).unplug();
const unplugged = await client.curl(url(other.v4), quick);
await east.node(2).plug();
const plugged = await client.curl(url(other.v4), { timeoutMs: 3000 });

const load = await client.load({ urls: [url(near.v4), url(near.v4, 81)], ratePerSecond: 20 });
await new Promise((resolve) => setTimeout(resolve, 300));
const records = await load.stop();

const wireguard = await node.startWireguard();
const device = await node.exec(["ip", "-d", "link", "show", "sdn-wg-a"]);
const resolv = await client.exec(["cat", "/etc/resolv.conf"]);
const routes = await lab.router.exec(["ip", "-json", "route"]);
const routes6 = await lab.router.exec(["ip", "-6", "-json", "route"]);
const wireguardPid = wireguard.pid;

await lab.down();
const again = await Lab.up();
const second = await again.cluster("west").pod("client").curl(url(remote.v6));
await again.down();

console.log(
  JSON.stringify({
    ...{ bed: lab.bed, upMs, inside, seenInside, between, seenBetween, outward, queries, changed, unplugged, plugged },
    ...{ balanced: balanced.map(({ json }) => json?.pod), records, device, resolv, wireguardPid, second },
    routes: [...JSON.parse(routes), ...JSON.parse(routes6)],
  }),
);
