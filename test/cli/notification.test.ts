import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MailTemplate } from '#models/mail-template.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { MAIL_EVENTS } from '#server/mail/events.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { demonstration, type Installation } from '../support/installation.js';

const EVENT = 'new-sign-in';
const { text, html } = factoryTemplate(EVENT, 'en');
type Shown = { subject: string; text: string; own: boolean; enabled: boolean; versions: { version: number }[] };

describe('The mails of an organisation, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());
  const shown = async (event = EVENT): Promise<Shown> =>
    JSON.parse(await here.done('notification', 'show', 'acme', event, '--json')) as Shown;
  const file = (name: string, words: string): string => {
    const path = join(here.folder, name);
    writeFileSync(path, words);
    return path;
  };

  it('are listed, and each is shown with what may stand in it', async () => {
    const listed = JSON.parse(await here.done('notification', 'list', 'acme', '--json')) as { event: string }[];
    assert.deepEqual(
      listed.map(({ event }) => event),
      Object.keys(MAIL_EVENTS),
    );
    const words = await here.done('notification', 'show', 'acme', EVENT);
    assert.match(words, /as Gatehouse comes with it\.\n/);
    assert.match(words, /disavowalLink \(must stand in it\)/);
    assert.match(words, /^Subject: /m);
  });

  it('are worded from files, part by part, and put back', async () => {
    await here.done('notification', 'change', 'acme', EVENT, '--subject', 'First');
    assert.deepEqual([(await shown()).subject, (await shown()).text.trim()], ['First', text.trim()]);
    const path = file('text.txt', `Good day.\r\n\r\n${text}`);
    await here.done('notification', 'change', 'acme', EVENT, '--text-file', path, '--html-file', file('a.html', html));
    const worded = await shown();
    assert.deepEqual([worded.subject, worded.own, worded.versions.length], ['First', true, 2]);
    assert.match(worded.text, /^Good day\.\n\n/);
    await here.done('notification', 'restore', 'acme', EVENT, '1');
    assert.doesNotMatch((await shown()).text, /Good day/);
    await here.done('notification', 'restore', 'acme', EVENT);
    assert.equal((await shown()).own, false);
    await here.look(async () => {
      const rows = await SecurityEvent.findAll({ where: { event: 'notification.changed' } });
      assert.deepEqual(
        rows.map(({ door }) => door),
        ['cli', 'cli', 'cli', 'cli'],
      );
    });
  });

  it('are silenced where they may be, and sent again', async () => {
    await here.done('notification', 'change', 'acme', 'credential-expiring', '--silence');
    assert.equal((await shown('credential-expiring')).enabled, false);
    await here.done('notification', 'change', 'acme', 'credential-expiring', '--subject', 'Soon');
    assert.equal((await shown('credential-expiring')).enabled, false, 'It stays as it was.');
    await here.done('notification', 'change', 'acme', 'credential-expiring', '--send');
    assert.equal((await shown('credential-expiring')).enabled, true);
    await here.done('notification', 'change', 'acme', 'password-changed', '--silence');
    assert.equal((await shown('password-changed')).enabled, true, 'A notice of security is always sent.');
  });

  it('are not broken: what is wrong is said in one line, and nothing is kept', async () => {
    const before = await here.look(() => MailTemplate.count());
    for (const [words, given] of [
      [/^subject: .*holds no links/, ['change', 'acme', EVENT, '--subject', '{{disavowalLink}}']],
      [/^text: /, ['change', 'acme', EVENT, '--text-file', file('empty.txt', '')]],
      [/^html: /, ['change', 'acme', EVENT, '--html-file', file('x.html', '<p>x</p>')]],
      [/cannot be read: ENOENT/, ['change', 'acme', EVENT, '--text-file', join(here.folder, 'none')]],
      [/There is no mail nothing\. See: notification list acme/, ['change', 'acme', 'nothing', '--subject', 'x']],
      [/There is no mail nothing\./, ['show', 'acme', 'nothing']],
      [/There is no mail nothing\./, ['restore', 'acme', 'nothing']],
      [/^locale: /, ['show', 'acme', EVENT, '--locale', 'xx']],
      [/no such version/, ['restore', 'acme', EVENT, '99']],
      [/There is no organisation/, ['list', 'nowhere']],
    ] as const) {
      const { code, stdout, stderr } = await here.run(['notification', ...given]);
      assert.deepEqual([code, stdout], [1, ''], given.join(' '));
      assert.match(stderr, /^[^\n]+\n$/);
      assert.match(stderr, words);
    }
    for (const [words, given] of [
      [/say what to change/, []],
      [/not both/, ['--send', '--silence']],
    ] as const) {
      const { code, stderr } = await here.run(['notification', 'change', 'acme', EVENT, ...given]);
      assert.equal(code, 2);
      assert.match(stderr, words);
    }
    assert.equal(await here.look(() => MailTemplate.count()), before);
  });

  it('that were sent or wait are listed without what they say, and one that waits is tried again', async () => {
    await here.done('user', 'reset-password', 'acme/uma');
    const ask = async (...args: string[]) =>
      JSON.parse(await here.done('mail', 'list', 'acme', '--json', ...args)) as { id: string; event: string }[];
    const [mail] = await ask('--search', 'uma@');
    assert.equal(mail?.event, 'password-changed');
    assert.doesNotMatch(JSON.stringify(mail), /\/disavowal\/|body/i);
    assert.equal((await ask('--most', '1')).length, 1);
    assert.deepEqual(await ask('--state', 'sent'), []);
    const later = Date.UTC(2100, 0, 1);
    await here.look(() => OutboxMessage.update({ tries: 3, nextTryAt: later }, { where: { id: mail.id } }));
    const refused = await Promise.all([
      here.run(['mail', 'retry', 'globex', mail.id]),
      here.run(['mail', 'retry', 'acme', 'x']),
      here.run(['mail', 'list', 'acme', '--state', 'lost']),
    ]);
    assert.deepEqual(
      refused.map(({ code }) => code),
      [1, 1, 2],
    );
    assert.equal(await here.look(async () => (await OutboxMessage.findByPk(mail.id))?.nextTryAt), later);
    await here.done('mail', 'retry', 'acme', mail.id);
    await here.look(async () => {
      assert.ok(((await OutboxMessage.findByPk(mail.id))?.nextTryAt ?? later) < later);
      const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      assert.equal(await SecurityEvent.count({ where: { tenantId, event: 'mail.retried', door: 'cli' } }), 1);
    });
  });
});
