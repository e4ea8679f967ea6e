import { tidy, TURNING } from '#policies/text.js';
import type { Context } from '#server/context.js';
import { ownVariables, type MailEvent } from './events.js';
import type { Values } from './template.js';
import { isLinkVariable } from './variables.js';
import { browserText, maskEmail, timeText } from './words.js';

export interface MailRecipient {
  readonly id: string | null;
  readonly email: string;
  readonly name: string;
  readonly username: string;
  readonly locale: string;
  readonly timeZone: string;
}

export interface MailFacts {
  readonly event: MailEvent;
  readonly to: MailRecipient;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly variables: Values;
}

/** Every value a template of this event may name: the common ones, and those given. Throws when one is missing, unknown or no link of ours. */
export function mailValues(context: Context, mail: MailFacts): Values {
  const { baseUrl } = context.services.config;
  const { to, tenant } = mail;
  const values: Record<string, string> = {
    name: to.name,
    username: to.username,
    organisation: tenant.name,
    portalLink: baseUrl,
    forgotPasswordLink: `${baseUrl}/password/forgot`,
    activityLink: `${baseUrl}/security/activity`,
    time: timeText(context.now, to.locale, to.timeZone),
    ip: context.ip ?? withoutRequest(context),
    browser: context.client || context.ip ? browserText(context.client) : withoutRequest(context),
    ...ownValues(mail),
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isLinkVariable(name) ? ownLink(name, value, baseUrl) : name === 'username' ? unlinked(value) : defused(value),
    ]),
  );
}

function ownValues({ event, variables }: MailFacts): Record<string, string> {
  const known = ownVariables(event);
  const unknown = Object.keys(variables).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new Error(`The mail ${event} has no variable ${unknown}.`);
  return Object.fromEntries(
    Object.keys(known).map((name) => {
      const value = variables[name];
      if (value === undefined) throw new Error(`The mail ${event} needs the variable ${name}.`);
      return [name, name === 'newEmail' ? maskEmail(value) : value];
    }),
  );
}

function ownLink(name: string, value: string, baseUrl: string): string {
  const ours = value === baseUrl || value.startsWith(`${baseUrl}/`);
  // Printable ASCII without quotes, brackets or a backslash: nothing a mail program could read differently.
  if (!ours || !/^[!#-&(-;=?-[\]_a-z~]+$/.test(value))
    throw new Error(`The mail's ${name} is not an address of this portal.`);
  return value;
}

// A name that holds a web address would arrive as a link, sent by us: mail programs make one of a bare domain, too.
// Nothing is taken out, as what is left could be a link again.
function defused(value: string): string {
  return tidy(value.replace(TURNING_ALL, ''))
    .replace(/:(?=\/\/)/g, ': ')
    .replace(/(?<=[\p{L}\p{M}\p{N}-][.．。｡․])(?=[\p{L}\p{M}])/gu, ' ');
}

// The reader's own username is there to be typed or copied as it stands: what keeps it from being a link is not seen, and
// passed over where people sign in.
function unlinked(username: string): string {
  return username.replace(/(?<=[\p{L}\p{M}\p{N}-]\.)(?=[\p{L}\p{M}])/gu, '\u2060');
}

const TURNING_ALL = new RegExp(TURNING, 'gu');

function withoutRequest(context: Context): string {
  return context.door === 'job' ? '(Gatehouse itself)' : '(command line)';
}
