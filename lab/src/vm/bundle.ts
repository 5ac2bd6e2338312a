import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

/** Modules with native code, which load a file beside themselves: they are found from the bundle's folder upwards. */
const NATIVE = [/^netlink\//];

/**
 * Bundles programs of this repository from source, each into `folder/NAME.mjs`; what several share is a file of its own.
 *
 * An emulated processor starts a bundle about ten times faster than the sources: nothing has types to strip,
 * and a few large files are read by 9p instead of hundreds of small ones.
 * `import.meta` keeps its source's value, so that files beside a source are still found.
 *
 * @param programs name to path of the program's TypeScript file
 * @param folder inside the repository, so that native modules are found from there
 */
export async function bundlePrograms(programs: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const build = await rolldown({
    input: programs,
    platform: "node",
    external: NATIVE,
    resolve: { conditionNames: ["source", "node", "import", "default"] },
    plugins: [{ name: "import-meta", transform: keepLocation }],
    onwarn: ({ message }) => {
      throw new Error(`Cannot bundle ${Object.keys(programs).join(", ")}: ${message}`);
    },
  });
  await build.write({ dir: folder, format: "esm", minify: true, entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs", cleanDir: true });
  await build.close();
}

/** Replaces what a module asks about its own place by the answer. */
function keepLocation(code: string, id: string): string | null {
  if (!code.includes("import.meta.")) return null;
  const known = { url: pathToFileURL(id).href, filename: id, dirname: dirname(id) };
  return code.replaceAll(/\bimport\.meta\.(url|filename|dirname)\b/g, (_, key: keyof typeof known) => JSON.stringify(known[key]));
}
