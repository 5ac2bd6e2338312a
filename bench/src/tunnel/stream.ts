import { once } from "node:events";
import { connect, createServer } from "node:net";

// `stream.ts serve PORT`, and `stream.ts send HOST PORT SECONDS`: one TCP stream for some seconds; the sender prints the
// bits per second that the server counted, from its first byte to its last.
const [, , what, ...args] = process.argv;

if (what === "serve") {
  createServer({ allowHalfOpen: true }, (socket) => {
    let [bytes, first, last] = [0, 0, 0];
    socket.on("data", (chunk: Buffer) => {
      last = performance.now();
      first ||= last;
      bytes += chunk.length;
    });
    socket.on("end", () => socket.end(String((bytes * 8000) / (last - first))));
    socket.on("error", () => socket.destroy());
  }).listen(Number(args[0]), "::", () => console.log("ready"));
} else {
  const [host = "", port, seconds] = args;
  const socket = connect({ host, port: Number(port) });
  const chunk = Buffer.alloc(256 * 1024);
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  await once(socket, "connect");
  const end = performance.now() + Number(seconds) * 1000;
  while (performance.now() < end) if (!socket.write(chunk)) await once(socket, "drain");
  socket.end();
  await once(socket, "close");
  console.log(answer);
}
