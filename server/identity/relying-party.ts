import { isIP } from 'node:net';
import { isLoopback, type Config } from '#server/config.js';

/** For whom passkeys are made: the host that they answer to, and the one page address that may ask for them. */
export interface RelyingParty {
  id: string;
  name: string;
  origin: string;
}

/**
 * What the passkeys of an organisation belong to: the host of the portal, and where each organisation has one of its own, that
 * one, or a browser would offer those of another. Null where no passkey can be made: of a portal that has no name, but a number,
 * and over plain http, where browsers have none but on this very machine.
 */
export function relyingPartyOf(
  { baseUrl, baseDomain }: Pick<Config, 'baseUrl' | 'baseDomain'>,
  { slug, name }: { slug: string; name: string },
): RelyingParty | null {
  const { protocol, hostname, port } = partsOf(baseUrl);
  const own = baseDomain === null ? hostname : `${slug}.${baseDomain}`;
  // Of the names of this very machine, browsers know one.
  const id = isLoopback(own) ? 'localhost' : own;
  if (isIP(id.replace(/^\[|\]$/g, '')) !== 0) return null;
  if (protocol === 'http:' && !/(^|\.)localhost$/.test(id)) return null;
  return { id, name, origin: `${protocol}//${id}${port === '' ? '' : `:${port}`}` };
}

let known: { baseUrl: string; parts: URL } | null = null;

// A process has one address: it is taken apart once, and not for each page that may offer a passkey.
function partsOf(baseUrl: string): URL {
  if (known?.baseUrl !== baseUrl) known = { baseUrl, parts: new URL(baseUrl) };
  return known.parts;
}
