/** What the guest is asked to run. */
export interface Job {
  readonly argv: readonly [string, ...string[]];
  /** The program's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory; absolute. */
  readonly cwd: string;
  /** Host folders that the guest may change; absolute. */
  readonly writable: readonly string[];
  /** Kernel modules to load before the program starts. */
  readonly modules: readonly string[];
}

/** The mount tag of each writable folder's share. */
export const writableTag = (index: number): string => `writable${index}`;

/**
 * Writes a job as `guest/init.sh` reads it: two lines, each a shell script in base64.
 *
 * The program's own shell is replaced by the program, so that a signal for the one reaches the other.
 */
export function encodeJob({ argv, env, cwd, writable, modules }: Job): string {
  const setup = [
    ...writable.map((folder, i) => `share ${writableTag(i)} ${quote(folder)}`),
    ...(modules.length > 0 ? [`load ${modules.map(quote).join(" ")}`] : []),
    ":",
  ];
  const variables = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  const program = [
    "echo $$ >/run/sdn-vm/pid",
    "echo running >&3",
    `cd ${quote(cwd)} || exit 126`,
    `exec env -i ${[...variables, ...argv.map(quote)].join(" ")} 3>&-`,
  ];
  return [setup, program].map((lines) => `${Buffer.from(`${lines.join("\n")}\n`).toString("base64")}\n`).join("");
}

/** A word for a POSIX shell that stands for exactly `text`. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
