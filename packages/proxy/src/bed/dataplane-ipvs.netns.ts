import assert from "node:assert/strict";
import { removeAll } from "../remove.ts";
import { balanced, count, ipvsServices, snapshot, tcp } from "./ask.netns.ts";
import type { DataPlaneCases } from "./ask.netns.ts";
import { run } from "./bed.netns.ts";
import { serviceAt, Subject } from "./subject.netns.ts";
import { dataPlane } from "./suite.netns.ts";

// Runs as root in a network namespace of its own, on a kernel that has IPVS.
const both = ["p1 10.10.0.2", "p2 10.10.0.2"];

const switching: DataPlaneCases = {
  async "leaves nothing of itself when nftables takes over at a restart, nor the other way round"(bed, proxy) {
    await removeAll(proxy.backends, proxy.routing);
    const before = snapshot();
    await proxy.pass();
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    balanced(await count(bed.client, 20, tcp(7, 4)), both);
    using next = new Subject("nftables");
    await next.publish({ s7: serviceAt(7, [1, 2]) });
    await next.pass();
    assert.equal(ipvsServices(), "");
    assert.equal(run("ip route show table local proto 215"), "");
    assert.doesNotMatch(run("nft list tables"), /arp/);
    balanced(await count(bed.client, 40, tcp(7, 4)), both);
    using last = new Subject("ipvs");
    await last.publish({ s7: serviceAt(7, [1, 2]) });
    await last.pass();
    assert.equal(run("ip route show table main proto 215"), "");
    balanced(await count(bed.client, 20, tcp(7, 4)), both);
    await removeAll(last.backends, last.routing);
    assert.equal(snapshot(), before);
  },
};

export const cases = await dataPlane("ipvs", switching);
