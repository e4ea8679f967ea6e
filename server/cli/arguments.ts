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
