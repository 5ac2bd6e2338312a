import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { ServicePass } from "./pass.ts";
import type { BackendDecision } from "./choose.ts";
import type { Backend } from "./services/backend.ts";
import { explainService } from "./services/explain.ts";
import { schedulerConditions } from "./services/scheduler-conditions.ts";
import type { IsDown } from "./services/select.ts";

/** Lines of explanation that one answer holds at most. */
const MAX_LINES = 1000;

export interface StatusNeeds {
  readonly view: MeshView;
  readonly pass: ServicePass;
  readonly isDown: IsDown;
  readonly decision: BackendDecision;
  readonly backend: Pick<Backend, "name" | "schedulers">;
  readonly conditions: () => readonly Condition[];
}

/** What an operator asks for at night: `/status`. */
export function describeStatus({ view, pass, isDown, decision, backend, conditions }: StatusNeeds) {
  const { aims, acknowledged } = pass;
  const services = [...aims.catalog.services()].flatMap((key) => view.service(key) ?? []);
  const lines: string[] = [];
  for (const service of services) if (lines.length < MAX_LINES) lines.push(...explainService(service, isDown));
  return {
    dataPlane: { loadBalancer: `${decision.name}: ${decision.reason}` },
    conditions: [...conditions(), ...schedulerConditions(services, backend)],
    prefixes: [...(acknowledged?.prefixes ?? [])],
    servers: acknowledged?.servers.size ?? 0,
    services: lines.slice(0, MAX_LINES),
  };
}
