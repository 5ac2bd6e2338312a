import type { ClusterView } from "@sdn-tunnel/common/admit/view";

const HOST_LABEL = /^[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?$/;

/**
 * The name that an ExternalName points at. What a remote cluster calls by its own `localDomain` is in its zone here:
 * `db.prod.svc.cluster.local` published by west is `db.prod.svc.cluster.west`.
 *
 * @returns `undefined` for an IP address, or for what is no host name: there is nothing to point at
 */
export function aliasTarget(externalName: string, { local, config }: Pick<ClusterView, "local" | "config">): string | undefined {
  const name = externalName.toLowerCase().replace(/\.$/, "");
  const inside = `.${config.localDomain}`;
  const target = !local && name.endsWith(inside) ? `${name.slice(0, -inside.length)}.${config.domain}` : name;
  const valid = target.length <= 253 && !/^[\d.]+$/.test(target) && target.split(".").every((label) => HOST_LABEL.test(label));
  return valid ? target : undefined;
}
