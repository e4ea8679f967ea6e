import { isIP, isIPv4, SocketAddress } from 'node:net';
import ipaddr from 'ipaddr.js';

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

/**
 * The address as it is counted, and the networks around it, narrowest first. An IPv6 customer has a whole /64, a household
 * a /56, a company or a tunnel a /48; IPv4 is sold by /24.
 */
export function networksOf(ip: string | null): [string, ...string[]] {
  const address = readAddress(ip ?? '');
  if (address === null) return ['unknown'];
  if (isIPv4(address)) return [address, `${address.replace(/\d+$/, '0')}/24`];
  const [a, b, c, d = 0] = ipaddr.IPv6.parse(address).parts;
  const spelled = (last: number): string => [a, b, c, last].map((group = 0) => group.toString(16)).join(':');
  return [`${spelled(d)}::/64`, `${spelled(d & 0xff00)}::/56`, `${spelled(0).replace(/:0$/, '')}::/48`];
}
