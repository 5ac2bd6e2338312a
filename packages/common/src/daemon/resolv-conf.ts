import { readFile } from "node:fs/promises";
import { parseAddress } from "../net/address.ts";
import type { Address } from "../net/address.ts";

/** The name servers of a resolv.conf(5), in order. A link-local one with a zone (`fe80::1%eth0`) cannot be used and is left out. */
export function parseResolvConf(text: string): Address[] {
  return [...text.matchAll(/^nameserver[ \t]+([^\s#;]+)/gm)].flatMap(([, address = ""]) => {
    try {
      return [parseAddress(address)];
    } catch {
      return []; // resolv.conf(5): a resolver skips what it cannot read
    }
  });
}

/** The name servers of this machine; without the file none: resolv.conf(5) would ask localhost, where nobody may answer. */
export async function readResolvConf(path = "/etc/resolv.conf"): Promise<Address[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return parseResolvConf(text);
}
