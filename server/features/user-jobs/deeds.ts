import { can } from '#policies/can.js';
import { exceeds, mayActOnAnother } from '#policies/user.js';
import { mayAssign, standingOf } from '#policies/role.js';
import type { UserKind, UserState } from '#policies/enumerations.js';
import type { Actor } from '#policies/actor.js';
import type { Role } from '#models/role.js';
import type { TenantContext } from '#server/context.js';
import { actOnUser, type UserWithRoles } from '#server/identity/user.js';
import { endSessionsOf, inviteAgain, markPasswordOutdated } from '../users/access.js';
import { applyChanges, CHANGING, type UserChanges } from '../users/edit.js';
import { removeUser } from '../users/remove.js';
import { KINDS, type BulkAction } from '#policies/bulk-actions.js';
import { Unneeded } from './unneeded.js';

/** A person as a preview sees them. */
export interface Person {
  id: string;
  kind: UserKind;
  status: UserState;
  hasPassword: boolean;
  mustSetUpTwoFactor: boolean;
  mustChangePassword: boolean;
  roles: readonly Role[];
}

/** Why a person is not in it: nothing to do, or it cannot be done to them. */
export type Exception = { unchanged: string } | { leftOut: string } | null;

interface BulkDeed {
  /** Lowers owners: the last one is left out. */
  lowers: boolean;
  /** Who needs it, or can bear it. `role` is the one that is given or taken. */
  except(person: Person, actor: Actor, role: Role | null): Exception;
  /** The very action of the single page. */
  act(context: TenantContext, userId: string, roleId: string): Promise<unknown>;
}

const unchanged = (text: string): Exception => ({ unchanged: text });
const leftOut = (text: string): Exception => ({ leftOut: text });
const NO_SIGN_IN = leftOut('A service account signs in nowhere.');
const NO_PASSWORD = leftOut('There is no password yet.');

/** What can be done to many people at once, each by the action of the single page. */
export const DEEDS: Readonly<Record<BulkAction, BulkDeed>> = {
  enable: {
    lowers: false,
    except: ({ status }) => (status === 'disabled' ? null : unchanged('Not disabled.')),
    act: changing('enable', () => ({ status: 'active' })),
  },
  disable: {
    lowers: true,
    except: ({ status }) => (status === 'disabled' ? unchanged('Disabled already.') : null),
    act: changing('disable', () => ({ status: 'disabled' })),
  },
  'end-sessions': {
    lowers: false,
    except: ({ kind, status }) =>
      kind === 'service' ? NO_SIGN_IN : status === 'active' ? null : unchanged('Nobody is signed in there.'),
    act: endSessionsOf,
  },
  'demand-two-factor': {
    lowers: false,
    except: ({ kind, mustSetUpTwoFactor }) =>
      kind === 'service' ? NO_SIGN_IN : mustSetUpTwoFactor ? unchanged('Demanded already.') : null,
    act: changing('demand-two-factor', () => ({ mustSetUpTwoFactor: true })),
  },
  'mark-outdated': {
    lowers: false,
    except: ({ kind, hasPassword, mustChangePassword }) =>
      kind === 'service'
        ? NO_SIGN_IN
        : !hasPassword
          ? NO_PASSWORD
          : mustChangePassword
            ? unchanged('Marked already.')
            : null,
    act: markPasswordOutdated,
  },
  'give-role': {
    lowers: true,
    except: ({ roles }, actor, role) => {
      if (roles.some(({ id }) => id === role?.id)) return unchanged('Has the role already.');
      if (!role) return leftOut('The role is no longer there.');
      return mayAssign(actor, roles, [...roles, role]) ? null : leftOut(TOO_MUCH);
    },
    act: changing('give-role', ({ roles }, roleId) => ({ roleIds: [...roles.map(({ id }) => id), roleId] })),
  },
  'take-role': {
    lowers: true,
    except: ({ roles }, actor, role) => {
      const left = roles.filter(({ id }) => id !== role?.id);
      if (left.length === roles.length) return unchanged('Does not have the role.');
      if (left.length === 0) return leftOut('It is their only role. Give another first.');
      return mayAssign(actor, roles, left) ? null : leftOut(TOO_MUCH);
    },
    act: changing('take-role', ({ roles }, roleId) => ({
      roleIds: roles.map(({ id }) => id).filter((held) => held !== roleId),
    })),
  },
  invite: {
    lowers: false,
    except: ({ status }) => (status === 'invited' ? null : leftOut('Not waiting for an invitation.')),
    act: inviteAgain,
  },
  delete: {
    lowers: true,
    except: () => null,
    act: (context, id) => removeUser(context, id, null),
  },
};

/** Changes what is to be changed of an account, unless somebody else has done so since the preview. */
function changing(action: BulkAction, changes: (user: UserWithRoles, roleId: string) => UserChanges): BulkDeed['act'] {
  return (context, id, roleId) =>
    actOnUser(context, id, CHANGING, (user, acting) => {
      const person = { ...personIn(user), roles: user.roles };
      const role = user.roles.find((held) => held.id === roleId) ?? null;
      const exception = DEEDS[action].except(person, acting.actor, role);
      if (exception !== null && 'unchanged' in exception) throw new Unneeded(exception.unchanged);
      return applyChanges(acting, user, changes(user, roleId));
    });
}

function personIn({ id, kind, status, passwordHash, mustSetUpTwoFactor, mustChangePassword }: UserWithRoles) {
  return { id, kind, status, hasPassword: passwordHash !== null, mustSetUpTwoFactor, mustChangePassword };
}

const TOO_MUCH = 'It would let them do more than you may.';

/** Why this person is left out of it, as far as can be said before; null for who is in. */
export function exceptionOf(
  action: BulkAction,
  person: Person,
  { actor, tenant }: TenantContext,
  role: Role | null,
): Exception {
  const { permission } = KINDS[action];
  const target = { id: person.id, tenantId: tenant.id, ...standingOf(person.roles) };
  if (actor.id === person.id) return leftOut('This is your own account.');
  if (exceeds(actor, target)) return leftOut('This account may do more than yours.');
  if (!can(actor, permission) || !mayActOnAnother(actor, permission, target)) return leftOut('You may not do this.');
  return DEEDS[action].except(person, actor, role);
}
