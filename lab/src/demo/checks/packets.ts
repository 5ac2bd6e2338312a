import { ports } from "@sdn-tunnel/common/daemon/ports";
import { NEIGHBOUR_DISCOVERY } from "../../captures/capture.ts";
import { answerOf, podsBehind, showCounts, untilServedBy } from "../ask.ts";
import { expect } from "../check.ts";
import type { Check } from "../check.ts";
import { versions } from "../stage.ts";
import type { Pair, Stage } from "../stage.ts";
import { withoutPacketRules } from "../without.ts";

/** What the other end sees of a client, and what a stranger on the way sees. */
export function packetChecks(pairs: readonly Pair[]): Check<Stage>[] {
  return [...pairs.flatMap((pair) => [sourceKept(pair), bothPods(pair)]), onlyWireguard()];
}

function sourceKept({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: the httpd sees the client's own pod address`,
    prove: async ({ patienceMs }) => {
      const seen = await Promise.all(versions.flatMap((version) => {
        const own = client.plan.addresses[version];
        const hosts = [to.pod("httpd-1").plan.addresses[version], to.serviceIP("httpd", version, "remote")];
        return hosts.map(async (host) => {
          const { remoteAddress } = await answerOf(client, host, { timeoutMs: patienceMs });
          expect(remoteAddress === own, `asked at ${host}, the httpd saw ${remoteAddress} instead of ${own}`);
          return remoteAddress;
        });
      }));
      return `it saw ${[...new Set(seen)].join(" and ")}`;
    },
    twin: withoutPacketRules(node, ", the exemption from masquerade"),
  };
}

function bothPods({ name, to, client }: Pair): Check<Stage> {
  return {
    name: `${name}: repeated requests reach both pods`,
    prove: async ({ patienceMs }) => {
      const counts = await podsBehind(client, to.serviceIP("httpd", "v4", "remote"), 24, { timeoutMs: patienceMs });
      expect(counts.size === 2, `24 requests reached ${showCounts(counts)}`);
      return `24 requests: ${showCounts(counts)}`;
    },
    twin: {
      takes: "the second pod from the EndpointSlice",
      take: async (stage) => {
        await to.removeEndpoint("httpd", "httpd-2");
        await untilServedBy(["httpd-1"], client, to, stage);
        return async () => {
          await to.addEndpoint("httpd", "httpd-2");
          await untilServedBy(["httpd-1", "httpd-2"], client, to, stage);
        };
      },
    },
  };
}

const ALLOWED = `udp port ${ports.wireguardA} or ${NEIGHBOUR_DISCOVERY}`;

function onlyWireguard(): Check<Stage> {
  let plain: ((stage: Stage) => Promise<unknown>) | undefined;
  return {
    name: "between the clusters goes nothing but WireGuard's UDP, ARP and neighbour discovery",
    prove: async (stage) => {
      const options = { timeoutMs: stage.patienceMs };
      const capture = await stage.lab.capture();
      await Promise.all(stage.pairs.flatMap(({ to, client }) => [
        ...versions.map((version) => answerOf(client, to.pod("httpd-1").plan.addresses[version], options)),
        answerOf(client, `httpd.test-sdn-tunnel.svc.cluster.${to.name}`, options),
      ]));
      await plain?.(stage);
      const seen = await capture.stop(ALLOWED);
      for (const { device, total, violators, dropped } of seen) {
        expect(dropped === 0, `${device}: the capture missed ${dropped} packets`);
        expect(total > 0, `${device}: no packet was seen`);
        expect(violators.length === 0, `${device}: ${violators.length} of ${total} packets are in the clear: ${violators[0]}`);
      }
      return seen.map(({ device, total }) => `${total} packets on the leg to ${device}`).join(", ");
    },
    twin: {
      takes: "the tunnel from one request, between two nodes over the underlay",
      take: async () => {
        plain = ({ pairs: [pair], patienceMs }) => answerOf(pair!.node, pair!.to.node(2).plan.nodeIPs.v4, { timeoutMs: patienceMs });
        return async () => void (plain = undefined);
      },
    },
  };
}
