import { TEST_NAMESPACE } from "../../topology/shape.ts";
import { answerOf, podsBehind, showCounts, untilServedBy, within } from "../ask.ts";
import { expect } from "../check.ts";
import type { Check } from "../check.ts";
import { versions } from "../stage.ts";
import type { Pair, Stage } from "../stage.ts";
import { withoutDaemon } from "../without.ts";

/** Milliseconds until a change of endpoints must show. */
const ENDPOINT_MS = 2000;

/** Milliseconds until a new node must be reached, from the start of its daemons. */
const NODE_MS = 5000;

/** Pods and nodes come and go. */
export function changeChecks([pair]: readonly Pair[]): Check<Stage>[] {
  return pair ? [podAdded(pair), podRemoved(pair), nodeAdded(pair)] : [];
}

function podAdded({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: a pod that was added is used within 2 s`,
    prove: async ({ patienceMs, limit }) => {
      await to.addPod({ name: "httpd-new", namespace: TEST_NAMESPACE, node: 1, program: "httpd" });
      try {
        await to.addEndpoint("httpd", "httpd-new");
        const { ms } = await within(limit(ENDPOINT_MS), "the new pod was used", async () => {
          const counts = await podsBehind(client, to.serviceIP("httpd", "v4", "remote"), 6, { timeoutMs: patienceMs });
          return counts.get("httpd-new");
        });
        return `first request after ${ms} ms`;
      } finally {
        await to.removeEndpoint("httpd", "httpd-new");
        await to.removePod("httpd-new");
      }
    },
    twin: withoutDaemon(() => node, "proxyd", `sdn-proxyd of ${node.name}`, (stage) => untilServedBy(["httpd-1", "httpd-2"], client, to, stage)),
  };
}

function podRemoved({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: a pod that was removed gets no new connection after 2 s at most`,
    prove: async ({ patienceMs, limit }) => {
      await to.removeEndpoint("httpd", "httpd-2");
      try {
        const { value, ms } = await within(limit(ENDPOINT_MS), "the pod got no new connection", async () => {
          const counts = await podsBehind(client, to.serviceIP("httpd", "v6", "remote"), 24, { timeoutMs: patienceMs });
          expect(!counts.has("httpd-2"), `24 requests: ${showCounts(counts)}`);
          return counts;
        });
        return `24 requests, the last after ${ms} ms: ${showCounts(value)}`;
      } finally {
        await to.addEndpoint("httpd", "httpd-2");
      }
    },
    twin: withoutDaemon(() => node, "proxyd", `sdn-proxyd of ${node.name}`, (stage) => untilServedBy(["httpd-1", "httpd-2"], client, to, stage)),
  };
}

function nodeAdded({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: a node that was added is reached within 5 s of the start of its daemons`,
    prove: async ({ mesh, limit, patienceMs }) => {
      const added = await to.addNode();
      const number = Number(added.name.split("-").at(-1));
      const pod = await to.addPod({ name: "httpd-3", namespace: TEST_NAMESPACE, node: number, program: "httpd" });
      try {
        const ready = mesh.startNode(to, added);
        const reached = within(limit(NODE_MS), `a pod on ${added.name} answered`, async () => {
          for (const version of versions) await answerOf(client, pod.plan.addresses[version], { timeoutMs: patienceMs / 4 });
          return true;
        });
        const [{ ms }] = await Promise.all([reached, ready]);
        return `a pod on ${added.name} is reached after ${ms} ms`;
      } finally {
        await to.removeNode(number);
      }
    },
    twin: withoutDaemon(() => node, "tunneld", `sdn-tunneld of ${node.name}`, (stage) => usualNodes(node, to, stage)),
  };
}

/** Waits until the node has routes to the other cluster's present nodes, and no other. */
async function usualNodes(node: Pair["node"], to: Pair["to"], { limit }: Stage): Promise<void> {
  const wanted = to.nodes.map(({ plan }) => plan.subnets.v4).toSorted().join();
  await within(2 * limit(NODE_MS), "the node that is gone was forgotten", async () => {
    const routes = JSON.parse(await node.exec(["ip", "-json", "route", "show", "table", "5555"])) as { dst: string }[];
    return routes.map(({ dst }) => dst).toSorted().join() === wanted || undefined;
  });
}
