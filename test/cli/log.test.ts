import assert from 'node:assert/strict';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';

describe('The security log of an installation without organisations', function () {
  this.timeout(300_000);
  it('is none, and verifying it says so', async () => {
    const empty = await emptyInstallation();
    await empty.done('migrate');
    assert.equal(await empty.done('log', 'verify'), 'There is no organisation yet, and so no log.\n');
    empty.remove();
  });

  this.timeout(300_000);
});

describe('The security log, from the command line', function () {
  this.timeout(300_000);
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
  });

  it('is verified of removed organisations too', async () => {
    await here.look(async () => {
      await Tenant.destroy({ where: { slug: 'globex' } });
    });
    assert.match(await here.done('log', 'verify'), /\n[0-9a-f-]{36} \(removed\): intact, \d+ rows\.\n$/);
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
    assert.match(stdout, /^platform: intact, \d+ rows\.\n[0-9a-f-]{36} \(removed\): intact, \d+ rows\.\n$/);
  });
});
