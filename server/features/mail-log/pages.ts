import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { countMail, listMail, retryMail } from './actions.js';
import { mailQuery } from './input.js';

const PATH = '/admin/mail';
const STATES = [
  { value: 'queued', label: 'Queued' },
  { value: 'sent', label: 'Sent' },
  { value: 'failed', label: 'Failed' },
];

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(mailQuery, req.query);
  const { state, stuck, q } = query;
  const { mails, next } = await listMail(context, query);
  const asked = Object.entries({ state, stuck, q }).filter((one): one is [string, string] => (one[1] ?? '') !== '');
  const counted = await countMail(context, { state, stuck, q });
  show(res, 'mail-log/index', {
    title: 'Mail log',
    mails,
    // Of words: known where they all stand on this page.
    found: counted ?? (query.cursor === undefined && next === null ? mails.length : null),
    filtered: asked.length > 0,
    filters: {
      action: PATH,
      label: 'Mails',
      search: { label: 'Address or subject', value: q },
      selects: [{ name: 'state', label: 'State', empty: 'Any state', value: state, options: STATES }],
      checks: [{ name: 'stuck', label: 'Did not leave', checked: stuck !== undefined }],
      chosen: asked.filter(([name]) => name !== 'q').length,
      clear: asked.length > 0 ? PATH : null,
      ignored: leftOut(mailQuery, req.query).map((name) => (name === 'q' ? 'the search' : name)),
    },
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
