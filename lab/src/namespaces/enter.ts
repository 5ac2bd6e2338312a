/** Command line that runs what follows in the namespaces of the machine held by `pid`, from inside the bed. */
export function enter(pid: number): string[] {
  return ["nsenter", `--target=${pid}`, "--net", "--mount"];
}
