import { servers } from "./servers.ts";

// Runs one server in a process of its own, so that what it costs can be told from what the load costs.
const server = servers[process.argv[2] ?? ""];
if (!server || !process.send) throw new Error("Cannot run this program by hand: main.ts starts it with the name of a server");

const port = await server.start();
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit());
process.send({ port });
