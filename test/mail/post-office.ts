import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Database } from '#models/database.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { deliverDue } from '#server/mail/delivery.js';
import { createMailer, type Mail, type Mailer } from '#server/mail/mailer.js';
import { User } from '#models/user.js';
import { queueMail } from '#server/mail/outbox.js';
import { BASE_URL, makeWorld, uma, type World } from './support.js';

/** A link that a mail may hold; its secret part must turn up nowhere else. */
const PATH = '/invitations/q3mGd0Yw1b2J7o4nXvT5u9KxAeZr8LcPsHf6EiQaWtM';
export const LINK = `${BASE_URL}${PATH}`;

export interface PostOffice {
  url: string;
  received: { from: string; to: string[]; source: string; mail: Email }[];
  /** The answers to come, first one first: a code refuses, at the recipient or after the data; when there are none left all is taken. */
  refuse: { at: 'RCPT TO' | 'DATA' | 'MAIL FROM'; code: number; text: string }[];
  close(): Promise<void>;
}

/** A real SMTP server on a free port. */
export async function openPostOffice(options: SMTPServerOptions = {}): Promise<PostOffice> {
  const received: PostOffice['received'] = [];
  const refuse: PostOffice['refuse'] = [];
  const refusal = (at: string): Error | null => {
    if (refuse[0]?.at !== at) return null;
    const { code, text } = refuse.shift()!;
    return Object.assign(new Error(text), { responseCode: code });
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onMailFrom: (_address, _session, done) => done(refusal('MAIL FROM')),
    onRcptTo: (_address, _session, done) => done(refusal('RCPT TO')),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const no = refusal('DATA');
        if (no) {
          done(no);
          return;
        }
        const bytes = Buffer.concat(chunks);
        void PostalMime.parse(bytes).then((mail) => {
          const { mailFrom, rcptTo } = session.envelope;
          received.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            source: bytes.toString('latin1'),
            mail,
          });
          done();
        }, done);
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    refuse,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A mailer of which a test says what it does. */
export function mailerThat(send: (mail: Mail) => Promise<void> | void): Mailer {
  return { send: async (mail) => send(mail), close: () => undefined };
}

export interface Post {
  office: PostOffice;
  world: World;
  /** Queues an invitation. */
  invite(to?: Partial<typeof uma>, organisation?: string): Promise<void>;
  /** The one message of the outbox. */
  only(): Promise<OutboxMessage>;
  /** Delivers what is due, over SMTP unless another mailer is given. */
  deliver(through?: Mailer): Promise<number>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** A world whose mails go to a post office of its own. */
export async function makePost(engine: Database['dialect']): Promise<Post> {
  const office = await openPostOffice();
  const world = await makeWorld(engine, { SMTP_URL: office.url });
  const mailer = createMailer(world.config, world.services.log);
  const { name, username, email } = uma;
  const person = { tenantId: world.tenant.id, name, username, email, createdAt: world.clock.now() };
  const { id } = await User.create({ ...person, status: 'active' });
  return {
    office,
    world,
    invite: (to = {}, name = 'Acme') =>
      queueMail(world.context(), {
        event: 'invitation',
        to: { ...uma, id, ...to },
        tenant: { id: world.tenant.id, slug: 'acme', name, colour: 'blue' },
        variables: { invitationLink: PATH, validFor: '7 days', by: 'Adam Arslan', shortName: 'acme' },
      }),
    only: () => OutboxMessage.findOne({ rejectOnEmpty: true }),
    deliver: (through = mailer) => deliverDue(world.services, through),
    async clear() {
      await OutboxMessage.destroy({ where: {} });
      office.received.length = office.refuse.length = world.logLines.length = 0;
    },
    async close() {
      mailer.close();
      await world.close();
      await office.close();
    },
  };
}
