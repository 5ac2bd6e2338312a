import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { buildMesh, until } from "./mesh.ts";

const mesh = await buildMesh(mkdtempSync(`${tmpdir()}/mesh-`));
console.error(mesh.work);
const { east, west } = mesh;
for (const node of [east, west]) { node.startWireguard(); node.startDaemon("--log-level", "debug"); }
const ms = await until(() => east.pod.run("curl -sS -m 1 http://10.22.0.11:8080"), 8000, "it works").catch((e) => e.message);
console.error(ms, east.pod.run("curl -sS -m 1 http://10.22.0.11:8080 || true"), east.host.run("wg show; ip route show table 5555; ip rule; nft list table inet sdn_tunnel; ip a"));
export const cases: readonly NamespaceCase[] = [];
void assert;
