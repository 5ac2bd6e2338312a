import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** A command line of the lab. A wrong flag prints a message and exits 1. */
export function plainCommand(name: string, description: string) {
  return new Command(name).description(description);
}

/** A command that brings clusters up, and so has a flag for what they run on. */
export function labCommand(name: string, description: string) {
  const engine = new Option("--engine <engine>", "what the clusters run on: this machine's kernel");
  return plainCommand(name, description).addOption(engine.choices(["host"] as const).default("host" as const));
}

/** Reads a flag's value as a whole number between two others, both included. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`Accepted are ${min} to ${max}.`);
    return value;
  };
}
