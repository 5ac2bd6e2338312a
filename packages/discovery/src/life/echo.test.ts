import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { afterEach, describe, expect, it } from "vitest";
import { createEchoProbe } from "./echo.ts";

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function responder(host: string, answer: (message: Buffer) => Buffer | undefined): Promise<number> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  open.push(socket);
  socket.on("message", (message, { port, address }) => {
    const reply = answer(message);
    if (reply) socket.send(reply, port, address);
  });
  socket.bind(0, host);
  await once(socket, "listening");
  return socket.address().port;
}

describe("EchoProbe on real sockets", () => {
  const rows: [string, (message: Buffer) => Buffer | undefined, boolean][] = [
    ["hears an echo", (message) => message, true],
    ["hears nothing from the silent", () => undefined, false],
    ["does not take another answer for an echo", (message) => Buffer.alloc(message.length), false],
    ["does not take a longer answer for an echo", (message) => Buffer.concat([message, message]), false],
  ];
  for (const host of ["127.0.0.1", "::1"])
    for (const [sentence, answer, want] of rows)
      it(`${sentence} at ${host}`, async () => {
        const port = await responder(host, answer);
        expect(await createEchoProbe(port).ask(parseAddress(host), 200)).toBe(want);
      });

  it("takes a closed port for a sign of life", async () => {
    const port = await responder("127.0.0.1", () => undefined);
    open.splice(0).forEach((socket) => socket.close());
    expect(await createEchoProbe(port).ask(parseAddress("127.0.0.1"), 1000)).toBe(true);
  });
});
