import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of manifests that a test writes to, in all the ways that people and tools do. */
export class ManifestFolder implements Disposable {
  readonly base = mkdtempSync(join(tmpdir(), "sdn-tunnel-folder-"));
  readonly path: string;

  constructor(name = "west") {
    this.path = join(this.base, name);
    mkdirSync(this.path);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** Replaces a file as a whole, as our daemons and most tools do. */
  replace(name: string, text: string): void {
    const path = this.at(name);
    const temporary = join(dirname(path), `.${name.replaceAll("/", "-")}.new`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  }

  /** Writes into the file that is there. */
  overwrite(name: string, text: string): void {
    writeFileSync(this.at(name), text);
  }

  remove(name: string): void {
    rmSync(this.at(name), { recursive: true });
  }

  makeFifo(name: string): void {
    execFileSync("mkfifo", [this.at(name)]);
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** Manifests of namespaces, written `name` or `name=team`, as one file. */
export function namespaces(...words: readonly string[]): string {
  const documents = words.map((word) => {
    const [name, team = "a"] = word.split("=");
    return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels: {team: ${team}}\n`;
  });
  return documents.join("---\n");
}
