import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SOCKET_FOLDER } from "./uapi.ts";

/** For tests: userspace WireGuard from `SDN_WIREGUARD_GO`, else as `npm run setup` made it, else the system's. */
export function findWireguardGo(): string {
  const built = fileURLToPath(new URL("../../../../.cache/bin/wireguard-go", import.meta.url));
  return process.env["SDN_WIREGUARD_GO"] ?? (existsSync(built) ? built : "wireguard-go");
}

/** Starts a device and waits for its socket; needs namespaces of the caller's own. */
export async function startWireguardGo(device: string): Promise<ChildProcess> {
  const child = spawn(findWireguardGo(), ["-f", device], { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LOG_LEVEL: "error" } });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  for (let i = 0; i < 200 && !existsSync(`${SOCKET_FOLDER}/${device}.sock`); i++) {
    if (child.exitCode !== null) throw new Error(`Cannot start wireguard-go: exit ${child.exitCode}: ${said}`);
    await sleep(10);
  }
  return child;
}
