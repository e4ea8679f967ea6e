import assert from 'node:assert/strict';
import { OutboxMessage } from '#models/outbox-message.js';
import { deliverDue } from '#server/mail/delivery.js';
import { Undeliverable } from '#server/mail/mailer.js';
import type { Browser } from '../support/browser.js';
import { invite, logged, mailResetLink } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';

const PATH = '/admin/mail';
/** How many of the newest a page looks through. */
const MAILS_SEARCHED = 5000;

describe('The mail log of an organisation', () => {
  let portal: Portal;
  let olivia: Browser;
  before(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    await mailResetLink(portal, 'acme/uma');
    await mailResetLink(portal, 'globex/gina');
  });
  after(() => portal.close());

  /** Puts a mail into the outbox that a server refuses: for now, or for good. */
  async function refused(who: string, error: Error): Promise<OutboxMessage> {
    await mailResetLink(portal, who);
    const mail = await OutboxMessage.findOne({ order: [['id', 'DESC']], rejectOnEmpty: true });
    const { text } = (await portal.inbox.mailsTo(mail.recipient)).at(-1) ?? {};
    assert.ok(text);
    await mail.update({ state: 'queued', tries: 0, sentAt: null, nextTryAt: portal.clock.now() });
    const sealed = await OutboxMessage.findByPk(mail.id, { rejectOnEmpty: true });
    assert.equal(sealed.sealedBody, null);
    const mailer = { send: () => Promise.reject(error), close: () => undefined };
    await deliverDue(portal.services, mailer);
    return mail.reload();
  }

  it('shows to whom, what about, how it stands and how often it was tried; never what it said', async () => {
    const page = await olivia.open(PATH);
    assert.match(page.text, /uma@acme\.example/);
    assert.match(page.text, /Sent/);
    assert.doesNotMatch(page.text, /gina@globex/);
    assert.doesNotMatch(page.html, /password\/reset\//);
    assert.match((await olivia.open(`${PATH}?state=failed`)).text, /No mails/);
    assert.match((await olivia.open(`${PATH}?q=UMA@`)).text, /uma@acme/);
    assert.equal((await (await portal.signedIn('acme/uma')).get(PATH)).status, 403);
  });

  it('one that was refused for good cannot be sent again: it says so, and what makes a new one', async () => {
    const mail = await refused('acme/uma', new Undeliverable('550 no such mailbox'));
    assert.equal(mail.state, 'failed');
    const page = await olivia.open(`${PATH}?state=failed`);
    assert.match(page.text, /cannot be sent again/);
    assert.match(page.text, /new reset link/);
    assert.ok(page.links().includes(`/admin/users/${portal.idOf('acme/uma')}`));
    assert.equal(page.document.querySelector('form[action$="/retry"]'), null);
    const answer = await olivia.post(`${PATH}/${mail.id}/retry`, { _csrf: await olivia.csrf('/security') });
    assert.equal(answer.status, 409);
    assert.match(answer.text, /erased.*new reset link/);
  });

  it('one that waits is tried again at once', async () => {
    const path = await invite(portal, 'acme/iris');
    assert.ok(path);
    const waiting = await OutboxMessage.create({
      tenantId: (await OutboxMessage.findOne({ where: { recipient: 'iris@acme.example' }, rejectOnEmpty: true }))
        .tenantId,
      event: 'invitation',
      recipient: 'late@acme.example',
      subject: 'Late',
      sealedBody: null,
      tries: 3,
      lastError: '451 try later',
      nextTryAt: portal.clock.now() + 3_600_000,
      createdAt: portal.clock.now(),
    });
    const page = await olivia.open(PATH);
    assert.match(page.text, /451 try later/);
    const answer = await olivia.submit(PATH, `${PATH}/${waiting.id}/retry`);
    assert.equal(answer.status, 303, answer.alert);
    assert.ok((await waiting.reload()).nextTryAt <= portal.clock.now());
    assert.equal((await logged(portal, 'acme', 'mail.retried')).length, 1);
    await waiting.destroy();
  });

  it('is of this organisation alone', async () => {
    const foreign = await OutboxMessage.findOne({ where: { recipient: 'gina@globex.example' }, rejectOnEmpty: true });
    const _csrf = await olivia.csrf('/security');
    assert.equal((await olivia.post(`${PATH}/${foreign.id}/retry`, { _csrf })).status, 404);
  });

  it('is searched a part at a time: what is old and rare is on a later page, for people and programs', async () => {
    const { tenantId } = await OutboxMessage.findOne({
      where: { recipient: 'uma@acme.example' },
      rejectOnEmpty: true,
    });
    const at = portal.clock.now() - 60_000;
    const mail = (number: number, recipient: string) => ({
      ...{ tenantId, event: 'new-sign-in', recipient, subject: 'A new browser', state: 'sent' as const },
      ...{ createdAt: at - number, sentAt: at, nextTryAt: at },
    });
    const many = Array.from({ length: MAILS_SEARCHED + 5 }, (_, number) => mail(number, 'crowd@acme.example'));
    await OutboxMessage.bulkCreate([...many, mail(MAILS_SEARCHED + 9, 'émile@rare.example')]);
    const page = await olivia.open(`${PATH}?q=emile`);
    assert.match(page.text, /None among those looked at so far/);
    const next = page.links().find((link) => link.includes('cursor='));
    assert.match((await olivia.open(next ?? '')).text, /émile@rare\.example/);
    const program = await programOf(portal, 'acme/audrey');
    const first = (await program.get('/mail?q=emile')).body as { data: object[]; next: string };
    assert.deepEqual(first.data, []);
    const second = (await program.get(`/mail?q=emile&cursor=${encodeURIComponent(first.next)}`)).body as typeof first;
    assert.deepEqual([second.data.length, second.next], [1, null]);
    assert.match((await olivia.open(`${PATH}?q=late`)).text, /None among/);
    await OutboxMessage.destroy({ where: { tenantId, event: 'new-sign-in', subject: 'A new browser' } });
    assert.match((await olivia.open(`${PATH}?q=late`)).text, /No mails/);
  });

  it('is read by a program too, page by page', async () => {
    const program = await programOf(portal, 'acme/audrey');
    const first = (await program.get('/mail?limit=1')).body as { data: { id: string }[]; next: string };
    assert.equal(first.data.length, 1);
    assert.ok(!JSON.stringify(first).includes('sealed'));
    const second = (await program.get(`/mail?limit=1&cursor=${encodeURIComponent(first.next)}`)).body as typeof first;
    assert.notEqual(second.data[0]?.id, first.data[0]?.id);
    const sent = await OutboxMessage.findOne({ where: { state: 'sent' }, order: [['id', 'ASC']], rejectOnEmpty: true });
    assert.equal((await program.post(`/mail/${sent.id}/retry`)).status, 403);
    assert.equal((await (await programOf(portal, 'acme/olivia')).post(`/mail/${sent.id}/retry`)).status, 409);
  });
});
