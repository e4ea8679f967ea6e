import assert from 'node:assert/strict';
import { canonicalUsername } from '#policies/names.js';
import { inTransaction } from '#models/transaction.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { MAIL_EVENTS, ownVariables, type MailEvent } from '#server/mail/events.js';
import { openBody, queueMail } from '#server/mail/outbox.js';
import { browserText, maskEmail, timeText } from '#server/mail/words.js';
import { sampleValues } from '../support/sample-mail.js';
import { BASE_URL, DISAVOWAL, ENGINES, makeWorld, uma, type World } from './support.js';

const PATH = '/password/reset/q3mGd0Yw1b2J7o4nXvT5u9KxAeZr8LcPsHf6EiQaWtM';

for (const engine of ENGINES) {
  describe(`the outbox on ${engine}`, () => {
    let world: World;
    before(async () => {
      world = await makeWorld(engine);
    });
    after(() => world.close());
    beforeEach(() => OutboxMessage.destroy({ where: {} }));

    const queueReset = (to = uma, changes = {}): Promise<void> =>
      queueMail(world.context(changes), {
        event: 'password-reset',
        to,
        tenant: world.tenant,
        variables: { resetLink: PATH, validFor: '30 minutes' },
      });
    const queued = async () => {
      const message = await OutboxMessage.findOne({ rejectOnEmpty: true });
      return { message, ...openBody(world.services.keys, message, message.sealedBody ?? '') };
    };

    it('holds a mail that is due at once, to the address of the account', async () => {
      await queueReset();
      const { message } = await queued();
      assert.equal(message.recipient, 'uma@acme.example');
      assert.equal(message.subject, 'Set a new password at Acme');
      assert.equal(message.state, 'queued');
      assert.equal(message.tries, 0);
      assert.ok(message.nextTryAt <= world.clock.now());
    });

    it('keeps nothing readable of the body: no link, no name, no address of the request', async () => {
      await queueReset();
      const [row] = await world.database.read('SELECT * FROM outbox_messages', []);
      const kept = JSON.stringify(row);
      assert.doesNotMatch(kept, /q3mGd0Yw1b2J7o4nXvT5u9KxAeZr8LcPsHf6EiQaWtM|password\/reset|Ndiaye|203\.0\.113\.7/);
      assert.ok((await queued()).text.includes(`${BASE_URL}${PATH}`));
    });

    it('seals a body for its own message: moved to another, or to another organisation, it cannot be opened', async () => {
      await queueReset();
      await queueReset({ ...uma, email: 'mallory@acme.example' });
      const [first, second] = await OutboxMessage.findAll({ order: [['id', 'ASC']] });
      assert.throws(() => openBody(world.services.keys, second!, first!.sealedBody!));
      assert.throws(() => openBody(world.services.keys, { id: first!.id, tenantId: 'other' }, first!.sealedBody!));
    });

    it('holds nothing for an account that has no address', async () => {
      await queueReset({ ...uma, email: '' });
      assert.equal(await OutboxMessage.count(), 0);
    });

    it('holds nothing when what the mail tells of did not happen', async () => {
      await assert.rejects(
        inTransaction(async () => {
          await queueReset();
          throw new Error('no');
        }),
        /no/,
      );
      assert.equal(await OutboxMessage.count(), 0);
    });

    it('says when in the language and zone of the reader, from where and with which browser', async () => {
      const now = Date.UTC(2026, 6, 29, 22, 30);
      await queueReset({ ...uma, locale: 'en', timeZone: 'Europe/Berlin' }, { now });
      const { text } = await queued();
      assert.match(text, /When: +30 July 2026 at 00:30 CEST/);
      assert.match(text, /IP address: +203\.0\.113\.7/);
      assert.match(text, /Browser: +Firefox 143 on Linux/);
      assert.match(timeText(now, 'de', 'America/New_York'), /29\. Juli 2026.*18:30/);
      assert.equal(timeText(now, 'no such', 'Nowhere/Land'), '29 July 2026 at 22:30 UTC');
    });

    it('says so when it was done at the command line, or by Gatehouse itself', async () => {
      await queueReset(uma, { door: 'cli', ip: null, client: null });
      assert.match((await queued()).text, /IP address: +\(command line\)\nBrowser: +\(command line\)/);
      await OutboxMessage.destroy({ where: {} });
      await queueReset(uma, { door: 'job', ip: null, client: null });
      assert.match((await queued()).text, /IP address: +\(Gatehouse itself\)/);
      await OutboxMessage.destroy({ where: {} });
      await queueReset(uma, { door: 'api', client: null });
      assert.match((await queued()).text, /IP address: +203\.0\.113\.7\nBrowser: +Unknown browser/);
    });

    it('never sends a link that leads elsewhere', async () => {
      const elsewhere = [
        'https://evil.example/x',
        '.evil.example/x',
        '@evil.example/',
        ':8443/x',
        'javascript:alert(1)',
        '/"><script>',
        '/a\r\nBcc: x',
        '/\\evil',
        '',
      ];
      for (const resetLink of elsewhere) {
        const mail = {
          event: 'password-reset',
          to: uma,
          tenant: world.tenant,
          variables: { resetLink, validFor: '1 day' },
        } as const;
        await assert.rejects(queueMail(world.context(), mail), /not a path of this portal/, resetLink);
      }
      assert.equal(await OutboxMessage.count(), 0);
    });

    it('takes no variable that the event does not have, and misses one that it needs', async () => {
      const mail = { event: 'password-reset', to: uma, tenant: world.tenant } as const;
      await assert.rejects(
        queueMail(world.context(), { ...mail, variables: { resetLink: PATH } as never }),
        /needs the variable validFor/,
      );
      const extra = { resetLink: PATH, validFor: '1 day', name: 'Mallory' };
      await assert.rejects(queueMail(world.context(), { ...mail, variables: extra }), /no variable name/);
    });

    it('masks the new address in what goes to the old one', async () => {
      for (const event of ['email-change-notice', 'email-changed'] as const) {
        await OutboxMessage.destroy({ where: {} });
        await queueMail(world.context(), {
          event,
          to: uma,
          tenant: world.tenant,
          variables: { ...DISAVOWAL, newEmail: 'secret.life@elsewhere.example' },
        });
        const { text, html } = await queued();
        for (const part of [text, html]) {
          assert.match(part, /s\*\*\*@e\*\*\*\.example/);
          assert.doesNotMatch(part, /secret|elsewhere/);
        }
      }
      assert.deepEqual(['a@b', '@', '', 'ü@ö.example'].map(maskEmail), [
        'a***@b***',
        '***@***',
        '***@***',
        'ü***@ö***.example',
      ]);
    });

    it('repeats no web address that a name or a browser smuggles in: mail programs would make a link of it', async () => {
      const client = { browser: 'https://evil.example/win 1', engine: null, os: null, model: null, architecture: null };
      for (const name of [
        'Uma, see https://evil.example or www.evil.example \u202egpj',
        'Go to http:http:////evil.example/x now',
        'ht\u200btp:\u202e//evil.\u2060example',
        'evil1.example, e-.evil。example, 例.evil',
      ]) {
        await queueReset({ ...uma, username: 'uma.berg', name }, { client });
        const { text, html } = await queued();
        for (const part of [text, html]) {
          const ours = part.replaceAll(BASE_URL, '').replace(/<[^>]*>/g, '');
          assert.doesNotMatch(ours, /:\/\/|www\.\S|[\p{L}\d-][.。](?!berg)\p{L}|\u202e/u, name);
          assert.match(part, /uma\.\u2060berg/, 'the username is no link, and looks as it is typed');
          assert.equal(canonicalUsername('uma.\u2060berg'), 'uma.berg', 'copied, it signs in');
        }
        assert.match(text, /Browser: +Unknown browser/);
      }
      assert.equal(browserText({ ...client, browser: 'evil.example' }), 'Unknown browser');
      assert.equal(
        browserText({ ...client, browser: 'Mobile Safari 18.1', os: 'iOS 18.1' }),
        'Mobile Safari 18.1 on iOS 18.1',
      );
    });

    it('writes every username as its owner has it, whosever the account is, and no mail program makes a link of it', async () => {
      const dotted = (sample: string): string =>
        sample.replace(/\b(uma|iris)$|\((uma|iris)\)$/, (found) => found.replace(/\w+/, 'evil.com'));
      let seen = 0;
      for (const event of Object.keys(MAIL_EVENTS) as MailEvent[]) {
        const own = Object.entries(ownVariables(event)).map(([name, { sample }]) => [name, dotted(sample)] as const);
        const named = own.filter(([, value]) => value.includes('evil.com'));
        seen += named.length;
        const to = { ...uma, username: 'bruno.haddad' };
        await OutboxMessage.destroy({ where: {} });
        await queueMail(world.context(), {
          event,
          to,
          tenant: world.tenant,
          variables: Object.fromEntries(own),
        } as never);
        const { message, text, html } = await queued();
        for (const part of [message.subject, text, html])
          assert.doesNotMatch(part, /evil\. ?com|bruno\. ?haddad/, event);
        for (const part of [text, html]) {
          assert.match(part, /bruno\.\u2060haddad/);
          for (const [name, value] of named)
            assert.ok(part.includes(value.replace('.', '.\u2060')), `${event}: ${name}`);
        }
      }
      assert.ok(seen > 15);
      const account = { account: 'evil.com (x.com) (bruno．haddad)', accountLink: '/admin/users/sample' };
      await OutboxMessage.destroy({ where: {} });
      await queueMail(world.context(), {
        event: 'invitation-expired',
        to: uma,
        tenant: world.tenant,
        variables: account,
      });
      assert.match((await queued()).text, /evil\. com \(x\. com\) \(bruno．\u2060haddad\)/);
    });

    it('keeps a subject within what the table holds', async () => {
      const tenant = { id: world.tenant.id, slug: 'acme', name: '🏰'.repeat(300), colour: 'blue' };
      await queueMail(world.context(), { event: 'new-sign-in', to: uma, tenant, variables: DISAVOWAL });
      assert.equal(Array.from((await queued()).message.subject).length, 200);
    });
  });
}

describe('where each organisation has an address of its own', () => {
  let world: World;
  before(async () => {
    world = await makeWorld('sqlite', { BASE_URL: 'https://portal.example:8443', BASE_DOMAIN: 'people.example' });
  });
  after(() => world.close());

  it('every link of every mail leads there: it is where its people sign in, and the only place where they have passkeys', async () => {
    for (const event of Object.keys(MAIL_EVENTS) as MailEvent[]) {
      await OutboxMessage.destroy({ where: {} });
      const samples = sampleValues(event, '');
      const own = Object.keys(ownVariables(event)).map((name) => [name, samples[name]]);
      const variables = Object.fromEntries(own) as never;
      await queueMail(world.context(), { event, to: uma, tenant: world.tenant, variables });
      const message = await OutboxMessage.findOne({ rejectOnEmpty: true });
      const { text, html } = openBody(world.services.keys, message, message.sealedBody ?? '');
      for (const part of [text, html]) {
        const origins = [...part.matchAll(/https?:\/\/[^\s"<]+/g)].map(([url]) => new URL(url).origin);
        assert.deepEqual([...new Set(origins)], ['https://acme.people.example:8443'], event);
      }
    }
  });
});
