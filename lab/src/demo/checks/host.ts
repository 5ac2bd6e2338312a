import type { CurlOptions } from "../../requests/curl.ts";
import { answerOf } from "../ask.ts";
import { expect } from "../check.ts";
import type { Check } from "../check.ts";
import { versions } from "../stage.ts";
import type { Pair, Stage } from "../stage.ts";
import { withoutBalancing, withoutPacketRules, withoutRules } from "../without.ts";

/** Processes and endpoints on the hosts' own network. */
export function hostChecks([pair]: readonly Pair[]): Check<Stage>[] {
  if (!pair) return [];
  return [nodeToPod(pair), nodeToService(pair), boundToNodeIP(pair), hostNetworkBackend(pair)];
}

function nodeToPod({ name, to, node }: Pair): Check<Stage> {
  return {
    name: `${name}: from the node itself, a pod answers`,
    prove: async ({ patienceMs }) => {
      const saw = await Promise.all(versions.map(async (version) => {
        const { remoteAddress } = await answerOf(node, to.pod("httpd-1").plan.addresses[version], { timeoutMs: patienceMs });
        const own = node.plan.addresses[version];
        expect(remoteAddress === own, `the httpd saw ${remoteAddress}, not the node's mesh address ${own}`);
        return remoteAddress;
      }));
      return `it saw ${saw.join(" and ")}`;
    },
    twin: withoutRules(() => node, `the rule of ${node.name} into table 5555`),
  };
}

function nodeToService({ name, to, node }: Pair): Check<Stage> {
  return {
    name: `${name}: from the node itself, a Service answers`,
    prove: ({ patienceMs }) => askService(to, node, () => ({ timeoutMs: patienceMs })),
    twin: withoutBalancing(node),
  };
}

function boundToNodeIP({ name, to, node }: Pair): Check<Stage> {
  return {
    name: `${name}: bound to the node IP, a pod and a Service answer`,
    prove: async ({ patienceMs }) => {
      const bound = (version: "v4" | "v6") => ({ interface: node.plan.nodeIPs[version], timeoutMs: patienceMs });
      for (const version of versions) await answerOf(node, to.pod("httpd-1").plan.addresses[version], bound(version));
      return await askService(to, node, bound);
    },
    twin: withoutPacketRules(node),
  };
}

function hostNetworkBackend({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: a backend on the other cluster's host network answers`,
    prove: async ({ patienceMs }) => {
      const pods = await Promise.all(versions.map(async (version) => {
        const { pod } = await answerOf(client, to.serviceIP("httpd-host", version, "remote"), { timeoutMs: patienceMs });
        expect(pod === "httpd-host", `answered by ${pod}`);
        return pod;
      }));
      return `${pods[0]} answers in both families`;
    },
    twin: withoutBalancing(node),
  };
}

async function askService(to: Pair["to"], node: Pair["node"], options: (version: "v4" | "v6") => CurlOptions): Promise<string> {
  const addresses = await Promise.all(versions.map(async (version) => {
    const address = to.serviceIP("httpd", version, "remote");
    await answerOf(node, address, options(version));
    return address;
  }));
  return `${addresses.join(" and ")} answer`;
}
