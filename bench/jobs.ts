import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { Visitor } from '../test/support/visitor.js';
import { gatehouse, mainThreadTime, PASSWORD, processorTime, startPortal, type Program } from './programs.js';

// One thing done to ten thousand people, and how long pages take meanwhile: npx tsx bench/jobs.ts [--people 10000]

const { values: options } = parseArgs({ options: { people: { type: 'string', default: '10000' } } });
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-jobs-'));
const dataDir = join(folder, 'data');
const EVERY = 50;

try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  gatehouse({ DATA_DIR: dataDir }, 'demo', '--password', PASSWORD, '--users', options.people);
  const load = loadavg().map((one) => one.toFixed(1));
  report('machine', `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`);
  report('load before', load.join(' '));
  const portal = await startPortal({ DATA_DIR: dataDir });
  try {
    await measure(portal);
  } finally {
    await portal.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(portal: Program): Promise<void> {
  const olivia = await signedIn(portal, 'olivia');
  report('pages, before the job', inWords(await timesOf(olivia, 100)));
  const adam = await signedIn(portal, 'adam');
  const { csrf } = await adam.get('/admin/users');
  const asked = performance.now();
  const shown = await adam.post('/admin/users/bulk', { _csrf: csrf, action: 'disable', all: '1' });
  report('preview', `${Math.round(performance.now() - asked)} ms`);
  const csrfIn = (text: string): string => /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const [, confirmed = ''] = /name="confirmed" value="([0-9a-f-]{36})"/.exec(shown.text) ?? [];
  const begun = performance.now();
  const worked = [processorTime(portal.pid), mainThreadTime(portal.pid)] as const;
  const answer = await adam.post('/admin/users/bulk', { _csrf: csrfIn(shown.text), confirmed });
  if (answer.status !== 303) throw new Error(`It was not begun: ${answer.status}.`);
  let state = 'running';
  const times: number[] = [];
  while (state === 'running') {
    times.push(...(await timesOf(olivia, 20)));
    const { text } = await adam.get(`/admin/users/bulk/${confirmed}`);
    state = /<h1[^>]*>[^<]*: (\w+)</.exec(text)?.[1] ?? 'unknown';
    if (state !== 'running') report('told', (/<p[^>]*>([\d,]+ done,[^<]*)/.exec(text)?.[1] ?? '').trim());
  }
  report('the job', `${state} after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const seconds = (now: number, before: number): string => `${((now - before) / 1e6).toFixed(1)} s`;
  const all = seconds(processorTime(portal.pid), worked[0]);
  const main = seconds(mainThreadTime(portal.pid), worked[1]);
  report('processor time of the portal', `${all}, of which its main thread ${main}, with ${times.length} pages`);
  report('pages, while it ran', inWords(times));
  report(
    'load after',
    loadavg()
      .map((one) => one.toFixed(1))
      .join(' '),
  );
}

async function signedIn({ url }: Program, username: string): Promise<Visitor> {
  const visitor = new Visitor(url);
  const { status } = await visitor.submit('/login', { organization: 'acme', username, password: PASSWORD });
  if (status !== 303) throw new Error(`${username} could not sign in: ${status}`);
  return visitor;
}

/** How long so many pages take, one after the other, with a pause between, milliseconds. */
async function timesOf(visitor: Visitor, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const began = performance.now();
    const { status } = await visitor.get(at % 2 === 0 ? '/security' : '/admin/users');
    if (status !== 200) throw new Error(`A page was answered with ${status}.`);
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
  return times;
}

function inWords(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number): string => `${Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)} ms`;
  return `half within ${at(0.5)}, 95 % within ${at(0.95)}, the slowest ${at(0.9999)}, of ${times.length}`;
}

function report(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(28)} ${figure}\n`);
}
