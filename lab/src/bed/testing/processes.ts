import { readdirSync, readFileSync } from "node:fs";

/** A process as proc(5) shows it. */
export interface Process {
  readonly pid: number;
  readonly ppid: number;
  /** Arguments, separated by blanks. */
  readonly command: string;
}

/** The processes, zombies left out, whose environment or arguments hold `mark`. */
export function processesWith(mark: string): Process[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const read = (file: string): string => readFileSync(`/proc/${name}/${file}`, "latin1");
      const [environ, command, stat] = [read("environ"), read("cmdline"), read("stat")];
      const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" || !(environ.includes(mark) || command.includes(mark))) return [];
      return [{ pid: Number(name), ppid: Number(ppid), command: command.replaceAll("\0", " ").trim() }];
    } catch {
      return []; // ended while it was read
    }
  });
}
