import { SERVICES, serviceName } from "./zone.ts";

/** A kind of load: what is asked, in the order in which it is asked. */
export interface Workload {
  readonly name: string;
  readonly description: string;
  readonly queries: readonly Buffer[];
}

const TYPE = { A: 1, AAAA: 28, SRV: 33 } as const;

function query(name: string, type: keyof typeof TYPE): Buffer {
  const labels = name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const header = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, TYPE[type], 0, 1])]);
}

/** Steps through the Services in a scattered order, the same in every run. */
const scattered = (step: number): number => (step * 7919) % SERVICES;

function mixed(step: number): Buffer {
  const name = serviceName(scattered(step));
  const share = step % 20;
  if (share < 12) return query(name, "A");
  if (share < 15) return query(name, "AAAA");
  if (share < 18) return query(`${name}.svc.cluster.west`, "A");
  return query(`_http._tcp.${name}`, "SRV");
}

export const workloads: readonly Workload[] = [
  {
    name: "w1",
    description: `A of ${SERVICES} names that exist`,
    queries: Array.from({ length: SERVICES }, (_, step) => query(serviceName(scattered(step)), "A")),
  },
  {
    name: "w2",
    description: "60 % A, 15 % AAAA without records, 15 % names that a search path makes up, 10 % SRV",
    queries: Array.from({ length: SERVICES * 2 }, (_, step) => mixed(step)),
  },
];
