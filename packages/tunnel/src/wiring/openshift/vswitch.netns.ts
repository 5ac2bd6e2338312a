import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { provideOpenVswitch } from "@sdn-tunnel/common/openvswitch/provide";
import { startOpenVswitch } from "@sdn-tunnel/common/openvswitch/start";
import type { RunningVswitch } from "@sdn-tunnel/common/openvswitch/start";
import type { SdnMode } from "./plan.ts";

/** Whose conntrack and whose packets these are: ovs-vswitchd's own, or the kernel's where the caller has one that can. */
export const datapath: "netdev" | "system" = process.env["SDN_OVS_DATAPATH"] === "system" ? "system" : "netdev";

/** By how much time bounds are stretched; 1 but on an emulated processor. */
export const slowdown = Number(process.env["SDN_SLOWDOWN"] ?? 1);

const fixtures = new URL("../../../../common/fixtures/openshift-sdn/", import.meta.url);

/**
 * The true flow table of a node, as OpenShift SDN (18a57d7) wrote it: two pods, in the projects 0x3e9 and 0x3ea. There
 * is none of subnet mode: multitenant's, with one network for all, and the one flow which that mode has of its own.
 */
export function trueFlows(mode: SdnMode): string {
  if (mode !== "subnet") return readFileSync(new URL(`flows-a1-${mode}.txt`, fixtures), "utf8");
  const flat = trueFlows("multitenant").replaceAll(/^table=80, priority=[12]00.*\n/gm, "").replaceAll(/load:0x3e[9a]/g, "load:0");
  return `${flat.replace("note:01.", "note:00.")}table=80, priority=200 actions=output:NXM_NX_REG2[]\n`;
}

/** The programs; to be called first where the machine's network is reachable. */
export const provideVswitch = () => provideOpenVswitch(fileURLToPath(new URL("../../../../../.cache", import.meta.url)));

/** Starts Open vSwitch in namespaces of the caller's own. */
export const startVswitch = async (): Promise<RunningVswitch> => startOpenVswitch(await provideVswitch());

/**
 * Makes br0 anew as the SDN does: ports 1 and 2, the pods' ports, then the flows with the note.
 *
 * @param pods whose devices va1p1 and va1p2 are: made by the bridge, or there already
 */
export function buildBridge(flows: string, pods: "internal" | "system" = "internal"): void {
  const ports = ["vxlan0", "tun0", "va1p1", "va1p2"].flatMap((name, i) => {
    const type = name === "vxlan0" ? ["type=vxlan", "options:remote_ip=flow", "options:key=flow"] : [`type=${name === "tun0" ? "internal" : pods}`];
    return ["--", "add-port", "br0", name, "--", "set", "interface", name, ...type, `ofport_request=${i + 1}`];
  });
  const bridge = ["--", "set", "bridge", "br0", `datapath_type=${datapath}`, "fail_mode=secure", "protocols=OpenFlow13"];
  execFileSync("ovs-vsctl", ["--if-exists", "del-br", "br0"]); // in a transaction of its own, or the bridge and its flows stay
  execFileSync("ovs-vsctl", ["add-br", "br0", ...bridge, ...ports]);
  fillBridge(flows);
}

/** Puts these flows, and no others, into br0. */
export function fillBridge(flows: string): void {
  execFileSync("ovs-ofctl", ["-O", "OpenFlow13", "--names", "replace-flows", "br0", "-"], { input: flows });
}

/** Every flow that is not ours, as text. */
export function foreignFlows(): string {
  const all = execFileSync("ovs-ofctl", ["-O", "OpenFlow13", "--no-names", "--no-stats", "dump-flows", "br0"], { encoding: "utf8" });
  return all.split("\n").filter((line) => !line.includes("cookie=0x5d7e0001")).toSorted().join("\n");
}
