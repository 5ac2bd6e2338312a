import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { describe, expect, it } from "vitest";
import { createDiscoveryMetrics } from "../metrics.ts";
import type { Client } from "./answering.ts";
import { Counts } from "./counts.ts";

const [udp4, tcp6]: [Client, Client] = [{ transport: "udp", family: 4 }, { transport: "tcp", family: 6 }];

describe("Counts", () => {
  it("hands its sums to the metrics, once", async () => {
    const register = createMetrics({ processMetrics: false });
    const metrics = createDiscoveryMetrics(register);
    const counts = new Counts();
    for (let i = 0; i < 3; i++) counts.answered(udp4, 1, 0, 60);
    counts.answered(tcp6, 28, 3, 100);
    counts.answered(udp4, 65_280, 0, 10);
    counts.answered(udp4, 0, 9, 12);
    counts.dropped(udp4, "no-query");
    counts.flush(metrics);
    counts.flush(metrics);
    const lines = (await register.text()).split("\n").filter((line) => /_(requests|bytes|dropped)_?(total)?\{/.test(line));
    expect(lines.filter((line) => !line.includes("forward")).toSorted()).toEqual([
      'sdn_discovery_dropped_total{proto="udp",reason="no-query"} 1',
      'sdn_discovery_requests_total{proto="tcp",family="ipv6",type="AAAA",rcode="NXDOMAIN"} 1',
      'sdn_discovery_requests_total{proto="udp",family="ipv4",type="A",rcode="NOERROR"} 3',
      'sdn_discovery_requests_total{proto="udp",family="ipv4",type="other",rcode="NOERROR"} 1',
      'sdn_discovery_requests_total{proto="udp",family="ipv4",type="other",rcode="other"} 1',
      'sdn_discovery_response_bytes_total{proto="tcp"} 100',
      'sdn_discovery_response_bytes_total{proto="udp"} 202',
    ]);
  });
});
