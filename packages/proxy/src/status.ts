import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { ServicePass } from "./pass.ts";
import type { BackendDecision } from "./choose.ts";
import { explainService } from "./services/explain.ts";
import type { IsDown } from "./services/select.ts";

/** Lines of explanation that one answer holds at most. */
const MAX_LINES = 1000;

export interface StatusNeeds {
  readonly view: MeshView;
  readonly pass: ServicePass;
  readonly isDown: IsDown;
  readonly decision: BackendDecision;
  readonly conditions: () => readonly Condition[];
}

/** What an operator asks for at night: `/status`. */
export function describeStatus({ view, pass, isDown, decision, conditions }: StatusNeeds) {
  const { aims, acknowledged } = pass;
  const lines: string[] = [];
  for (const key of aims.catalog.services()) {
    const service = lines.length < MAX_LINES ? view.service(key) : undefined;
    if (service) lines.push(...explainService(service, isDown));
  }
  return {
    dataPlane: { serviceProxy: `${decision.name}: ${decision.reason}` },
    conditions: conditions(),
    prefixes: [...(acknowledged?.prefixes ?? [])],
    servers: acknowledged?.servers.size ?? 0,
    services: lines.slice(0, MAX_LINES),
  };
}
