import { spawnSync } from "node:child_process";
import { measure } from "./measure.ts";
import { renderTable } from "./table.ts";

// `node --conditions=source bench/src/proxy/main.ts`: what the proxy's nftables backend costs beside bare nft, in a
// network namespace that is made for it. As root the namespace has no user namespace, which would limit transactions.
const inside = "SDN_BENCH_NAMESPACE" in process.env;

if (inside) {
  const sizes = [100, 1000, 10_000];
  console.log(`${process.getuid?.() === 0 ? "" : "not root, "}Linux namespace of its own; 5 endpoints per Service; medians, milliseconds`);
  console.log(renderTable(await measure(sizes)));
} else {
  const own = process.getuid?.() === 0 ? "-n" : "-rn";
  const env = { ...process.env, SDN_BENCH_NAMESPACE: "1" };
  const { status } = spawnSync("unshare", [own, process.execPath, ...process.execArgv, ...process.argv.slice(1)], { env, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
