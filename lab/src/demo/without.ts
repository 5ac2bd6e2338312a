import type { Machine } from "../handles/machine.ts";
import type { LabNode } from "../handles/node.ts";
import type { DaemonName } from "../mesh/mesh.ts";
import type { Twin } from "./check.ts";
import type { Stage } from "./stage.ts";

// The twins' tools. A daemon would put back at once what is taken from it, so it is stopped meanwhile (SIGSTOP), and
// what was taken is given back as it was.

/** Takes away what sdn-tunneld does to packets: exemption, translation of host traffic, guard. */
export function withoutPacketRules(node: LabNode, what = ""): Twin<Stage> {
  return {
    takes: `table inet sdn_tunnel of ${node.name}${what}`,
    take: async () => {
      const resume = freeze(node, "tunneld");
      const giveBack = await takeTable(node, "sdn_tunnel");
      return async () => {
        await giveBack();
        resume();
      };
    },
  };
}

/** Takes away what sdn-proxyd balances by: its virtual services in IPVS, or its nftables table where it uses none. */
export function withoutBalancing(node: LabNode): Twin<Stage> {
  return {
    takes: `the virtual services of ${node.name}`,
    take: async () => {
      const resume = freeze(node, "proxyd");
      const { code, stdout } = await node.tryExec(["cat", "/proc/net/ip_vs"]);
      const ipvs = code === 0 && /^(TCP|UDP)/m.test(stdout);
      const giveBack = ipvs ? await takeVirtualServices(node) : await takeTable(node, "sdn_proxy");
      return async () => {
        await giveBack();
        resume();
      };
    },
  };
}

async function takeTable(node: LabNode, table: string): Promise<() => Promise<void>> {
  const rules = await node.exec(["nft", "list", "table", "inet", table]);
  await node.exec(["nft", "delete", "table", "inet", table]);
  return () => node.applyNft(rules);
}

async function takeVirtualServices(node: LabNode): Promise<() => Promise<void>> {
  const services = await node.exec(["ipvsadm", "--save", "--numeric"]);
  await node.exec(["ipvsadm", "--clear"]);
  return async () => void (await node.exec(["ipvsadm", "--restore"], { input: services }));
}

/** Takes the rules away that lead into the tunnel's routing table, both families. */
export function withoutRules(node: (stage: Stage) => LabNode, takes: string): Twin<Stage> {
  return {
    takes,
    take: async (stage) => {
      const at = node(stage);
      const resume = freeze(at, "tunneld");
      const rule = (verb: string, family: string) => at.exec(["ip", family, "rule", verb, "pref", "600", "lookup", "5555", "protocol", "215"]);
      await Promise.all([rule("del", "-4"), rule("del", "-6")]);
      return async () => {
        await Promise.all([rule("add", "-4"), rule("add", "-6")]);
        resume();
      };
    },
  };
}

/**
 * Stops a daemon where it stands: its rules stay, but it sees and does nothing more. `settled` waits first
 * until it has done what the check before left to do.
 */
export function withoutDaemon(
  machine: (stage: Stage) => Machine,
  daemon: DaemonName,
  takes: string,
  settled: (stage: Stage) => Promise<unknown> = async () => {},
): Twin<Stage> {
  return {
    takes,
    take: async (stage) => {
      await settled(stage);
      const resume = freeze(machine(stage), daemon);
      return async () => resume();
    },
  };
}

/** Stops the DNS server of a cluster where it stands; what it is asked meanwhile it answers afterwards, to nobody. */
export function withoutDiscovery(cluster: string): Twin<Stage> {
  return withoutDaemon(({ lab }) => lab.cluster(cluster).pod("dns"), "discoveryd", `sdn-discoveryd of ${cluster}`);
}

function freeze(machine: Machine, name: DaemonName): () => void {
  const pid = machine.daemon(name)?.pid;
  if (pid === undefined) throw new Error(`${name} of ${machine.name} is not running`);
  process.kill(pid, "SIGSTOP");
  return () => void process.kill(pid, "SIGCONT");
}

