import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import { schemas } from "@sdn-tunnel/common/objects/mesh-object";
import type { MeshCluster } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { objectKey } from "@sdn-tunnel/common/objects/mesh-object";
import { Publisher } from "@sdn-tunnel/discovery/answers/publisher";
import { Responder } from "@sdn-tunnel/discovery/answers/responder";
import { AnswerTable } from "@sdn-tunnel/discovery/answers/table";
import { ZONE_STATE, Zones } from "@sdn-tunnel/discovery/answers/zones";
import { Answers } from "@sdn-tunnel/discovery/forward/answers";
import { Counts } from "@sdn-tunnel/discovery/listen/counts";
import { UdpListener } from "@sdn-tunnel/discovery/listen/udp";
import { DiscoveryPass } from "@sdn-tunnel/discovery/pass";
import { decode, encode } from "dns-packet";
import type { Answer } from "dns-packet";
import { SERVICES, serviceAddress, serviceName, zoneObjects } from "./zone.ts";

/** Starts a server on a free loopback port and returns the port. */
export type StartServer = () => Promise<number>;

/** A server that does nothing: it sends the question back with 16 fixed bytes. What Node's sockets cost, and no less is possible. */
async function startFixed(): Promise<number> {
  return startSocket((message) => Buffer.concat([message, FIXED]));
}
const FIXED = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 0, 0, 1]);

/** A server as one writes it on dns-packet: decode, look up by name, encode. */
async function startPacket(): Promise<number> {
  const records = new Map<string, Answer[]>();
  for (let i = 0; i < SERVICES; i++) {
    const name = serviceName(i);
    records.set(`${name} A`, [{ type: "A", name, ttl: 5, data: serviceAddress(i) }]);
    records.set(`${name} AAAA`, []);
    records.set(`_http._tcp.${name} SRV`, [{ type: "SRV", name: `_http._tcp.${name}`, ttl: 5, data: { priority: 0, weight: 100, port: 80, target: name } }]);
  }
  const soa: Answer = { type: "SOA", name: "cluster.west", ttl: 5, data: { mname: "ns.dns.cluster.west", rname: "hostmaster.cluster.west", serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: 5 } };
  return startSocket((message) => {
    const { id = 0, questions = [] } = decode(message);
    const [question] = questions;
    const found = records.get(`${question?.name.toLowerCase()} ${question?.type}`);
    const negative = !found || found.length === 0;
    return encode({ type: "response", id, flags: 0x0500 | (found ? 0 : 3), questions, answers: found ?? [], authorities: negative ? [soa] : [] });
  });
}

/** sdn-discoveryd as it runs, metrics included. */
async function startTable(): Promise<number> {
  const state = new MeshState("east");
  state.setClusters(["east", "west"].map(cluster));
  state.apply("west", zoneObjects().map((object) => ({ key: objectKey(object), object })));
  const [table, zones] = [new AnswerTable(), new Zones(5)];
  const pass = new DiscoveryPass({
    view: state,
    zones,
    publisher: new Publisher(table, 5),
    own: [],
    stateOf: () => ZONE_STATE.LIVE,
    now: () => 0,
    breathe: () => Promise.resolve(),
  });
  await pass.run({ full: true, keys: new Set() }, new AbortController().signal);
  const answering = new Answers(new Responder({ table, zones, foreign: undefined, identity: {} }), undefined);
  const listener = await UdpListener.open({ host: parseAddress("127.0.0.1"), port: 0 }, { answering, tally: new Counts() });
  return listener.port;
}

function cluster(name: string): MeshCluster {
  const spec = { podCIDRs: [{ cidr: name === "east" ? "10.1.0.0/16" : "10.2.0.0/16" }], serviceCIDRs: name === "east" ? [] : [{ cidr: "10.97.0.0/16" }] };
  return schemas.MeshCluster.parse({ apiVersion: "sdn-tunnel.io/v1alpha1", kind: "MeshCluster", metadata: { name }, spec }) as MeshCluster;
}

async function startSocket(answer: (message: Buffer) => Uint8Array): Promise<number> {
  const socket: Socket = createSocket("udp4");
  socket.on("message", (message: Buffer, { port, address }: RemoteInfo) => socket.send(answer(message), port, address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

export const servers: Readonly<Record<string, { description: string; start: StartServer }>> = {
  fixed: { description: "fixed answer (the floor: Node's sockets)", start: startFixed },
  packet: { description: "dns-packet and a Map (the baseline)", start: startPacket },
  table: { description: "sdn-discoveryd", start: startTable },
};
