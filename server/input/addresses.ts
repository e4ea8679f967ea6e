import * as z from 'zod';
import { canonicalIpList, ipListProblem } from '#policies/ip-range.js';
import { readAddress } from '#server/lib/address.js';
import { alike } from './kind.js';
import { refuse } from './refuse.js';

const MOST = 50;

/** Addresses and ranges: a text in a form, a list in JSON; one text inside, an entry a line. */
export function addresses() {
  const form = z
    .string({ error: 'Enter one list of addresses.' })
    .max(4000, { error: `List at most ${MOST} addresses or ranges.` })
    .superRefine(refuse(ipListProblem, 'always'))
    .transform(canonicalIpList);
  const json = z
    .array(z.string().max(50))
    .max(MOST)
    .superRefine((list, context) => refuse(ipListProblem, 'always')(list.join('\n'), context))
    .transform((list) => canonicalIpList(list.join('\n')));
  return { form, json, change: json };
}

/** One address, as a socket or a gateway calls it, with a port, too; inside in the one spelling that is compared. */
export function address(message: string) {
  return alike(
    z
      .string({ error: message })
      .max(100, { error: message })
      .overwrite((given) => readAddress(given) ?? '')
      .min(1, { error: message }),
  );
}
