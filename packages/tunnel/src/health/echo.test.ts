import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { afterEach, describe, it } from "vitest";
import { ProbeSocket } from "./probe-socket.ts";
import { EchoResponder } from "./responder.ts";

const [self, other] = ["127.0.0.1", "127.0.0.2"].map(parseAddress) as [ReturnType<typeof parseAddress>, ReturnType<typeof parseAddress>];
const PORT = 25_557;
const dropped: string[] = [];
const responder = new EchoResponder({ port: PORT, admits: (source) => source === self, dropped: (reason) => dropped.push(reason) });
afterEach(() => {
  responder.close();
  dropped.length = 0;
});

function probe(from: typeof self, to = self): { seen: string[]; socket: ProbeSocket } {
  const seen: string[] = [];
  const socket = new ProbeSocket({ from, to, port: PORT }, { answered: (rtt) => seen.push(rtt === undefined ? "refused" : "answered"), lost: () => seen.push("lost") });
  return { seen, socket };
}

/** The first tick opens the socket; probes go out from the second on. */
async function send(socket: ProbeSocket, ticks = 2): Promise<void> {
  for (let i = 0; i < ticks; i++) {
    socket.tick(performance.now());
    await sleep(20);
  }
}

describe("EchoResponder and ProbeSocket", () => {
  it("answers a source inside the pins", async () => {
    assert.equal((await responder.listen([self])).size, 0);
    const { seen, socket } = probe(self);
    await send(socket, 3);
    socket.close();
    assert.ok(seen.length >= 2 && seen.every((what) => what === "answered"), seen.join());
  });

  it("is silent to any other source, and counts it", async () => {
    await responder.listen([self]);
    const { seen, socket } = probe(other);
    await send(socket);
    socket.tick(performance.now() + 2000);
    socket.close();
    assert.ok(seen.length > 0 && seen.every((what) => what === "lost"), seen.join());
    assert.ok(dropped.includes("source"));
  });

  it("tells a closed port from silence", async () => {
    const { seen, socket } = probe(self);
    await send(socket, 3);
    socket.close();
    assert.ok(seen.includes("refused"), seen.join());
  });

  it("names the address on which it cannot listen, and listens on the others", async () => {
    const absent = parseAddress("192.0.2.200");
    const failed = await responder.listen([absent, self]);
    assert.deepEqual([...failed.keys()], [absent]);
    assert.match(failed.get(absent)?.message ?? "", /EADDRNOTAVAIL/);
  });
});
