import { createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { isIPv6 } from "node:net";
import { parseArgs } from "node:util";

// Not imported: see common/daemon/http.ts.
const { createServer } = process.getBuiltinModule("node:http");

/**
 * The server in every pod. Answers HTTP and UDP on one port with whom it saw:
 * `{"pod", "remoteAddress", "remotePort"}`, over HTTP also `localAddress`; a request over UDP is any datagram.
 *
 * usage: httpd.ts --pod NAME --port N --listen ADDRESS [--listen ADDRESS ...]
 *
 * Every address gets its own sockets, so that UDP answers leave from the address that was asked.
 */
const { values } = parseArgs({
  options: {
    pod: { type: "string", default: "" },
    port: { type: "string", default: "8080" },
    listen: { type: "string", multiple: true, default: ["::"] },
  },
});
const port = Number(values.port);

const describe = (facts: { remoteAddress: string; remotePort: number | undefined; localAddress?: string }): string =>
  `${JSON.stringify({ pod: values.pod, ...facts })}\n`;

/** A dual-stack socket shows IPv4 peers as `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2). */
const unmapped = (address = ""): string => address.replace(/^::ffff:/, "");

function listenHttp(address: string): Promise<void> {
  const server = createServer(({ socket }, response) => {
    const { remoteAddress, remotePort, localAddress } = socket;
    const body = describe({ remoteAddress: unmapped(remoteAddress), remotePort, localAddress: unmapped(localAddress) });
    response.writeHead(200, { "content-type": "application/json", connection: "close" }).end(body);
  });
  return new Promise((resolve, reject) => server.once("error", reject).listen(port, address, resolve));
}

function listenUdp(address: string): Promise<void> {
  const socket = createSocket({ type: isIPv6(address) ? "udp6" : "udp4" });
  socket.on("message", (_message: Buffer, peer: RemoteInfo) => {
    socket.send(describe({ remoteAddress: unmapped(peer.address), remotePort: peer.port }), peer.port, peer.address);
  });
  return new Promise((resolve, reject) => socket.once("error", reject).bind(port, address, resolve));
}

await Promise.all(values.listen.flatMap((address) => [listenHttp(address), listenUdp(address)]));
console.log("ready");
