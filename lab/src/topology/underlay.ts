import { OUTSIDE } from "./addresses.ts";
import type { ClusterPlan } from "./addresses.ts";
import { connect, onLink } from "./connect.ts";
import { HOST_SYSCTLS, PROMPT_REFUSALS, routerSysctls } from "./layout.ts";
import type { Layout } from "./layout.ts";

/** The machine that holds the bridge of every node network; it has no address. */
export const FABRIC = "fabric";
/** The machine that joins the node networks; its devices bear the clusters' names. */
export const ROUTER = "router";
/** A host of the outside world behind the router. */
export const OUTSIDE_HOST = "outside";

/** The machine of a cluster's upstream DNS server. */
export const upstreamOf = (cluster: Pick<ClusterPlan, "name">): string => `${cluster.name}/upstream`;

/** What is there once: bridges, router, and a host outside. The router knows the node networks and nothing else. */
export function layoutUnderlay(): Layout {
  const noServers = { nameservers: [] };
  return {
    machines: [
      { name: FABRIC, sysctls: [], resolv: noServers },
      { name: ROUTER, sysctls: [...routerSysctls(0), ...PROMPT_REFUSALS], resolv: noServers },
      { name: OUTSIDE_HOST, sysctls: HOST_SYSCTLS, resolv: noServers },
    ],
    cables: [{ ends: [{ machine: ROUTER, device: "outside" }, { machine: OUTSIDE_HOST, device: "eth0" }] }],
    setups: [
      { machine: ROUTER, ip: connect("outside", onLink(OUTSIDE.router, OUTSIDE.network)) },
      { machine: OUTSIDE_HOST, ip: connect("eth0", onLink(OUTSIDE.host, OUTSIDE.network), OUTSIDE.router) },
    ],
  };
}

/** A cluster's node network: its bridge, the router's leg in it, and the upstream DNS server. */
export function layoutNodeNetwork(cluster: ClusterPlan): Layout {
  const { name } = cluster;
  const ports = [`${name}-gw`, `${name}-dns`] as const;
  const server = upstreamOf(cluster);
  return {
    machines: [{ name: server, sysctls: HOST_SYSCTLS, resolv: { nameservers: ["127.0.0.1"] } }],
    cables: [
      { ends: [{ machine: FABRIC, device: ports[0] }, { machine: ROUTER, device: name }] },
      { ends: [{ machine: FABRIC, device: ports[1] }, { machine: server, device: "eth0" }] },
    ],
    setups: [
      {
        machine: FABRIC,
        ip: [
          `link add br-${name} type bridge mcast_snooping 0`,
          `link set br-${name} up`,
          ...ports.flatMap((port) => [`link set ${port} master br-${name}`, `link set ${port} up`]),
        ],
      },
      { machine: ROUTER, ip: connect(name, onLink(cluster.router, cluster.nodeNetwork)) },
      { machine: server, ip: connect("eth0", onLink(cluster.upstream, cluster.nodeNetwork), cluster.router) },
    ],
  };
}
