import type { IpVersion } from "../../services/shape.ts";
import { answerOf } from "../ask.ts";
import { expect } from "../check.ts";
import type { Check } from "../check.ts";
import { versions } from "../stage.ts";
import type { Pair, Stage } from "../stage.ts";
import { withoutBalancing, withoutDiscovery, withoutRules } from "../without.ts";

const DOMAIN = "test-sdn-tunnel.svc.cluster";

/** The main job, in both directions and both families: pod address, Service address, name. */
export function reachChecks(pairs: readonly Pair[]): Check<Stage>[] {
  return pairs.flatMap((pair) => [
    ...versions.flatMap((version) => [podIP(pair, version), clusterIP(pair, version), localClusterIP(pair, version)]),
    ipv6OnlyService(pair),
    name(pair),
    shortName(pair),
    outsideName(pair),
  ]);
}

function podIP({ name, to, client, node }: Pair, version: IpVersion): Check<Stage> {
  return {
    name: `${name}, ${version}: a pod answers at its own address`,
    prove: async ({ patienceMs }) => {
      const address = to.pod("httpd-2").plan.addresses[version];
      const { pod, ms } = await answerOf(client, address, { timeoutMs: patienceMs });
      expect(pod === "httpd-2", `${address} is answered by ${pod}`);
      return `${address} answers in ${ms} ms`;
    },
    twin: withoutRules(() => node, `the rule of ${node.name} into table 5555`),
  };
}

function clusterIP({ name, to, client, node }: Pair, version: IpVersion): Check<Stage> {
  return {
    name: `${name}, ${version}: a Service answers at its mapped address`,
    prove: async ({ patienceMs }) => {
      const address = to.serviceIP("httpd", version, "remote");
      const answer = await answerOf(client, address, { timeoutMs: patienceMs });
      expectCluster(to, answer.pod, answer.localAddress, version);
      return `${address} answers from ${answer.localAddress} in ${answer.ms} ms`;
    },
    twin: withoutBalancing(node),
  };
}

function localClusterIP({ name, from, client }: Pair, version: IpVersion): Check<Stage> {
  return {
    name: `${name}, ${version}: the same address unmapped is still the local Service`,
    prove: async ({ patienceMs }) => {
      const address = from.serviceIP("httpd", version, "local");
      const { localAddress, pod } = await answerOf(client, address, { timeoutMs: patienceMs });
      expectCluster(from, pod, localAddress, version);
      return `${address} answers from ${localAddress}`;
    },
  };
}

function ipv6OnlyService({ name, to, client, node }: Pair): Check<Stage> {
  return {
    name: `${name}, v6: a Service that has no IPv4 answers by address and by name`,
    prove: async ({ patienceMs }) => {
      const address = to.serviceIP("httpd6", "v6", "remote");
      const byAddress = await answerOf(client, address, { timeoutMs: patienceMs });
      const byName = await answerOf(client, `httpd6.${DOMAIN}.${to.name}`, { timeoutMs: patienceMs });
      expectCluster(to, byName.pod, byName.localAddress, "v6");
      return `${address} and its name answer in ${byAddress.ms} and ${byName.ms} ms`;
    },
    twin: withoutBalancing(node),
  };
}

function name({ name: direction, from, to, client }: Pair): Check<Stage> {
  return {
    name: `${direction}: a name of the other cluster, by the pod's own nameserver`,
    prove: async ({ patienceMs }) => {
      const host = `httpd.${DOMAIN}.${to.name}`;
      const { localAddress, ms } = await answerOf(client, host, { timeoutMs: patienceMs });
      const answers = await Promise.all(versions.map(async (version) => {
        const { records } = await client.dig(host, version === "v4" ? "A" : "AAAA");
        const want = to.serviceIP("httpd", version, "remote");
        expect(records[0]?.data === want, `${host} is ${records[0]?.data ?? "unknown"}, not ${want}`);
        return want;
      }));
      expect(isIn(to, localAddress), `${host} is answered from ${localAddress}`);
      return `${host} is ${answers.join(" and ")}; answers in ${ms} ms`;
    },
    twin: withoutDiscovery(from.name),
  };
}

function shortName({ name: direction, from, client }: Pair): Check<Stage> {
  return {
    name: `${direction}: the short name is still the local Service`,
    prove: async ({ patienceMs }) => {
      const { localAddress } = await answerOf(client, "httpd.test-sdn-tunnel", { timeoutMs: patienceMs });
      expect(isIn(from, localAddress), `httpd.test-sdn-tunnel is answered from ${localAddress}`);
      return `httpd.test-sdn-tunnel answers from ${localAddress}`;
    },
    twin: withoutDiscovery(from.name),
  };
}

function outsideName({ name: direction, from, client }: Pair): Check<Stage> {
  return {
    name: `${direction}: a name of the outside world goes to the upstream`,
    prove: async ({ patienceMs }) => {
      const host = `www-${performance.now().toFixed(0)}.outside.example`;
      const { records, status } = await client.dig(host, "A", { timeoutMs: patienceMs });
      expect(records.length === 1, `${host}: ${status}`);
      const asked = from.upstream.queries().filter(({ name: asked }) => asked === host).length;
      expect(asked === 1, `the upstream was asked ${asked} times for ${host}`);
      return `${host} is ${records[0]?.data}, asked once of ${from.upstream.name}`;
    },
    twin: withoutDiscovery(from.name),
  };
}

/** The answer comes from a pod of this cluster, by the address that it saw itself at. */
function expectCluster(cluster: Pair["to"], pod: string, localAddress: string | undefined, version: IpVersion): void {
  const known = cluster.pods.find((candidate) => candidate.plan.name === pod);
  expect(known?.plan.addresses[version] === localAddress, `answered by ${pod} at ${localAddress}, which is no pod of ${cluster.name}`);
}

const isIn = (cluster: Pair["to"], address: string | undefined): boolean =>
  cluster.pods.some(({ plan }) => plan.addresses.v4 === address || plan.addresses.v6 === address);
