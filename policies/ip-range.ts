import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net';
import { bareOf } from './text.js';

/** Why a list of addresses and ranges (CIDR, separated by lines, commas, semicolons or spaces) cannot be taken; null when it can. */
export function ipListProblem(list: string): string | null {
  const entries = entriesOf(list);
  if (entries.length > 50) return 'List at most 50 addresses or ranges.';
  const wrong = entries.find((entry) => parse(entry) === null);
  return wrong === undefined
    ? null
    : `"${wrong.slice(0, 50)}" is no IP address or range. Write one a line, such as 203.0.113.7 or 203.0.113.0/24.`;
}

/** One entry a line and each once, in the one spelling of its address (RFC 5952), as it is kept. */
export function canonicalIpList(list: string): string {
  const spelt = entriesOf(list).map((entry) => {
    const range = parse(entry);
    return range === null ? entry : `${range.address}${entry.includes('/') ? `/${range.bits}` : ''}`;
  });
  return [...new Set(spelt)].join('\n');
}

/** True when the address is in the list, or the list is empty. An IPv4 address inside IPv6 counts as IPv4. */
export function isIpAllowed(list: string, ip: string | null): boolean {
  if (list === '') return true;
  const asked = ip === null || isIP(ip) === 0 ? null : parse(ip);
  if (asked === null) return false;
  const allowed = new BlockList();
  for (const entry of entriesOf(list)) {
    const range = parse(entry);
    if (range) allowed.addSubnet(range.address, range.bits, range.family);
  }
  return allowed.check(asked.address, asked.family);
}

// What is copied brings along what nobody sees, and digits of full width.
function entriesOf(list: string): string[] {
  return bareOf(list)
    .split(/[\s,;]+/)
    .filter((entry) => entry !== '');
}

interface Range {
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

function parse(entry: string): Range | null {
  const [given = '', bits, ...more] = entry.split('/');
  const address = given.replace(/^\[(.*)\]$/, '$1');
  // A zone (`fe80::1%eth0`) means something on one machine alone.
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return null;
  const most = isIPv4(address) ? 32 : 128;
  if (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits)) return null;
  const many = bits === undefined ? most : Number(bits);
  if (many > most) return null;
  return most === 32 ? { address, bits: many, family: 'ipv4' } : asIPv6(address, many);
}

function asIPv6(given: string, bits: number): Range {
  const { address } = new SocketAddress({ address: given, family: 'ipv6' });
  const inside = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return inside !== undefined && bits >= 96
    ? { address: inside, bits: bits - 96, family: 'ipv4' }
    : { address, bits, family: 'ipv6' };
}
