import { createLayout } from "./layout.ts";
import { inPhases } from "./order.ts";
import { expected } from "./skeleton.ts";
import type { ChainDump, NftOp, NftTable, TableDump } from "./table.ts";

interface Contents {
  readonly chains: Map<string, readonly string[]>;
  readonly sets: Set<string>;
  readonly elements: Map<string, Map<string, string>>;
}

/** A table as strict as the kernel's, with its errno names: a transaction is taken as a whole or refused as a whole. */
export class FakeNftTable implements NftTable {
  #contents: Contents | undefined;
  /** Operations of every transaction that was taken. */
  readonly commits: NftOp[][] = [];
  /** Refuses a transaction that holds such an operation, as a kernel out of memory would. */
  refuse: (op: NftOp) => boolean = () => false;

  async read(): Promise<TableDump | undefined> {
    if (!this.#contents) return undefined;
    const { chains, sets, elements } = this.#contents;
    const dump = new Map([...elements].map(([map, entries]) => [map, new Map(entries)]));
    return { chains: new Map([...chains].map(([name, rules]) => [name, dumpChain(rules)])), sets: new Set(sets), elements: dump };
  }

  async commit(ops: readonly NftOp[]): Promise<void> {
    if (ops.some((op) => this.refuse(op))) throw new Error("ENOMEM");
    let next = this.#contents && copy(this.#contents);
    for (const op of inPhases(ops).flat()) {
      if (op.kind === "drop") next = undefined;
      else if (op.kind === "build") next = built();
      else applyOp(op, next ?? refusal("ENOENT", "table"));
    }
    this.#contents = next;
    this.commits.push([...ops]);
  }
}

type ContentOp = Exclude<NftOp, { kind: "build" | "drop" }>;

function applyOp(op: ContentOp, { chains, sets, elements }: Contents): void {
  switch (op.kind) {
    case "add-element": {
      const entries = elements.get(op.map) ?? refusal("ENOENT", op.map);
      const { value = "" } = op;
      if ((entries.get(op.key) ?? value) !== value) refusal("EEXIST", op.key);
      for (const name of referredTo([value])) if (!chains.has(name)) refusal("ENOENT", name);
      return void entries.set(op.key, value);
    }
    case "delete-element":
      return void (elements.get(op.map)?.delete(op.key) || refusal("ENOENT", op.key));
    case "write-chain":
      for (const name of referredTo(op.rules)) if (!chains.has(name) && !sets.has(name)) refusal("ENOENT", name);
      return void chains.set(op.chain, op.rules);
    case "delete-chain": {
      const others = [...chains].flatMap(([name, rules]) => (name === op.chain ? [] : rules));
      const values = [...elements.values()].flatMap((entries) => [...entries.values()]);
      if (referredTo([...others, ...values]).has(op.chain)) refusal("EBUSY", op.chain);
      return void (chains.delete(op.chain) || refusal("ENOENT", op.chain));
    }
    case "add-client-set":
      return void sets.add(op.set);
    case "delete-set":
      if (referredTo([...chains.values()].flat()).has(op.set)) refusal("EBUSY", op.set);
      return void (sets.delete(op.set) || refusal("ENOENT", op.set));
  }
}

/** Chains and sets that rules or verdicts name. */
function referredTo(texts: readonly string[]): Set<string> {
  const names = texts.flatMap((text) => [...text.matchAll(/(?:\bgoto |\bjump |@)([^\s,}]+)/g)].map(([, name]) => name as string));
  return new Set(names);
}

function dumpChain(rules: readonly string[]): ChainDump {
  const targets = rules.flatMap((rule) => [...rule.matchAll(/\d+ : (\S+ \. \d+)/g)].map(([, data]) => data as string));
  return { rules: rules.length, targets };
}

function built(): Contents {
  const chains = new Map<string, readonly string[]>([...expected.chains.keys()].map((name) => [name, []]));
  for (const { name, rules } of createLayout().chains) chains.set(name, rules);
  return { chains, sets: new Set(expected.sets), elements: new Map([...expected.sets].map((name) => [name, new Map()])) };
}

function copy({ chains, sets, elements }: Contents): Contents {
  const entries = [...elements].map(([map, of]) => [map, new Map(of)] as const);
  return { chains: new Map(chains), sets: new Set(sets), elements: new Map(entries) };
}

function refusal(errno: string, object: string): never {
  throw new Error(`${errno}: ${object}`);
}
