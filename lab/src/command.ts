import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { EngineName } from "./engine/engine.ts";
import { sdnNames } from "./topology/shape.ts";

/** A command line of the lab. A wrong flag prints a message and exits 1. */
export function plainCommand(name: string, description: string) {
  return new Command(name).description(description);
}

/** A command that brings clusters up, and so has a flag for what they run on: `engines`, the first by default. */
export function labCommand<E extends EngineName>(name: string, description: string, engines: readonly [E, ...E[]]) {
  const engine = new Option("--engine <engine>", "what the clusters run on: this machine's kernel, or the distribution's in a virtual machine");
  return plainCommand(name, description).addOption(engine.choices(engines).default(engines[0]));
}

/** The flag for what pods are attached to. */
export function sdnOption() {
  return new Option("--sdn <sdn>", "what pods are attached to: a bridge with flannel's rules, or OpenShift SDN's br0 on Open vSwitch").choices(sdnNames).default("bridge" as const);
}

/** Reads a flag's value as a whole number between two others, both included. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`Accepted are ${min} to ${max}.`);
    return value;
  };
}
