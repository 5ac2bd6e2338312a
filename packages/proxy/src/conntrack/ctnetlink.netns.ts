import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { NetfilterSocket } from "../netfilter/socket.ts";
import { splitServer } from "../services/server.ts";
import type { ServerKey } from "../services/server.ts";
import { conntrackContract } from "./contract.ts";
import { KernelConntrack } from "./ctnetlink.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts of common.
const ip = (line: string): void => void execFileSync("ip", line.split(" "));
const nft = (script: string): void => void execFileSync("nft", ["-f", "-"], { input: script });

/** Sends one datagram to the server, which a DNAT rule leads to the target. */
async function start(server: string, target: string): Promise<void> {
  const { address, port } = splitServer(server as ServerKey);
  const family = address.includes(":") ? "ip6" : "ip";
  nft(`flush chain inet lead output\nadd rule inet lead output ${family} daddr ${address} udp dport ${port} dnat ${family} to ${target}\n`);
  const socket = createSocket(family === "ip6" ? "udp6" : "udp4");
  await new Promise<void>((resolve, reject) => socket.send("x", port, address, (error) => (error ? reject(error) : resolve())));
  socket.close();
}

async function flush(): Promise<void> {
  execFileSync("conntrack", ["-F"], { stdio: "ignore" });
}

export const cases: readonly NamespaceCase[] = conntrackContract.map(({ name, run }) => ({
  name,
  async run() {
    ip("link add up0 type veth peer name up1");
    const setup = ["link set up0 up", "link set up1 up", "addr add 10.1.0.1/24 dev up0", "addr add fd01::1/64 dev up0 nodad"];
    for (const line of [...setup, "route add default dev up0", "-6 route add default dev up0"]) ip(line);
    nft("table inet lead {\n chain output {\n type nat hook output priority -100\n }\n}\n");
    using socket = new NetfilterSocket();
    const conntrack = new KernelConntrack(socket);
    try {
      await run({ conntrack, start, flush });
    } finally {
      nft("delete table inet lead\n");
      ip("link del up0");
      await flush();
    }
  },
}));
