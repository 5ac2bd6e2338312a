import assert from "node:assert/strict";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import type { Conntrack, Flow } from "./conntrack.ts";
import { staleFlows } from "./plan.ts";

/** What the suite runs on: flows that somebody else starts. */
export interface ConntrackSubject {
  readonly conntrack: Conntrack;
  /** Makes the kernel track a UDP flow to `server` that is translated to `target`. */
  start(server: string, target: string): Promise<void>;
  /** Lets somebody else remove all flows. */
  flush(): Promise<void>;
}

export interface ConntrackCase {
  readonly name: string;
  readonly run: (subject: ConntrackSubject) => Promise<void>;
}

const started = [
  ["udp/172.31.0.7:53", "10.20.0.1:5353"],
  ["udp/172.31.0.7:53", "10.20.0.2:5353"],
  ["udp/172.31.0.8:53", "10.20.0.1:5353"],
  ["udp/[fd00:31::7]:53", "[fd00:20::1]:5353"],
] as const;

const show = (flows: readonly Flow[]): string[] => flows.map(({ server, target }) => `${server} ${target}`).toSorted();
const startAll = async (subject: ConntrackSubject): Promise<void> => {
  for (const [server, target] of started) await subject.start(server, target);
};

/** Every adapter of `Conntrack` behaves like this. */
export const conntrackContract: readonly ConntrackCase[] = [
  {
    name: "lists UDP flows of both families with where they were sent and where they go",
    async run(subject) {
      assert.deepEqual(await subject.conntrack.listUdp(), []);
      await startAll(subject);
      assert.deepEqual(show(await subject.conntrack.listUdp()), started.map((flow) => flow.join(" ")).toSorted());
    },
  },
  {
    name: "forgets exactly the flows that it is told",
    async run(subject) {
      await startAll(subject);
      const touched = new Map([
        ["udp/172.31.0.7:53" as ServerKey, new Set(["10.20.0.2:5353" as TargetKey])],
        ["udp/[fd00:31::7]:53" as ServerKey, new Set<TargetKey>()],
      ]);
      await subject.conntrack.forget(staleFlows(await subject.conntrack.listUdp(), touched));
      const want = [started[1], started[2]].map((flow) => flow.join(" "));
      assert.deepEqual(show(await subject.conntrack.listUdp()), want.toSorted());
    },
  },
  {
    name: "does not mind when a flow is gone already",
    async run(subject) {
      await startAll(subject);
      const flows = await subject.conntrack.listUdp();
      await subject.flush();
      await subject.conntrack.forget(flows);
      assert.deepEqual(await subject.conntrack.listUdp(), []);
    },
  },
];
