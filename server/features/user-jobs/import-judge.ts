import type { Role } from '#models/role.js';
import { can } from '#policies/can.js';
import type { UserKind } from '#policies/enumerations.js';
import { canonicalEmail, lookalikeProblem, NAME_MAX } from '#policies/names.js';
import { mayAssign } from '#policies/role.js';
import { isSystemName } from '#policies/system-names.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { HELD_BEFORE, OF_A_MACHINE, TAKEN } from '#server/identity/add-user.js';
import { targetOf, type UserWithRoles } from '#server/identity/user.js';
import type { Column } from './import-columns.js';
import type { Known } from './import-known.js';
import type { Fault, Line } from './import-lines.js';
import type { Change, Intended } from './import-kept.js';

const MOST_NAMED = 5;
const TOO_MUCH = 'It would let them do more than you may. Ask somebody who may do as much.';

/** What a row comes to: somebody new, changes of somebody who is there (perhaps none), or what is wrong with it. */
export type Verdict =
  { intended: Intended; user: UserWithRoles | undefined } | { faults: Fault[]; user?: UserWithRoles };

/** Judges a row by what there is, in the actor's name; nothing is done. The write asks all of it again. */
export function judge(context: TenantContext, line: Line, known: Known): Verdict {
  const user = known.userOf(line);
  const faults = [...line.faults];
  const roles = rolesOf(line, known, faults);
  const holder = known.holderOf(line);
  if (holder !== undefined && holder !== user?.id) faults.push(fault('email', TAKEN.email.message));
  const intended = user
    ? changesOf(context, line, user, roles, faults)
    : additionOf(context, line, known, roles, faults);
  return faults.length > 0 ? { faults, ...(user ? { user } : {}) } : { intended, user };
}

/** The roles that a row names, each once. */
function rolesOf(line: Line, known: Known, faults: Fault[]): Role[] {
  const found = line.roles.map((name) => ({ name, role: known.roleCalled(name) }));
  const unknown = found.filter(({ role }) => !role).map(({ name }) => name);
  for (const name of unknown.slice(0, MOST_NAMED))
    faults.push(
      fault('roles', `There is no role “${name.length > NAME_MAX ? `${name.slice(0, NAME_MAX)}…` : name}” here.`),
    );
  if (unknown.length > MOST_NAMED)
    faults.push(fault('roles', `Nor are there ${unknown.length - MOST_NAMED} more of those named.`));
  return [...new Set(found.flatMap(({ role }) => role ?? []))];
}

function additionOf({ actor }: TenantContext, line: Line, known: Known, given: readonly Role[], faults: Fault[]) {
  const { username = '', name = '', email = '', status, kind = 'person' } = line.values;
  const said = (column: Column): boolean => faults.some((one) => one.column === column);
  if (name === '' && !said('name')) faults.push(fault('name', 'Enter the name: nobody has this username yet.'));
  if (email === '' && kind !== 'service' && !said('email'))
    faults.push(fault('email', 'Enter an e-mail address: nobody has this username yet.'));
  if (!said('username')) {
    const problem = lookalikeProblem(username);
    if (problem !== null) faults.push(fault('username', problem));
    else if (isSystemName(line.usernameKey)) faults.push(fault('username', OF_A_MACHINE));
    else if (known.isReserved(line)) faults.push(fault('username', HELD_BEFORE));
  }
  if (status === 'disabled')
    faults.push(fault('status', 'A new account cannot begin disabled. Leave it empty, and disable it afterwards.'));
  const roles = given.length > 0 || !known.usual ? given : [known.usual];
  if (!said('roles') && !mayAssign(actor, [], roles))
    faults.push(fault('roles', 'You cannot give a role that may do more than yours.'));
  const roleIds = roles.map(({ id }) => id);
  return { add: { kind: kind as UserKind, username, name, email, roleIds }, roles: roles.map((role) => role.name) };
}

function changesOf(
  { actor }: TenantContext,
  line: Line,
  user: UserWithRoles,
  roles: readonly Role[],
  faults: Fault[],
): Intended {
  const { name = user.name, email = user.email, status, kind = user.kind } = line.values;
  const own = user.id === actor.id;
  const shown: Change[] = [];
  const change: Extract<Intended, { change: unknown }>['change'] = {
    seen: { name: user.name, email: user.email },
  };
  if (name !== user.name) {
    change.name = name;
    shown.push({ column: 'name', from: user.name, to: name });
  }
  // Spelt otherwise it is no other address, and the account keeps it as it is.
  if (canonicalEmail(email) !== canonicalEmail(user.email)) {
    change.email = email;
    shown.push({ column: 'email', from: user.email, to: email });
  }
  if (roles.length > 0 && idsOf(roles) !== idsOf(user.roles)) {
    change.roleIds = roles.map(({ id }) => id);
    change.rolesShown = user.roles.map(({ id }) => id);
    shown.push({ column: 'roles', from: namesOf(user.roles), to: namesOf(roles) });
    if (own) faults.push(fault('roles', 'Nobody changes their own roles here.'));
    else if (!mayAssign(actor, user.roles, roles)) faults.push(fault('roles', TOO_MUCH));
  }
  // Whoever is not disabled is invited or active by what they have done, whatever a file says.
  if (status !== undefined && (status === 'disabled') !== (user.status === 'disabled')) {
    change.status = status === 'disabled' ? 'disabled' : 'active';
    shown.push({ column: 'status', from: user.status, to: change.status });
    if (own) faults.push(fault('status', 'Nobody disables their own account here.'));
  }
  if (kind !== user.kind)
    faults.push(fault('kind', 'A person stays one, and so does a service account. Use another username.'));
  if (shown.length > 0 && !mayActOn(actor, 'users:write', targetOf(user)))
    faults.push(
      fault('', can(actor, 'users:write') ? 'This account may do more than yours.' : 'You may not change accounts.'),
    );
  return { change, shown };
}

const fault = (column: Fault['column'], message: string): Fault => ({ column, message });

function idsOf(roles: readonly Role[]): string {
  return roles
    .map(({ id }) => id)
    .sort()
    .join();
}

function namesOf(roles: readonly Role[]): string {
  return roles
    .map(({ name }) => name)
    .sort()
    .join(', ');
}
