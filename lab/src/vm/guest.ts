import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { PORT_FDS } from "./arguments.ts";
import type { GuestEnd } from "./outcome.ts";

/** A started guest. */
export interface Guest {
  /** The guest's first process waits for its job; rejects never, stays pending when it does not come to that. */
  readonly ready: Promise<void>;
  /** How it ended; never rejects. */
  readonly ended: Promise<GuestEnd>;
  /** Hands the job over. */
  start(job: string): void;
  /** Sends a signal to the program; before the program runs, it ends the guest as it would have ended the program. */
  signal(name: "TERM" | "INT" | "HUP"): void;
  /** Ends the guest at once. */
  kill(timeoutMs?: number): void;
}

/** What qemu is started by: the program, and the folder of its libraries when it is not an installed one. */
export interface Qemu {
  readonly program: string;
  readonly libraries: string | undefined;
}

/** Where the program's output goes. */
export interface Sinks {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** How much of the console is kept, in characters; a panic with its trace is about 4,000. */
const KEPT = 64_000;

/**
 * Starts qemu so that it cannot outlive this process: the kernel kills it when this process ends (PR_SET_PDEATHSIG),
 * and the guest stops itself when its control port is closed. A terminal's Ctrl-C does not reach it, only `signal()`.
 */
export function startGuest({ program, libraries }: Qemu, args: readonly string[], sinks: Sinks): Guest {
  const env = libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env;
  const qemu = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    detached: true,
    env,
  });
  const port = (fd: number) => qemu.stdio[fd] as Socket;
  const copied = [copy(port(PORT_FDS.stdout), sinks.stdout), copy(port(PORT_FDS.stderr), sinks.stderr)];
  const consoleText = keep(qemu.stdout!);
  const output = keep(qemu.stderr!);
  const control = followControl(port(PORT_FDS.control));
  let timedOut: number | undefined;
  return {
    ready: control.ready,
    ended: endOf(qemu).then(async (exit) => {
      await Promise.all(copied);
      const { code, running } = control.state;
      return { code, stage: running ? "program" : "boot", console: consoleText(), qemu: { ...exit, output: output() }, timeoutMs: timedOut };
    }),
    start: (job) => control.send(job),
    signal: (name) => {
      if (control.state.running) return control.send(`${name}\n`);
      control.state.code = 128 + constants.signals[`SIG${name}`];
      qemu.kill("SIGKILL");
    },
    kill: (timeoutMs) => {
      timedOut = timeoutMs;
      qemu.kill("SIGKILL");
    },
  };
}

/** Reads the guest's lines; the protocol is told in guest/init.sh. */
function followControl(socket: Socket) {
  const state: { code: number | undefined; running: boolean } = { code: undefined, running: false };
  const send = (text: string) => void socket.write(text);
  socket.on("error", () => {}); // EPIPE: qemu ended first, and its exit is what is reported
  let isReady: () => void;
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  createInterface({ input: socket }).on("line", (line) => {
    const [word, value] = line.split(" ");
    if (word === "ready") isReady();
    if (word === "exit") state.code = Number(value);
    if (word === "running") state.running = true;
  });
  return { state, ready, send };
}

/** Copies until the end, and waits while the sink is full; the sink stays open. A sink that is gone swallows the rest. */
async function copy(from: Readable, to: Writable): Promise<void> {
  from.pipe(to, { end: false });
  to.once("error", () => from.resume());
  await finished(from, { writable: false }).catch(() => {}); // reset by the peer: qemu was killed
}

function keep(from: Readable): () => string {
  let text = "";
  from.setEncoding("latin1").on("data", (piece: string) => (text = (text + piece).slice(-KEPT)));
  return () => text;
}

async function endOf(qemu: ChildProcess): Promise<{ failed: boolean; exit: string }> {
  return new Promise((resolve) => {
    qemu.once("error", (error) => resolve({ failed: true, exit: error.message }));
    qemu.once("close", (code, signal) => resolve({ failed: code !== 0, exit: code === null ? `ended by ${signal}` : `exit code ${code}` }));
  });
}
