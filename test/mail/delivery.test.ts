import assert from 'node:assert/strict';
import { MINUTE } from '#server/lib/clock.js';
import { LINK, makePost, type Post, type PostOffice } from './post-office.js';
import { ENGINES } from './support.js';

for (const engine of ENGINES) {
  describe(`a delivered mail on ${engine}`, () => {
    let post: Post;
    before(async () => {
      post = await makePost(engine);
    });
    after(() => post.close());
    beforeEach(() => post.clear());

    it('brings a mail with a text and an HTML part, from the portal to the one recipient', async () => {
      await post.invite();
      assert.equal(await post.deliver(), 1);
      const [{ from, to, mail, source }] = post.office.received as [PostOffice['received'][0]];
      assert.deepEqual([from, to], ['gatehouse@acme.example', ['uma@acme.example']]);
      assert.equal(mail.subject, 'Adam Arslan invites you to Acme');
      assert.deepEqual(mail.from, { name: 'Gatehouse', address: 'gatehouse@acme.example' });
      assert.ok(mail.text?.includes(LINK));
      assert.ok(mail.html?.includes(`href="${LINK}"`));
      assert.match(source, /^Content-Type: multipart\/alternative/m);
      assert.match(source, /^Auto-Submitted: auto-generated\r$/m);
      assert.equal(mail.messageId, `<${(await post.only()).id}@acme.example>`);
      assert.equal(mail.attachments.length, 0);
    });

    it('keeps every letter of a name that is not ASCII, in the subject and in both parts', async () => {
      await post.invite({ name: 'Zoë Łukasiewicz 渡辺 🦊', email: 'zoe@acme.example' }, 'Société Générale «Ωmega»');
      await post.deliver();
      const [{ mail, source }] = post.office.received as [PostOffice['received'][0]];
      assert.equal(mail.subject, 'Adam Arslan invites you to Société Générale «Ωmega»');
      assert.ok(mail.text?.includes('Zoë Łukasiewicz 渡辺 🦊'));
      assert.ok(mail.html?.includes('Zoë Łukasiewicz 渡辺 🦊'));
      assert.doesNotMatch(source, /[^\t\r\n -~]/, 'the source is plain ASCII');
      for (const line of source.split('\r\n')) assert.ok(line.length <= 998, 'no line is too long for SMTP');
    });

    it('empties the body once the mail has gone, and remembers when', async () => {
      await post.invite();
      await post.deliver();
      const message = await post.only();
      assert.equal(message.state, 'sent');
      assert.equal(message.sealedBody, null);
      assert.equal(message.tries, 1);
      assert.ok(message.sentAt && Math.abs(message.sentAt - post.world.clock.now()) < MINUTE);
      assert.equal(await post.deliver(), 0);
      assert.equal(post.office.received.length, 1);
    });

    it('puts no header in because a name holds a line break', async () => {
      const name = 'Uma\r\nBcc: all@acme.example\r\n\r\nX';
      await post.invite({ name }, 'Acme\r\nBcc: all@acme.example\nX-Evil: 1');
      await post.deliver();
      const [{ mail, to }] = post.office.received as [PostOffice['received'][0]];
      assert.deepEqual(to, ['uma@acme.example']);
      assert.equal(mail.bcc, undefined);
      assert.equal(
        mail.headers.find(({ key }) => key === 'bcc' || key === 'x-evil'),
        undefined,
      );
      assert.equal(mail.subject, 'Adam Arslan invites you to Acme Bcc: all@acme. example X-Evil: 1');
      assert.match(mail.text ?? '', /^Hello Uma Bcc: all@acme\. example X,$/m);
    });

    it('leaves braces in a name as they are', async () => {
      await post.invite({ name: '{{invitationLink}}' });
      await post.deliver();
      assert.match(post.office.received[0]!.mail.text ?? '', /^Hello \{\{invitationLink\}\},$/m);
    });

    it('sends to no more than one address, whatever the address looks like', async () => {
      for (const email of [
        'a@acme.example, b@acme.example',
        'a@acme.example\r\nRCPT TO:<b@acme.example>',
        '"x" <b@acme.example>',
        'a@b@c.example',
        'nobody',
      ]) {
        await post.invite({ email });
        assert.equal(await post.deliver(), 0, email);
        const message = await post.only();
        assert.deepEqual([message.state, message.sealedBody], ['failed', null]);
        await message.destroy();
      }
      assert.equal(post.office.received.length, 0);
    });

    it('logs neither body, link, name nor address', async () => {
      await post.invite();
      post.office.refuse.push({ at: 'RCPT TO', code: 450, text: 'uma@acme.example is busy' });
      await post.deliver();
      post.world.clock.move(2 * MINUTE);
      await post.deliver();
      const log = post.world.logLines.join('\n');
      assert.match(log, /Mail not sent[\s\S]*Mail sent/);
      assert.doesNotMatch(log, /uma|Uma|acme\.example|invitations|q3mG/);
    });
  });
}
