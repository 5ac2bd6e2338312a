import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { aMeshCluster } from "../testing/objects.ts";
import { MeshState } from "./admit/mesh-state.ts";
import { meshClusterSchema } from "./mesh/mesh-cluster.ts";
import type { MeshKind, MeshObject } from "./objects/mesh-object.ts";
import { parseDocuments } from "./sources/parse-documents.ts";

const folder = dirname(import.meta.dirname);
const readme = readFileSync(`${folder}/README.md`, "utf8");

/** Texts of the fenced blocks with that info string. */
const blocks = (info: string): string[] =>
  [...readme.matchAll(/^```(.*)\n([^]*?)^```$/gm)].filter((match) => match[1] === info).map((match) => match[2] ?? "");

const kinds: ReadonlySet<MeshKind> = new Set(["MeshCluster", "MeshNode"]);

describe("the README", () => {
  const parsed = blocks("yaml").map((text) => parseDocuments(text, kinds));
  const objects = parsed.flatMap((file): MeshObject[] => [...file.objects.values()]);

  it("shows manifests that are accepted", () => {
    expect(parsed.flatMap(({ problems }) => problems)).toEqual([]);
    expect(objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["MeshCluster east", "MeshCluster west", "MeshNode west-1"]);
  });

  it("shows clusters and a node that are admitted together", () => {
    const state = new MeshState("east");
    state.setClusters(objects.filter((object) => object.kind === "MeshCluster"));
    state.apply("west", objects.filter((object) => object.kind === "MeshNode").map((object) => ({ key: `MeshNode//${object.name}` as never, object })));
    expect([...state.refusals()]).toEqual([]);
    expect([...state.nodes.keys()]).toEqual(["west/west-1"]);
  });

  it("has a row for every field of a MeshCluster, and no other", () => {
    const rows = [...readme.matchAll(/^\| `spec\.(\w+)` \|/gm)].map((match) => match[1]);
    const fields = Object.keys(meshClusterSchema.in.shape.spec.shape);
    expect(rows.toSorted()).toEqual(fields.toSorted());
  });

  it("tells the defaults that are", () => {
    const { domain, localDomain, topology, deadAfter, limits, paused } = aMeshCluster("x");
    const row = (field: string): string => new RegExp(`^\\| \`spec\\.${field}\` \\| ([^|]*) \\|`, "m").exec(readme)?.[1] ?? "";
    expect([domain, localDomain, topology, `${deadAfter / 1000}s`, String(paused)]).toEqual(
      ["domain", "localDomain", "topology", "deadAfter", "paused"].map((field) => row(field).replaceAll("`", "").replace("<name>", "x")),
    );
    expect(row("limits")).toBe(Object.values(limits).join(", "));
  });

  it("has an example that prints what it says", () => {
    const [example = ""] = blocks("ts example");
    const printed = execFileSync(process.execPath, ["--conditions=source", "--input-type=module-typescript", "-e", example], { cwd: folder, encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" } });
    const [first, second] = printed.trim().split("\n");
    expect(example).toContain(`// ${first}`);
    expect(readme).toContain(`The last line prints \`${second}\``);
  });
});
