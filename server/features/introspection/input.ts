import { address } from '#server/input/addresses.js';
import { asLooseBody, optional } from '#server/input/kind.js';
import { someToken } from '#server/input/text.js';

// RFC 6749, 3.2: parameters that are not known are passed over.
export const introspectionBody = asLooseBody({
  token: someToken(4096),
  ip: optional(address('Give the address of the client, as 192.0.2.1 or 2001:db8::1.')),
});
