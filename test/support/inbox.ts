import { deliverDue } from '#server/mail/delivery.js';
import type { Mail, Mailer } from '#server/mail/mailer.js';
import type { Services } from '#server/context.js';

/** The mails that left the outbox, in their order. */
export class Inbox implements Mailer {
  readonly mails: Mail[] = [];
  services: Services | undefined;

  send(mail: Mail): Promise<void> {
    this.mails.push(mail);
    return Promise.resolve();
  }

  close(): void {
    this.mails.length = 0;
  }

  /** Delivers what waits in the outbox, and gives the mails to this address, newest last. */
  async mailsTo(address: string): Promise<Mail[]> {
    if (this.services) await deliverDue(this.services, this);
    return this.mails.filter(({ to }) => addressOf(to) === address.toLowerCase());
  }

  /** The newest mail to this address; fails when there is none. */
  async newestTo(address: string): Promise<Mail> {
    const mail = (await this.mailsTo(address)).at(-1);
    if (!mail) throw new Error(`There is no mail to ${address}.`);
    return mail;
  }

  /** The path of the first link of the newest mail to this address that begins so. */
  async linkTo(address: string, prefix: string): Promise<string> {
    const { text } = await this.newestTo(address);
    const link = /https?:\/\/\S+/g;
    const path = [...text.matchAll(link)]
      .map(([url]) => new URL(url).pathname)
      .find((found) => found.startsWith(prefix));
    if (path === undefined) throw new Error(`The newest mail to ${address} has no link to ${prefix}….`);
    return path;
  }
}

function addressOf(to: unknown): string {
  const text = typeof to === 'string' ? to : String((to as { address?: string }).address ?? '');
  return (/<([^>]+)>/.exec(text)?.[1] ?? text).toLowerCase();
}
