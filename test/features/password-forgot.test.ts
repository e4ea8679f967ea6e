import assert from 'node:assert/strict';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Page } from '../support/browser.js';
import { invite, logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('Asking for a link for a forgotten password', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const ask = (organization: string, username: string): Promise<Page> =>
    portal.browser().submit('/password/forgot', '/password/forgot', { organization, username });
  const mailsTo = async (address: string): Promise<number> => (await portal.inbox.mailsTo(address)).length;

  it('mails the owner of a username, or of an e-mail address in any writing, a link that works', async () => {
    const answer = await ask('acme', 'uma');
    assert.equal(answer.status, 303);
    const page = await portal.browser().follow(answer);
    assert.equal(page.heading, 'Look in your inbox');
    const path = await portal.inbox.linkTo('uma@acme.example', '/password/reset/');
    assert.equal((await portal.browser().get(path)).status, 200);
    await ask(' ACME ', 'UMAR@acme.Example');
    assert.equal(
      (await portal.browser().get(await portal.inbox.linkTo('umar@acme.example', '/password/reset/'))).status,
      200,
    );
    const [event] = await logged(portal, 'acme', 'password.reset-requested');
    assert.equal(event?.['actor_id'], null, 'nobody knows who asked');
  });

  it('answers the same, after the same time, whoever is asked for', async () => {
    await User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/umar') } });
    await Tenant.update({ status: 'suspended' }, { where: { slug: 'globex' } });
    await invite(portal, 'acme/iris');
    const cases = [
      'acme/uma',
      'acme/nobody',
      'acme/umar',
      'acme/robo',
      'acme/iris',
      'globex/gina',
      'acme/gina',
      'nowhere/uma',
      'acme/::',
      'acme/uma@acme.example',
    ];
    const answerFor = async (who: string) => {
      const [organization = '', username = ''] = who.split('/');
      const browser = portal.browser();
      const fields = (await browser.open('/password/forgot')).form('/password/forgot');
      const began = performance.now();
      const answer = await browser.post('/password/forgot', { ...fields, organization, username });
      const ms = performance.now() - began;
      const page = await browser.follow(answer);
      assert.ok(ms > 295, `${who} was answered after ${Math.round(ms)} ms`);
      return {
        status: answer.status,
        location: answer.location,
        body: answer.html,
        shown: page.status,
        text: page.html,
      };
    };
    const answers = await Promise.all(cases.map(answerFor));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  });

  it('mails nothing to who is disabled, unknown, a program, or of an organisation that is suspended or another', async () => {
    await User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/umar') } });
    await Tenant.update({ status: 'suspended' }, { where: { slug: 'globex' } });
    const asked = [
      ['acme', 'umar'],
      ['acme', 'robo'],
      ['globex', 'gina'],
      ['acme', 'gina@globex.example'],
      ['acme', 'nobody@acme.example'],
    ];
    await Promise.all(asked.map(([organization, username]) => ask(organization!, username!)));
    await portal.inbox.mailsTo('');
    assert.deepEqual(portal.inbox.mails, []);
  });

  it('sends who has not accepted an invitation yet the invitation again', async () => {
    const first = await invite(portal, 'acme/iris');
    await ask('acme', 'iris');
    const second = await portal.inbox.linkTo('iris@acme.example', '/invitations/');
    assert.notEqual(second, first);
    assert.equal((await portal.browser().get(first)).status, 410);
    assert.equal((await portal.browser().get(second)).status, 200);
  });

  it('sends no invitation again that has expired: the address may be a stranger’s, so administrators are told', async () => {
    await invite(portal, 'acme/iris');
    portal.clock.move(8 * 24 * 60 * MINUTE);
    await ask('acme', 'iris');
    assert.equal(await mailsTo('iris@acme.example'), 1);
    assert.match((await portal.inbox.newestTo('adam@acme.example')).text, /invitation has expired[\s\S]*\(iris\)/);
  });

  it('mails an account once in 5 minutes and 5 times an hour, and never says so', async () => {
    const seen = new Set<string>();
    const askAgain = async (): Promise<number> => {
      const answer = await ask('acme', 'uma');
      seen.add(`${answer.status} ${answer.location}`);
      return mailsTo('uma@acme.example');
    };
    assert.equal(await askAgain(), 1);
    assert.equal(await askAgain(), 1, 'a second mail within 5 minutes');
    for (let mails = 2; mails <= 5; mails += 1) {
      portal.clock.move(5 * MINUTE);
      assert.equal(await askAgain(), mails);
    }
    portal.clock.move(5 * MINUTE);
    assert.equal(await askAgain(), 5, 'a sixth mail within an hour');
    portal.clock.move(35 * MINUTE);
    assert.equal(await askAgain(), 6);
    assert.equal(seen.size, 1);
    await ask('acme', 'umar');
    assert.equal(await mailsTo('umar@acme.example'), 1, 'another account has its own limit');
  });

  it('counts an account once, however its name is written', async () => {
    await Promise.all(
      ['uma', 'UMA', 'ｕｍａ', ' uma@acme.example', 'Uma@Acme.Example'].map((name) => ask('acme', name)),
    );
    assert.equal(await mailsTo('uma@acme.example'), 1);
  });

  it('takes 20 requests an hour from an address, then says how long to wait', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => ask('acme', `nobody-${index}`)));
    const answer = await ask('acme', 'uma');
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) > 3000);
    assert.match(answer.alert, /Too many tries/);
    assert.equal(answer.valueOf('username'), 'uma');
    assert.equal(await mailsTo('uma@acme.example'), 0);
    portal.clock.move(61 * MINUTE);
    assert.equal((await ask('acme', 'uma')).status, 303);
  });

  it('says what is missing, and refuses what no form would send', async () => {
    const browser = portal.browser();
    const empty = await browser.submit('/password/forgot', '/password/forgot', { organization: '', username: '' });
    assert.equal(empty.status, 422);
    assert.match(empty.errorOf('organization'), /short name/);
    assert.match(empty.errorOf('username'), /username or e-mail/);
    const _csrf = empty.valueOf('_csrf');
    for (const username of [['uma', 'umar'], 'u\0ma', 'x'.repeat(255), '{"$ne":null}\u202e']) {
      assert.equal((await browser.post('/password/forgot', { _csrf, organization: 'acme', username })).status, 422);
    }
    assert.equal(
      (await browser.post('/password/forgot', { _csrf, organization: 'acme', username: 'uma', admin: '1' })).status,
      422,
    );
    assert.equal(
      (await browser.post('/password/forgot', { organization: 'acme', username: 'uma' })).status,
      403,
      'without _csrf',
    );
  });

  it('begins with the organisation that the sign-in page named', async () => {
    const page = await portal.browser().get('/password/forgot?organization=acme');
    assert.equal(page.valueOf('organization'), 'acme');
  });

  it('does not change the password or end a session by itself', async () => {
    const uma = await portal.signedIn('acme/uma');
    await ask('acme', 'uma');
    assert.equal((await uma.get('/security')).status, 200);
    await portal.signedIn('acme/uma', PASSWORD);
  });
});

describe('Asking for a link on the subdomain of an organisation', () => {
  it('asks for no organisation, and takes no other', async () => {
    const portal = await startPortal({ env: { BASE_URL: 'http://localhost:3000', BASE_DOMAIN: 'portal.example' } });
    const browser = portal.browser();
    browser.headers['Host'] = 'globex.portal.example';
    const page = await browser.get('/password/forgot');
    assert.equal(page.document.querySelector('input[name=organization]')?.getAttribute('type'), 'hidden');
    const answer = await browser.post('/password/forgot', {
      ...page.form('/password/forgot'),
      organization: 'acme',
      username: 'gina',
    });
    assert.equal(answer.status, 303);
    const { text } = await portal.inbox.newestTo('gina@globex.example');
    assert.match(text, /http:\/\/globex\.portal\.example:3000\/password\/reset\//);
    await portal.close();
  });
});
