import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** One case of a contract suite, bound to the real thing. */
export interface NamespaceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What came of the cases: by name, the error's text, or `undefined` when it passed. */
export type NamespaceResults = ReadonlyMap<string, string | undefined>;

/** Milliseconds for all cases of a module together. */
const LIMIT_MS = 180_000;

/**
 * Runs the `cases` which a module exports as root of namespaces made for them, so that tests may change links,
 * routes, rules and sysctls, fill /run and start programs: nothing of the machine's own is touched, and when the
 * last case is over all that they started is gone. Needs util-linux's unshare(1), not root.
 *
 * @param module URL of the module: `new URL("./foo.netns.ts", import.meta.url)`
 * @throws {Error} when the namespace could not be made, or the module failed to load
 */
export async function runInNamespace(module: URL): Promise<NamespaceResults> {
  const runner = fileURLToPath(import.meta.url.replace(/namespace(\.[jt]s)$/, "namespace-run$1"));
  const node = [process.execPath, "--conditions=source", runner, fileURLToPath(module)];
  const child = spawn("unshare", namespaceArguments(node), { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const overdue = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(overdue);
  const rows = out.split("\n").slice(0, -1).map((line) => JSON.parse(line) as { name: string; error?: string });
  if (code === 0) return new Map(rows.map(({ name, error }) => [name, error]));
  const ending = code === null ? `it was not done within ${LIMIT_MS / 1000} s` : `exit ${code}`;
  const last = rows.at(-1)?.name ?? "no case at all";
  throw new Error(`Cannot run ${module.pathname} in a namespace: ${ending}, the last case to end was "${last}": ${err}`);
}

/**
 * Arguments of unshare(1) that run a program with namespaces of its own and an empty /run.
 *
 * @param privileged whether it stays in the caller's user namespace: some of what root may do (IPVS, modules) is not
 *   for the root of another one
 */
export function namespaceArguments(program: readonly string[], { privileged = false } = {}): string[] {
  const kinds = [...(privileged ? [] : ["--map-root-user"]), "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
  return [...kinds, "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh", ...program];
}
