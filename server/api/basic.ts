import { isUtf8 } from 'node:buffer';

export interface BasicCredentials {
  organization: string;
  username: string;
  password: string;
}

const PASSWORD_MAX = 4096;

/**
 * Takes HTTP Basic apart (RFC 7617): the user-id `organization/username` ends at the first colon, the password is all
 * the rest. Null for what is no such thing: no colon, no slash, control characters, not UTF-8.
 */
export function readBasic(given: string): BasicCredentials | null {
  const bytes = Buffer.from(given, 'base64');
  const text = bytes.toString('utf8');
  const [, organization = '', username = '', password = ''] = /^([^/:]+)\/([^/:]+):(.*)$/su.exec(text) ?? [];
  if (!isUtf8(bytes) || /\p{Cc}/u.test(text) || password === '' || password.length > PASSWORD_MAX) return null;
  return { organization, username, password };
}
