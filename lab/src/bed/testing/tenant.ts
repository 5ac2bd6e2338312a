import { spawn } from "node:child_process";
import { HOST_SYSCTLS } from "../../topology/layout.ts";
import { build } from "../../namespaces/build.ts";

// The bed's program in kill.test.ts: machines with a cable between them, and a daemon that wants to stay.
const machine = (name: string) => ({ name, sysctls: HOST_SYSCTLS, resolv: { nameservers: [] } });
await build({
  machines: [machine("one"), machine("two")],
  cables: [{ ends: [{ machine: "one", device: "eth0" }, { machine: "two", device: "eth0" }] }],
  setups: [{ machine: "one", ip: ["link set eth0 up"], nft: "table inet marker" }],
});
spawn("setsid", ["sh", "-c", 'trap "" TERM HUP INT; while :; do sleep 1; done'], { detached: true, stdio: "ignore" });
console.log("tenant is up");
setInterval(() => {}, 1000);
