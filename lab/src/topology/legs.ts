import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { NodePlan } from "./addresses.ts";
import { connect, onLink } from "./connect.ts";
import type { Dual } from "./dual.ts";
import { HOST_SYSCTLS } from "./layout.ts";
import type { Layout } from "./layout.ts";

/** A second network of a node, with a host in it: TEST-NET-2 (RFC 5737). */
export interface LegPlan {
  /** The machine of the host in that network. */
  readonly machine: string;
  /** The node's device. */
  readonly device: string;
  readonly network: Dual<Prefix>;
  readonly node: Dual<Address>;
  readonly host: Dual<Address>;
}

export function planLeg(node: NodePlan): LegPlan {
  const pair = (v4: string, v6: string): Dual<Address> => ({ v4: parseAddress(v4), v6: parseAddress(v6) });
  return {
    machine: `${node.name}/leg`,
    device: "eth1",
    network: { v4: parsePrefix("198.51.100.0/24"), v6: parsePrefix("2001:db8:100::/64") },
    node: pair("198.51.100.1", "2001:db8:100::1"),
    host: pair("198.51.100.10", "2001:db8:100::10"),
  };
}

export function layoutLeg(node: NodePlan, leg: LegPlan): Layout {
  return {
    machines: [{ name: leg.machine, sysctls: HOST_SYSCTLS, resolv: { nameservers: [] } }],
    cables: [{ ends: [{ machine: node.name, device: leg.device }, { machine: leg.machine, device: "eth0" }] }],
    setups: [
      { machine: node.name, ip: connect(leg.device, onLink(leg.node, leg.network)) },
      { machine: leg.machine, ip: connect("eth0", onLink(leg.host, leg.network), leg.node) },
    ],
  };
}
