/** How the signs that part an address are written inside a password. */
export const ENCODED = '# % / ? @ and spaces in the password written as %23 %25 %2F %3F %40 %20';

/**
 * Whether this is the address of one server, with all of its parts in their places. A password with a # or a lone % in it
 * would be cut there, and its rest taken for a host, which an error then names.
 */
export function isServiceUrl(given: string, scheme: RegExp): boolean {
  if (!scheme.test(given) || !URL.canParse(given)) return false;
  const { hash, hostname, pathname, search, username, password } = new URL(given);
  const inPlace = !given.includes('#') && hash === '' && !/[@\s]/.test(pathname + search);
  return inPlace && /^[^%,]+$/.test(hostname) && [username, password, pathname].every(isEncoded);
}

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
