import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "@sdn-tunnel/common/daemon/files";
import type { MeshNode } from "@sdn-tunnel/common/mesh/mesh-node";
import { renderMeshNode } from "@sdn-tunnel/common/mesh/render";
import { writeYaml } from "@sdn-tunnel/common/sources/yaml";

/** Where a node of the cluster in `source` publishes itself. */
export const ownFile = (source: string, nodeName: string): string => join(source, "meshnodes", `${nodeName}.yaml`);

/** Publishes this node; nothing is written when the file says the same already. Returns whether it was written. */
export async function publishOwnFile(source: string, node: MeshNode): Promise<boolean> {
  const file = ownFile(source, node.name);
  const text = writeYaml(renderMeshNode(node));
  const before = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (before === text) return false;
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomically(file, text);
  return true;
}

/** Takes this node out of the mesh. */
export async function withdrawOwnFile(source: string, nodeName: string): Promise<void> {
  await rm(ownFile(source, nodeName), { force: true });
}
