import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { startPortal, type Portal } from '../support/portal.js';
import { describeUnless, missing, pathTo } from './programs.js';

const TOKEN = 'metrics-token-for-tests';
const example = (name: string): string => join(PROJECT_ROOT, 'docs/examples', name);
const asked = (program: string, args: string[], input = '') =>
  spawnSync(pathTo(program) ?? program, args, { encoding: 'utf8', input });

describe('What looks after Gatehouse from outside', () => {
  let portal: Portal;
  let figures: string;
  before(async () => {
    portal = await startPortal({ env: { METRICS_TOKEN: TOKEN } });
    await portal.signedIn('acme/uma');
    const answer = await supertest(portal.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}`);
    figures = answer.text;
  });
  after(() => portal.close());

  it('asks for figures that there are: alerts and dashboard name no others', () => {
    const there = new Set([...figures.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name));
    // Of a database beside, of a first backup and of a first run.
    for (const later of ['gatehouse_last_backup_timestamp_seconds', 'gatehouse_database_size_bytes']) there.add(later);
    for (const file of ['alerts.yml', 'grafana.json']) {
      const named = [...readFileSync(example(file), 'utf8').matchAll(/\b(?:gatehouse|nodejs|process)_[a-z0-9_]+/g)];
      assert.ok(named.length > 10, file);
      const unknown = named.map(([name]) => name.replace(/_bucket$/, '')).filter((name) => !there.has(name));
      assert.deepEqual([...new Set(unknown)], [], file);
    }
  });

  describeUnless(missing('promtool'))('Prometheus', () => {
    it('reads the figures', () => {
      const { status, stdout, stderr } = asked('promtool', ['check', 'metrics'], figures);
      // 1 is what cannot be read; 3 is about names, of which some are those of prom-client.
      assert.ok(status === 0 || status === 3, stdout + stderr);
      assert.doesNotMatch(stderr, /^gatehouse_/m);
    });

    it('takes the rules', () => {
      const { status, stdout, stderr } = asked('promtool', ['check', 'rules', example('alerts.yml')]);
      assert.equal(status, 0, stdout + stderr);
    });
  });

  describeUnless(missing('systemd-analyze'))('systemd', () => {
    it('takes the unit', () => {
      const folder = mkdtempSync(join(tmpdir(), 'gatehouse-unit-'));
      const unit = join(folder, 'gatehouse.service');
      // Where Gatehouse is not installed: by a user and a program that there are.
      const there = readFileSync(example('gatehouse.service'), 'utf8').replace('/usr/bin/node', process.execPath);
      writeFileSync(unit, there);
      const { stdout, stderr } = asked('systemd-analyze', ['verify', '--man=no', unit]);
      rmSync(folder, { recursive: true, force: true });
      const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('gatehouse.service:'));
      assert.deepEqual(about, []);
    });
  });
});
