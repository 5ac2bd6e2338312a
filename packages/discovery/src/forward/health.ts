import { limits } from "../limits/limits.ts";

/** How one upstream stands, as `/status` shows it. */
export interface UpstreamState {
  readonly upstream: string;
  readonly up: boolean;
  readonly failures: number;
  /** It leads back to this server. */
  readonly loops: boolean;
}

/** Remembers who answered: upstreams that failed are asked last, until they answer again. */
export class UpstreamHealth {
  readonly #failures = new Map<string, number>();
  readonly #looping = new Set<string>();

  succeeded(upstream: string): void {
    this.#failures.delete(upstream);
  }

  failed(upstream: string): void {
    this.#failures.set(upstream, (this.#failures.get(upstream) ?? 0) + 1);
  }

  /** Queries to it come back to this server: it is never asked again. */
  loops(upstream: string): void {
    this.#looping.add(upstream);
  }

  isDown(upstream: string): boolean {
    return (this.#failures.get(upstream) ?? 0) >= limits.upstreamFailures;
  }

  /** Who is to be asked, in order: those that are up as configured, then those that are down. */
  order<U extends { readonly name: string }>(upstreams: readonly U[]): U[] {
    const usable = upstreams.filter(({ name }) => !this.#looping.has(name));
    return [...usable.filter(({ name }) => !this.isDown(name)), ...usable.filter(({ name }) => this.isDown(name))];
  }

  state(upstream: string): UpstreamState {
    const failures = this.#failures.get(upstream) ?? 0;
    return { upstream, up: failures < limits.upstreamFailures, failures, loops: this.#looping.has(upstream) };
  }
}
