import { answerOf, within } from "../ask.ts";
import type { Check } from "../check.ts";
import { urlOf, versions } from "../stage.ts";
import type { Pair, Stage } from "../stage.ts";
import { withoutDaemon } from "../without.ts";

/** Milliseconds until a dead cluster must refuse connections. */
const DEAD_MS = 8000;

/** Milliseconds until its names must not resolve any more: `deadAfter` (5 s), and the silence must be noticed. */
const NAMES_MS = 12_000;

/** Milliseconds until a cluster that is back must answer. */
const BACK_MS = 10_000;

/** A whole cluster dies and comes back. */
export function deathChecks([pair]: readonly Pair[]): Check<Stage>[] {
  return pair ? [deadAndBack(pair)] : [];
}

function deadAndBack({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}: with every node of ${to.name} dead, connections are refused within 8 s, and answered again once it is back`,
    prove: async (stage) => {
      const { limit } = stage;
      await Promise.all(to.nodes.map((dead) => dead.unplug()));
      try {
        const refused = await within(limit(DEAD_MS), "connections were refused", async () => {
          for (const version of versions) {
            const { error } = await client.curl(urlOf(to.serviceIP("httpd", version, "remote")), { timeoutMs: limit(500) });
            if (error !== "refused") return undefined;
          }
          return true;
        });
        const named = await within(limit(NAMES_MS) - refused.ms, "its names were refused", async () => {
          const { status } = await client.dig(`httpd.test-sdn-tunnel.svc.cluster.${to.name}`, "A");
          return status === "SERVFAIL" ? status : undefined;
        });
        await Promise.all(to.nodes.map((dead) => dead.plug()));
        const back = await backAgain(client, to, stage);
        return `refused after ${refused.ms} ms, ${named.value} after ${refused.ms + named.ms} ms, back after ${back} ms`;
      } finally {
        await Promise.all(to.nodes.map((dead) => dead.plug()));
        await backAgain(client, to, stage);
      }
    },
    twin: withoutDaemon(() => node, "tunneld", `sdn-tunneld of ${node.name}, which tells that nodes are dead`),
  };
}

async function backAgain(client: Pair["client"], to: Pair["to"], { limit }: Stage): Promise<number> {
  const { ms } = await within(limit(BACK_MS), `${to.name} answered again`, async () => {
    for (const version of versions) await answerOf(client, to.serviceIP("httpd", version, "remote"), { timeoutMs: limit(500) });
    await answerOf(client, `httpd.test-sdn-tunnel.svc.cluster.${to.name}`, { timeoutMs: limit(1000) });
    return true;
  });
  return ms;
}

