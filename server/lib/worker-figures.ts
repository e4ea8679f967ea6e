import cluster, { type Worker } from 'node:cluster';
import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** What one process has counted. */
export type Figures = MetricObjectWithValues<MetricValue<string>>[];

/** What processes that serve together say to the one that leads them, and are told by it. */
export interface FiguresMessage {
  /** The figures of one, which whoever leads asks for, or those of all, which one that serves does. */
  type: typeof OF_ONE | typeof OF_ALL;
  id?: number;
  figures?: Figures;
  text?: string;
}

export const OF_ONE = 'gatehouse:own-figures';
export const OF_ALL = 'gatehouse:figures';

/** Whoever does not answer for so long, in ms, is counted with what it has said before. */
const LATEST = 2000;

/**
 * Answers the processes that serve with the figures of all of them. To be called in the process that leads them. What one has
 * counted that is gone since, or does not answer now, is counted on: a sum that falls is taken for a beginning from nothing,
 * and all of it for new.
 */
export async function gatherFigures(): Promise<void> {
  const { AggregatorRegistry } = await import('prom-client');
  const serving = new Set<Worker>();
  const said = new Map<number, Figures>();
  let gone: Figures = [];
  let added = Promise.resolve();
  const waiting = new Set<(heard: Worker) => void>();
  const hear = (worker: Worker): void => waiting.forEach((one) => one(worker));

  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      const silent = new Set([...serving].filter((worker) => worker.isConnected()));
      const heard = (worker: Worker | null): void => {
        if (worker) silent.delete(worker);
        if (worker && silent.size > 0) return;
        clearTimeout(late);
        waiting.delete(heard);
        resolve();
      };
      const late = setTimeout(() => heard(null), LATEST);
      waiting.add(heard);
      for (const worker of silent) worker.send({ type: OF_ONE } satisfies FiguresMessage);
    });

  cluster.on('listening', (worker) => serving.add(worker));
  cluster.on('exit', (worker) => {
    serving.delete(worker);
    hear(worker);
    said.set(worker.id, (said.get(worker.id) ?? []).filter(isSum));
    added = added.then(async () => {
      gone = await AggregatorRegistry.aggregate([gone, said.get(worker.id) ?? []]).getMetricsAsJSON();
      said.delete(worker.id);
    });
  });
  cluster.on('message', (worker, { type, id, figures }: FiguresMessage) => {
    if (type === OF_ONE && figures && serving.has(worker)) {
      said.set(worker.id, figures);
      hear(worker);
    }
    if (type !== OF_ALL) return;
    const answer = (text: string): void => {
      if (worker.isConnected()) worker.send({ type, ...(id === undefined ? {} : { id }), text });
    };
    ask()
      .then(() => AggregatorRegistry.aggregate([gone, ...said.values()]).metrics())
      .then(answer, () => answer(''));
  });
}

// What is so at the moment, such as its memory, goes with a process.
function isSum({ type }: Figures[number]): boolean {
  return ['counter', 'histogram'].includes(String(type));
}
