/** Down after this many probes in a row without an answer. */
const LOST_UNTIL_DOWN = 3;
/** Up after this many answers in a row. */
const ANSWERS_UNTIL_UP = 2;
/** After the third change within this many milliseconds … */
const FLAP_WINDOW_MS = 60_000;
const FLAP_CHANGES = 3;
/** … a node must answer for this many milliseconds before it is up again. */
const FLAP_CALM_MS = 10_000;

/** What the probes say of one node. `up` is undefined until they have said anything: unknown counts as up. */
export interface Liveness {
  readonly up: boolean | undefined;
  /** Unix time in milliseconds of the last change. */
  readonly since: number;
  /** Round-trip time of the last answer, milliseconds. */
  readonly rttMs: number | undefined;
  readonly lostInARow: number;
  readonly answersInARow: number;
  /** When the present run of answers began. */
  readonly answeringSince: number;
  /** Times of the last changes, at most as many as matter. */
  readonly changes: readonly number[];
}

/** A node that was not probed yet; after a restart of the agent with what the last one knew. */
export function startLiveness(now: number, up?: boolean): Liveness {
  return { up, since: now, rttMs: undefined, lostInARow: 0, answersInARow: 0, answeringSince: now, changes: [] };
}

/** A probe was answered; an ICMP port unreachable counts, with no `rttMs`: the path works, an agent restarts. */
export function noteAnswer(state: Liveness, now: number, rttMs: number | undefined): Liveness {
  const answersInARow = state.answersInARow + 1;
  const answeringSince = state.answersInARow === 0 ? now : state.answeringSince;
  const next = { ...state, rttMs: rttMs ?? state.rttMs, lostInARow: 0, answersInARow, answeringSince };
  if (next.up === true || answersInARow < ANSWERS_UNTIL_UP) return next;
  const flapping = state.up === false && recent(state.changes, now).length >= FLAP_CHANGES;
  return flapping && now - answeringSince < FLAP_CALM_MS ? next : change(next, true, now);
}

/** A probe was not answered in time. */
export function noteLoss(state: Liveness, now: number): Liveness {
  const lostInARow = state.lostInARow + 1;
  const next = { ...state, lostInARow, answersInARow: 0 };
  return next.up === false || lostInARow < LOST_UNTIL_DOWN ? next : change(next, false, now);
}

function change(state: Liveness, up: boolean, now: number): Liveness {
  // The first word about a node is no flap.
  const changes = state.up === undefined ? state.changes : [...recent(state.changes, now), now].slice(-FLAP_CHANGES);
  return { ...state, up, since: now, changes };
}

const recent = (changes: readonly number[], now: number): number[] => changes.filter((at) => now - at < FLAP_WINDOW_MS);
