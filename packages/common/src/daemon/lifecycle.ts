import { CommonError, messageOf } from "../errors.ts";

/** What a daemon's own error class has in common with the others: a fault with a code. */
interface Fault {
  readonly fault: { readonly code: string };
}

/**
 * Runs a daemon until it returns, or until SIGTERM or SIGINT asks it to stop; the data plane is left up.
 * A fault (an error of ours) is told in one line and exits 1; anything else is a bug and shows its stack.
 */
export async function runDaemon(name: string, start: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  // Never taken back: while a command runs, execa listens too, and when it finds itself to be the only listener it
  // ends this process by the signal.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  try {
    await start(stop.signal);
  } catch (error) {
    process.stderr.write(`${name}: ${isFault(error) ? messageOf(error) : stackOf(error)}\n`);
    process.exitCode = 1;
  }
  // Sockets of libraries and retries that nobody waits for must not keep a daemon that was asked to stop.
  process.exit();
}

function isFault(error: unknown): error is Error & Fault {
  return error instanceof CommonError || (error instanceof Error && typeof (error as Partial<Fault>).fault?.code === "string");
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
