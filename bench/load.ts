import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import autocannon from 'autocannon';
import { processorTime, type Program } from './programs.js';

export const CONNECTIONS = 50;

/** How a program did under a load. */
export interface Measured {
  /** Requests a second. */
  rate: number;
  /** What each cost its process, all threads together, microseconds: what else the machine does moves it least. */
  cost: number;
  /** Half were answered within so many milliseconds. */
  half: number;
}

/** Asks the program for this path, each time with the headers of the senders in turn; throws when one was answered with an error. */
export async function measured(
  { url, pid }: Program,
  path: string,
  senders: readonly Record<string, string>[],
  seconds: number,
  connections = CONNECTIONS,
): Promise<Measured> {
  const before = processorTime(pid);
  const { requests, latency, errors, non2xx } = await autocannon({
    url: url + path,
    connections,
    duration: seconds,
    requests: senders.map((headers) => ({ headers })),
  });
  if (errors > 0 || non2xx > 0) throw new Error(`${path}: ${errors} errors, ${non2xx} answers that are not 200.`);
  return {
    rate: Math.round(requests.average),
    cost: (processorTime(pid) - before) / requests.total,
    half: latency.p50,
  };
}

const ALONE = 400;

/** Half of the answers to one who asks for this path over and over, on one connection, come within so many milliseconds. */
export async function halfWithin(
  { url }: Program,
  path: string,
  senders: readonly Record<string, string>[],
): Promise<number> {
  const { hostname, port, host } = new URL(url);
  const requests = senders.map((headers) => {
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  });
  const socket = connect(Number(port), hostname).setNoDelay();
  const times: number[] = [];
  try {
    for (let at = 0; at < ALONE; at += 1) {
      const began = performance.now();
      socket.write(requests[at % requests.length] ?? '');
      await answerOn(socket);
      times.push(performance.now() - began);
    }
  } finally {
    socket.destroy();
  }
  return Math.round(median(times) * 100) / 100;
}

/** Waits until one answer, whose head says how long it is, has come whole. */
async function answerOn(socket: Socket): Promise<void> {
  let got = '';
  while (!isWhole(got)) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    got += bytes.toString('latin1');
  }
  if (!got.startsWith('HTTP/1.1 200 ')) throw new Error(`Answered with ${got.slice(0, 40)}`);
}

function isWhole(got: string): boolean {
  const end = got.indexOf('\r\n\r\n');
  const [, length = '0'] = /^content-length: (\d+)\r$/im.exec(got.slice(0, end + 1)) ?? [];
  return end > 0 && got.length >= end + 4 + Number(length);
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

/** The same for loads: the median rate, and the least cost, since nothing makes a request cheaper than it is. */
export async function inRounds<K extends string>(
  runs: Record<K, () => Promise<Measured>>,
  rounds: number,
): Promise<Record<K, Pick<Measured, 'rate' | 'cost'>>> {
  const names = Object.keys(runs) as K[];
  const found = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<K, Measured[]>;
  for (let round = 0; round < rounds; round += 1) for (const name of names) found[name].push(await runs[name]());
  const told = names.map((name) => {
    const rate = median(found[name].map((one) => one.rate));
    return [name, { rate, cost: Math.min(...found[name].map((one) => one.cost)) }];
  });
  return Object.fromEntries(told) as Record<K, Pick<Measured, 'rate' | 'cost'>>;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
