import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { serviceOf } from "../bed/fixtures.ts";
import { planServers } from "./plan.ts";
import { schedulerConditions } from "./scheduler-conditions.ts";
import { SCHEDULERS } from "./scheduler.ts";

const asking = (scheduler?: string) => serviceOf({ annotations: scheduler === undefined ? {} : { "sdn-tunnel.io/scheduler": scheduler } });
const [ipvs, nftables] = [{ name: "ipvs", schedulers: true }, { name: "nftables", schedulers: false }] as const;
const planned = (scheduler: string | undefined, backend: { schedulers: boolean }) => [...planServers(asking(scheduler), () => false, backend).values()].map((server) => server.scheduler);
const told = (scheduler: string | undefined, backend: typeof ipvs | typeof nftables) => schedulerConditions([asking(scheduler)], backend).map(({ type }) => type);

describe("the annotation for a scheduler", () => {
  for (const scheduler of SCHEDULERS)
    it(`${scheduler} is followed by IPVS, and nftables says when it cannot`, () => {
      const plain = scheduler === "rr";
      assert.deepEqual([planned(scheduler, ipvs), told(scheduler, ipvs)], [[plain ? undefined : scheduler], []]);
      assert.deepEqual([planned(scheduler, nftables), told(scheduler, nftables)], [[undefined], plain ? [] : ["SchedulerIgnored"]]);
    });

  it("is refused when it names none, and rr is used", () => {
    for (const backend of [ipvs, nftables]) assert.deepEqual([planned("fastest", backend), told("fastest", backend)], [[undefined], ["UnknownScheduler"]]);
    const [condition] = schedulerConditions([asking("fastest")], ipvs);
    assert.equal(condition?.object, "Service west/ns/svc");
    assert.equal(condition?.message, 'annotation sdn-tunnel.io/scheduler is "fastest"; accepted are rr, wrr, lc, wlc, sh, mh, dh. It is balanced by rr');
  });

  it("is nothing to tell of when it is absent", () => {
    assert.deepEqual([told(undefined, ipvs), told(undefined, nftables)], [[], []]);
  });
});
