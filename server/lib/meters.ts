import cluster from 'node:cluster';
import type { Counter, Histogram, Registry } from 'prom-client';
import { OF_ALL, OF_ONE, type FiguresMessage } from './worker-figures.js';

interface Instruments {
  registry: Registry;
  requests: Counter;
  seconds: Histogram;
  events: Counter;
  signIns: Counter;
  lockouts: Counter;
}

export interface AnsweredRequest {
  method: string;
  /** As the route is written, so that there is no end of ids in it. */
  route: string;
  status: number;
  seconds: number;
}

/** What was locked, by the event that tells of it. */
const LOCKOUTS: Readonly<Record<string, string>> = {
  'account.locked': 'account',
  'account.shut': 'account-shut',
  'two-factor.locked': 'code',
  'step-up.locked': 'confirmation',
};

/** What did not let somebody in, and at which factor. */
const FAILED: Readonly<Record<string, [result: string, factor: string]>> = {
  'sign-in.failed': ['failed', 'password'],
  'sign-in.outside': ['refused', 'password'],
  'two-factor.failed': ['failed', 'code'],
  'recovery-code.reused': ['failed', 'recovery-code'],
  'access-pass.failed': ['failed', 'access-pass'],
};

const PROVEN = [
  'password',
  'second-factor',
  'passkey',
  'remembered-browser',
  'access-pass',
  'mailed-link',
  'recovery-code',
] as const;

/** Counts what happens in this process, where somebody looks at it; else it costs nothing. */
export class Meters {
  readonly #ready: Promise<Instruments> | null;
  readonly #waiting = new Map<number, (text: string) => void>();
  #asked = 0;

  constructor(wanted: boolean) {
    this.#ready = wanted ? makeInstruments() : null;
    if (wanted && cluster.isWorker)
      process.on('message', ({ type, id, text }: FiguresMessage) => {
        if (type === OF_ONE) void this.#tellOwn();
        if (type === OF_ALL && id !== undefined && text !== undefined) this.#waiting.get(id)?.(text);
      });
  }

  /** What may happen is counted from nothing on: of what first appears as one Prometheus sees no increase, and raises no alarm. */
  expect(events: readonly string[]): void {
    void this.#ready?.then((one) => events.forEach((event) => one.events.inc({ event }, 0)));
  }

  request({ method, route, status, seconds }: AnsweredRequest): void {
    void this.#ready?.then((one) => {
      one.requests.inc({ method, route, status });
      one.seconds.observe({ method, route }, seconds);
    });
  }

  /** Something that the security log has a row of. */
  event(event: string): void {
    void this.#ready?.then((one) => {
      one.events.inc({ event });
      const kind = LOCKOUTS[event];
      if (kind !== undefined) one.lockouts.inc({ kind });
      const [result, factor] = FAILED[event] ?? [];
      if (result !== undefined && factor !== undefined) one.signIns.inc({ result, factor });
    });
  }

  /** Somebody was let in; `factor` is what they proved last. */
  signedIn(factor: (typeof PROVEN)[number]): void {
    void this.#ready?.then((one) => one.signIns.inc({ result: 'succeeded', factor }));
  }

  /** All of it in Prometheus's text form; of several processes that serve together, their sum. */
  async text(): Promise<string> {
    const { registry } = await (this.#ready ?? makeInstruments());
    if (!cluster.isWorker) return registry.metrics();
    const id = (this.#asked += 1);
    const answer = new Promise<string>((resolve) => this.#waiting.set(id, resolve));
    process.send?.({ type: OF_ALL, id } satisfies FiguresMessage);
    const text = await answer;
    this.#waiting.delete(id);
    return text;
  }

  async #tellOwn(): Promise<void> {
    const figures = await (await this.#ready)?.registry.getMetricsAsJSON();
    if (figures && process.connected) process.send?.({ type: OF_ONE, figures } satisfies FiguresMessage);
  }
}

async function makeInstruments(): Promise<Instruments> {
  const { collectDefaultMetrics, Counter, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `gatehouse_${name}`, help, labelNames, registers });
  const made = {
    registry,
    requests: counter('http_requests_total', 'Requests that were answered', ['method', 'route', 'status']),
    seconds: new Histogram({
      name: 'gatehouse_http_request_duration_seconds',
      help: 'From the head of a request to the end of its answer',
      labelNames: ['method', 'route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    events: counter('security_events_total', 'Rows added to the security logs', ['event']),
    signIns: counter('sign_ins_total', 'Sign-ins, by what came of them and at which factor', ['result', 'factor']),
    lockouts: counter('lockouts_total', 'What was locked after too many wrong tries', ['kind']),
  };
  // From nothing on, as the events.
  for (const kind of Object.values(LOCKOUTS)) made.lockouts.inc({ kind }, 0);
  for (const [result, factor] of Object.values(FAILED)) made.signIns.inc({ result, factor }, 0);
  for (const factor of PROVEN) made.signIns.inc({ result: 'succeeded', factor }, 0);
  return made;
}
