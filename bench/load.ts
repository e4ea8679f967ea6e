import autocannon from 'autocannon';

export const CONNECTIONS = 50;

/** Requests a second with fifty connections, each with the headers of the senders in turn; throws when one was answered with an error. */
export async function requestsASecond(
  url: string,
  senders: readonly Record<string, string>[],
  seconds: number,
): Promise<number> {
  const { requests, errors, non2xx } = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    requests: senders.map((headers) => ({ headers })),
  });
  if (errors > 0 || non2xx > 0) throw new Error(`${url}: ${errors} errors, ${non2xx} answers that are not 200.`);
  return Math.round(requests.average);
}

/** Runs each in turn, `rounds` times, so that what else the machine does falls on all alike. Gives the medians. */
export async function alternately<K extends string>(
  runs: Record<K, () => Promise<number>>,
  rounds: number,
): Promise<Record<K, number>> {
  const names = Object.keys(runs) as K[];
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < rounds; round += 1) for (const name of names) found[name].push(await runs[name]());
  return Object.fromEntries(names.map((name) => [name, median(found[name])])) as Record<K, number>;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
