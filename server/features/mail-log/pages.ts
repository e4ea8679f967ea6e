import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { readQuery } from '#server/input/read.js';
import { listMail, retryMail } from './actions.js';
import { mailQuery } from './input.js';

const PATH = '/admin/mail';

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(mailQuery, req.query);
  const { state, q } = query;
  const { mails, next } = await listMail(context, query);
  const asked = Object.entries({ state, q }).filter((one): one is [string, string] => (one[1] ?? '') !== '');
  show(res, 'mail-log/index', {
    title: 'Mail log',
    mails,
    filters: { state: state ?? '', q },
    filtered: asked.length > 0,
    first: query.cursor === undefined ? null : `${PATH}?${new URLSearchParams(asked).toString()}`,
    next: next === null ? null : `${PATH}?${new URLSearchParams([...asked, ['cursor', next]]).toString()}`,
    mayWrite: can(context.actor, 'notifications:write'),
  });
}

export async function retry(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await retryMail(context, pathId(req));
  setFlash(context.services, res, 'The mail is tried again now.');
  res.redirect(303, PATH);
}
