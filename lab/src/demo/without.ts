import type { LabNode } from "../handles/node.ts";
import type { DaemonName, Mesh } from "../mesh/mesh.ts";
import type { Twin } from "./check.ts";
import type { Stage } from "./stage.ts";

/**
 * The twins' tools. A daemon would put back at once what is taken from it, so it is stopped meanwhile (SIGSTOP), and
 * what was taken is given back as it was.
 */
/** Takes an nftables table of a node away. */
export function withoutTable(node: (stage: Stage) => LabNode, daemon: "tunneld" | "proxyd", takes: string): Twin<Stage> {
  const table = daemon === "tunneld" ? "sdn_tunnel" : "sdn_proxy";
  return {
    takes,
    take: async (stage) => {
      const at = node(stage);
      const resume = freeze(at, daemon);
      const rules = await at.exec(["nft", "list", "table", "inet", table]);
      await at.exec(["nft", "delete", "table", "inet", table]);
      return async () => {
        await at.applyNft(rules);
        resume();
      };
    },
  };
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
 * Stops a daemon of a node where it stands: its rules stay, but it sees and does nothing more. `settled` waits first
 * until it has done what the check before left to do.
 */
export function withoutDaemon(
  node: (stage: Stage) => LabNode,
  daemon: DaemonName,
  takes: string,
  settled: (stage: Stage) => Promise<unknown> = async () => {},
): Twin<Stage> {
  return {
    takes,
    take: async (stage) => {
      await settled(stage);
      const resume = freeze(node(stage), daemon);
      return async () => resume();
    },
  };
}

/** Ends the DNS server of a cluster, and starts it again. */
export function withoutDiscovery(cluster: string): Twin<Stage> {
  return {
    takes: `sdn-discoveryd of ${cluster}`,
    take: async ({ lab, mesh }) => {
      await lab.cluster(cluster).pod("dns").daemon("discoveryd")?.kill();
      return (): ReturnType<Mesh["startDiscovery"]> => mesh.startDiscovery(lab.cluster(cluster));
    },
  };
}

function freeze(node: LabNode, name: DaemonName): () => void {
  const pid = node.daemon(name)?.pid;
  if (pid === undefined) throw new Error(`${name} of ${node.name} is not running`);
  process.kill(pid, "SIGSTOP");
  return () => void process.kill(pid, "SIGCONT");
}

