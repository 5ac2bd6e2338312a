import type { ServiceView } from "@sdn-tunnel/common/admit/view";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { Backend } from "./backend.ts";
import { SCHEDULER_ANNOTATION, schedulerOf, SCHEDULERS } from "./scheduler.ts";

/** Services that ask for a scheduler and do not get it, with the reason; their connections are balanced by turns or chance. */
export function schedulerConditions(services: Iterable<ServiceView>, backend: Pick<Backend, "name" | "schedulers">): Condition[] {
  return [...services].flatMap(({ cluster, namespace, name, annotations }) => {
    const object = `Service ${cluster}/${namespace}/${name}`;
    const { scheduler, refused } = schedulerOf(annotations);
    if (refused !== undefined) {
      const message = `annotation ${SCHEDULER_ANNOTATION} is ${JSON.stringify(refused)}; accepted are ${SCHEDULERS.join(", ")}. It is balanced by rr`;
      return [{ object, type: "UnknownScheduler", message }];
    }
    if (backend.schedulers || scheduler === "rr") return [];
    return [{ object, type: "SchedulerIgnored", message: `annotation ${SCHEDULER_ANNOTATION} is ${scheduler}, which the backend ${backend.name} does not know; accepted by --backend ipvs` }];
  });
}
