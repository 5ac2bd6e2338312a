import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import type { MeshObject, ObjectKey } from "../src/objects/mesh-object.ts";
import type { ObjectChange, SourceHealth, SourceSink } from "../src/sources/source.ts";

/** Keeps what a source delivers, and throws when it breaks its promises. */
export class RecordingSink implements SourceSink {
  readonly objects = new Map<ObjectKey, MeshObject>();
  /** One line a call: keys that appeared or changed, and with `-` those that are gone. */
  readonly batches: string[] = [];
  health: (health: SourceHealth) => void;
  last: SourceHealth = { problems: [] };
  isSynced = false;

  constructor() {
    this.health = (health) => void (this.last = health);
  }

  changed(changes: readonly ObjectChange[]): void {
    if (changes.length === 0) throw new Error("Cannot take no changes: a source calls when something changed");
    for (const { key, object } of changes) this.#take(key, object);
    this.batches.push(changes.map(({ key, object }) => (object ? key : `-${key}`)).toSorted().join(" "));
  }

  synced(): void {
    if (this.isSynced) throw new Error("Cannot take a second synced()");
    this.isSynced = true;
  }

  /** `document: path: message` of everything that is refused now, without the folder. */
  get problems(): string[] {
    return this.last.problems.flatMap(({ origin, document, problems }) =>
      problems.map(({ path, message }) => `${origin.split("/").at(-1)} ${document} ${path}: ${message}`),
    );
  }

  get keys(): string {
    return [...this.objects.keys()].toSorted().join(" ");
  }

  #take(key: ObjectKey, object: MeshObject | undefined): void {
    const before = this.objects.get(key);
    if (!before && !object) throw new Error(`Cannot take away ${key}: it is not there`);
    if (before && isDeepStrictEqual(before, object)) throw new Error(`Cannot take ${key}: it has not changed`);
    if (object) this.objects.set(key, object);
    else this.objects.delete(key);
  }
}

/** Waits until `condition` holds; after `withinMs` it fails, and says what it saw last. */
export async function eventually(condition: () => boolean, { withinMs = 3000, saw = () => "" }: { withinMs?: number; saw?: () => unknown } = {}): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`did not happen within ${withinMs} ms: ${condition.toString()}; saw ${JSON.stringify(saw())}`);
    await sleep(5);
  }
}
