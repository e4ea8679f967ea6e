import { BlockList, isIP, isIPv4 } from 'node:net';

/** Why a list of addresses and ranges (CIDR, separated by lines, commas or spaces) cannot be taken; null when it can. */
export function ipListProblem(list: string): string | null {
  const entries = entriesOf(list);
  if (entries.length > 50) return 'List at most 50 addresses or ranges.';
  const wrong = entries.find((entry) => parse(entry) === null);
  return wrong === undefined
    ? null
    : `"${wrong.slice(0, 50)}" is no IP address or range. Write one a line, such as 203.0.113.7 or 203.0.113.0/24.`;
}

/** One entry a line, as it is kept. */
export function canonicalIpList(list: string): string {
  return entriesOf(list).join('\n');
}

/** True when the address is in the list, or the list is empty. An IPv4 address inside IPv6 counts as IPv4. */
export function isIpAllowed(list: string, ip: string | null): boolean {
  if (list === '') return true;
  if (ip === null) return false;
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '');
  const kind = isIP(address);
  if (kind === 0) return false;
  const allowed = new BlockList();
  for (const entry of entriesOf(list)) {
    const range = parse(entry);
    if (range) allowed.addSubnet(range.address, range.bits, range.family);
  }
  return allowed.check(address, kind === 4 ? 'ipv4' : 'ipv6');
}

function entriesOf(list: string): string[] {
  return list.split(/[\s,]+/).filter((entry) => entry !== '');
}

function parse(entry: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [address = '', bits, ...more] = entry.split('/');
  // A zone (`fe80::1%eth0`) means something on one machine alone.
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return null;
  const most = isIPv4(address) ? 32 : 128;
  if (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits)) return null;
  const given = bits === undefined ? most : Number(bits);
  return given <= most ? { address, bits: given, family: most === 32 ? 'ipv4' : 'ipv6' } : null;
}
