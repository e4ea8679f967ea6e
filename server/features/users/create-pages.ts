import type { Request, Response } from 'express';
import { usernameProblem } from '#policies/names.js';
import { normalised } from '#policies/text.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { mailed } from '#server/http/mailed.js';
import { signedIn } from '#server/http/request.js';
import { passwordRules } from '#server/identity/password.js';
import { findUser } from '#server/identity/user.js';
import { mayMakeTokenFor } from '../service-tokens/rule.js';
import { createUser } from './create.js';
import { createForm, newQuery } from './input.js';
import { offeredRoles } from './grant.js';

// The rules speak to who chooses a password of their own.
const THEIR_NAMES = 'No name in it: not theirs, not their username or e-mail address, not your organisation’s';

/** The form for a new user: `?kind=service` for a service account, which has fewer fields. */
export async function showNew(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const proposed = problem ? withUsername(problem) : undefined;
  const service = problem ? problem.values['kind'] === 'service' : readQuery(newQuery, req.query).kind === 'service';
  const [roles, policy, organisation] = await Promise.all([
    offeredRoles(context),
    SecurityPolicy.of(context.tenant.id),
    Tenant.findByPk(context.tenant.id, { rejectOnEmpty: true }),
  ]);
  show(res, 'users/new', {
    title: service ? 'Add a service account' : 'Add a user',
    service,
    roles: roles.map(({ id, name, description, mayGrant }) => ({
      value: id,
      label: name,
      hint: description,
      disabled: !mayGrant,
    })),
    usualRoles: roles.filter(({ usual }) => usual).map(({ id }) => id),
    mustChangePassword: organisation.defaultMustChangePassword,
    mustSetUpTwoFactor: organisation.defaultMustSetUpTwoFactor,
    alwaysChanges: policy.changeAtFirstSignIn,
    passwordRules: passwordRules(policy, context.tenant, { username: '', email: '', name: '' }).map((line) =>
      line.rule === 'forbidNames' ? { ...line, text: THEIR_NAMES } : line,
    ),
    ...proposed,
  });
}

export async function create(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: createForm,
    act: (values) => createUser(context, values),
    again: (problem) => showNew(req, res, problem),
    async done({ id, name, kind, status }) {
      const made = kind === 'service' ? `The service account ${name} has been made.` : `${name} has been added.`;
      setFlash(
        context.services,
        res,
        status === 'invited' ? `${made} ${mailed(context.services, 'an invitation')}` : made,
      );
      // A service account is of no use without a token: straight on to the first, where one may make it.
      const onward = mayMakeTokenFor(context, await findUser(context, id)) ? '/tokens/new' : '';
      res.redirect(303, `/admin/users/${id}${onward}`);
    },
  });
}

// Who was not given one is proposed the part of the address before the @, to be sent with one more press.
function withUsername({ errors, values }: Problem): Problem {
  const { username, email } = values;
  if (username !== '' || typeof email !== 'string') return { errors, values };
  const made = normalised(email, 'NFKC')
    .split('@', 1)
    .join('')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '');
  if (made === '' || usernameProblem(made) !== null) return { errors, values };
  const message = `Choose the username: ${made} is proposed, from the address.`;
  return {
    errors: errors.map((error) => (error.field === 'username' ? { ...error, message } : error)),
    values: { ...values, username: made },
  };
}
