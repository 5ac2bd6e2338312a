import { pino } from "pino";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Facts of a log line; never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log, one JSON object per line on stderr. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Makes the log of a daemon; lines are written at once, so that the last one before a crash is there. */
export function createLog({ name, level }: { readonly name: string; readonly level: LogLevel }): Log {
  const options = { name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime };
  return pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ fd: 2, sync: true }));
}

/** Says nothing: for tests and for `--dry-run`. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
