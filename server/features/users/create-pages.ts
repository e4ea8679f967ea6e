import type { Request, Response } from 'express';
import { SecurityPolicy } from '#models/security-policy.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { passwordRules } from '#server/identity/password.js';
import { createUser } from './create.js';
import { createForm, newQuery } from './input.js';
import { offeredRoles } from './grant.js';

// The rules speak to who chooses a password of their own.
const THEIR_NAMES = 'No name in it: not theirs, not their username or e-mail address, not your organisation’s';

/** The form for a new user: `?kind=service` for a service account, which has fewer fields. */
export async function showNew(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const service = problem ? problem.values['kind'] === 'service' : readQuery(newQuery, req.query).kind === 'service';
  const [roles, policy] = await Promise.all([offeredRoles(context), SecurityPolicy.of(context.tenant.id)]);
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
    alwaysChanges: policy.changeAtFirstSignIn,
    passwordRules: passwordRules(policy, context.tenant, { username: '', email: '', name: '' }).map((line) =>
      line.rule === 'forbidNames' ? { ...line, text: THEIR_NAMES } : line,
    ),
    ...problem,
  });
}

export async function create(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: createForm,
    act: (values) => createUser(context, values),
    again: (problem) => showNew(req, res, problem),
    done({ id, name, kind, status }) {
      const made = kind === 'service' ? `The service account ${name} has been made.` : `${name} has been added.`;
      setFlash(context.services, res, status === 'invited' ? `${made} An invitation is on its way.` : made);
      res.redirect(303, `/admin/users/${id}`);
    },
  });
}
