import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MeshNode } from "@sdn-tunnel/common/mesh/mesh-node";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { parseDocuments } from "@sdn-tunnel/common/sources/parse-documents";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownFile, publishOwnFile, withdrawOwnFile } from "./own-file.ts";

const node: MeshNode = {
  kind: "MeshNode",
  name: "1234", // which YAML takes for a number
  subnets: [parsePrefix("10.132.2.0/23"), parsePrefix("fd00:132:2::/64")],
  addresses: [parseAddress("10.132.2.1"), parseAddress("1:2:3:4:5:6:7:8")],
  nodeIPs: [parseAddress("192.0.2.21")],
  tunnels: [{ device: "a", publicKey: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", endpoints: [{ host: "203.0.113.7", port: 5555, via: "NodeIP" }] }],
  mtu: 1420,
  features: [],
};

describe("a node's own file", () => {
  let source: string;
  beforeEach(() => void (source = mkdtempSync(join(tmpdir(), "sdn-own-file-"))));
  afterEach(() => rmSync(source, { recursive: true }));
  const file = () => ownFile(source, node.name);

  it("is read by the others as it was published", async () => {
    await publishOwnFile(source, node);
    const { objects, problems } = parseDocuments(readFileSync(file(), "utf8"), new Set(["MeshNode"]));
    expect(problems).toEqual([]);
    expect([...objects.values()]).toEqual([node]);
  });

  it("is written when it says something else, and only then", async () => {
    const written = [await publishOwnFile(source, node), await publishOwnFile(source, node), await publishOwnFile(source, { ...node, mtu: 1400 })];
    expect(written).toEqual([true, false, true]);
    writeFileSync(file(), "kind: MeshNode\n");
    expect(await publishOwnFile(source, node)).toBe(true);
  });

  it("is withdrawn, also when it is gone", async () => {
    await publishOwnFile(source, node);
    for (let i = 0; i < 2; i += 1) await withdrawOwnFile(source, node.name);
    expect(() => readFileSync(file())).toThrow("ENOENT");
  });
});
