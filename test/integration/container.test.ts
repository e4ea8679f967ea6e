import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { madeViews } from '../../.ci/assets/views.js';
import { programFile } from '../support/program-file.js';
import { freePort } from '../support/process.js';
import { startUntilListening, type Running } from './programs.js';

const source = readFileSync(join(PROJECT_ROOT, 'docs/examples/Containerfile'), 'utf8');
const linesOf = (file: string): string[] =>
  readFileSync(join(PROJECT_ROOT, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
/** What the last stage takes of what was built. */
const taken = [...source.matchAll(/^COPY --from=build \/app\/(\S+) /gm)].map(([, name = '']) => name);

describe('A container, by docs/examples/Containerfile', () => {
  it('is built without settings, keys, data and history: none of it may come into an image', () => {
    const left = linesOf('.dockerignore');
    assert.deepEqual(
      [...linesOf('.gitignore'), '.git/'].filter((line) => !left.includes(line)),
      [],
    );
    assert.ok(left.includes('.env') && left.includes('data/'));
    assert.ok(!taken.includes('') && !/^COPY --from=build \/app \./m.test(source), 'Each thing is named.');
  });

  describe('that has been started', () => {
    let folder: string;
    let port: number;
    let running: Running;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'gatehouse-container-'));
      const app = join(folder, 'app');
      mkdirSync(app);
      for (const name of taken)
        if (name === 'node_modules') symlinkSync(join(PROJECT_ROOT, name), join(app, name));
        else if (name !== 'dist') cpSync(join(PROJECT_ROOT, name), join(app, name), { recursive: true });
      // What a build makes of the sources of now.
      const main = join(app, 'dist/server/main.js');
      if (taken.includes('dist'))
        cpSync(join(programFile('server/main.ts'), '../..'), join(app, 'dist'), { recursive: true });
      writeFileSync(join(app, 'dist/views.txt'), madeViews());
      port = await freePort();
      const { HOST = '' } = settings();
      assert.equal(HOST, '0.0.0.0');
      const own = { HOST: '127.0.0.1', PORT: String(port), DATA_DIR: join(folder, 'data') };
      running = await startUntilListening(process.execPath, [main], port, own);
    });
    after(async () => {
      await running?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    /** What `ENV` says. */
    function settings(): Record<string, string> {
      const [, said = ''] = /^ENV (.*)$/m.exec(source) ?? [];
      return Object.fromEntries(said.split(' ').map((one) => one.split('=') as [string, string]));
    }
    function healthy(): number | null {
      const [, words = '[]'] = /^HEALTHCHECK CMD (\[.*\])$/m.exec(source) ?? [];
      const [, ...args] = JSON.parse(words) as string[];
      return spawnSync(process.execPath, args, { env: { ...process.env, PORT: String(port) } }).status;
    }

    it('has all that it serves, and needs nothing else of the project', async () => {
      const linked = new Set<string>();
      for (const path of ['/login', '/api/docs']) {
        const page = await fetch(`http://127.0.0.1:${port}${path}`);
        const html = await page.text();
        assert.equal(page.status, 200, html);
        for (const [, asset = ''] of html.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)) linked.add(asset);
      }
      assert.ok(linked.size > 2, [...linked].join());
      for (const path of linked) assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, path);
    });

    it('is found healthy while it serves, and not when it has stopped', async () => {
      assert.equal(healthy(), 0);
      await running.stop();
      assert.equal(running.child.exitCode, 0, 'It has ended as it was asked to.');
      assert.equal(healthy(), 1);
    });
  });
});
