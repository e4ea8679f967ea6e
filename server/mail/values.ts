import { tidy, TURNING } from '#policies/text.js';
import type { Context } from '#server/context.js';
import { ownAddress } from '#server/lib/own-address.js';
import { ownVariables, type MailEvent } from './events.js';
import type { Values } from './template.js';
import { isLinkVariable, isUsernameVariable } from './variables.js';
import { accountParts, accountText, browserText, maskEmail, timeText } from './words.js';

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
  readonly tenant: { readonly slug: string; readonly name: string };
  readonly variables: Values;
}

/** Every value a template of this event may name: the common ones, and those given. Throws when one is missing, unknown or no link of ours. */
export function mailValues(context: Context, mail: MailFacts): Values {
  const { to, tenant } = mail;
  const address = ownAddress(context.services.config, tenant.slug);
  const values: Record<string, string> = {
    name: to.name,
    username: to.username,
    organisation: tenant.name,
    portalLink: '',
    forgotPasswordLink: '/password/forgot',
    activityLink: '/security/activity',
    time: timeText(context.now, to.locale, to.timeZone),
    ip: context.ip ?? withoutRequest(context),
    browser: context.client || context.ip ? browserText(context.client) : withoutRequest(context),
    ...ownValues(mail),
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isLinkVariable(name) ? ownLink(name, value, address) : textValue(name, value),
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

function textValue(name: string, value: string): string {
  if (isUsernameVariable(name)) return unlinked(value);
  const { person, username } = (name === 'account' ? accountParts(value) : null) ?? {};
  return person === undefined || username === undefined
    ? defused(value)
    : accountText({ name: defused(person), username: unlinked(username) });
}

function ownLink(name: string, path: string, address: string): string {
  // Printable ASCII without quotes, brackets or a backslash: nothing a mail program could read differently.
  if (!(path === '' && name === 'portalLink') && !/^\/[!#-&(-;=?-[\]_a-z~]*$/.test(path))
    throw new Error(`The mail's ${name} is not a path of this portal.`);
  return `${address}${path}`;
}

// A name that holds a web address would arrive as a link, sent by us: mail programs make one of a bare domain, too.
// Nothing is taken out, as what is left could be a link again.
function defused(value: string): string {
  return tidy(value.replace(TURNING_ALL, ''))
    .replace(/:(?=\/\/)/g, ': ')
    .replace(/(?<=[\p{L}\p{M}\p{N}-][.．。｡․])(?=[\p{L}\p{M}])/gu, ' ');
}

// A username, the reader's own and any other, is there to be read, typed and copied as it stands: what keeps it from being a
// link is not seen, and passed over where people sign in and search.
function unlinked(username: string): string {
  return username.replace(/(?<=[\p{L}\p{M}\p{N}-][.．․])(?=[\p{L}\p{M}])/gu, '\u2060');
}

const TURNING_ALL = new RegExp(TURNING, 'gu');

function withoutRequest(context: Context): string {
  return context.door === 'job' ? '(Gatehouse itself)' : '(command line)';
}
