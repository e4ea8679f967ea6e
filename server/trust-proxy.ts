import { isIP } from 'node:net';
import type { Say } from './secret-keys.js';

/** The proxies whose word on the visitor's address counts: none, how many there are, or their addresses. */
export function readTrustProxy(given: string, say: Say): false | number | string[] {
  if (/^(|0|off|false)$/i.test(given)) return false;
  if (/^\d{1,2}$/.test(given)) return Number(given);
  const ranges = given.split(',').map((range) => range.trim().toLowerCase());
  const named = ['loopback', 'linklocal', 'uniquelocal'];
  const good = ranges.every((range) => {
    const [address = '', bits] = range.split('/');
    const kind = isIP(address);
    return (
      named.includes(range) ||
      (kind > 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128))))
    );
  });
  if (!good) say('TRUST_PROXY', `must be off, a number of proxies, or addresses such as 10.0.0.0/8, not "${given}".`);
  // Who is trusted may say which address a request comes from.
  if (ranges.some((range) => /\/0+$/.test(range)))
    say('TRUST_PROXY', 'must not trust every address: anybody could then say where they come from.');
  return ranges;
}
