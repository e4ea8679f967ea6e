import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { ORGANISATION_ITEMS } from '#policies/checkup.js';
import { demonstration, type Installation } from '../support/installation.js';

interface Line {
  item: string;
  urgency: string;
  who: string[];
  link: string | null;
}

describe('The check-up of an organisation, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());

  it('tells what to do next, worst first, and where', async () => {
    const told = await here.done('checkup', 'acme');
    assert.match(told, /^Act now: \d things to do\.\nURGENCY .*\nnow +2 administrators have no second factor/);
    const rows = JSON.parse(await here.done('checkup', 'acme', '--json')) as Line[];
    assert.ok(rows.length > 1);
    assert.deepEqual(rows[0]?.who.slice().sort(), ['Adam Arslan', 'Olivia Okafor']);
    assert.match(rows[0].link ?? '', /^http:\/\/localhost:3000\/admin\/users\?/);
    const urgencies = rows.map(({ urgency }) => urgency);
    assert.deepEqual(urgencies, urgencies.slice().sort());
    assert.deepEqual(
      rows.map(({ item }) => item).filter((item) => !(item in ORGANISATION_ITEMS)),
      [],
    );
  });

  it('tells of the platform, too, what only it has', async () => {
    const rows = JSON.parse(await here.done('checkup', 'platform', '--json')) as Line[];
    assert.ok(rows.some(({ item }) => item === 'no-backup'));
  });

  it('says so where nothing is left, and refuses what is no organisation', async () => {
    await here.look(() => User.update({ twoFactor: 'active' }, { where: {} }));
    const rows = JSON.parse(await here.done('checkup', 'globex', '--json')) as Line[];
    assert.ok(!rows.some(({ item }) => item === 'admins-without-second-factor'));
    const { code, stderr } = await here.run(['checkup', 'initech']);
    assert.deepEqual([code, stderr], [1, 'There is no organisation initech. See: tenant list\n']);
    assert.equal((await here.run(['checkup'])).code, 2);
  });
});
