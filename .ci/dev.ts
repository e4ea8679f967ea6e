import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pretty from 'pino-pretty';
import { PUBLIC, VIEWS } from './assets/places.js';

// The portal for whoever changes it: it starts again when its code changes, reads templates, styles and scripts anew for
// each page, makes what is made of them again, and logs for people.
const node = (...args: string[]) =>
  spawn(process.execPath, args, {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'development' },
  });

const server = node('--watch', '--watch-preserve-output', '--import', 'tsx', 'server/main.ts');
server.stdout.pipe(pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
server.on('close', (code) => process.exit(code ?? 0));

let asked = 0;
for (const folder of [VIEWS, join(PUBLIC, 'css')])
  watch(folder, { recursive: true }, (_, file) => {
    if (/^(entrance|tabler)\.css/.test(file ?? '')) return;
    void makeAssets(++asked);
  });

/** Editors save in several steps: only the last of them counts. */
async function makeAssets(turn: number): Promise<void> {
  await wait(150);
  if (turn === asked) node('--import', 'tsx', '.ci/assets/build.ts').stdout.resume();
}
