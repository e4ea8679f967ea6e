import { Approval } from '#models/approval.js';
import { newId } from '#models/columns.js';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;
const despite = { 'the permissions are taken out of the role': 'The role of owner, which decides, has them still.' };

/** A token of somebody else that waits, and a sender who is an owner: who else may decide about it. */
const askForOne = async ({ portal, ids, desk: { userId, tenantId } }: Scene): Promise<void> => {
  await UserRole.upsert({ tenantId, userId, roleId: (await Role.factory(tenantId, 'owner')).id });
  const now = portal.clock.now();
  const times = { createdAt: now, expiresAt: now + 86_400_000 };
  const uma = await User.inTenant(tenantId, ids['uma'] ?? '');
  const roleId = uma?.roles?.[0]?.id ?? null;
  const about = { tenantId, userId: ids['uma'] ?? '' };
  const token = await ApiCredential.create({ ...about, kind: 'token', name: 'Asked for', roleId, months: 1, ...times });
  const asked = {
    ...about,
    decidingTenantId: tenantId,
    kind: 'api-token',
    subjectId: token.id,
    requestedBy: about.userId,
    state: 'waiting',
  } as const;
  ids['approval'] = (await Approval.create({ ...asked, ...times })).id;
};
/** The removal of a passkey of somebody else that the sender has asked for. */
const askOneself = async ({ portal, ids, desk: { userId, tenantId } }: Scene): Promise<void> => {
  const uma = ids['uma'] ?? '';
  const asked = { kind: 'passkey-removal', userId: uma, subjectId: newId(), requestedBy: userId } as const;
  const times = { createdAt: portal.clock.now(), expiresAt: portal.clock.now() + 86_400_000 };
  ids['approval'] = (
    await Approval.create({ tenantId, decidingTenantId: tenantId, ...asked, state: 'waiting', ...times })
  ).id;
};
const path =
  (after: string) =>
  ({ ids }: Scene): string =>
    `/admin/approvals/${ids['approval'] ?? ''}${after}`;

/** The forms of what waits for an approval. */
export const APPROVAL_FORMS: Readonly<Record<string, GoodForm>> = {
  '/admin/approvals/:id/approval': {
    from: desk,
    path: path('/approval'),
    fields: () => ({}),
    first: askForOne,
    despite,
  },
  '/admin/approvals/:id/refusal': {
    from: desk,
    path: path('/refusal'),
    fields: () => ({ reason: 'Nobody knows what for' }),
    first: askForOne,
    despite,
  },
  '/admin/approvals/:id/withdrawal': {
    from: desk,
    path: path('/withdrawal'),
    fields: () => ({}),
    first: askOneself,
  },
};
