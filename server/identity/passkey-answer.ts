import * as z from 'zod';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';

const base64url = z.string().regex(/^[\w-]+$/);
const credential = {
  id: base64url.max(1400),
  rawId: base64url.max(1400),
  type: z.literal('public-key'),
  clientExtensionResults: z.looseObject({}).default({}),
};
const attachment = z.enum(['platform', 'cross-platform']).optional().catch(undefined);

const asked = z.object({
  ...credential,
  authenticatorAttachment: attachment,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.max(100).optional().catch(undefined),
  }),
});

const made = z.object({
  ...credential,
  authenticatorAttachment: attachment,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(10)
      .optional()
      .catch(undefined),
  }),
});

const clientData = z.object({ challenge: base64url.max(100), crossOrigin: z.boolean().optional() });

/** What a browser sends of an authenticator's answer, and the challenge that it says to answer. */
export interface Answer<R> {
  response: R;
  challenge: string;
}

/** The answer to "who is it?"; null for what no browser sends. */
export function readAssertion(given: string): Answer<AuthenticationResponseJSON> | null {
  return read(asked, given) as Answer<AuthenticationResponseJSON> | null;
}

/** The answer to "make a passkey"; null for what no browser sends. */
export function readCreation(given: string): Answer<RegistrationResponseJSON> | null {
  return read(made, given) as Answer<RegistrationResponseJSON> | null;
}

function read(schema: typeof asked | typeof made, given: string) {
  const answer = schema.safeParse(json(given));
  if (!answer.success) return null;
  const client = clientData.safeParse(json(Buffer.from(answer.data.response.clientDataJSON, 'base64url').toString()));
  // A page of another site around ours cannot ask: we let nobody frame us.
  if (!client.success || client.data.crossOrigin === true) return null;
  return { response: answer.data, challenge: client.data.challenge };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
