import { isDeepStrictEqual } from "node:util";
import { objectKey } from "../objects/mesh-object.ts";
import type { MeshObject, ObjectKey } from "../objects/mesh-object.ts";
import type { ObjectChange, ObjectSource, SourceHealth, SourceSink } from "./source.ts";

/** A source whose objects a test sets. As strict as a real one must be: it is run once at a time, and is silent once it is stopped. */
export class FakeSource implements ObjectSource {
  readonly description: string;
  #objects: ReadonlyMap<ObjectKey, MeshObject> = new Map();
  #told = new Map<ObjectKey, MeshObject>();
  #sink: SourceSink | undefined;
  #synced = false;
  #health: SourceHealth = { problems: [] };

  constructor(description = "fake source") {
    this.description = description;
  }

  /** Sets everything that there is; what changed is delivered at once, unless the source is stale. */
  set(objects: Iterable<MeshObject>): void {
    this.#objects = new Map([...objects].map((object) => [objectKey(object), object]));
    this.#deliver();
  }

  /** Nothing is heard from now on. */
  lose(staleSince: number): void {
    this.#tell({ ...this.#health, staleSince });
  }

  /** It is heard again. */
  find(): void {
    this.#tell({ problems: this.#health.problems });
    this.#deliver();
  }

  async run(sink: SourceSink, signal: AbortSignal): Promise<void> {
    if (this.#sink) throw new Error(`Cannot run ${this.description}: it is running already`);
    this.#sink = sink;
    this.#told = new Map();
    this.#synced = false;
    sink.health(this.#health);
    this.#deliver();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    this.#sink = undefined;
  }

  /** One line an object, `kind/namespace/name`. */
  toString(): string {
    return [...this.#objects.keys()].toSorted().join("\n");
  }

  #tell(health: SourceHealth): void {
    this.#health = health;
    this.#sink?.health(health);
  }

  #deliver(): void {
    if (!this.#sink || this.#health.staleSince !== undefined) return;
    const gone: ObjectChange[] = [...this.#told.keys()].filter((key) => !this.#objects.has(key)).map((key) => ({ key }));
    const news = [...this.#objects].filter(([key, object]) => !isDeepStrictEqual(this.#told.get(key), object));
    this.#told = new Map(this.#objects);
    const changes = [...gone, ...news.map(([key, object]) => ({ key, object }))];
    if (changes.length > 0) this.#sink.changed(changes);
    if (!this.#synced) this.#sink.synced();
    this.#synced = true;
  }
}
