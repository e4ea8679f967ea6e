import type { Role } from '#models/role.js';
import { TOKEN_NAME_MAX } from '#policies/credential.js';
import { ipListProblem } from '#policies/ip-range.js';
import { textProblem } from '#policies/names.js';
import { tidy } from '#policies/text.js';

/** What a link has filled in of the form of a new token, and what of it was passed over. */
export interface Prefilled {
  values: Record<string, unknown>;
  /** In sentences: nothing that a link says is taken without being looked at, nor dropped without a word. */
  passedOver: readonly string[];
}

const NAMES = ['name', 'months', 'role', 'scopes', 'allowedIps'];

/**
 * Reads `?name=…&months=…&role=…&scopes=…&allowedIps=…` of a link to the form: `role` is a role's name or id, scopes and
 * addresses are parted by commas. It fills the form and makes nothing.
 */
export function prefilledBy(query: Record<string, unknown>, roles: readonly Role[], mostMonths: number): Prefilled {
  const values: Record<string, unknown> = {};
  const passedOver: string[] = [];
  const given = (name: string): string | null => {
    const value = query[name];
    if (value === undefined || value === '') return null;
    if (typeof value === 'string') return tidy(value);
    passedOver.push(`It says ${name} more than once.`);
    return null;
  };
  const name = given('name');
  if (name !== null) {
    if (name.length <= TOKEN_NAME_MAX && textProblem(name) === null) values['name'] = name;
    else
      passedOver.push(`The name is not one that a token can have: at most ${TOKEN_NAME_MAX} characters, in one line.`);
  }
  const months = given('months');
  if (months !== null) {
    if (/^\d{1,2}$/.test(months) && Number(months) >= 1 && Number(months) <= mostMonths)
      values['months'] = String(Number(months));
    else passedOver.push(`A validity is a number of months from 1 to ${mostMonths}.`);
  }
  const asked = given('role');
  const scopes = given('scopes')?.split(',').map(tidy).filter(Boolean) ?? [];
  const role = asked === null ? bestFor(scopes, roles) : roles.find((one) => isCalled(one, asked));
  if (role && (asked !== null || scopes.length > 0)) values['roleId'] = role.id;
  else if (asked !== null) passedOver.push('Its role is none of those to choose from.');
  const grants: readonly string[] = role?.grants ?? [];
  const granted = [...new Set(scopes.filter((scope) => grants.includes(scope)))];
  const left = scopes.length - scopes.filter((scope) => grants.includes(scope)).length;
  const why = asked === null || role ? 'none that the role grants' : 'left out with it';
  if (left > 0) passedOver.push(`${left === 1 ? 'One scope is' : `${left} scopes are`} ${why}.`);
  // Scopes were meant, so it is not to be everything because none of them is there.
  if (scopes.length > 0) Object.assign(values, { rights: 'chosen', scopes: granted });
  const allowedIps = given('allowedIps')?.split(',').map(tidy).filter(Boolean).join('\n') ?? '';
  if (ipListProblem(allowedIps) === null) Object.assign(values, allowedIps === '' ? {} : { allowedIps });
  else passedOver.push('Its addresses are none: without them the token works from everywhere.');
  // In no words of its own: whoever sends a link does not write on this page.
  if (Object.keys(query).some((one) => !NAMES.includes(one)))
    passedOver.push(`It says something that is none of ${NAMES.join(', ')}.`);
  return { values, passedOver };
}

// Where a link names no role, the one that has most of what it asks for; of several the first.
function bestFor(scopes: readonly string[], roles: readonly Role[]): Role | undefined {
  const has = ({ grants }: Role): number => scopes.filter((one) => (grants as readonly string[]).includes(one)).length;
  return [...roles].sort((one, other) => has(other) - has(one))[0];
}

function isCalled({ id, name }: Role, asked: string): boolean {
  return id === asked.toLowerCase() || name.toLowerCase() === asked.toLowerCase();
}
