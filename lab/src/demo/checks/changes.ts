import { setTimeout as sleep } from "node:timers/promises";
import { TEST_NAMESPACE } from "../../topology/shape.ts";
import { answerOf, podsBehind, showCounts, within } from "../ask.ts";
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
    prove: async () => {
      await to.addPod({ name: "httpd-new", namespace: TEST_NAMESPACE, node: 1, program: "httpd" });
      try {
        await to.addEndpoint("httpd", "httpd-new");
        const { ms } = await within(ENDPOINT_MS, "the new pod was used", async () => {
          const counts = await podsBehind(client, to.serviceIP("httpd", "v4", "remote"), 6);
          return counts.get("httpd-new");
        });
        return `first request after ${ms} ms`;
      } finally {
        await to.removeEndpoint("httpd", "httpd-new");
        await to.removePod("httpd-new");
      }
    },
    twin: withoutDaemon(() => node, "proxyd", `sdn-proxyd of ${node.name}`),
  };
}

function podRemoved({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: a pod that was removed gets no new connection after 2 s`,
    prove: async () => {
      await to.removeEndpoint("httpd", "httpd-2");
      try {
        await sleep(ENDPOINT_MS);
        const counts = await podsBehind(client, to.serviceIP("httpd", "v6", "remote"), 24);
        expect(!counts.has("httpd-2"), `24 requests: ${showCounts(counts)}`);
        return `24 requests: ${showCounts(counts)}`;
      } finally {
        await to.addEndpoint("httpd", "httpd-2");
      }
    },
    twin: withoutDaemon(() => node, "proxyd", `sdn-proxyd of ${node.name}`),
  };
}

function nodeAdded({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: a node that was added is reached within 5 s of the start of its daemons`,
    prove: async ({ mesh }) => {
      const added = await to.addNode();
      const number = Number(added.name.split("-").at(-1));
      const pod = await to.addPod({ name: "httpd-3", namespace: TEST_NAMESPACE, node: number, program: "httpd" });
      try {
        const started = performance.now();
        await mesh.startNode(to, added);
        const { ms } = await within(NODE_MS - (performance.now() - started), "a pod on the new node answered", async () => {
          for (const version of versions) await answerOf(client, pod.plan.addresses[version], { timeoutMs: 500 });
          return true;
        });
        return `${added.name} ready and reached after ${Math.round(performance.now() - started)} ms, ${ms} ms of it after its daemons were ready`;
      } finally {
        await to.removeNode(number);
      }
    },
    twin: withoutDaemon(() => node, "tunneld", `sdn-tunneld of ${node.name}`),
  };
}
