import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { refusalOf, type RightRefusal } from '#policies/credential.js';
import { isPlatformPermission, PERMISSIONS, type Permission } from '#policies/permissions.js';
import { NotFound, Outside, Refusal } from '#server/errors.js';
import { admitCaller, callerOf, demandOfCaller } from '#server/identity/admission.js';
import { readCredentialAgain } from '#server/identity/credential-read.js';
import { caseOf } from './details.js';
import type { OfOwner } from './list.js';

/** A permission, and why the token has it not; null where it has. */
export interface Right {
  name: Permission;
  label: string;
  refusal: RightRefusal | null;
}

export interface TokenRights {
  /** Why every call is refused, in the words of the refusal; null while calls are taken. */
  blocked: string | null;
  rights: readonly Right[];
}

/** What a call would be answered. */
export interface Trial {
  status: number;
  code: string;
  text: string;
}

/** Of one of the owner's tokens: what it can do right now, and of what it cannot do, why. */
export async function rightsOf(context: OfOwner, tokenId: string): Promise<TokenRights> {
  const row = await ownToken(context, tokenId);
  const one = await caseOf(row);
  const refused = await answerOf(context, row, null, null);
  const blocked = refused === null || refused instanceof Outside ? null : refused.message;
  const listed = PERMISSIONS.filter(({ name }) => context.tenant.platform || !isPlatformPermission(name));
  return { blocked, rights: listed.map(({ name, label }) => ({ name, label, refusal: refusalOf(one, name) })) };
}

/**
 * What a call with this token from this address would be answered now, where the call needs this permission; null is one
 * about its owner. Asks the same functions as the call itself, by the id of its secret: the secret is nowhere.
 */
export async function tryCall(
  context: OfOwner,
  tokenId: string,
  { ip, permission }: { ip: string | null; permission: Permission | null },
): Promise<Trial> {
  const refused = await answerOf(context, await ownToken(context, tokenId), ip, permission);
  if (refused === null) return { status: 200, code: '', text: 'The call would be answered.' };
  return { status: refused.status, code: refused.code, text: refused.message };
}

async function answerOf(
  { services, now }: OfOwner,
  { id, tenantId }: ApiCredential,
  ip: string | null,
  permission: Permission | null,
): Promise<Refusal | null> {
  const secret = await ApiCredentialSecret.findOne({ where: { tenantId, credentialId: id, diesAt: null } });
  try {
    const sent = { publicId: secret?.publicId ?? '', kind: 'token' } as const;
    const caller = callerOf(await readCredentialAgain(services.database.read, sent, { now, ip }));
    admitCaller(caller, ip);
    demandOfCaller(caller, permission ?? 'own');
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

async function ownToken({ user, tenant }: OfOwner, id: string): Promise<ApiCredential> {
  const row = await ApiCredential.findOne({ where: { tenantId: tenant.id, userId: user.id, id, kind: 'token' } });
  if (!row) throw new NotFound();
  return row;
}
