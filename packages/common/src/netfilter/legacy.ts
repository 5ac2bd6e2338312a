import { readFile } from "node:fs/promises";

/** Tables of iptables-legacy(8) in this network namespace, of both families; nft(8) does not see them. */
export async function readLegacyTables(): Promise<string[]> {
  return (await Promise.all(["ip", "ip6"].map((family) => linesOf(`/proc/net/${family}_tables_names`)))).flat();
}

/** The file is there as soon as the kernel's module is. */
async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n").filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
