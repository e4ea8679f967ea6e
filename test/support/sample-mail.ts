import { ownVariables, type MailEvent } from '#server/mail/events.js';
import { COMMON_VARIABLES, isLinkVariable, type MailVariable } from '#server/mail/variables.js';

/** Every variable that a template of this event may name. */
export function variablesOf(event: MailEvent): Readonly<Record<string, MailVariable>> {
  return { ...COMMON_VARIABLES, ...ownVariables(event) };
}

/** A value for each variable of a mail, as the catalogue gives one as an example. */
export function sampleValues(event: MailEvent, baseUrl: string): Record<string, string> {
  const entries = Object.entries(variablesOf(event));
  return Object.fromEntries(
    entries.map(([name, { sample }]) => [name, isLinkVariable(name) ? `${baseUrl}${sample}` : sample]),
  );
}
