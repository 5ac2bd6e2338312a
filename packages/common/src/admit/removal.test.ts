import { describe, expect, it } from "vitest";
import { aMeshCluster } from "../../testing/objects.ts";
import type { ClusterSpec } from "../../testing/objects.ts";
import { parseAddress } from "../net/address.ts";
import { REMOVAL_GRACE_MS, removalGate } from "./removal.ts";

const view = (name: string, synced: boolean, spec: ClusterSpec) => ({ name, local: name === "east", synced, config: aMeshCluster(name, spec) });
const east = (synced: boolean) => view("east", synced, { pods: ["10.1.0.0/16"] });
const west = (synced: boolean) => view("west", synced, { pods: ["10.2.0.0/16", "fd00:2::/48"], services: ["10.96.0.0/16=10.97.0.0/16"] });

const early = REMOVAL_GRACE_MS - 1;
const late = REMOVAL_GRACE_MS;

const cases = [
  { name: "everything once all are synced", clusters: [east(true), west(true)], ms: 0, address: "10.2.0.1", may: true },
  { name: "nothing while a source is silent", clusters: [east(true), west(false)], ms: early, address: "192.0.2.1", may: false },
  { name: "what no cluster claims any more, after the grace", clusters: [east(true), west(false)], ms: late, address: "192.0.2.1", may: true },
  { name: "nothing of a silent cluster's pods, after the grace", clusters: [east(true), west(false)], ms: late, address: "10.2.0.1", may: false },
  { name: "nothing of its IPv6 pods either", clusters: [east(true), west(false)], ms: late, address: "fd00:2::1", may: false },
  { name: "nothing of its Services where we reach them", clusters: [east(true), west(false)], ms: late, address: "10.97.0.1", may: false },
  { name: "what lies where only its owner reaches it", clusters: [east(true), west(false)], ms: late, address: "10.96.0.1", may: true },
  { name: "nothing before the local cluster is read, however late", clusters: [east(false), west(true)], ms: late, address: "192.0.2.1", may: false },
  { name: "nothing while the local cluster is not known", clusters: [west(true)], ms: late, address: "192.0.2.1", may: false },
  { name: "nothing while no cluster is known", clusters: [], ms: late, address: "192.0.2.1", may: false },
];

describe("removalGate() lets go", () => {
  for (const { name, clusters, ms, address, may } of cases)
    it(name, () => expect(removalGate(clusters, ms)(parseAddress(address))).toBe(may));
});
