import { ownVariables, type MailEvent } from './events.js';
import type { Values } from './template.js';
import { COMMON_VARIABLES, isLinkVariable } from './variables.js';

/** A value for each variable of a mail, as the catalogue gives one as an example. */
export function sampleValues(event: MailEvent, address: string): Values {
  const entries = Object.entries({ ...COMMON_VARIABLES, ...ownVariables(event) });
  return Object.fromEntries(
    entries.map(([name, { sample }]) => [name, isLinkVariable(name) ? `${address}${sample}` : sample]),
  );
}
