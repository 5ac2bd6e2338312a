import { join } from "node:path";
import { routingContract } from "@sdn-tunnel/common/kernel/contract";
import { REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";
import { dataPlaneNames } from "@sdn-tunnel/proxy/bed/suite.netns";
import { ipvsContract } from "@sdn-tunnel/proxy/ipvs/contract";
import { deviceContract } from "@sdn-tunnel/tunnel/peers/contract";
import { bridgeContract } from "@sdn-tunnel/tunnel/wiring/openshift/contract";
import { readRestarts } from "../restart/judge.ts";
import { readCases, readDemo } from "./read.ts";
import type { Suite } from "./suite.ts";

const names = (contract: readonly { readonly name: string }[]): string[] => contract.map(({ name }) => name);

/** Cases that need a kernel with WireGuard, IPVS and Open vSwitch, which a stock kernel is. */
function kernelCases(name: string, path: string, limitS: number, promised: readonly string[] = []): Suite {
  return { name, place: "namespace", file: join(REPOSITORY, path), engines: ["vm"], limitS, read: readCases, promised };
}

/** Every end-to-end suite, the quick ones first. */
export const suites: readonly Suite[] = [
  kernelCases("routing", "packages/common/src/kernel/rtnetlink.netns.ts", 60, names(routingContract)),
  kernelCases("device", "packages/tunnel/src/peers/genl.netns.ts", 60, names(deviceContract)),
  kernelCases("tunneld", "e2e/src/stock-kernel/tunneld-cases.ts", 60),
  kernelCases("tables", "packages/proxy/src/ipvs/tables.netns.ts", 60, ["netlink", "ipvsadm"].flatMap((door) => names(ipvsContract).map((name) => `by ${door}: ${name}`))),
  kernelCases("dataplane", "packages/proxy/src/bed/dataplane-ipvs.netns.ts", 120, dataPlaneNames.map((name) => `ipvs: ${name}`)),
  kernelCases("flows", "packages/tunnel/src/wiring/openshift/ofctl.netns.ts", 60, names(bridgeContract)),
  kernelCases("restore", "packages/tunnel/src/wiring/openshift/restore.netns.ts", 60),
  kernelCases("policies", "packages/tunnel/src/bed/policies.netns.ts", 60),
  kernelCases("bridge", "packages/tunnel/src/bed/openshift.netns.ts", 60),
  kernelCases("connections", "packages/tunnel/src/bed/openshift-kernel.netns.ts", 60),
  kernelCases("proxyd", "e2e/src/stock-kernel/proxyd-cases.ts", 60),
  {
    name: "demo",
    place: "bed",
    file: join(REPOSITORY, "lab/src/demo/play.ts"),
    engines: ["host", "vm"],
    args: ({ engine, sdn }) => ["--json", "--engine", engine, "--sdn", sdn],
    limitS: 240,
    read: readDemo,
    promised: [],
  },
  {
    name: "restart",
    place: "bed",
    file: join(REPOSITORY, "e2e/src/restart/scenario.ts"),
    engines: ["host", "vm"],
    args: ({ sdn }) => [sdn],
    limitS: 240,
    read: readRestarts,
    promised: [],
  },
];
