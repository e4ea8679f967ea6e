import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback, type Config } from '#server/config.js';
import { SECOND } from '#server/lib/clock.js';
import { makeFolder } from '#server/lib/folder.js';
import type { Log } from '#server/lib/log.js';

/** One mail, ready to go. */
export interface Mail {
  /** The outbox message's: a mail that goes out twice after a crash carries the same Message-ID both times. */
  readonly id: string;
  readonly event: string;
  readonly from: string;
  /** The bare address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What carries mails away. `send` resolves once the next server has taken the mail, and rejects with `Undeliverable` when it never will. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** This mail will never arrive, however often it is tried. */
export class Undeliverable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Undeliverable';
  }
}

/** The longest that one mail may take, all in all. */
const SEND_LIMIT = 60 * SECOND;

// Read when the first mail goes: the first page does not wait for it.
const nodemailer = () => import('nodemailer');

/** The mailer of these settings: over SMTP, or, where no server is set, into files that whoever tries Gatehouse out can open. */
export function createMailer(config: Config, log: Log): Mailer {
  return config.smtpUrl === null ? createFileMailer(config, log) : createSmtpMailer(config.smtpUrl);
}

/** Signs in to the mail server and sends nothing. Rejects when nobody answers there or we are not let in. */
export async function tryMailServer(smtpUrl: string): Promise<void> {
  const transport = await smtpTransport(smtpUrl);
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

async function smtpTransport(smtpUrl: string) {
  const { protocol, hostname } = new URL(smtpUrl);
  const { createTransport } = await nodemailer();
  return createTransport({
    url: smtpUrl,
    pool: true,
    connectionTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    dnsTimeout: 10 * SECOND,
    // Longer: a server may look a mail over before it answers, and one given up too early arrives twice.
    socketTimeout: 30 * SECOND,
    disableFileAccess: true,
    disableUrlAccess: true,
    // Else whoever sits on the wire could strip STARTTLS and read passwords and links; `?requireTLS=false` allows that.
    requireTLS: protocol === 'smtp:' && !isLoopback(hostname),
  });
}

function createSmtpMailer(smtpUrl: string): Mailer {
  let made: ReturnType<typeof smtpTransport> | undefined;
  return {
    async send(mail) {
      try {
        const transport = await (made ??= smtpTransport(smtpUrl));
        await transport.sendMail({ ...toMessage(mail), signal: AbortSignal.timeout(SEND_LIMIT) });
      } catch (error) {
        throw isFinal(error) ? new Undeliverable((error as Error).message, error) : error;
      }
    },
    close: () => void made?.then((transport) => transport.close()),
  };
}

// Only what the server says of this recipient or this mail is final. A refused sender or sign-in is a setting that
// somebody will put right, and the mails should still be there then.
function isFinal(error: unknown): boolean {
  const { permanent, command } = error as { permanent?: boolean; command?: string };
  return permanent === true && (command === 'RCPT TO' || command === 'DATA');
}

function createFileMailer(config: Config, log: Log): Mailer {
  const folder = join(config.dataDir, 'mail');
  const make = async () =>
    (await nodemailer()).createTransport({
      streamTransport: true,
      buffer: true,
      newline: 'windows',
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  let made: ReturnType<typeof make> | undefined;
  return {
    async send(mail) {
      const transport = await (made ??= make());
      const { message } = await transport.sendMail(toMessage(mail));
      const name = [new Date().toISOString().replace(/[-:]|\.\d+/g, ''), mail.event, mail.id]
        .join('-')
        .replace(/[^\w-]/g, '_');
      const file = join(folder, `${name}.eml`);
      makeFolder(folder);
      await writeFile(file, message, { mode: 0o600, flag: 'wx' });
      log.info({ file }, 'Mail written to a file, because SMTP_URL is not set');
    },
    close: () => void made?.then((transport) => transport.close()),
  };
}

function toMessage(mail: Mail) {
  // An address is never read as a list, and can never end a line: one mail, one recipient.
  if (!/^[^\s,;<>()"@\p{Cc}]+@[^\s,;<>()"@\p{Cc}]+$/u.test(mail.to))
    throw new Undeliverable('The address of the recipient is not one that mail can be sent to.');
  const [, domain = 'localhost'] = /@([^\s<>@]+)>?$/.exec(mail.from) ?? [];
  return {
    messageId: `<${mail.id}@${domain}>`,
    from: mail.from,
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    // RFC 3834: asks out-of-office programs to stay quiet.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', ...mail.headers },
  };
}
