/**
 * The scheme, in small letters, and what is given with it, of an `Authorization` header; both empty for what is none. Its case
 * counts for nothing, and there may be several spaces (RFC 9110, 11.1 and 11.4).
 */
export function readAuthorization(header: string | undefined): { scheme: string; given: string } {
  const [, scheme = '', given = ''] = /^(\S+) +(\S+) *$/.exec(header ?? '') ?? [];
  return { scheme: scheme.toLowerCase(), given };
}
