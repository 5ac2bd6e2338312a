import { spawnSync } from "node:child_process";
import { measureResident, renderResident } from "../resident/measure.ts";
import { measure } from "./measure.ts";
import { renderRows } from "./table.ts";

// `node --conditions=source bench/src/proxy/main.ts`: what the proxy's nftables backend costs beside bare nft, and the
// proxy's resident memory with either backend, in network namespaces that are made for it. To be run as root: then there
// is no user namespace around them, which would limit transactions.
const inside = "SDN_BENCH_NAMESPACE" in process.env;

if (inside) {
  const sizes = [100, 1000, 10_000];
  console.log(`${process.getuid?.() === 0 ? "" : "not root, "}Linux namespace of its own; 5 endpoints per Service; medians, milliseconds`);
  console.log(renderRows(await measure(sizes)));
} else {
  const own = process.getuid?.() === 0 ? "-n" : "-rn";
  const env = { ...process.env, SDN_BENCH_NAMESPACE: "1" };
  const { status } = spawnSync("unshare", [own, process.execPath, ...process.execArgv, ...process.argv.slice(1)], { env, stdio: "inherit" });
  process.exitCode = status ?? 1;
  const sizes = [1000, 10_000] as const;
  const daemon = { program: import.meta.resolve("./resident-run.ts"), daemon: import.meta.resolve("@sdn-tunnel/proxy/main"), sizes };
  const rows = [
    await measureResident("sdn-proxyd, nftables, its Services", daemon),
    await measureResident("the same of IPVS, without HTTP and a kernel", { program: import.meta.resolve("./resident-ipvs.ts"), sizes }),
  ];
  console.log(`\n${renderResident(rows)}`);
}
