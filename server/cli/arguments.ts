import { InvalidArgumentError } from 'commander';

export function wholeNumber(given: string): number {
  if (!/^\d{1,8}$/.test(given)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(given);
}

export interface UserAddress {
  organization: string;
  username: string;
}

/** `acme/uma`. */
export function userAddress(given: string): UserAddress {
  const [, organization = '', username = ''] = /^([^/]+)\/([^/]+)$/.exec(given) ?? [];
  if (!organization)
    throw new InvalidArgumentError('It must be like acme/uma: the organisation, a slash, the username.');
  return { organization, username };
}

/** An organisation, or one account of it. */
export interface PlaceAddress {
  organization: string;
  /** Null for the whole of the organisation. */
  username: string | null;
}

/** `acme`, or `acme/uma`. */
export function placeAddress(given: string): PlaceAddress {
  if (!given.includes('/')) return { organization: given, username: null };
  return userAddress(given);
}

/** A time as programs read it; null for none. */
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
