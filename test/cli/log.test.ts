import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Op } from 'sequelize';
import { SecurityEvent } from '#models/security-event.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { removeWithAll } from '#models/tenant-removal.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';

describe('The security log of an installation without organisations', () => {
  it('is none, and verifying it says so', async () => {
    const empty = await emptyInstallation();
    await empty.done('migrate');
    assert.equal(await empty.done('log', 'verify'), 'There is no organisation yet, and so no log.\n');
    empty.remove();
  });
});

describe('The security log, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await emptyInstallation();
    await here.done('demo', '--password', PASSWORD, '--events', '20');
  });
  after(() => here.remove());

  it('is found intact, of one organisation or of all', async () => {
    assert.match(
      await here.done('log', 'verify'),
      /^acme: intact, \d+ rows\.\nglobex: intact, \d+ rows\.\nplatform: intact, \d+ rows\.\n$/,
    );
    assert.match(await here.done('log', 'verify', 'globex'), /^globex: intact, \d+ rows\.\n$/);
    const told = JSON.parse(await here.done('log', 'verify', '--json')) as { log: string; intact: boolean }[];
    assert.deepEqual(
      told.map(({ log, intact }) => [log, intact]),
      ['acme', 'globex', 'platform'].map((log) => [log, true]),
    );
  });

  it('gives a checkpoint to keep elsewhere, and is held against it: intact, or not the log that it knows', async () => {
    const printed = await here.done('log', 'checkpoint', 'acme');
    assert.match(printed, /^\{"organizationId":"[^\n]*"\}\n$/);
    const all = (await here.done('log', 'checkpoint')).trim().split('\n');
    assert.equal(all.length, 3);
    const file = join(here.folder, 'kept.json');
    const held = async (text: string): Promise<string> => {
      writeFileSync(file, text);
      const { code, stdout, stderr } = await here.run(['log', 'verify', '--checkpoint', file]);
      assert.equal(code, stderr === '' ? 0 : 1);
      return stdout + stderr;
    };
    assert.match(await held(printed), /^acme: intact, \d+ rows\.\n$/);
    assert.match(await held(all.join('\n')), /acme: intact[^]*globex: intact[^]*platform: intact/);
    assert.match(await held(printed.replace(/"rows":\d+/, '"rows":1')), /not as it was signed/);
    assert.match(await held('nothing'), /no checkpoint of a security log/);
    const { stderr } = await here.run(['log', 'verify', 'globex', '--checkpoint', join(here.folder, 'none')]);
    assert.match(stderr, /none cannot be read: ENOENT/);
  });

  it('moves old rows into an archive, which is verified, and held against the checkpoint of the log it is of', async () => {
    const folder = join(here.folder, 'archives');
    const refused = await here.run(['log', 'archive', 'globex', folder]);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, /globex keeps its log for ever/);
    const [globex, acme] = [join(here.folder, 'globex.json'), join(here.folder, 'acme.json')];
    writeFileSync(globex, await here.done('log', 'checkpoint', 'globex'));
    writeFileSync(acme, await here.done('log', 'checkpoint', 'acme'));
    const { id: tenantId } = await here.look(async () => {
      const tenant = await Tenant.findOne({ where: { slug: 'globex' }, rejectOnEmpty: true });
      // As if the days had passed.
      await SecurityPolicy.update({ logRetentionDays: -1 }, { where: { tenantId: tenant.id } });
      return tenant;
    });
    const [, to = '', path = ''] =
      /^Rows 1 to (\d+) of the log of globex are in (\S+) now\.\n$/.exec(
        await here.done('log', 'archive', 'globex', folder),
      ) ?? [];
    assert.deepEqual(readdirSync(folder), [`security-log-globex-1-${to}.jsonl`]);
    assert.equal(await here.look(() => SecurityEvent.count({ where: { tenantId, seq: { [Op.lte]: Number(to) } } })), 0);
    assert.match(
      await here.done('log', 'verify', 'globex'),
      new RegExp(`^globex: intact, \\d+ rows, of which ${to} are archived`),
    );
    const verify = (...more: string[]) => here.run(['log', 'verify', ...more, '--file', path]);
    assert.match((await verify()).stdout, new RegExp(`rows 1 to ${to} of globex: intact, ${to} rows`));
    assert.match((await verify('--checkpoint', globex)).stdout, /: intact/);
    for (const [more, words] of [
      [['--checkpoint', acme], /not of the organisation of this archive/],
      [['acme'], /an archive of globex, not of acme/],
    ] as const) {
      const { code, stdout, stderr } = await verify(...more);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, words);
    }
    writeFileSync(path, readFileSync(path, 'utf8').replace('"seq":2,', '"seq":2, '));
    assert.equal((await verify()).code, 0, 'The same row, spelt otherwise.');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"door":"[a-z-]+"/, '"door":"job"'));
    const changed = await verify();
    assert.equal(changed.code, 1);
    assert.match(changed.stderr, /is broken at row \d+: /);
  });

  it('is verified of removed organisations too', async () => {
    await here.look(async () => {
      await removeWithAll((await Tenant.findOne({ where: { slug: 'globex' }, rejectOnEmpty: true })).id);
    });
    assert.match(
      await here.done('log', 'verify'),
      /\n[0-9a-f-]{36} \(removed\): intact, \d+ rows, of which \d+ are archived\.\n$/,
    );
  });

  it('names the first row that somebody has changed in the database', async () => {
    await here.look(async ({ database: { sequelize, dialect } }) => {
      const trigger =
        dialect === 'sqlite'
          ? 'DROP TRIGGER security_events_no_update'
          : 'DROP TRIGGER security_events_append_only ON security_events';
      await sequelize.query(trigger);
      const acme = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      for (const seq of [12, 15])
        await SecurityEvent.update({ ip: '192.0.2.1' }, { where: { tenantId: acme.id, seq } });
    });
    const { code, stdout, stderr } = await here.run(['log', 'verify']);
    assert.equal(code, 1);
    assert.match(stderr, /^The log of acme is broken at row 12: [^\n]*\n$/);
    assert.match(
      stdout,
      /^platform: intact, \d+ rows\.\n[0-9a-f-]{36} \(removed\): intact, \d+ rows, of which \d+ are archived\.\n$/,
    );
  });
});
