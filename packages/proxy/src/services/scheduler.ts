/** Schedulers of the kernel's IPVS that a Service may ask for (ipvsadm(8), `-s`). */
export const SCHEDULERS = ["rr", "wrr", "lc", "wlc", "sh", "mh", "dh"] as const;
export type Scheduler = (typeof SCHEDULERS)[number];

/** Annotation of a Service that names its scheduler. */
export const SCHEDULER_ANNOTATION = "sdn-tunnel.io/scheduler";

/** What a Service gets that asks for none, or for one that is not accepted. */
const DEFAULT_SCHEDULER: Scheduler = "rr";

const accepted: ReadonlySet<string> = new Set(SCHEDULERS);
const isScheduler = (text: string): text is Scheduler => accepted.has(text);

/** What a Service asks for: a scheduler, or a text that names none. */
export function schedulerOf(annotations: Readonly<Record<string, string>>): { readonly scheduler: Scheduler; readonly refused?: string } {
  const asked = annotations[SCHEDULER_ANNOTATION];
  if (asked === undefined || isScheduler(asked)) return { scheduler: asked ?? DEFAULT_SCHEDULER };
  return { scheduler: DEFAULT_SCHEDULER, refused: asked };
}
