import { messageOf } from "@sdn-tunnel/common/errors";
import type { Address, Family } from "@sdn-tunnel/common/net/address";
import { containsAddress } from "@sdn-tunnel/common/net/overlap";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { ProxyError } from "../errors.ts";
import type { Applied, Backend, BackendState, Change } from "../services/backend.ts";
import { splitServer } from "../services/server.ts";
import type { ServerKey } from "../services/server.ts";
import { renderArp } from "./arp.ts";
import { diffIpvs } from "./diff.ts";
import { Drains } from "./drains.ts";
import type { GuardTable } from "./guard.ts";
import { renderGuard } from "./guard-script.ts";
import { IPVS_SYSCTLS } from "./host-settings.ts";
import type { HostSettings } from "./host-settings.ts";
import { planChanges } from "./plan-changes.ts";
import { readServers } from "./read-servers.ts";
import { ServiceShadow } from "./shadow.ts";
import type { IpvsState } from "./state.ts";
import { showIpvsOp } from "./table.ts";
import type { IpvsOp, IpvsTable } from "./table.ts";

export interface IpvsNeeds {
  readonly table: IpvsTable;
  readonly guard: GuardTable;
  readonly settings: HostSettings;
  /** Destinations of our AnyIP routes: virtual services inside are ours. */
  readonly ownPrefixes: () => Promise<readonly Prefix[]>;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Up to this many draining services are asked for one by one; more of them by reading the whole table. */
const ASK_ONE_BY_ONE = 20;

/** Balances by IPVS, behind a null translation and a guard in nftables. */
export class IpvsBackend implements Backend {
  readonly name = "ipvs";
  readonly schedulers = true;
  readonly vipRoutes = "local";
  readonly #needs: IpvsNeeds;
  readonly #drains = new Drains();
  #shadow = new ServiceShadow(new Map());
  #prefixes = new Set<Prefix>();
  #open = new Set<ServerKey>();
  #build: "done" | "needed" | "when asked" = "when asked";
  #settingsChecked = false;
  #retired = false;
  /** This node's own mesh address of IPv4. */
  #own4: Address | undefined;

  constructor(needs: IpvsNeeds) {
    this.#needs = needs;
  }

  /** Destinations whose open connections may still go on. */
  get draining(): number {
    return this.#drains.size;
  }

  setOwnAddresses(own: ReadonlyMap<Family, Address>): void {
    if (own.get(4) !== this.#own4) this.#settingsChecked = false;
    this.#own4 = own.get(4);
  }

  async list(): Promise<BackendState> {
    const guard = await this.#needs.guard.read();
    const whole = typeof guard === "string" ? undefined : guard;
    this.#prefixes = new Set(whole?.prefixes);
    this.#open = new Set(whole?.open);
    this.#build = whole ? "done" : guard === "foreign" ? "needed" : "when asked";
    this.#settingsChecked = false;
    const services = await this.#own();
    this.#shadow = new ServiceShadow(services);
    for (const key of new Set([...services.keys(), ...this.#drains.services])) this.#drains.note(key, services.get(key), this.#needs.now());
    return { prefixes: new Set(this.#prefixes), servers: readServers(services, this.#open) };
  }

  async apply(changes: readonly Change[]): Promise<Applied> {
    const { guard, unguard, open, close, keys, desired } = planChanges(changes, this.#shadow.services, this.#open);
    const failed = new Map<Change, string>();
    await this.#ensureSettings(changes);
    const refusing = await this.#commit({ guard, close });
    if (refusing !== undefined) return { done: [], failed: changes.map((change) => ({ change, reason: refusing })) };
    const unreached = await this.#applyOps(diffIpvs(this.#shadow.only(keys), desired));
    for (const key of keys) this.#drains.note(key, this.#shadow.services.get(key), this.#needs.now());
    const opening = await this.#commit({ open: open.filter((key) => !unreached.has(key)), unguard });
    for (const change of changes) {
      const reason = "key" in change ? (unreached.get(change.key) ?? (open.includes(change.key) ? opening : undefined)) : change.kind === "delete-prefix" ? opening : undefined;
      if (reason !== undefined) failed.set(change, reason);
    }
    return { done: changes.filter((change) => !failed.has(change)), failed: [...failed].map(([change, reason]) => ({ change, reason })) };
  }

  /** Deletes destinations that have drained, or had time enough to. */
  async reap(): Promise<void> {
    const { table, now } = this.#needs;
    const keys = this.#drains.services;
    const state = keys.length > ASK_ONE_BY_ONE ? await table.list() : undefined;
    const ops: IpvsOp[] = [];
    for (const key of keys) {
      const service = state ? state.get(key) : await table.read(key);
      if (service) ops.push(...this.#drains.due(key, service, now()));
    }
    await this.#applyOps(ops);
    for (const key of keys) this.#drains.note(key, this.#shadow.services.get(key), now());
  }

  show(changes: readonly Change[]): string {
    const { guard, open, desired } = planChanges(changes, new Map(), new Set());
    const lines = diffIpvs(new Map(), desired).map((op) => `${showIpvsOp(op)}\n`);
    const settings = [...IPVS_SYSCTLS].map(([name, value]) => `sysctl -w ${name}=${value}\n`).join("");
    return `${settings}nft -f - <<'END'\n${renderGuard({ build: true, guard, open })}${renderArp(guard, this.#own4)}END\nipvsadm -R <<'END'\n${lines.join("")}END\n`;
  }

  /** Removes virtual services and what was set on the host for them; not the table, which is the other backend's, too. */
  async remove(): Promise<void> {
    await this.#removeOwn(() => true);
    this.#shadow = new ServiceShadow(new Map());
    this.#prefixes.clear();
    this.#open.clear();
    this.#build = "when asked";
  }

  /**
   * Removes what another backend has taken over, once.
   *
   * @param removable whether what is at an address may go
   */
  async retire(removable: (address: Address) => boolean): Promise<void> {
    this.#retired ||= await this.#removeOwn(removable);
  }

  /** @returns whether nothing is left */
  async #removeOwn(removable: (address: Address) => boolean): Promise<boolean> {
    const services = await this.#own();
    const going = [...services.keys()].filter((key) => removable(splitServer(key).address));
    const { failed } = await this.#needs.table.apply(going.map((service) => ({ kind: "delete-service", service })));
    if (failed[0]) throw new ProxyError({ code: "APPLY_FAILED", what: `the removal of ${failed[0].op.service}`, failed: failed.length, reason: failed[0].errno });
    if (going.length < services.size) return false;
    await this.#needs.settings.remove();
    return true;
  }

  /** Virtual services inside our routes, or inside what our guard guards. */
  async #own(): Promise<IpvsState> {
    const prefixes = [...new Set([...(await this.#needs.ownPrefixes()), ...this.#prefixes])];
    const isOwn = (key: ServerKey): boolean => prefixes.some((prefix) => containsAddress(prefix, splitServer(key).address));
    return new Map([...(await this.#needs.table.list())].filter(([key]) => isOwn(key)));
  }

  async #ensureSettings(changes: readonly Change[]): Promise<void> {
    const prefixes = new Set(this.#prefixes);
    for (const change of changes) if (change.kind === "add-prefix") prefixes.add(change.prefix);
    for (const change of changes) if (change.kind === "delete-prefix") prefixes.delete(change.prefix);
    const changed = prefixes.symmetricDifference(this.#prefixes).size > 0;
    if (prefixes.size > 0 && (changed || !this.#settingsChecked)) await this.#needs.settings.ensure([...prefixes], this.#own4);
    else if (changed) await this.#needs.settings.remove();
    this.#settingsChecked = true;
  }

  /** @returns why nothing of it was taken */
  async #commit({ guard = [], unguard = [], open = [], close = [] }: Parameters<GuardTable["commit"]>[0]): Promise<string | undefined> {
    const empty = guard.length + unguard.length + open.length + close.length === 0;
    if (empty && this.#build !== "needed") return undefined;
    try {
      await this.#needs.guard.commit({ build: this.#build !== "done", guard, unguard, open, close });
    } catch (error) {
      return messageOf(error);
    }
    this.#build = "done";
    for (const prefix of guard) this.#prefixes.add(prefix);
    for (const prefix of unguard) this.#prefixes.delete(prefix);
    for (const key of open) this.#open.add(key);
    for (const key of close) this.#open.delete(key);
    return undefined;
  }

  /** @returns the reason by server that was not reached */
  async #applyOps(ops: readonly IpvsOp[]): Promise<Map<ServerKey, string>> {
    if (ops.length === 0) return new Map();
    const { done, failed } = await this.#needs.table.apply(ops);
    this.#shadow.acknowledge(done);
    return new Map(failed.map(({ op, errno }) => [op.service, errno]));
  }
}
