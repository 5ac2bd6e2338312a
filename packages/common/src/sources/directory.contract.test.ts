import { mkdir, mkdtemp, rm, writeFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../loop/clock.ts";
import { describeObjectSource } from "./contract.ts";
import { DirectorySource } from "./directory.ts";

describeObjectSource("DirectorySource", async () => {
  const base = await mkdtemp(join(tmpdir(), "sdn-tunnel-source-"));
  const folder = join(base, "west");
  const write = async (manifests: readonly object[]): Promise<void> => {
    await writeFile(join(folder, ".all.yaml"), `# all\n${manifests.map((manifest) => JSON.stringify(manifest)).join("\n---\n")}`);
    await rename(join(folder, ".all.yaml"), join(folder, "all.yaml"));
  };
  await mkdir(folder);
  return {
    open: () => new DirectorySource({ folder, kinds: new Set(["Namespace"]), clock: systemClock }),
    write,
    lose: () => rm(folder, { recursive: true }),
    async find(manifests) {
      await mkdir(folder);
      await write(manifests);
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
});
