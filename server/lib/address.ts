import { isIP, isIPv4, SocketAddress } from 'node:net';

/**
 * The address in what a socket or a gateway calls one, in the one spelling that is kept and compared (RFC 5952): without
 * port, brackets, quotes and zone, and IPv4 as IPv4. Null for what is none.
 */
export function readAddress(given: string): string | null {
  const bare = given
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace(/^\[([^\]]*)\](?::\d{1,5})?$/, '$1')
    .replace(/^([\d.]+):\d{1,5}$/, '$1')
    .replace(/%.*$/, '')
    .toLowerCase();
  if (isIP(bare) === 0) return null;
  if (isIPv4(bare)) return bare;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}
